"""Patterns of Directory.glob."""

from __future__ import annotations

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.schema.directories import _glob

PATHS = ["a.go", "b.py", "src", "src/a.go", "src/deep/a.go", "src/deep/b.[x]"]


@pytest.mark.parametrize(
    ("pattern", "expected"),
    [
        ("*.go", ["a.go"]),
        ("**/*.go", ["a.go", "src/a.go", "src/deep/a.go"]),
        ("src/*.go", ["src/a.go"]),
        ("src/**", ["src/a.go", "src/deep/a.go", "src/deep/b.[x]"]),
        ("./a.go", ["a.go"]),
        ("?.py", ["b.py"]),
        ("*/a.go", ["src/a.go"]),
        ("[ab].*", ["a.go", "b.py"]),
        ("src/deep/b.\\[x\\]", ["src/deep/b.[x]"]),
        ("a+go", []),
    ],
)
def test_a_pattern_matches_whole_paths(pattern, expected):
    matches = _glob(pattern).fullmatch
    assert [path for path in PATHS if matches(path)] == expected


def test_an_open_bracket_is_refused():
    message = "^failed to create glob pattern matcher: syntax error in pattern$"
    with pytest.raises(RequestError, match=message):
        _glob("[ab")
