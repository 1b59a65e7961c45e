"""Where images go: addresses, tags and credentials checked for form, then the pushes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline.errors import PublishError

if TYPE_CHECKING:
    from collections.abc import Sequence

# OCI distribution specification, "Pulling manifests": <name> and <reference>
_COMPONENT = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REPOSITORY = re.compile(rf"{_COMPONENT}(?:/{_COMPONENT})*")
_TAG = re.compile(r"[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}")
# the host of a reference, as distribution's reference grammar has it
_LABEL = r"(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])"
_HOST = re.compile(rf"(?:{_LABEL}(?:\.{_LABEL})*|\[[a-fA-F0-9:]+\])(?::[0-9]+)?")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_DEFAULT_TAG = "latest"
_TO = "expected registry/repository[:tag], such as registry.example.com/team/app:1.2"
_OF = (
    "expected registry/repository[:tag][@sha256:…], such as registry.example.com/team/app:1.2, "
    "or what publish has printed"
)


@dataclass(frozen=True)
class Destination:
    """One repository and the tags to publish under, each at least of the right form."""

    repository: str
    tags: tuple[str, ...]

    @property
    def addresses(self) -> tuple[str, ...]:
        return tuple(f"{self.repository}:{tag}" for tag in self.tags)

    @property
    def registry(self) -> str:
        return self.repository.split("/")[0]


@dataclass(frozen=True)
class Reference:
    """What a registry holds under a tag, or, where there is a digest, under that."""

    repository: str
    tag: str = _DEFAULT_TAG
    digest: str = ""

    def __str__(self) -> str:
        return self.at(self.digest) if self.digest else f"{self.repository}:{self.tag}"

    @property
    def registry(self) -> str:
        return self.repository.split("/")[0]

    def at(self, digest: str) -> str:
        """What the repository holds under another digest."""
        return f"{self.repository}@{digest}"


def destination(address: str, tags: Sequence[str] = (), *, suffix: str = "") -> Destination:
    """Checks an address, which may end in a tag of its own, and further tags; all get the suffix.

    Raises PublishError for one that no registry could accept.
    """
    if not address:
        msg = f"No address to publish to: {_TO}; as --address or [publish] address"
        raise PublishError(msg)
    if "@" in address:
        msg = f"Address '{address}' has a digest, which is the result of a push: {_TO}"
        raise PublishError(msg)
    repository, tag = _parts(address, address, _TO)
    given = [*([] if tag is None else [tag]), *tags] or [_DEFAULT_TAG]
    wanted = [f"{each}{suffix}" for each in given]
    for each in wanted:
        _check_tag(each)
    return Destination(repository, tuple(dict.fromkeys(wanted)))


def reference(address: str) -> Reference:
    """Checks the address of an image that is to be read: by tag, by digest, or with both.

    Raises PublishError for one that no registry could hold.
    """
    if not address:
        msg = f"No address of an image: {_OF}"
        raise PublishError(msg)
    named, at, digest = address.partition("@")
    repository, tag = _parts(named, address, _OF)
    if tag is not None:
        _check_tag(tag)
    if at and not _DIGEST.fullmatch(digest):
        msg = f"Digest '{digest}' is not one: expected sha256: and 64 hexadecimal digits"
        raise PublishError(msg)
    return Reference(repository, tag or _DEFAULT_TAG, digest)


def _parts(named: str, address: str, example: str) -> tuple[str, str | None]:
    """Repository and tag of an address without its digest; None where it has no tag."""
    host, _, rest = named.partition("/")
    path, colon, tag = rest.partition(":")
    if not rest or not ("." in host or ":" in host or host == "localhost"):
        msg = f"Address '{address}' names no registry: {example}"
        raise PublishError(msg)
    if not _HOST.fullmatch(host) or not _REPOSITORY.fullmatch(path):
        msg = f"Address '{address}' is not a repository (lower case, no spaces): {example}"
        raise PublishError(msg)
    return f"{host}/{path}", tag if colon else None


def _check_tag(tag: str) -> None:
    if not _TAG.fullmatch(tag):
        msg = (
            f"Tag '{tag}' is not one: expected up to 128 letters, digits, '.', '_' and '-', "
            "not beginning with '.' or '-'"
        )
        raise PublishError(msg)


def check_credentials(username: str, password: dagger.Secret | None) -> None:
    """Raises PublishError where one half of the credentials is missing."""
    if bool(username) != (password is not None):
        given, missing = ("username", "password") if username else ("password", "username")
        msg = f"A {given} is given without a {missing}: expected both, or neither"
        raise PublishError(msg)


@dataclass(frozen=True)
class Push:
    """The variants of one image, and where they go."""

    variants: Sequence[dagger.Container]
    target: Destination


def pushes(
    given: Sequence[str],
    variants: Sequence[dagger.Container],
    target: Destination,
    *,
    apart: bool = False,
) -> list[Push]:
    """One push of all variants; or, apart, one of each, whose tags end in its platform.

    Apart, 1.2 becomes 1.2-linux-arm64, and 1.2-debug becomes 1.2-debug-linux-arm-v7: the flavor's
    suffix is before. Raises PublishError for a tag that is too long then.
    """
    if not apart:
        return [Push(variants, target)]
    found = []
    for platform, variant in zip(given, variants, strict=True):
        tags = tuple(f"{tag}-{platform.replace('/', '-')}" for tag in target.tags)
        for tag in tags:
            _check_tag(tag)
        found.append(Push([variant], Destination(target.repository, tags)))
    return found


async def push(
    pushes: Sequence[Push],
    *,
    username: str = "",
    password: dagger.Secret | None = None,
) -> list[str]:
    """Publishes each image under every tag, one after another; "repository:tag@digest" a tag.

    Raises PublishError with the tags that were written before, where a push fails.
    """
    written: list[str] = []
    for image in pushes:
        publisher = dag.container()
        if password is not None:
            publisher = publisher.with_registry_auth(image.target.registry, username, password)
        written += await _push_one(image, publisher, before=written)
    return written


async def _push_one(image: Push, publisher: dagger.Container, before: Sequence[str]) -> list[str]:
    written: list[str] = []
    for address in image.target.addresses:
        try:
            reference = await publisher.publish(address, platform_variants=list(image.variants))
        except dagger.ExecError:
            raise
        except dagger.QueryError as error:
            msg = f"Publishing {address} failed: {error} ({told([*before, *written])})"
            raise PublishError(msg) from None
        written.append(_with_tag(reference, address))
    digests = {reference.rpartition("@")[2] for reference in written}
    if len(digests) > 1:
        msg = f"The tags do not name one image: {', '.join(written)}: publish again"
        raise PublishError(msg)
    return written


def told(written: Sequence[str]) -> str:
    """What a failure says of the tags before it."""
    return f"tags already written: {', '.join(written)}" if written else "no tag was written"


def _with_tag(reference: str, address: str) -> str:
    """An engine may leave out the tag of what it pushed."""
    return f"{address}@{reference.rpartition('@')[2]}"
