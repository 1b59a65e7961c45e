"""What is printed of a result: as Dagger's command line prints it."""

from __future__ import annotations

import pytest

from buildkit_engine.cli import printing


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("text", "text"),
        ("lines\n", "lines\n"),
        (True, "true"),
        (0, "0"),
        (-3, "-3"),
        (999999, "999999"),
        (1000000, "1e+06"),
        (123456789, "1.23456789e+08"),
        (1.5, "1.5"),
        (8.0, "8"),
        (0.0001, "0.0001"),
        (-0.00001, "-1e-05"),
        (None, "<nil>"),
        ([1, 2], "1\n2\n"),
        ([], ""),
        ([{"tags": ["a", "b"]}], "a\nb\n\n"),
    ],
)
def test_as_text(value, expected):
    assert printing.as_text(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("<é>", '"<é>"\n'),
        (None, "null\n"),
        (1000000, "1000000\n"),
        (8.0, "8\n"),
        (0.5, "0.5\n"),
        ([], "[]\n"),
        ([{"line": 1}], '[\n    {\n        "line": 1\n    }\n]\n'),
    ],
)
def test_as_json(value, expected):
    assert printing.as_json(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("File@1", "File@1\n"),
        (["File@1", "File@2"], "- File@1\n- File@2\n"),
        ([{"file": "File@1"}], "- File@1\n"),
        (None, ""),
    ],
)
def test_as_objects(value, expected):
    assert printing.as_objects(value) == expected
