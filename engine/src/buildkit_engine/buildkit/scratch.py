"""Folders that live no longer than the process that made them."""

from __future__ import annotations

import fcntl
import os
import shutil
import stat
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit import interrupts

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

SESSION = "session-"
"""How the folders of sessions begin, below the state folder's `sessions`."""


class Scratch:
    """A folder below `parent`, for this user alone; gone when it is closed.

    What a process that was killed has left there is removed by the next one: the kernel lets go
    of the lock that a folder's owner holds on it. So `prefix` is one that nobody else's have.
    """

    def __init__(self, parent: Path, prefix: str) -> None:
        parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with interrupts.held():
            # a folder without a lock is one that was left behind: none may be made meanwhile
            making = os.open(parent, os.O_RDONLY | os.O_DIRECTORY)
            try:
                fcntl.flock(making, fcntl.LOCK_EX)
                _remove_all_left(parent, prefix)
                self.folder = Path(tempfile.mkdtemp(prefix=prefix, dir=parent))
                self._owned = _locked(self.folder)
                _open.add(self)
            finally:
                os.close(making)

    def close(self) -> None:
        owned, self._owned = self._owned, None
        if owned is not None:
            _open.discard(self)
            _remove(self.folder)
            os.close(owned)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()


_open: set[Scratch] = set()


def _close_all() -> None:
    for scratch in tuple(_open):
        scratch.close()


interrupts.at_end(_close_all)


def remove_abandoned(parent: Path, prefix: str) -> None:
    """Removes what processes that were killed have left below `parent`."""
    Scratch(parent, prefix).close()


def in_memory(otherwise: Path) -> Path:
    """Where Scratch folders with secrets go: never onto a disk, if the machine lets that be."""
    folder = Path(f"/dev/shm/buildkit-engine-{os.getuid()}")  # noqa: S108 - looked at below
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        found = folder.lstat()
    except OSError:
        return otherwise
    mine = stat.S_ISDIR(found.st_mode) and found.st_uid == os.getuid()
    return folder if mine else otherwise


def _locked(folder: Path) -> int | None:
    """A descriptor that holds the folder's lock; None where another process does."""
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def _remove_all_left(parent: Path, prefix: str) -> None:
    for left in parent.glob(f"{prefix}*"):
        _remove_if_left(left)


def _remove_if_left(folder: Path) -> None:
    try:
        descriptor = _locked(folder)
    except OSError:
        return  # its owner has just closed it, or it is no folder of this kind
    if descriptor is not None:
        _remove(folder)
        os.close(descriptor)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if folder.exists():
        # copies of folders that may not be written to may not be written to either
        for parent, folders, _ in os.walk(folder):
            for path in (Path(parent, name) for name in folders):
                if not path.is_symlink():
                    path.chmod(0o700)
        shutil.rmtree(folder, ignore_errors=True)
