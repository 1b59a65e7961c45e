"""The steps of several solves as one list, each told once."""

from __future__ import annotations

import threading
import time
from collections import deque
from dataclasses import dataclass, field
from typing import Literal

from buildkit_engine.buildkit.progress import INTERNAL, Display, Vertex

KEPT_LINES = 20
_CANCELLED = "context canceled"


@dataclass
class Step:
    """One operation as a user sees it."""

    number: int
    title: str
    since: float = field(default_factory=time.monotonic)
    seconds: float = 0.0
    outcome: Literal["running", "done", "cached", "failed", "cancelled"] = "running"
    last_lines: deque[str] = field(default_factory=lambda: deque(maxlen=KEPT_LINES))
    unfinished: bytes = b""
    """What it printed since its last line break."""

    @property
    def elapsed(self) -> float:
        return time.monotonic() - self.since if self.outcome == "running" else self.seconds


class Steps(Display):
    """Solves run at the same time and share operations: each is told by one solve, its teller.

    A solve that is cancelled ceases to tell: another may go on with the operation. What was told
    to its end is not told again where a later solve finds it in the cache. What a display makes
    of it is in `begun`, `printed` and `ended`, which are called by one thread at a time.
    """

    def __init__(self, *, internal: bool = False) -> None:
        self._internal = internal
        self._lock = threading.RLock()
        self._steps: dict[str, Step] = {}
        self._tellers: dict[str, Vertex] = {}
        self._closed = False

    def begun(self, step: Step) -> None: ...
    def printed(self, step: Step, line: str) -> None: ...
    def ended(self, step: Step) -> None: ...

    def started(self, vertex: Vertex) -> None:
        with self._lock:
            step = self._told(vertex)
            if step is not None:
                step.since = time.monotonic()
                step.last_lines.clear()
                self.begun(step)

    def completed(self, vertex: Vertex) -> None:
        with self._lock:
            step = self._steps.get(vertex.digest)
            if self._closed or step is None or step.outcome in ("done", "cached"):
                return
            tells = self._tellers.get(vertex.digest) is vertex
            step.seconds = time.monotonic() - step.since
            if not vertex.error:
                # whoever tells it: it is done
                self._end(step, "cached" if vertex.cached else "done")
            elif tells and _CANCELLED in vertex.error:
                del self._tellers[vertex.digest]
                self._end(step, "cancelled")
            elif tells:
                self._end(step, "failed")

    def log(self, vertex: Vertex, data: bytes) -> None:
        with self._lock:
            # the daemon tells a command's output again to whoever finds it in the cache
            step = self._told(vertex)
            if step is not None:
                *lines, step.unfinished = (step.unfinished + data).split(b"\n")
                for line in lines:
                    self._print(step, line)

    def close(self) -> None:
        # solves that were broken off may have something to say yet
        with self._lock:
            self._closed = True

    def _told(self, vertex: Vertex) -> Step | None:
        """The step that `vertex` tells of; None where it is another's to tell, or nobody's."""
        step = self._steps.get(vertex.digest)
        if self._closed or (step is not None and step.outcome in ("done", "cached")):
            return None
        if vertex.name.startswith(INTERNAL) and not self._internal:
            return None
        teller = self._tellers.get(vertex.digest)
        if teller is None or teller.completed:
            teller = self._tellers[vertex.digest] = vertex
        if teller is not vertex:
            return None
        if step is None:
            step = self._steps[vertex.digest] = Step(len(self._steps) + 1, vertex.name)
        step.outcome = "running"
        return step

    def _end(self, step: Step, outcome: Literal["done", "cached", "failed", "cancelled"]) -> None:
        if step.unfinished:
            self._print(step, step.unfinished)
            step.unfinished = b""
        step.outcome = outcome
        self.ended(step)

    def _print(self, step: Step, line: bytes) -> None:
        # a progress bar writes over itself: what it said last is what stays
        text = line.decode(errors="replace").rstrip("\r").rpartition("\r")[2]
        step.last_lines.append(text)
        self.printed(step, text)
