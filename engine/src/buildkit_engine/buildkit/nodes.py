"""Several daemons of the user's own, each for its platforms: BUILDKIT_HOSTS."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlsplit

from buildkit_engine.buildkit.daemons import HOST_VARIABLE, Daemon, require_address, tls_flags
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from buildkit_engine.buildkit.tools import Tools

NODES_VARIABLE = "BUILDKIT_HOSTS"
"""PLATFORM[+PLATFORM…]=ADDRESS, separated by commas."""
PLATFORMS = (
    "linux/386",
    "linux/amd64",
    "linux/arm/v5",
    "linux/arm/v6",
    "linux/arm/v7",
    "linux/arm64",
    "linux/ppc64le",
    "linux/riscv64",
    "linux/s390x",
)
"""Those that a node can be named for, as indexes have them."""


@dataclass(frozen=True)
class Node:
    """A daemon, and the platforms whose commands are executed there."""

    daemon: Daemon
    platforms: tuple[str, ...]
    own: str = ""
    """The platform of its machine, once it was asked."""

    def __str__(self) -> str:
        return f"node '{self.daemon.address}' ({', '.join(self.platforms)})"

    def asked(self, buildctl: str) -> Node:
        """The node with its machine's platform known.

        Raises SetupError, which names it, where it does not answer or cannot do what it is for.
        """
        try:
            executed = self.daemon.platforms(buildctl)
        except SetupError as error:
            raise SetupError(f"{self} of {NODES_VARIABLE} does not answer: {error}") from None
        for platform in self.platforms:
            if platform not in executed:
                raise SetupError(
                    f"{self} of {NODES_VARIABLE} does not execute {platform}: it executes "
                    f"{', '.join(executed)}"
                )
        return replace(self, own=executed[0])


@dataclass(frozen=True)
class Nodes:
    """All of them, in the order in which they are named; of two platforms, each is one node's."""

    all: tuple[Node, ...]

    @classmethod
    def chosen(cls) -> Nodes | None:
        """Those that BUILDKIT_HOSTS names; None where it names none.

        Raises SetupError for what is no list of nodes, and beside BUILDKIT_HOST.
        """
        text = os.environ.get(NODES_VARIABLE, "")
        if not text:
            return None
        if os.environ.get(HOST_VARIABLE):
            msg = f"{HOST_VARIABLE} and {NODES_VARIABLE} are both set: unset one of them"
            raise SetupError(msg)
        nodes = tuple(_node(entry.strip()) for entry in text.split(","))
        _require_distinct("the address", [node.daemon.address for node in nodes])
        _require_distinct("the platform", [p for node in nodes for p in node.platforms])
        return cls(nodes)

    @property
    def reaches_this_machine(self) -> bool:
        """Whether loopback is the same to all of them."""
        return all(node.daemon.reaches_this_machine for node in self.all)

    def asked(self, found: Tools) -> tuple[Node, ...]:
        """The nodes, asked at the same time; raises SetupError for the first that is not usable."""
        with ThreadPoolExecutor(max_workers=len(self.all)) as pool:
            return tuple(pool.map(lambda node: node.asked(found.buildctl), self.all))


def _node(entry: str) -> Node:
    names, separator, address = entry.partition("=")
    if not (names and separator and address):
        raise SetupError(
            f"{NODES_VARIABLE} '{entry}': expected PLATFORM[+PLATFORM…]=ADDRESS, such as "
            "linux/arm64=ssh://jetson, separated by commas"
        )
    platforms = tuple(name.strip() for name in names.split("+"))
    for platform in platforms:
        if platform not in PLATFORMS:
            raise SetupError(
                f"{NODES_VARIABLE} '{entry}': platform '{platform}': "
                f"expected one of {', '.join(PLATFORMS)}"
            )
    return Node(_daemon(entry, address.strip()), platforms)


def _daemon(entry: str, address: str) -> Daemon:
    address, _, query = address.partition("?")
    require_address(f"{NODES_VARIABLE} '{entry}': '{address}'", address)
    options = dict(parse_qsl(query, keep_blank_values=True))
    for name in options:
        if name != "tls" or urlsplit(address).scheme != "tcp":
            raise SetupError(
                f"{NODES_VARIABLE} '{entry}': '{name}': expected nothing after '?' but tls=FOLDER, "
                "and that for tcp:// alone"
            )
    daemon = Daemon(address, options.get("tls", ""))
    try:
        tls_flags(daemon.address, daemon.tls)
    except SetupError as error:
        raise SetupError(f"{NODES_VARIABLE} '{entry}': {error}") from None
    return daemon


def _require_distinct(what: str, values: list[str]) -> None:
    twice = next((value for value in values if values.count(value) > 1), None)
    if twice:
        raise SetupError(f"{NODES_VARIABLE}: {what} '{twice}' is named twice: name each once")
