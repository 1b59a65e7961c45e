"""Progress as lines, for logs and for terminals that can do no more."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from buildkit_engine.cli.display.steps import Steps

if TYPE_CHECKING:
    from typing import TextIO

    from buildkit_engine.cli.display.steps import Step


class PlainDisplay(Steps):
    """A line when a step starts, one when it ends, and what commands print in between."""

    def __init__(self, out: TextIO | None = None, *, internal: bool = False) -> None:
        super().__init__(internal=internal)
        self._out = out or sys.stderr
        self._silent = False

    def begun(self, step: Step) -> None:
        self._write(f"#{step.number} {step.title}")

    def printed(self, step: Step, line: str) -> None:
        self._write(f"#{step.number} | {line}")

    def ended(self, step: Step) -> None:
        if step.outcome == "done":
            self._write(f"#{step.number} DONE {step.seconds:.1f}s")
        elif step.outcome != "cancelled":
            what = {"cached": "CACHED", "failed": "ERROR"}[step.outcome]
            self._write(f"#{step.number} {what} {step.title}")

    def said(self, function: str, line: str) -> None:
        with self._lock:
            self._write(f"{function} | {line}")

    def _write(self, line: str) -> None:
        if not self._silent:
            try:
                print(line, file=self._out, flush=True)
            except OSError:
                # whoever read this has gone; the build goes on
                self._silent = True
