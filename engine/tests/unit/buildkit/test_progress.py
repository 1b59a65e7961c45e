"""The rawjson progress: what is collected from it."""

from __future__ import annotations

import base64
import json

import pytest

from buildkit_engine.buildkit.progress import Display, Reader

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


@pytest.mark.parametrize(
    ("title", "expected"),
    [("[linux/arm64] push host/app", "[linux/arm64] push host/app"), ("", "exporting to image")],
)
def test_an_export_is_called_by_what_is_exported(title, expected):
    reader = Reader(Display(), title)
    reader.feed(vertex("a", name="exporting to image"))
    reader.feed(vertex("b"))
    assert [v.name for v in reader.vertexes.values()] == [expected, "step b"]
