"""Folders that live as long as one session."""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit_engine.buildkit.state import State

_PREFIX = "session-"


class Scratch:
    """A session's own folder. One whose process was killed is removed when the next one begins."""

    def __init__(self, state: State) -> None:
        with state.locked("sessions"):
            _remove_abandoned(state)
            self.folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=state.folder("sessions")))
            # the kernel lets go of it when the process ends, however it ends
            self._lock = os.open(self.folder, os.O_RDONLY)
            fcntl.flock(self._lock, fcntl.LOCK_EX)

    def close(self) -> None:
        _remove(self.folder)
        os.close(self._lock)


def remove_abandoned(state: State) -> None:
    """Removes the folders of sessions whose process was killed."""
    with state.locked("sessions"):
        _remove_abandoned(state)


def _remove_abandoned(state: State) -> None:
    for folder in state.folder("sessions").glob(f"{_PREFIX}*"):
        try:
            lock = os.open(folder, os.O_RDONLY)
        except FileNotFoundError:
            continue  # its session ended just now
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            continue  # its session lives
        else:
            _remove(folder)
        finally:
            os.close(lock)


def _remove(folder: Path) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    if not folder.exists():
        return
    # copies of folders that may not be written to may not be written to either
    for parent, folders, _ in os.walk(folder):
        for name in folders:
            path = Path(parent, name)
            if not path.is_symlink():
                path.chmod(0o700)
    shutil.rmtree(folder, ignore_errors=True)
