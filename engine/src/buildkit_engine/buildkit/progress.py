"""What a solve tells while it runs, read from buildctl's rawjson progress."""

from __future__ import annotations

import base64
import json
from collections import defaultdict, deque
from dataclasses import dataclass, field

INTERNAL = ("[internal]", "exporting to client")
"""Operations whose title starts so are the engine's own."""
_EXPORT = "exporting to image"
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
    export_title: str = ""
    """What the export is called, where the daemon's own name says too little."""
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
        vertex = self.vertexes.get(digest)
        if vertex is None:
            name = str(raw.get("name", ""))
            title = self.export_title if name == _EXPORT and self.export_title else name
            vertex = self.vertexes[digest] = Vertex(digest, title)
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

    def said(self, function: str, line: str) -> None:
        """A line that a function of the module has printed itself, outside of all containers."""

    def close(self) -> None:
        """Nothing more is shown; what else is printed may follow."""
