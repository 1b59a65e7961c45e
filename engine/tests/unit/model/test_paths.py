"""Paths inside containers and directories."""

from __future__ import annotations

import pytest

from buildkit_engine.model.paths import absolute, below


@pytest.mark.parametrize(
    ("path", "base", "expected"),
    [
        ("/a/b", "/", "/a/b"),
        ("a/b", "/", "/a/b"),
        ("a", "/src", "/src/a"),
        ("/a", "/src", "/a"),
        (".", "/src", "/src"),
        ("", "/src", "/src"),
        ("..", "/src", "/"),
        ("../../..", "/src", "/"),
        ("a//b/", "/", "/a/b"),
        ("//a", "/", "/a"),
        ("a/./b/../c", "/x", "/x/a/c"),
        ("/", "/src", "/"),
    ],
)
def test_a_path_is_absolute_clean_and_never_above_the_root(path, base, expected):
    assert absolute(path, base) == expected


@pytest.mark.parametrize(
    ("path", "folder", "expected"),
    [
        ("/src/a/b", "/src", "a/b"),
        ("/src", "/src", ""),
        ("/srcs/a", "/src", None),
        ("/a", "/src", None),
        ("/a/b", "/", "a/b"),
        ("/", "/", ""),
    ],
)
def test_a_path_below_a_folder_is_relative_to_it(path, folder, expected):
    assert below(path, folder) == expected
