"""Progress as lines: what is told of several solves that share steps."""

from __future__ import annotations

import io
import re

import pytest

from buildkit_engine.buildkit.progress import Vertex
from buildkit_engine.cli.display.plain import PlainDisplay


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def display(out):
    return PlainDisplay(out)


@pytest.fixture
def shown(out):
    """The lines that were shown, whatever time things took."""
    return lambda: [re.sub(r"\d+\.\ds$", "N s", line) for line in out.getvalue().splitlines()]


def test_a_step_is_shown_with_what_it_prints(solve, shown):
    solve().started("a").said("a", "one\ntwo\n").said("a", "three\n").done("a")
    assert shown() == ["#1 step a", "#1 | one", "#1 | two", "#1 | three", "#1 DONE N s"]


def test_a_line_that_comes_in_pieces_is_one_line(solve, shown):
    solve().started("a").said("a", "o").said("a", "ne\ntw").said("a", "o").done("a")
    assert shown() == ["#1 step a", "#1 | one", "#1 | two", "#1 DONE N s"]


def test_a_letter_that_comes_in_pieces_is_one_letter(solve, shown):
    solve().started("a").said("a", b"\xc3").said("a", b"\xa9\n").done("a")
    assert shown() == ["#1 step a", "#1 | é", "#1 DONE N s"]


def test_a_progress_bar_is_shown_as_it_was_left(solve, shown):
    solve().started("a").said("a", "10 %\r50 %\r100 %\r\n").done("a")
    assert shown() == ["#1 step a", "#1 | 100 %", "#1 DONE N s"]


def test_steps_are_numbered_as_they_are_first_seen(solve, shown):
    solve().started("a").started("b").done("b").done("a")
    assert shown() == ["#1 step a", "#2 step b", "#2 DONE N s", "#1 DONE N s"]


def test_a_cached_step_says_so(solve, shown):
    solve().done("a", cached=True)
    assert shown() == ["#1 step a", "#1 CACHED step a"]


def test_a_failed_step_says_so_and_its_cancelled_siblings_do_not(solve, shown):
    solve().done("a", error="boom").done("b", error="context canceled")
    assert shown() == ["#1 step a", "#1 ERROR step a", "#2 step b"]


@pytest.mark.parametrize("name", ["[internal] read /x", "exporting to client tarball"])
def test_the_engines_own_steps_are_shown_only_where_they_are_asked_for(solve, out, shown, name):
    solve().started("a", name=name).said("a", "data").done("a", name=name)
    assert out.getvalue() == ""
    display = PlainDisplay(out, internal=True)
    vertex = Vertex("a", name)
    display.started(vertex)
    display.completed(vertex)
    assert shown() == [f"#1 {name}", "#1 DONE N s"]


def test_output_of_a_cached_step_is_not_told_again(solve, shown):
    solve().started("a").said("a", "one\n").done("a")
    solve().started("a").done("a", cached=True).said("a", "one\n")
    assert shown() == ["#1 step a", "#1 | one", "#1 DONE N s"]


def test_a_step_that_two_solves_share_is_told_once_while_it_runs(solve, shown):
    first, second = solve(), solve()
    for each in (first, second):
        each.started("a")
    for each in (first, second):
        each.said("a", "one\n")
    for each in (first, second):
        each.done("a")
    assert shown() == ["#1 step a", "#1 | one", "#1 DONE N s"]


def test_a_shared_step_that_fails_is_told_once(solve, shown):
    first, second = solve(), solve()
    for each in (first, second):
        each.started("a").said("a", "one\n")
    for each in (first, second):
        each.done("a", error="boom")
    assert shown() == ["#1 step a", "#1 | one", "#1 ERROR step a"]


def test_where_one_solve_is_cancelled_the_other_goes_on_telling(solve, shown):
    first, second = solve().started("a"), solve().started("a")
    first.done("a", error="context canceled")
    second.said("a", "one\n").done("a")
    assert shown() == ["#1 step a", "#1 | one", "#1 DONE N s"]


def test_a_step_that_failed_is_told_again_when_it_is_tried_again(solve, shown):
    for error in ("boom", ""):
        solve().started("a").said("a", "one\n").done("a", error=error)
    assert shown() == [
        "#1 step a",
        "#1 | one",
        "#1 ERROR step a",
        "#1 step a",
        "#1 | one",
        "#1 DONE N s",
    ]


def test_what_a_function_prints_is_shown_by_its_name(solve, display, shown):
    begun = solve().started("a")
    display.said("publish", "without proof")
    begun.done("a")
    assert shown() == ["#1 step a", "publish | without proof", "#1 DONE N s"]


def test_after_it_was_closed_nothing_is_shown(solve, display, shown):
    begun = solve().started("a")
    display.close()
    begun.said("a", "late\n").done("a").started("b")
    assert shown() == ["#1 step a"]


def test_when_the_reader_of_the_progress_has_gone_the_build_goes_on():
    class Closed:
        def write(self, _text):
            raise BrokenPipeError

        def flush(self): ...

    display = PlainDisplay(Closed())
    vertex = Vertex("sha256:a", "compile", started=True)
    for _ in range(2):
        display.started(vertex)
        display.completed(vertex)
