"""Paths inside containers and directories."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.model.paths import absolute, below, inside


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
    ("path", "expected"),
    [
        ("a", "/a"),
        ("/a", "/a"),
        ("", "/"),
        (".", "/"),
        ("/", "/"),
        ("a/../b", "/b"),
        ("./a/", "/a"),
        ("..a", "/..a"),
    ],
)
def test_a_path_of_a_directory_is_absolute_within_it(path, expected):
    assert inside(path) == expected


@pytest.mark.parametrize("path", ["..", "../a", "/..", "a/../..", "/../../etc/passwd"])
def test_a_path_that_leads_out_of_the_directory_is_refused(path):
    message = f"path '{path}' leads out of the directory"
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        inside(path)


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
