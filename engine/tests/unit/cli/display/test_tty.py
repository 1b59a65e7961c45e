"""Progress on a terminal: what stays of it, and what it shows meanwhile."""

from __future__ import annotations

import io
import re

import pytest
from rich.console import Console

from buildkit_engine.cli.display.tty import TtyDisplay
from engine.tests.unit.cli.display.conftest import Solve


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def display(out):
    made = TtyDisplay(out)
    yield made
    made.close()


def lines(text: str) -> list[str]:
    """Without the spinner, whatever time things took."""
    return [re.sub(r"\d+\.\ds", "N s", re.sub(r"^[⠀-⣿]", "~", line)) for line in text.splitlines()]


@pytest.fixture
def stays(display, out):
    def stays() -> list[str]:
        display.close()
        return lines(out.getvalue())

    return stays


@pytest.fixture
def now(display):
    """What is shown at this moment on a terminal of some size."""

    def now(width: int = 80) -> list[str]:
        console = Console(file=io.StringIO(), width=width)
        console.print(display._now())
        return lines(console.file.getvalue())

    return now


def test_what_is_done_stays_as_a_line_and_what_was_cached_as_a_number(solve, stays):
    solve().done("a").done("b", cached=True).started("c").said("c", "one\n").done("c")
    assert stays() == ["✔   N s step a", "✔   N s step c", "3 steps, 1 cached, N s"]


def test_what_a_function_prints_stays_and_obeys_nothing(solve, display, stays):
    display.said("publish", "before any step")
    begun = solve().started("a")
    display.said("publish", "without \x1b[2Jproof")
    begun.done("a")
    assert stays() == [
        "publish | before any step",
        "publish | without proof",
        "✔   N s step a",
        "1 step, N s",
    ]


def test_what_failed_stays_with_the_last_that_it_said(solve, stays):
    said = "".join(f"line {n}\n" for n in range(100))
    solve().started("a").said("a", said).done("a", error="boom").done("b", error="context canceled")
    assert stays() == [
        "✘   N s step a",
        *(f"  │ line {n}" for n in range(80, 100)),
        "1 step, 1 failed, N s",
    ]


def test_what_runs_is_shown_with_its_time_and_its_last_line(solve, now):
    solve().started("a").said("a", "one\ntwo\n").started("b").done("c", cached=True)
    assert now() == ["~   N s step a", "  │ two", "~   N s step b", "3 steps, 1 cached, N s"]


def test_what_is_too_long_for_the_terminal_is_cut_off(solve, now):
    solve().started("a", name="compile " + "x" * 100).said("a", "y" * 100 + "\n")
    step, said, _ = now(width=20)
    assert step == "~   N s compile xx…"
    assert said == f"  │ {'y' * 15}…"


def test_more_steps_than_the_terminal_has_lines_are_counted(solve, now, monkeypatch):
    monkeypatch.setenv("LINES", "10")
    begun = solve()
    for name in "abcdef":
        begun.started(name)
    assert now() == [
        "~   N s step a",
        "~   N s step b",
        "~   N s step c",
        "  and 3 more",
        "6 steps, N s",
    ]


def test_a_command_cannot_give_the_terminal_orders(solve, now):
    solve().started("a", name="\x1b[2Jstep").said("a", "\x1b[31mred\x1b[0m\x1b[5A\x07!\n")
    assert now()[:2] == ["~   N s step", "  │ red!"]


def test_where_nothing_was_built_nothing_is_shown(stays):
    assert stays() == []


def test_a_quiet_display_leaves_nothing(solve, out):
    display = TtyDisplay(out, transient=True)
    Solve(display).done("a").done("b", error="boom")
    display.close()
    assert out.getvalue() == ""


def test_after_it_was_closed_nothing_is_shown(display, solve, out):
    display.close()
    solve().started("a").done("a")
    display.close()
    assert out.getvalue() == ""


def test_when_the_terminal_has_been_closed_the_build_goes_on():
    class Closed(io.StringIO):
        def write(self, _text):
            raise OSError

        def flush(self):
            raise OSError

    display = TtyDisplay(Closed())
    Solve(display).started("a").done("a")
    display.close()
