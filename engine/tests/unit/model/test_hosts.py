"""Folders and files of this machine."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from buildkit_engine.buildkit.freezer import Selection
from buildkit_engine.errors import RequestError
from buildkit_engine.model.hosts import Host

MISSING = "no such file or directory"


@pytest.fixture
def host(tmp_path, snapshots):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "a[1].txt").write_text("text")
    return Host(str(tmp_path), snapshots)


def names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


@pytest.mark.parametrize("path", ["src", "./src", "src/../src", "src/"])
def test_a_folder_is_found_from_where_host_paths_start(host, freezer, tmp_path, path):
    found = host.directory(path)
    assert found.path == "/"
    assert freezer.asked == [Selection(f"{tmp_path}/src")]
    assert names(found.output.op.path) == ["a[1].txt"]


def test_a_folder_is_found_from_the_users_home(host, freezer, tmp_path, monkeypatch):
    monkeypatch.setenv("HOME", str(tmp_path))
    host.directory("~/src")
    assert freezer.asked == [Selection(f"{tmp_path}/src")]


def test_patterns_that_mean_nothing_below_the_folder_are_left_out(host, freezer, tmp_path):
    include, exclude = ("/a", "**/b", "../c", "..d", ""), ("!/c", "d/", "!e", "a/../../f", ".")
    host.directory("src", include=include, exclude=exclude)
    [asked] = freezer.asked
    assert (asked.include, asked.exclude) == (("**/b", "..d"), ("d", "!e", "*"))


def test_gitignore_files_are_read_from_the_root_of_the_repository(host, freezer, tmp_path):
    (tmp_path / ".git").mkdir()
    host.directory("src", gitignore=True, exclude=("a", "!b"))
    assert freezer.asked == [
        Selection(str(tmp_path), "src", ("!*", "src"), ("src/a", "!src/b"), gitignore=True)
    ]


def test_outside_of_a_repository_gitignore_files_are_read_from_the_folder(host, freezer, tmp_path):
    host.directory("src", gitignore=True, include=("a",))
    assert freezer.asked == [Selection(f"{tmp_path}/src", include=("a",), gitignore=True)]


def test_of_a_files_folder_only_the_file_is_copied(host, freezer, tmp_path):
    assert host.file("src/a[1].txt").path == "/a[1].txt"
    assert freezer.asked == [Selection(f"{tmp_path}/src", include=("a\\[1\\].txt",))]


@pytest.mark.parametrize(
    ("kind", "path", "reason"),
    [
        ("directory", "missing", MISSING),
        ("directory", "src/a[1].txt", "is not a directory"),
        ("file", "missing", MISSING),
        ("file", "src", "is a directory, not a file"),
    ],
)
def test_what_is_missing_on_the_host_is_refused(host, freezer, tmp_path, kind, path, reason):
    message = f"host {kind} '{path}': {reason} ({tmp_path}/{path})"
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        getattr(host, kind)(path)
    assert freezer.asked == []


def test_what_cannot_be_read_is_told_with_the_folder_that_was_asked_for(host, freezer):
    freezer.error = "open /src/a: permission denied"
    message = "^host directory 'src': open /src/a: permission denied$"
    with pytest.raises(RequestError, match=message):
        host.directory("src")


@pytest.mark.parametrize(
    ("name", "found"), [("src", "src"), ("above", "../above"), ("a[1].txt", None)]
)
def test_a_name_is_looked_for_upward(host, snapshots, tmp_path, name, found):
    (tmp_path / "here" / "src").mkdir(parents=True)
    (tmp_path / "above").touch()
    assert Host(str(tmp_path / "here"), snapshots).find_up(name) == found


def test_what_was_not_found_upward_is_found_later_only_by_a_fresh_look(host, tmp_path):
    assert host.find_up("later") is None
    (tmp_path / "later").touch()
    assert host.find_up("later") is None
    assert host.find_up("later", fresh=True) == "later"


def test_the_same_host_has_the_same_key(snapshots):
    assert Host("/a", snapshots).key() == Host("/a", snapshots).key()
    assert Host("/a", snapshots).key() != Host("/b", snapshots).key()
