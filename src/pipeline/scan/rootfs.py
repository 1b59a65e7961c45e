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

_EXECUTED = (b"\x7fELF", b"#!")
_MOST_LINKS = 40


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

    def is_executable_by(self, user: str) -> bool:
        """Whether UID[:GID] may execute the file.

        A name may stand for anyone, and a user without a group may be of any.
        """
        uid, _, gid = user.partition(":")
        if not uid.isdecimal() or not int(uid):
            return self.is_executable
        mode = self.status.st_mode
        if self.status.st_uid == int(uid):
            return self.is_file and bool(mode & 0o100)
        if gid.isdecimal():
            is_of_group = self.status.st_gid == int(gid)
            return self.is_file and bool(mode & (0o010 if is_of_group else 0o001))
        return self.is_file and bool(mode & 0o011)


@dataclass(frozen=True)
class Rootfs:
    """The root at `top`, an absolute path. Paths given and returned begin with / in it."""

    top: Path

    @cached_property
    def entries(self) -> dict[str, Entry]:
        """Every entry by its path; links are entries of their own and are not followed."""
        return {entry.path: entry for entry in self._walk(self.top)}

    def _walk(self, folder: Path) -> Iterator[Entry]:
        with os.scandir(folder) as children:
            for child in sorted(children, key=lambda c: c.name):
                path = "/" + os.path.relpath(child.path, self.top)
                yield Entry(path, child.stat(follow_symlinks=False))
                if child.is_dir(follow_symlinks=False):
                    yield from self._walk(Path(child.path))

    def resolve(self, path: str) -> Entry | None:
        """The entry that a path leads to through its links; None where it leads nowhere."""
        done, rest, links = "/", path, 0
        while rest := rest.lstrip("/"):
            name, _, rest = rest.partition("/")
            following = posixpath.normpath(posixpath.join(done, name))
            if following == "/":
                done = "/"
                continue
            entry = self.entries.get(following)
            if entry is None:
                return None
            if not stat.S_ISLNK(entry.status.st_mode):
                done = following
                continue
            links += 1
            if links > _MOST_LINKS:
                return None
            target = str(self.real(following).readlink())
            done = "/" if target.startswith("/") else done
            rest = f"{target}/{rest}"
        return self.entries.get(done)

    def file(self, path: str) -> Entry | None:
        """The regular file that a path leads to."""
        entry = self.resolve(path)
        return entry if entry and entry.is_file else None

    def real(self, path: str) -> Path:
        """Where an entry is as seen from outside of the root. Its parents must not be links."""
        return self.top / path.lstrip("/")

    def head(self, entry: Entry, size: int) -> bytes:
        """The first bytes of a file."""
        with self.real(entry.path).open("rb") as file:
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
        # the same time proves nothing of what is executed: builds set every file's to one
        is_executed = other.head(entry, 4).startswith(_EXECUTED)
        if own.status.st_mtime_ns == entry.status.st_mtime_ns and not is_executed:
            return True
        return filecmp.cmp(self.real(own.path), other.real(entry.path), shallow=False)
