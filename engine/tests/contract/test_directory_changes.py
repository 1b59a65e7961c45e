"""Directory's fields that give another one: what is put into it and taken out of it."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import FileType, dag

ALL = [".hidden", "a.txt", "sub/", "sub/b.txt", "sub/deep/", "sub/deep/c.go"]


def empty() -> dagger.Directory:
    return dag.directory()


# -- withNewDirectory


async def test_a_new_directory_and_its_parents_are_made(connection):
    assert await empty().with_new_directory("a/b").glob("**") == ["a/", "a/b/"]


async def test_a_new_directory_has_the_permissions_of_a_file_unless_told_otherwise(connection):
    made = empty().with_new_directory("a").with_new_directory("b", permissions=0o700)
    assert await made.stat("a").permissions() == 0o644
    assert await made.stat("b").permissions() == 0o700


async def test_a_directory_that_is_there_is_left_as_it_is(files):
    made = files.with_new_directory("sub", permissions=0o700)
    assert await made.entries(path="sub") == ["b.txt", "deep/"]
    assert await made.stat("sub").permissions() == 0o755


async def test_a_new_directory_is_made_inside(connection):
    with pytest.raises(dagger.QueryError, match=r"cannot create directory outside parent: \.\./x"):
        await empty().with_new_directory("../x").sync()


async def test_a_new_directory_does_not_replace_a_file(files):
    with pytest.raises(dagger.QueryError, match=r"a\.txt: not a directory"):
        await files.with_new_directory("a.txt").sync()


# -- withoutDirectory, withoutFile, withoutFiles


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("a.txt", [".hidden", "sub/"]),
        ("/a.txt", [".hidden", "sub/"]),
        ("sub", [".hidden", "a.txt"]),
        ("*.txt", [".hidden", "sub/"]),
        ("nonesuch", [".hidden", "a.txt", "sub/"]),
    ],
)
async def test_without_takes_files_and_directories_away(files, path, left):
    assert await files.without_file(path).entries() == left
    assert await files.without_directory(path).entries() == left


async def test_without_a_path_below(files):
    assert await files.without_file("sub/b.txt").entries(path="sub") == ["deep/"]


async def test_without_in_a_subdirectory_is_relative_to_it(files):
    assert await files.directory("sub").without_file("b.txt").entries() == ["deep/"]


async def test_without_files_takes_several_away(files):
    left = await files.without_files(["a.txt", "sub/b.txt", "nonesuch"]).glob("**")
    assert left == [".hidden", "sub/", "sub/deep/", "sub/deep/c.go"]


async def test_without_in_an_empty_directory_is_no_error(connection):
    assert await empty().without_file("f").entries() == []


# -- withDirectory


@pytest.mark.parametrize("path", ["x", "/x", "x/", "./x", "../x"])
async def test_a_directory_is_copied_to_a_path(files, path):
    copied = empty().with_directory(path, files)
    assert await copied.glob("**") == ["x/", *("x/" + p for p in ALL)]


@pytest.mark.parametrize("path", ["/", ".", ""])
async def test_a_directory_is_copied_over_the_root(files, path):
    assert await empty().with_directory(path, files).glob("**") == ALL


async def test_a_subdirectory_is_copied_without_its_parents(files):
    copied = empty().with_directory("x/y", files.directory("sub"))
    assert await copied.glob("**") == ["x/", "x/y/", "x/y/b.txt", "x/y/deep/", "x/y/deep/c.go"]


async def test_an_empty_directory_is_copied_as_one(connection):
    assert await empty().with_directory("x", empty()).glob("**") == ["x/"]


async def test_a_copied_directory_is_merged_with_what_is_there(files):
    copied = empty().with_new_file("a.txt", "old").with_new_file("sub/kept", "")
    merged = copied.with_directory("/", files)
    assert await merged.glob("sub/*") == ["sub/b.txt", "sub/deep/", "sub/kept"]
    assert await merged.file("a.txt").contents() == "A"


async def test_a_copy_into_a_subdirectory_is_relative_to_it(files):
    copied = files.directory("sub").with_directory("q", files.directory("sub/deep"))
    assert await copied.glob("**") == ["b.txt", "deep/", "deep/c.go", "q/", "q/c.go"]


async def test_copied_files_keep_their_permissions(connection):
    source = empty().with_new_file("f", "", permissions=0o711)
    copied = empty().with_directory("x", source.with_new_directory("d", permissions=0o700))
    assert await copied.stat("x/f").permissions() == 0o711
    assert await copied.stat("x/d").permissions() == 0o700


async def test_copied_links_stay_links(debian, links):
    copied = debian.with_mounted_directory("/m", empty().with_directory("x", links))
    ran = copied.with_exec(["sh", "-c", "cd /m/x; readlink absolute broken dir file"])
    assert await ran.stdout() == "/w/real/f\nnowhere\nreal\nreal/f\n"


async def test_a_link_to_a_folder_is_copied_as_the_folder(links):
    assert await empty().with_directory("x", links.directory("dir")).glob("**") == ["x/", "x/f"]


async def test_a_copied_directory_can_be_given_an_owner(debian, files):
    copied = empty().with_directory("x/y", files, owner="1000:1001")
    ran = debian.with_mounted_directory("/m", copied).with_exec(
        ["stat", "-c", "%u:%g", "/m/x", "/m/x/y", "/m/x/y/sub/b.txt"]
    )
    assert await ran.stdout() == "0:0\n1000:1001\n1000:1001\n"


async def test_copying_a_directory_that_does_not_exist_is_refused(files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await empty().with_directory("x", files.directory("nonesuch")).sync()


# -- withTimestamps


async def test_with_timestamps_sets_the_times_of_all_that_is_inside(debian, files):
    stamped = files.with_timestamps(1000)
    ran = debian.with_mounted_directory("/m", stamped).with_exec(
        ["stat", "-c", "%Y", "/m/a.txt", "/m/sub", "/m/sub/b.txt"]
    )
    assert await ran.stdout() == "1000\n1000\n1000\n"


async def test_copied_files_keep_their_times(debian):
    # the text is new each time: the time of a file is no part of what makes a copy another
    source = empty().with_new_file("sub/f", str(uuid.uuid4())).with_timestamps(1000)
    ran = debian.with_directory("/x", source).with_exec(["stat", "-c", "%Y", "/x/sub/f"])
    assert await ran.stdout() == "1000\n"


async def test_an_empty_directory_has_nothing_to_stamp(connection):
    assert await empty().with_timestamps(1000).entries() == []


# -- chown


async def test_the_owner_of_a_path_and_all_below_it_can_be_changed(debian, files):
    made = files.chown("sub", "1000:1001")
    show = "cd /m; stat -c '%n %u:%g' a.txt sub sub/b.txt sub/deep/c.go"
    ran = debian.with_mounted_directory("/m", made).with_exec(["sh", "-c", show])
    owned = "sub 1000:1001\nsub/b.txt 1000:1001\nsub/deep/c.go 1000:1001\n"
    assert await ran.stdout() == "a.txt 0:0\n" + owned


async def test_an_owner_is_known_by_name_in_the_directorys_root(debian):
    made = debian.rootfs().with_new_file("f", "").chown("f", "www-data").file("f")
    ran = debian.with_mounted_file("/m", made).with_exec(["stat", "-c", "%U", "/m"])
    assert await ran.stdout() == "www-data\n"


# -- withSymlink


@pytest.mark.parametrize(
    ("target", "link"), [("a.txt", "l"), ("/a.txt", "/l"), ("../a.txt", "x/l")]
)
async def test_a_link_leads_to_its_target(files, target, link):
    linked = files.with_symlink(target, link)
    assert await linked.file(link).contents() == "A"
    assert await linked.stat(link, do_not_follow_symlinks=True).file_type() == FileType.SYMLINK


async def test_a_link_is_made_in_the_folder_that_a_link_leads_to(files):
    linked = files.with_symlink("sub", "s").with_symlink("b.txt", "s/l")
    assert await linked.file("sub/l").contents() == "B"


async def test_a_link_does_not_replace_what_is_there(files):
    with pytest.raises(dagger.QueryError, match="file exists"):
        await files.with_symlink("a.txt", "sub").sync()


# -- diff


async def test_a_difference_is_what_the_other_directory_has(files):
    other = (
        files.with_new_file("new/n", "").with_new_file("a.txt", "changed").without_file(".hidden")
    )
    assert await files.diff(other).glob("**") == ["a.txt", "new/", "new/n"]
    assert await files.diff(files.with_directory("", files)).entries() == []


async def test_subdirectories_are_compared_as_they_are(connection):
    made = (
        empty()
        .with_new_file("sub/file1", "data1")
        .with_new_file("submarine/file1", "data1")
        .with_new_file("submarine/file2", "data2")
        .with_timestamps(0)
    )
    assert await made.directory("sub").diff(made.directory("submarine")).entries() == ["file2"]


async def test_an_empty_directory_has_nothing_of_another(files):
    assert await empty().diff(files).glob("**") == ALL
    assert await files.diff(empty()).entries() == []


# -- withError


async def test_an_error_is_raised(files):
    with pytest.raises(dagger.QueryError, match=r"^too bad$"):
        await files.with_error("too bad").sync()
    assert await files.with_error("").entries() == [".hidden", "a.txt", "sub/"]


# -- permissions of zero


async def test_permissions_of_zero_are_the_usual_ones(connection):
    made = empty().with_new_directory("d", permissions=0).with_new_file("f", "", permissions=0)
    found = (await made.stat("d").permissions(), await made.stat("f").permissions())
    assert found == (0o755, 0o644)


# -- wildcards


@pytest.mark.parametrize(
    ("path", "left"),
    [
        ("?.txt", [".hidden", "a.txt", "sub/"]),
        ("[a].txt", [".hidden", "a.txt", "sub/"]),
        ("[a]*", [".hidden", "sub/"]),
        ("*/b.txt", [".hidden", "a.txt", "sub/"]),
        ("*", []),
    ],
)
async def test_only_a_star_makes_a_path_a_pattern(files, path, left):
    assert await files.without_file(path).entries() == left
