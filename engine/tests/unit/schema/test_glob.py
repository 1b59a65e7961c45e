"""Patterns of Directory.glob."""

from __future__ import annotations

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.schema.globs import glob_matcher

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
    matches = glob_matcher(pattern)
    assert [path for path in PATHS if matches(path)] == expected


@pytest.mark.parametrize(
    ("pattern", "path", "expected"),
    [
        ("**.go", "src/deep/a.go", True),
        ("**/a.go", "a.go", True),
        ("src/**", "src", False),
        ("src/d**", "src/deep/a.go", True),
        ("s**a.go", "sx/a.go", True),
        ("s**a.go", "sxa.go", False),
        ("!a.go", "a.go", False),
        (" a.go ", "a.go", True),
        (r"\d.go", "1.go", True),
        ("[[a].go", "[.go", True),
        ("a^b", "a^b", True),
        ("a[^/]b", "a/b", False),
        ("**", "a\nb", True),
        ("**/*", "a\nb", True),
        ("**/*", "a\nb/c", False),
        ("d/**", "d/a\nb/c", True),
    ],
)
def test_an_odd_pattern_matches_as_in_a_dockerignore_file(pattern, path, expected):
    assert bool(glob_matcher(pattern)(path)) is expected


@pytest.mark.parametrize("pattern", ["[ab", "a[", "[]", "[]a]", "[a-]", "[-a]", "a\\", r"\q"])
def test_a_pattern_that_is_none_is_refused(pattern):
    message = "^failed to create glob pattern matcher: syntax error in pattern$"
    with pytest.raises(RequestError, match=message):
        glob_matcher(pattern)


def test_an_empty_pattern_is_refused():
    with pytest.raises(
        RequestError, match=r"^failed to create glob pattern matcher: empty pattern$"
    ):
        glob_matcher(" ")
