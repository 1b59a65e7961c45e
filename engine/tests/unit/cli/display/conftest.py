"""Progress as the daemon reports it, of steps that are named a, b, and so on."""

from __future__ import annotations

import base64
import json

import pytest

from buildkit_engine.buildkit.progress import Display, Reader

START, END = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


class Solve:
    """One solve, of which `display` is told."""

    def __init__(self, display: Display) -> None:
        self._reader = Reader(display)

    def started(self, step: str, **values) -> Solve:
        return self._vertex(step, started=START, **values)

    def done(self, step: str, **values) -> Solve:
        return self._vertex(step, started=START, completed=END, **values)

    def said(self, step: str, text: str | bytes) -> Solve:
        data = base64.b64encode(text.encode() if isinstance(text, str) else text).decode()
        self._reader.feed(
            json.dumps({"logs": [{"vertex": step, "stream": 1, "data": data}]}).encode()
        )
        return self

    def _vertex(self, step: str, **values) -> Solve:
        vertex = {"digest": step, "name": f"step {step}", **values}
        self._reader.feed(json.dumps({"vertexes": [vertex]}).encode())
        return self


@pytest.fixture
def solve(display):
    """Begins a solve; several may be under way."""
    return lambda: Solve(display)
