"""Copies onto what is there: folders are merged, whatever else is in the way is replaced."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import FileType, dag


def empty() -> dagger.Directory:
    return dag.directory()


def listed(directory: dagger.Directory, debian: dagger.Container, command: str) -> dagger.Container:
    return debian.with_mounted_directory("/m", directory).with_exec(
        ["sh", "-c", f"cd /m; {command}"]
    )


# -- folders


async def test_a_folder_goes_into_the_folder_that_a_link_leads_to(links):
    """As when bin/ is copied to the root of a Debian, whose /bin is a link to usr/bin."""
    copied = links.with_directory("/", empty().with_new_file("dir/new", "n"))
    assert await copied.stat("dir", do_not_follow_symlinks=True).file_type() == FileType.SYMLINK
    assert await copied.entries(path="real") == ["f", "new"]


async def test_a_tree_with_bin_leaves_debians_link_and_its_programs(debian):
    tree = empty().with_new_file("bin/tool", "#!/bin/sh\necho made", permissions=0o755)
    ran = debian.with_directory("/", tree).with_exec(["tool"])
    assert await ran.stdout() == "made\n"
    assert await ran.with_exec(["readlink", "/bin"]).stdout() == "usr/bin\n"


async def test_a_folder_is_copied_to_a_path_that_is_a_link_to_a_folder(links):
    copied = links.with_directory("dir", empty().with_new_file("new", "n"))
    assert await copied.entries(path="real") == ["f", "new"]
    assert await copied.stat("dir", do_not_follow_symlinks=True).file_type() == FileType.SYMLINK


@pytest.mark.parametrize("path", ["a.txt", "sub/b.txt"])
async def test_a_folder_replaces_a_file(files, path):
    copied = files.with_directory(path, empty().with_new_file("in", "x"))
    assert await copied.entries(path=path) == ["in"]
    nested = files.with_directory("/", empty().with_new_file(f"{path}/in", "x"))
    assert await nested.entries(path=path) == ["in"]


@pytest.mark.parametrize("path", ["file", "."])
async def test_a_folder_does_not_replace_a_link_to_a_file(links, path):
    source = empty().with_new_file("in" if path == "file" else "file/in", "x")
    message = r'cannot copy directory to non-directory "/w/file"'
    with pytest.raises(dagger.QueryError, match=message):
        await links.with_directory(path, source).sync()


async def test_a_folder_replaces_a_link_to_nothing(links):
    copied = links.with_directory("broken", empty().with_new_file("in", "x"))
    assert await copied.entries(path="broken") == ["in"]


async def test_a_file_within_a_tree_replaces_a_folder(files):
    copied = files.with_directory("/", empty().with_new_file("sub", "now a file"))
    assert await copied.file("sub").contents() == "now a file"


async def test_a_link_within_a_tree_replaces_a_folder(files):
    copied = files.with_directory("/", empty().with_symlink("a.txt", "sub"))
    assert await copied.file("sub").contents() == "A"
    assert await copied.stat("sub", do_not_follow_symlinks=True).file_type() == FileType.SYMLINK


async def test_a_file_within_a_tree_replaces_a_link(links):
    copied = links.with_directory("/", empty().with_new_file("file", "own"))
    assert await copied.file("file").contents() == "own"
    assert await copied.file("real/f").contents() == "x\n"


async def test_patterns_hold_where_a_file_is_in_the_way(files):
    source = (
        empty().with_new_file("a.txt/in", "x").with_new_file("a.txt/out", "").with_new_file("o", "")
    )
    copied = files.with_directory("/", source, exclude=["**/out", "o"])
    assert await copied.entries() == [".hidden", "a.txt/", "sub/"]
    assert await copied.entries(path="a.txt") == ["in"]


@pytest.mark.parametrize("target", ["new", "sub", "sub/deep"])
async def test_a_copied_folder_has_its_own_permissions_also_where_there_was_one(files, target):
    source = (
        empty().with_new_directory("d", permissions=0o711).with_new_file("d/f", "").directory("d")
    )
    assert await files.with_directory(target, source).stat(target).permissions() == 0o711


async def test_the_folders_above_a_copied_folder_are_made_with_0755(connection):
    source = empty().with_new_directory("d", permissions=0o711).directory("d")
    copied = empty().with_directory("x/y", source)
    assert await copied.stat("x").permissions() == 0o755
    assert await copied.stat("x/y").permissions() == 0o711


async def test_the_root_keeps_its_permissions(connection):
    source = (
        empty().with_new_directory("d", permissions=0o700).with_new_file("d/f", "").directory("d")
    )
    copied = empty().with_directory("x", empty().with_directory("/", source))
    assert await copied.stat("x").permissions() == 0o755


async def test_a_copied_folder_and_all_in_it_can_be_given_permissions(files):
    copied = files.with_directory("x/y", files.directory("sub"), permissions=0o750)
    found = [await copied.stat(p).permissions() for p in ("x", "x/y", "x/y/b.txt", "x/y/deep")]
    assert found == [0o755, 0o750, 0o750, 0o750]


async def test_a_copied_folders_owner_is_that_of_the_folder_or_the_one_given(debian, files):
    owned = files.chown("sub", "7:8").directory("sub")
    made = files.with_directory("kept", owned).with_directory("given", owned, owner="1:2")
    ran = listed(made, debian, "stat -c '%n %u:%g' kept kept/b.txt given given/b.txt")
    assert await ran.stdout() == "kept 7:8\nkept/b.txt 7:8\ngiven 1:2\ngiven/b.txt 1:2\n"


# -- files


async def test_a_file_replaces_a_link_and_leaves_what_it_leads_to(links):
    copied = links.with_file("file", empty().with_new_file("n", "new").file("n"))
    assert await copied.stat("file", do_not_follow_symlinks=True).file_type() == FileType.REGULAR
    assert await copied.file("file").contents() == "new"
    assert await copied.file("real/f").contents() == "x\n"


async def test_a_file_replaces_a_link_to_nothing(links):
    copied = links.with_file("broken", empty().with_new_file("n", "new").file("n"))
    assert await copied.file("broken").contents() == "new"
    assert not await copied.exists("nowhere")


@pytest.mark.parametrize("path", ["real", "dir", "dir/"])
async def test_a_file_goes_into_the_folder_at_its_path(links, path):
    copied = links.with_file(path, empty().with_new_file("n", "new").file("n"))
    assert await copied.entries(path="real") == ["f", "n"]
    assert await copied.stat("dir", do_not_follow_symlinks=True).file_type() == FileType.SYMLINK


async def test_a_file_replaces_a_folder_of_its_name_in_the_folder_it_goes_into(files):
    copied = files.with_file("sub", empty().with_new_file("deep", "now a file").file("deep"))
    assert await copied.file("sub/deep").contents() == "now a file"


async def test_a_folder_is_no_file_to_copy(files):
    with pytest.raises(dagger.QueryError, match=r"path /?sub is a directory, not a file"):
        await empty().with_file("f", files.file("sub")).sync()


@pytest.mark.parametrize("change", [lambda f: f.with_name("n"), lambda f: f.with_timestamps(1)])
async def test_a_folder_is_no_file_to_change(files, change):
    with pytest.raises(dagger.QueryError, match=r"path /?sub is a directory, not a file"):
        await change(files.file("sub")).sync()


async def test_a_new_file_is_written_where_a_link_leads_to(links):
    written = links.with_new_file("file", "new")
    assert await written.file("real/f").contents() == "new"
    assert await written.stat("file", do_not_follow_symlinks=True).file_type() == FileType.SYMLINK


# -- with_files


async def test_several_files_are_copied_by_their_own_names(files):
    sources = [files.file("a.txt"), files.file("sub/b.txt")]
    assert await empty().with_files("/", sources).glob("**") == ["a.txt", "b.txt"]
    assert await empty().with_files("x/", sources).glob("**") == ["x/", "x/a.txt", "x/b.txt"]


async def test_several_files_can_be_given_permissions(files):
    copied = empty().with_files("x", [files.file("a.txt")], permissions=0o600)
    assert await copied.stat("x/a.txt").permissions() == 0o600


# -- times


async def test_copies_of_equal_folders_have_their_own_times(debian):
    # the text is new each time, so that nothing is known of it before
    text = str(uuid.uuid4())
    made = empty().with_new_file("d/f", text)
    found = []
    for seconds in (1000, 2000):
        set_ = made.with_timestamps(seconds)
        copied = (
            empty()
            .with_directory("folder", set_.directory("d"))
            .with_directory("again", set_.with_new_file("d/g", "").directory("d"))
        )
        ran = listed(copied, debian, "stat -c %Y folder/f again/f")
        found.append((await ran.stdout()).split())
    assert found == [["1000"] * 2, ["2000"] * 2]
