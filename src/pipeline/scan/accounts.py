"""Users and groups, as a container runtime looks them up before it starts anything.

Runtimes read /etc/passwd and /etc/group of the image and nothing else: the rules are those of
github.com/moby/sys/user, which Docker, containerd and Podman's kin follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .rootfs import Rootfs

_PASSWD, _GROUP = "/etc/passwd", "/etc/group"


class UnknownError(Exception):
    """A user or group by a name that the image does not have."""


@dataclass(frozen=True)
class User:
    """Whose rights a process of the image has."""

    uid: int
    gids: frozenset[int]

    @property
    def is_root(self) -> bool:
        return self.uid == 0


@dataclass(frozen=True)
class _Line:
    """What users and groups have in common: a name and a number; then what only one of them has."""

    name: str
    number: int
    rest: tuple[str, ...]


def find(root: Rootfs, asked: str) -> User:
    """The user of `USER[:GROUP]`, each a name or a number; root where nothing is said.

    Raises UnknownError, with what is missing and where, for a name that is in no file.
    """
    user, _, group = asked.partition(":")
    user = user or "0"
    line = _matching(root, _PASSWD, user)
    if line is None and not user.isdecimal():
        raise UnknownError(f"user '{user}' is not in {_PASSWD}")
    uid = line.number if line else int(user)
    if group:
        own = _matching(root, _GROUP, group)
        if own is None and not group.isdecimal():
            raise UnknownError(f"group '{group}' is not in {_GROUP}")
        return User(uid, frozenset({own.number if own else int(group)}))
    if line is None:
        return User(uid, frozenset({0}))
    further = (
        g.number for g in _lines(root, _GROUP) if line.name in "".join(g.rest[:1]).split(",")
    )
    return User(uid, frozenset({_number("".join(line.rest[:1])), *further}))


def _matching(root: Rootfs, path: str, asked: str) -> _Line | None:
    """The first line of a name or number."""
    number = int(asked) if asked.isdecimal() else None
    found = (line for line in _lines(root, path) if asked == line.name or line.number == number)
    return next(found, None)


def _lines(root: Rootfs, path: str) -> Iterator[_Line]:
    entry = root.file(path)
    text = root.real(entry.path).read_text(errors="replace") if entry else ""
    for line in text.splitlines():
        name, *fields = line.strip().split(":")
        if name:
            yield _Line(name, _number("".join(fields[1:2])), tuple(fields[2:]))


def _number(text: str) -> int:
    """A number of these files; 0 where there is none, as runtimes have it."""
    return int(text) if text.isdecimal() else 0
