"""What a solve tells while it runs, read from buildctl's rawjson progress."""

from __future__ import annotations

import base64
import json
import sys
import threading
import time
from collections import defaultdict, deque
from dataclasses import dataclass, field
from typing import TextIO

HIDDEN = ("[internal]", "exporting to client")
"""Operations whose title starts so are the engine's own: not shown."""
_KEPT_LOG_LINES = 400


@dataclass
class Vertex:
    """One operation as the daemon reports it."""

    digest: str
    name: str
    started: bool = False
    completed: bool = False
    cached: bool = False
    error: str = ""


@dataclass
class Reader:
    """Collects one solve's progress lines, and shows them through `display`.

    `error` is buildctl's own last words where the solve failed.
    """

    display: Display
    vertexes: dict[str, Vertex] = field(default_factory=dict)
    stdout: dict[str, deque[bytes]] = field(default_factory=lambda: defaultdict(_log))
    stderr: dict[str, deque[bytes]] = field(default_factory=lambda: defaultdict(_log))
    plain: list[str] = field(default_factory=list)

    def feed(self, line: bytes) -> None:
        try:
            status = json.loads(line)
        except ValueError:
            status = None
        if not isinstance(status, dict):
            self.plain.append(line.decode(errors="replace").rstrip())
            return
        for raw in status.get("vertexes") or []:
            self._vertex(raw)
        for raw in status.get("logs") or []:
            data = base64.b64decode(raw.get("data", ""))
            logs = self.stderr if raw.get("stream") == 2 else self.stdout  # noqa: PLR2004 - fd 2
            logs[raw["vertex"]].append(data)
            if vertex := self.vertexes.get(raw["vertex"]):
                self.display.log(vertex, data)

    def _vertex(self, raw: dict[str, object]) -> None:
        digest = str(raw["digest"])
        vertex = self.vertexes.setdefault(digest, Vertex(digest, str(raw.get("name", ""))))
        if raw.get("started") and not vertex.started:
            vertex.started = True
            self.display.started(vertex)
        vertex.cached = vertex.cached or bool(raw.get("cached"))
        vertex.error = vertex.error or str(raw.get("error") or "")
        if raw.get("completed") and not vertex.completed:
            vertex.completed = True
            self.display.completed(vertex)

    @property
    def failed(self) -> Vertex | None:
        """The operation that failed, and not one that was cancelled because another did."""
        errors = [v for v in self.vertexes.values() if v.error]
        own = [v for v in errors if "context canceled" not in v.error]
        return next(iter(own or errors), None)

    def output_of(self, digest: str) -> tuple[str, str]:
        """Standard output and standard error of an operation, as far as they were kept."""
        out, err = (b"".join(logs.get(digest, ())) for logs in (self.stdout, self.stderr))
        return out.decode(errors="replace"), err.decode(errors="replace")

    @property
    def error(self) -> str:
        words = [line for line in self.plain if line]
        return words[-1].removeprefix("error: ") if words else "buildctl ended without a word"


def _log() -> deque[bytes]:
    return deque(maxlen=_KEPT_LOG_LINES)


class Display:
    """Shows nothing: the base of those that do."""

    def started(self, vertex: Vertex) -> None: ...
    def completed(self, vertex: Vertex) -> None: ...
    def log(self, vertex: Vertex, data: bytes) -> None: ...


class PlainDisplay(Display):
    """A line when an operation starts, one when it ends, and what commands print in between.

    Solves run at the same time and share operations: each is shown once, as told by one solve,
    the teller, until that one sees its end.
    """

    def __init__(self, out: TextIO | None = None) -> None:
        self._out = out or sys.stderr
        self._lock = threading.Lock()
        self._numbers: dict[str, int] = {}
        self._since: dict[str, float] = {}
        self._ended: set[str] = set()
        self._silent = False
        self._tellers: dict[str, Vertex] = {}

    def started(self, vertex: Vertex) -> None:
        with self._lock:
            if self._hidden(vertex) or vertex.digest in self._ended or not self._tells(vertex):
                return
            self._since[vertex.digest] = time.monotonic()
            self._write(f"#{self._number(vertex)} {vertex.name}")

    def completed(self, vertex: Vertex) -> None:
        with self._lock:
            if self._hidden(vertex) or vertex.digest in self._ended:
                return
            number = self._number(vertex)
            seconds = time.monotonic() - self._since.get(vertex.digest, time.monotonic())
            if vertex.error:
                if "context canceled" in vertex.error:
                    # another solve may go on with it, and then tells of it
                    self._tellers.pop(vertex.digest, None)
                elif self._tellers.get(vertex.digest, vertex) is vertex:
                    self._write(f"#{number} ERROR {vertex.name}")
                return
            self._ended.add(vertex.digest)
            if vertex.cached:
                self._write(f"#{number} CACHED {vertex.name}")
            else:
                self._write(f"#{number} DONE {seconds:.1f}s")

    def log(self, vertex: Vertex, data: bytes) -> None:
        with self._lock:
            # the daemon tells a command's output again to whoever finds it in the cache
            if self._hidden(vertex) or vertex.digest in self._ended or not self._tells(vertex):
                return
            number = self._number(vertex)
            for line in data.decode(errors="replace").splitlines():
                self._write(f"#{number} | {line}")

    def _tells(self, vertex: Vertex) -> bool:
        """Whether `vertex` is how the teller reports it; where there is none, it becomes so."""
        teller = self._tellers.get(vertex.digest)
        if teller is None or teller.completed:
            teller = self._tellers[vertex.digest] = vertex
        return teller is vertex

    def _hidden(self, vertex: Vertex) -> bool:
        return vertex.name.startswith(HIDDEN)

    def _number(self, vertex: Vertex) -> int:
        return self._numbers.setdefault(vertex.digest, len(self._numbers) + 1)

    def _write(self, line: str) -> None:
        if not self._silent:
            try:
                print(line, file=self._out, flush=True)
            except OSError:
                # whoever read this has gone; the build goes on
                self._silent = True
