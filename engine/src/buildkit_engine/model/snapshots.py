"""What a session has seen of this machine, frozen: it does not change until the session ends."""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from dataclasses import astuple
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from buildkit_engine.llb.ops import LocalSource

if TYPE_CHECKING:
    from buildkit_engine.buildkit.freezer import Freezer, Selection

T = TypeVar("T")


class Snapshots:
    """Copies of folders, each taken when it is first asked for. Safe to use from several threads.

    What one call tests and what it pushes is then the same, whatever is saved meanwhile.
    """

    def __init__(self, freezer: Freezer, scratch: Path, session_id: str) -> None:
        self._freezer = freezer
        self._scratch = scratch
        self._session_id = session_id
        self._again = count(1)
        self._seen: dict[Hashable, Future[Any]] = {}
        self._lock = threading.Lock()

    def source(self, title: str, wanted: Selection, *, fresh: bool = False) -> LocalSource:
        """The folder as it was when the session first wanted it, or, `fresh`, as it is now."""
        if fresh:
            return self._taken(title, wanted, again=next(self._again))
        return self.once(wanted, lambda: self._taken(title, wanted, again=0))

    def once(self, key: Hashable, look: Callable[[], T]) -> T:
        """What `look` said the first time; an error is forgotten."""
        with self._lock:
            seen = self._seen.get(key)
            if mine := seen is None:
                seen = self._seen[key] = Future()
        if mine:
            try:
                seen.set_result(look())
            except BaseException as error:
                with self._lock:
                    del self._seen[key]
                seen.set_exception(error)
                raise
        return seen.result()  # type: ignore[no-any-return]

    def _taken(self, title: str, wanted: Selection, *, again: int) -> LocalSource:
        copy = tempfile.mkdtemp(prefix="host-", dir=self._scratch)
        self._freezer.copy(wanted, Path(copy))
        # the same from session to session, so that the daemon is sent what changed in between
        origin = json.dumps([*astuple(wanted), again])
        return LocalSource(title, copy, self._session_id, origin, wanted.exclude)
