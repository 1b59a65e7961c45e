"""The rawjson progress: what is collected from it, and what is shown."""

from __future__ import annotations

import base64
import io
import json
import re

import pytest

from buildkit_engine.buildkit.progress import Display, PlainDisplay, Reader, Vertex

START, END = "2026-01-01T00:00:00Z", "2026-01-01T00:00:01Z"


def vertex(digest: str, **values) -> bytes:
    return json.dumps(
        {"vertexes": [{"digest": digest, "name": f"step {digest}", **values}]}
    ).encode()


def started(digest: str) -> bytes:
    return vertex(digest, started=START)


def done(digest: str, **values) -> bytes:
    return vertex(digest, started=START, completed=END, **values)


def log(digest: str, text: str, stream: int = 1) -> bytes:
    data = base64.b64encode(text.encode()).decode()
    return json.dumps({"logs": [{"vertex": digest, "stream": stream, "data": data}]}).encode()


@pytest.fixture
def reader():
    return Reader(Display())


@pytest.fixture
def out():
    return io.StringIO()


@pytest.fixture
def display(out):
    return PlainDisplay(out)


def shown(out: io.StringIO) -> list[str]:
    return [re.sub(r"\d+\.\ds$", "N s", line) for line in out.getvalue().splitlines()]


def feed(reader: Reader, *lines: bytes) -> Reader:
    for line in lines:
        reader.feed(line)
    return reader


# -- what is collected


def test_an_operation_is_collected_over_several_lines(reader):
    feed(reader, vertex("a"), started("a"), done("a", cached=True))
    found = reader.vertexes["a"]
    assert (found.name, found.started, found.completed, found.cached, found.error) == (
        "step a",
        True,
        True,
        True,
        "",
    )


def test_standard_output_and_error_are_kept_apart_for_each_operation(reader):
    feed(reader, started("a"), log("a", "out\n"), log("a", "err\n", 2), log("b", "other"))
    feed(reader, log("a", "more\n"))
    assert reader.output_of("a") == ("out\nmore\n", "err\n")
    assert reader.output_of("b") == ("other", "")
    assert reader.output_of("never seen") == ("", "")


def test_output_that_is_no_text_is_not_lost(reader):
    data = base64.b64encode(b"\xff ok").decode()
    reader.feed(json.dumps({"logs": [{"vertex": "a", "stream": 1, "data": data}]}).encode())
    assert reader.output_of("a") == ("\ufffd ok", "")


def test_the_failed_operation_is_not_one_that_was_cancelled_because_of_it(reader):
    feed(reader, done("a", error="context canceled: context canceled"), done("b", error="boom"))
    assert reader.failed is not None
    assert reader.failed.digest == "b"


def test_where_all_were_cancelled_the_first_of_them_is_named(reader):
    feed(reader, done("a", error="context canceled"), done("b", error="context canceled"))
    assert reader.failed is not None
    assert reader.failed.digest == "a"


def test_nothing_failed_where_there_is_no_error(reader):
    assert feed(reader, done("a")).failed is None


@pytest.mark.parametrize(
    ("lines", "expected"),
    [
        ([b"error: failed to solve: no\n"], "failed to solve: no"),
        ([b"warning\n", b"error: last\n", b"\n"], "last"),
        ([b"not json {\n"], "not json {"),
        ([b'"a JSON string"\n'], '"a JSON string"'),
        ([], "buildctl ended without a word"),
    ],
)
def test_lines_that_are_no_progress_are_buildctls_own_words(reader, lines, expected):
    assert feed(reader, *lines).error == expected


@pytest.mark.parametrize("line", [b"{}", b'{"vertexes": null, "logs": null}', b'{"statuses": []}'])
def test_a_line_that_tells_nothing_is_passed_over(reader, line):
    reader.feed(line)
    assert (reader.vertexes, reader.plain) == ({}, [])


# -- what is shown


def test_a_step_is_shown_with_what_it_prints(display, out):
    feed(Reader(display), started("a"), log("a", "one\ntwo\n"), log("a", "bad\n", 2), done("a"))
    assert shown(out) == ["#1 step a", "#1 | one", "#1 | two", "#1 | bad", "#1 DONE N s"]


def test_steps_are_numbered_as_they_are_first_seen(display, out):
    feed(Reader(display), started("a"), started("b"), done("b"), done("a"))
    assert shown(out) == ["#1 step a", "#2 step b", "#2 DONE N s", "#1 DONE N s"]


def test_a_cached_step_says_so(display, out):
    feed(Reader(display), done("a", cached=True))
    assert shown(out) == ["#1 step a", "#1 CACHED step a"]


def test_a_failed_step_says_so_and_its_cancelled_siblings_do_not(display, out):
    feed(Reader(display), done("a", error="boom"), done("b", error="context canceled"))
    assert shown(out) == ["#1 step a", "#1 ERROR step a", "#2 step b"]


def test_the_engines_own_steps_are_not_shown(display, out):
    hidden = {"name": "[internal] read /x", "started": START, "completed": END}
    feed(Reader(display), vertex("a", **hidden), log("a", "data"))
    feed(Reader(display), vertex("b", **{**hidden, "name": "exporting to client tarball"}))
    assert out.getvalue() == ""


def test_output_of_a_cached_step_is_not_told_again(display, out):
    lines = (started("a"), log("a", "one\n"), done("a"))
    feed(Reader(display), *lines)
    feed(Reader(display), started("a"), done("a", cached=True), log("a", "one\n"))
    assert shown(out) == ["#1 step a", "#1 | one", "#1 DONE N s"]


def test_a_step_that_two_solves_share_is_told_once_while_it_runs(display, out):
    first, second = Reader(display), Reader(display)
    for line in (started("a"), log("a", "one\n"), done("a")):
        first.feed(line)
        second.feed(line)
    assert shown(out) == ["#1 step a", "#1 | one", "#1 DONE N s"]


def test_a_shared_step_that_fails_is_told_once(display, out):
    first, second = Reader(display), Reader(display)
    for line in (started("a"), log("a", "one\n"), done("a", error="boom")):
        first.feed(line)
        second.feed(line)
    assert shown(out) == ["#1 step a", "#1 | one", "#1 ERROR step a"]


def test_where_one_solve_is_cancelled_the_other_goes_on_telling(display, out):
    first, second = Reader(display), Reader(display)
    feed(first, started("a"))
    feed(second, started("a"))
    feed(first, done("a", error="context canceled"))
    feed(second, log("a", "one\n"), done("a"))
    assert shown(out) == ["#1 step a", "#1 | one", "#1 DONE N s"]


def test_a_step_that_failed_is_told_again_when_it_is_tried_again(display, out):
    for error in ("boom", ""):
        feed(Reader(display), started("a"), log("a", "one\n"), done("a", error=error))
    assert shown(out) == [
        "#1 step a",
        "#1 | one",
        "#1 ERROR step a",
        "#1 step a",
        "#1 | one",
        "#1 DONE N s",
    ]


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
