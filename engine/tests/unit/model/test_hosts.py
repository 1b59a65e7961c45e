"""Folders and files of this machine."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.model.hosts import Host

MISSING = "no such file or directory"


@pytest.fixture
def host(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a[1].txt").write_text("text")
    return Host(str(tmp_path), "session")


@pytest.mark.parametrize("path", ["src", "./src", "src/../src"])
def test_a_folder_is_found_from_where_host_paths_start(host, tmp_path, path):
    found = host.directory(path)
    source = found.output.op
    assert (source.unique, found.path) == ("session", "/")
    assert source.path == f"{tmp_path}/{path.removeprefix('./')}"


def test_patterns_that_mean_nothing_below_the_folder_are_left_out(host):
    include, exclude = ("/a", "**/b", "../c", "..d"), ("!/c", "d/", "!e", "a/../../f")
    source = host.directory("src", include=include, exclude=exclude).output.op
    assert (source.include, source.exclude) == (("**/b", "..d"), ("d/", "!e"))


def test_of_a_files_folder_only_the_file_is_sent(host, tmp_path):
    found = host.file("src/a[1].txt")
    source = found.output.op
    assert found.path == "/a[1].txt"
    assert (source.path, source.include) == (f"{tmp_path}/src", ("a\\[1\\].txt",))


@pytest.mark.parametrize(
    ("kind", "path", "reason"),
    [
        ("directory", "missing", MISSING),
        ("directory", "src/a[1].txt", "is not a directory"),
        ("file", "missing", MISSING),
        ("file", "src", "is a directory, not a file"),
    ],
)
def test_what_is_missing_on_the_host_is_refused(host, tmp_path, kind, path, reason):
    message = f"host {kind} '{path}': {reason} ({tmp_path}/{path})"
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        getattr(host, kind)(path)


def test_the_same_host_has_the_same_key():
    assert Host("/a", "s").key() == Host("/a", "s").key() != Host("/b", "s").key()
