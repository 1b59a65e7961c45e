"""Progress on a terminal: what runs now, in place; what is done, a line each."""

from __future__ import annotations

import shutil
import sys
import time
from typing import TYPE_CHECKING

from buildkit_engine.cli.display.steps import Steps

if TYPE_CHECKING:
    from collections.abc import Iterator
    from typing import TextIO

    from rich.console import Group
    from rich.live import Live
    from rich.text import Text

    from buildkit_engine.cli.display.steps import Step

_FRAMES_A_SECOND = 8
_SPINNER = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ROWS_FOR_OTHERS = 4
"""Of the terminal's height: the summary, and some of what was there before."""


class TtyDisplay(Steps):
    """Running steps with their time and last line; finished ones collapse to a line, those from
    the cache to a number. `transient`: when it is closed, nothing of it stays.
    """

    def __init__(
        self, out: TextIO | None = None, *, internal: bool = False, transient: bool = False
    ) -> None:
        super().__init__(internal=internal)
        self._out = out or sys.stderr
        self._transient = transient
        self._since = time.monotonic()
        self._live: Live | None = None

    # -- what is told

    def begun(self, _step: Step) -> None:
        if self._live is None:
            self._live = self._start()

    def ended(self, step: Step) -> None:
        if self._live is None or self._transient:
            return
        if step.outcome == "done":
            self._live.console.print(self._line("✔", "green", step, f"{step.seconds:.1f}s"))
        elif step.outcome == "failed":
            self._live.console.print(self._line("✘", "bold red", step, f"{step.seconds:.1f}s"))
            for line in step.last_lines:
                self._live.console.print(self._text(f"  │ {line}", "red"))

    def said(self, function: str, line: str) -> None:
        with self._lock:
            if self._closed or self._transient:
                return
            text = f"{function} | {_harmless(line)}"
            if self._live is None:
                # there is no step yet, and there may never be one
                _Lenient(self._out).write(f"{text}\n")
            else:
                self._live.console.print(text)

    def close(self) -> None:
        super().close()
        with self._lock:
            live, self._live = self._live, None
        if live is None:
            return
        live.stop()
        if not self._transient:
            live.console.print(self._summary())

    # -- how it looks

    def _start(self) -> Live:
        from rich.console import Console
        from rich.live import Live

        console = Console(file=_Lenient(self._out), highlight=False, markup=False, emoji=False)
        live = Live(
            console=console,
            get_renderable=self._now,
            refresh_per_second=_FRAMES_A_SECOND,
            transient=True,
            # what else is printed to standard error goes above it
            redirect_stdout=False,
            redirect_stderr=self._out is sys.stderr,
        )
        live.start()
        # it stays visible: whatever ends this process, the terminal is left as it was
        console.show_cursor(True)  # noqa: FBT003 - rich has it so
        return live

    def _now(self) -> Group:
        from rich.console import Group

        # without the lock: who holds it prints, and waits for the thread that this is called by
        return Group(*self._rows(), self._summary())

    def _rows(self) -> Iterator[Text]:
        running = [step for step in tuple(self._steps.values()) if step.outcome == "running"]
        height = max(1, shutil.get_terminal_size().lines - _ROWS_FOR_OTHERS)
        spinner = _SPINNER[int(time.monotonic() * _FRAMES_A_SECOND) % len(_SPINNER)]
        # a step may take two rows
        for step in running[: (height + 1) // 2]:
            yield self._line(spinner, "cyan", step, f"{step.elapsed:.1f}s")
            for line in tuple(step.last_lines)[-1:]:
                yield self._text(f"  │ {line}", "dim")
        if len(running) > (height + 1) // 2:
            yield self._text(f"  and {len(running) - (height + 1) // 2} more", "dim")

    def _summary(self) -> Text:
        steps = [step for step in tuple(self._steps.values()) if step.outcome != "cancelled"]
        parts = [f"{len(steps)} step{'' if len(steps) == 1 else 's'}"]
        counts = {o: sum(step.outcome == o for step in steps) for o in ("cached", "failed")}
        parts += [f"{count} {outcome}" for outcome, count in counts.items() if count]
        return self._text(f"{', '.join(parts)}, {time.monotonic() - self._since:.1f}s", "bold")

    def _line(self, sign: str, style: str, step: Step, time_taken: str) -> Text:
        from rich.text import Text

        # the time comes first: on a narrow terminal, the end is what is cut off
        line = Text(no_wrap=True, overflow="ellipsis")
        line.append(f"{sign} ", style).append(f"{time_taken:>6} ", "dim")
        return line.append(_harmless(step.title), style if step.outcome == "failed" else "")

    def _text(self, text: str, style: str) -> Text:
        from rich.text import Text

        return Text(_harmless(text), style, no_wrap=True, overflow="ellipsis")


def _harmless(text: str) -> str:
    """Without what a terminal would obey: a command's colours and cursor movements."""
    from rich.text import Text

    plain = Text.from_ansi(text).plain
    return "".join(c if c.isprintable() else " " for c in plain)


class _Lenient:
    """A stream whose reader may go away: the build goes on."""

    def __init__(self, out: TextIO) -> None:
        self._out = out

    def write(self, text: str) -> int:
        try:
            return self._out.write(text)
        except OSError:
            return len(text)

    def flush(self) -> None:
        try:
            self._out.flush()
        except OSError:
            pass

    def __getattr__(self, name: str) -> object:
        return getattr(self._out, name)
