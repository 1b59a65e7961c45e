"""What is told of a folder of this machine, without the daemon."""

from __future__ import annotations

import os

import pytest

from buildkit_engine.llb.ops import ImageSource, LocalSource
from buildkit_engine.model.folders import Entry
from buildkit_engine.model.local import look, read

IMAGE = ImageSource("image", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/arm64").output


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "a").mkdir(mode=0o750)
    (tmp_path / "a" / "b").write_text("text")
    (tmp_path / "a" / "b").chmod(0o4755)
    (tmp_path / "a" / "to").symlink_to("../a.d")
    (tmp_path / "a.d").write_text("12")
    (tmp_path / "a.d").chmod(0o640)
    os.symlink("./a//", tmp_path / "link")  # noqa: PTH211 - word for word
    os.mkfifo(tmp_path / "pipe", 0o600)
    return LocalSource("load", str(tmp_path), "session").output


def test_a_tree_is_told_in_the_order_of_a_walk(folder):
    top, *entries = look("tree", folder, "/")
    assert (top.path, top.type) == (".", "directory")
    assert [(e.path, e.type, e.mode, e.target) for e in entries] == [
        ("a", "directory", 0o750, ""),
        ("a/b", "file", 0o755, ""),
        ("a/to", "symlink", 0o777, "../a.d"),
        ("a.d", "file", 0o640, ""),
        ("link", "symlink", 0o777, "./a//"),
        ("pipe", "other", 0o600, ""),
    ]


def test_a_folder_below_is_told_by_paths_in_it(folder):
    assert [e.path for e in look("tree", folder, "/a")] == [".", "b", "to"]
    assert look("tree", folder, "/a.d") == [Entry(".", "file", 0o640, 2)]


@pytest.mark.parametrize("verb", ["stat", "lstat"])
def test_an_entry_is_told_by_its_name(folder, verb):
    assert look(verb, folder, "/a/b") == [Entry("b", "file", 0o755, 4)]
    assert look(verb, folder, "/missing") == []
    assert [(e.path, e.type) for e in look(verb, folder, "/")] == [("/", "directory")]


@pytest.mark.parametrize("path", ["/link", "/link/b", "/a/to", "/a.d/below"])
@pytest.mark.parametrize("verb", ["tree", "stat", "lstat"])
def test_what_links_lead_to_is_the_daemons_to_tell(folder, verb, path):
    assert look(verb, folder, path) is None
    assert read(folder, path) is None


def test_files_alone_are_read(folder):
    assert read(folder, "/a/b") == b"text"
    assert [read(folder, path) for path in ("/a", "/missing", "/pipe")] == [None] * 3


@pytest.mark.parametrize("output", [IMAGE, None])
def test_what_is_not_of_this_machine_is_the_daemons_to_tell(output):
    assert look("tree", output, "/") is None
    assert read(output, "/f") is None


def test_a_name_that_is_no_text_is_told_with_a_mark_in_its_place(tmp_path):
    (tmp_path / os.fsdecode(b"n\xff")).touch()
    source = LocalSource("load", str(tmp_path), "session").output
    assert [e.path for e in look("tree", source, "/")] == [".", "n\ufffd"]
