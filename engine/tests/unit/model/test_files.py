"""Directories and files: the operations that would make them."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import (
    Copy,
    CopyFile,
    DiffOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    MakeFile,
    Owner,
    Remove,
    Shim,
    Symlink,
)
from buildkit_engine.model.files import Directory, File

ROOT = ImageSource("from", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64").output
OTHER = ImageSource("from", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64").output
ME = Owner(1000, 1000)
TOOL = Shim(LocalSource("shim", "/state/shim", "session"), "linux/amd64")


def actions(directory: Directory | File) -> tuple:
    """The file actions that made it, on whatever base."""
    assert isinstance(directory.output.op, FileOp)
    return directory.output.op.actions


# -- what is where


@pytest.mark.parametrize(
    ("start", "path", "expected"),
    [
        ("/", "a", "/a"),
        ("/src", "a/b", "/src/a/b"),
        ("/src", "/a", "/src/a"),
        ("/src", ".", "/src"),
    ],
)
def test_a_path_of_a_directory_is_below_it_also_where_it_begins_with_a_slash(start, path, expected):
    directory = Directory(ROOT, start)
    assert directory.directory(path).path == expected
    assert directory.file(path).path == expected
    assert directory.directory(path).output is ROOT


def test_a_path_that_leaves_the_directory_stays_in_its_filesystem():
    assert Directory(ROOT, "/src/a").file("../secret").path == "/src/secret"
    assert Directory(ROOT, "/src").directory("../../..").path == "/"


def test_equal_directories_and_files_have_equal_keys():
    again = ImageSource("again", ROOT.op.ref, "linux/amd64").output
    assert Directory(ROOT, "/a").key() == Directory(again, "/a").key()
    assert Directory(ROOT, "/a").key() != Directory(ROOT, "/b").key()
    assert Directory(ROOT).key() != Directory(OTHER).key()
    assert File(ROOT, "/a").key() == File(again, "/a").key()
    assert Directory().key() == ["", "/"]


def test_the_name_of_a_file_is_the_last_part_of_its_path():
    assert File(ROOT, "/a/b.txt").name == "b.txt"


# -- directories


def test_a_directory_is_copied_over_what_is_there():
    changed = Directory(ROOT).with_directory(
        "app", Directory(OTHER, "/src"), include=("*.py",), exclude=("tests",), owner=ME
    )
    assert changed.output.op.base is ROOT
    folder, entries = actions(changed)
    assert (folder.src, folder.dest, folder.contents) == ("/", "/", True)
    assert folder.source.op.actions == (Copy(OTHER, "/src", "/app", exclude=("**",), owner=ME),)
    assert entries == (
        Copy(
            OTHER,
            "/src",
            "/app",
            contents=True,
            include=("*.py",),
            exclude=("tests",),
            owner=ME,
        )
    )


def test_a_directory_is_copied_whole_to_where_nothing_is():
    copied = Directory().with_directory("usr/bin", Directory(OTHER, "/out/bin"), mode=0o755)
    assert copied.output.op.base is None
    assert actions(copied) == (MakeDir("/usr"), Copy(OTHER, "/out/bin", "/usr/bin", mode=0o755))
    left_out = Directory().with_directory("app", Directory(OTHER, "/src"), exclude=("tests",))
    assert [a.exclude for a in actions(left_out)] == [(), ("tests",)]


def test_an_empty_directory_is_made_where_it_is_copied_to():
    assert actions(Directory(ROOT).with_directory("app", Directory())) == (MakeDir("/app"),)


def test_an_empty_directory_adds_nothing_to_the_root():
    before = Directory(ROOT)
    assert before.with_directory("/", Directory()) is before


def test_a_directory_within_a_directory_is_changed_in_place():
    changed = Directory(ROOT, "/src").with_directory("app", Directory(OTHER))
    assert changed.path == "/src"
    parents, folder, entries = actions(changed)
    assert (parents, folder.dest, entries.dest) == (MakeDir("/src"), "/src", "/src/app")


def test_folders_above_a_target_are_made_apart_so_that_its_owner_is_not_theirs():
    changed = Directory(ROOT).with_directory("opt/app", Directory(), owner=ME)
    assert actions(changed) == (MakeDir("/opt"), MakeDir("/opt/app", owner=ME))
    changed = Directory(ROOT).with_file("opt/app", File(OTHER, "/app"), owner=ME)
    assert actions(changed) == (MakeDir("/opt"), CopyFile(OTHER, "/app", "/opt/app", owner=ME))


@pytest.mark.parametrize("path", ["..", "../a", "/../a", "a/../../b"])
def test_a_directory_cannot_be_made_outside_of_its_parent(path):
    message = f"^cannot create directory outside parent: {re.escape(path)}$"
    with pytest.raises(RequestError, match=message):
        Directory(ROOT).with_new_directory(path)


def test_a_new_directory_is_made_with_its_mode():
    made = Directory().with_new_directory("a/b", mode=0o700)
    assert actions(made) == (MakeDir("/a/b", 0o700),)
    assert made.output.op.base is None


# -- files in directories


@pytest.mark.parametrize(
    ("path", "expected"),
    [("bin/app", "/bin/app"), ("bin/", "/bin/tool"), ("/", "/tool"), (".", "/tool")],
)
def test_a_file_keeps_its_name_where_it_is_copied_into_a_folder(path, expected):
    changed = Directory(ROOT).with_file(path, File(OTHER, "/out/tool"), mode=0o755, owner=ME)
    assert actions(changed)[-1] == CopyFile(OTHER, "/out/tool", expected, mode=0o755, owner=ME)


def test_several_files_keep_their_names():
    changed = Directory(ROOT).with_files(
        "bin", [File(OTHER, "/a"), File(OTHER, "/b/c")], mode=0o755
    )
    assert actions(changed)[-1] == CopyFile(OTHER, "/b/c", "/bin/c", mode=0o755)
    before = changed.output.op.base.op.actions
    assert before[-1] == CopyFile(OTHER, "/a", "/bin/a", mode=0o755)


def test_a_link_is_made_with_the_folders_above_it():
    linked = Directory(ROOT, "/src").with_symlink("../x", "a/link")
    assert actions(linked) == (MakeDir("/src/a"), Symlink("../x", "/src/a/link"))


def test_a_copied_file_keeps_its_mode():
    [copy] = actions(Directory(ROOT).with_file("app", File(OTHER, "/app")))
    assert copy.mode == -1


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("a.txt", (MakeFile("/a.txt", b"text"),)),
        ("a/b/c.txt", (MakeDir("/a/b"), MakeFile("/a/b/c.txt", b"text"))),
    ],
)
def test_a_new_file_is_made_with_the_folders_above_it(path, expected):
    assert actions(Directory(ROOT).with_new_file(path, b"text")) == expected


def test_a_files_name_has_a_longest_length():
    assert Directory().with_new_file("a" * 255, b"")
    message = "^File name length exceeds the maximum supported 255 characters$"
    with pytest.raises(RequestError, match=message):
        Directory().with_new_file("a" * 254 + "é", b"")


def test_files_are_removed_by_wildcards_and_what_is_missing_is_no_error():
    changed = Directory(ROOT, "/src").without("a", "*.tmp")
    assert actions(changed) == (
        Remove("/src/a", allow_not_found=True, allow_wildcard=False),
        Remove("/src/*.tmp", allow_not_found=True, allow_wildcard=True),
    )


def test_nothing_is_removed_from_an_empty_directory():
    empty = Directory()
    assert empty.without("a") is empty


# -- times and names


def test_times_are_set_in_nanoseconds():
    [copy] = actions(Directory(ROOT, "/src").with_timestamps(7))
    assert copy == Copy(ROOT, "/src", "/", contents=True, timestamp=7_000_000_000)
    [copy] = actions(File(ROOT, "/src/app").with_timestamps(7))
    assert copy == CopyFile(ROOT, "/src/app", "/app", timestamp=7_000_000_000)


def test_a_directory_with_its_times_set_starts_at_its_own_root():
    assert Directory(ROOT, "/src").with_timestamps(0).path == "/"
    empty = Directory()
    assert empty.with_timestamps(0) is empty


def test_a_file_can_be_given_another_name():
    named = File(ROOT, "/out/app").with_name("tool")
    assert (named.path, actions(named)) == ("/tool", (CopyFile(ROOT, "/out/app", "/tool"),))


def test_the_new_name_of_a_file_is_no_path():
    with pytest.raises(RequestError, match=r'^file name "a/b" must not contain a directory$'):
        File(ROOT, "/out/app").with_name("a/b")


# -- what the shim does


def run(output) -> tuple[str, ...]:
    """The shim's arguments that made it."""
    return output.op.args


def test_the_owner_of_a_path_and_all_below_it_is_changed_in_place():
    changed = Directory(ROOT, "/src").with_owner("lib", ME, TOOL)
    assert changed.path == "/src"
    options = '{"user": 1000, "group": 1000}'
    assert run(changed.output)[1:] == ("chown", "/in", "/src/lib", options)
    assert run(File(ROOT, "/f").with_owner(ME, TOOL).output)[1:] == ("chown", "/in", "/f", options)


def test_what_gitignore_files_name_is_left_out_below_the_directory():
    left = Directory(ROOT, "/src").without_ignored(TOOL)
    assert (left.path, run(left.output)[1:]) == ("/src", ("prune", "/in", "/src"))
    assert Directory().without_ignored(TOOL).output is None


def test_text_is_replaced_within_a_file():
    changed = File(ROOT, "/f").with_replaced("a", "b", TOOL, all_=False, first_from=3)
    options = '{"search": "a", "replacement": "b", "all": false, "first_from": 3}'
    assert run(changed.output)[1:] == ("replace", "/in", "/f", options)


# -- differences


def test_directories_are_compared_as_roots():
    compared = Directory(ROOT).diff(Directory(OTHER, "/sub"))
    assert isinstance(compared.output.op, DiffOp)
    lower, upper = compared.output.op.inputs
    assert lower is ROOT
    assert upper.op.actions == (Copy(OTHER, "/sub", "/", contents=True),)


def test_what_is_not_in_an_empty_directory_is_all():
    assert Directory().diff(Directory(ROOT)).output is ROOT
    assert Directory(ROOT).diff(Directory()).output is None
