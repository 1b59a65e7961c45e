"""A root filesystem as programs in it would see it, without leaving it and without executing it."""

from __future__ import annotations

import filecmp
import os
import posixpath
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .accounts import User

_EXECUTED = (b"\x7fELF", b"#!")
_MOST_LINKS = 40
READ, EXECUTE = 4, 1
"""Of a mode's three bits for each kind of user."""


@dataclass(frozen=True)
class Entry:
    """One entry of the root, by its path in it."""

    path: str
    status: os.stat_result

    @property
    def is_file(self) -> bool:
        return stat.S_ISREG(self.status.st_mode)

    @property
    def is_folder(self) -> bool:
        return stat.S_ISDIR(self.status.st_mode)

    @property
    def is_executable(self) -> bool:
        """Whether anyone may execute the file."""
        return self.is_file and bool(self.status.st_mode & 0o111)

    def allows(self, user: User, what: int) -> bool:
        """Whether a user may read (4), or execute or enter (1), what it is."""
        mode = self.status.st_mode
        if user.is_root:
            return what != EXECUTE or self.is_folder or bool(mode & 0o111)
        if self.status.st_uid == user.uid:
            mode >>= 6
        elif self.status.st_gid in user.gids:
            mode >>= 3
        return bool(mode & what)


@dataclass(frozen=True)
class Rootfs:
    """The root at `top`, an absolute path. Paths given and returned begin with / in it."""

    top: Path

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every entry by its path; links are entries of their own and are not followed."""
        return {entry.path: entry for entry in self._walk(self.top)}

    def _walk(self, folder: Path | str, path: str = "") -> Iterator[Entry]:
        with os.scandir(folder) as children:
            for child in sorted(children, key=lambda c: c.name):
                below = f"{path}/{child.name}"
                yield Entry(below, child.stat(follow_symlinks=False))
                if child.is_dir(follow_symlinks=False):
                    yield from self._walk(child.path, below)

    def resolve(self, path: str) -> Entry | None:
        """The entry that a path leads to through its links; None where it leads nowhere."""
        return next(iter(self._way(path)[-1:]), None)

    def folders_to(self, path: str) -> list[Entry]:
        """The folders that whoever opens a path goes through, those of its links too."""
        return [entry for entry in self._way(path)[:-1] if entry.is_folder]

    def _way(self, path: str) -> list[Entry]:
        """Each entry that resolving a path comes by, links left out; none where it leads nowhere."""
        done, rest, links = "/", path, 0
        way: list[Entry] = []
        while rest := rest.lstrip("/"):
            name, _, rest = rest.partition("/")
            following = posixpath.normpath(posixpath.join(done, name))
            if following == "/":
                done = "/"
                continue
            entry = self.entries.get(following)
            if entry is None:
                return []
            if not stat.S_ISLNK(entry.status.st_mode):
                done = following
                way.append(entry)
                continue
            links += 1
            if links > _MOST_LINKS:
                return []
            target = str(self.real(following).readlink())
            done = "/" if target.startswith("/") else done
            rest = f"{target}/{rest}"
        return way if done != "/" else []

    def file(self, path: str) -> Entry | None:
        """The regular file that a path leads to."""
        entry = self.resolve(path)
        return entry if entry and entry.is_file else None

    def real(self, path: str) -> Path:
        """Where an entry is as seen from outside of the root. Its parents must not be links."""
        return self.top / path.lstrip("/")

    def head(self, entry: Entry, size: int) -> bytes:
        """The first bytes of a file."""
        # without a buffer: of each of many files a few bytes are wanted, no block
        with self.real(entry.path).open("rb", buffering=0) as file:
            return file.read(size)

    def holds(self, entry: Entry, other: Rootfs) -> bool:
        """Whether this root has the same entry as `other` has at its path."""
        own = self.entries.get(entry.path)
        if own is None or own.status.st_mode != entry.status.st_mode:
            return False
        if not entry.is_file:
            return True
        if own.status.st_size != entry.status.st_size:
            return False
        if _is_one_inode(own.status, entry.status):
            return True
        # the same time proves nothing of what is executed: builds set every file's to one
        is_executed = other.head(entry, 4).startswith(_EXECUTED)
        if own.status.st_mtime_ns == entry.status.st_mtime_ns and not is_executed:
            return True
        return filecmp.cmp(self.real(own.path), other.real(entry.path), shallow=False)


def _is_one_inode(one: os.stat_result, other: os.stat_result) -> bool:
    """Whether two roots show one file of the same layer: then its contents need not be read.

    The device tells nothing, since each mount of an overlay has its own. No program can set ctime;
    filesystems that store none, such as EROFS, show mtime instead.
    """
    same = all(
        getattr(one, name) == getattr(other, name)
        for name in ("st_ino", "st_ctime_ns", "st_mtime_ns", "st_size", "st_mode")
    )
    return same and one.st_ctime_ns != one.st_mtime_ns
