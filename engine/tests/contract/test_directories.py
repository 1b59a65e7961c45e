"""Directory's fields that tell what is in it."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import ExistsType, FileType, dag

ALL = [".hidden", "a.txt", "sub/", "sub/b.txt", "sub/deep/", "sub/deep/c.go"]


def empty() -> dagger.Directory:
    return dag.directory()


# -- entries, directory, sync


async def test_a_new_directory_is_empty(connection):
    assert await empty().entries() == []


async def test_entries_are_names_with_a_slash_behind_folders(files):
    assert await files.entries() == [".hidden", "a.txt", "sub/"]


async def test_entries_are_in_the_order_of_their_names(connection):
    made = empty().with_new_file("a/x", "").with_new_file("a.txt", "").with_new_file("B", "")
    assert await made.entries() == ["B", "a/", "a.txt"]


@pytest.mark.parametrize("path", ["sub", "/sub/", "./sub", "sub/deep/.."])
async def test_entries_of_a_path(files, path):
    assert await files.entries(path=path) == ["b.txt", "deep/"]
    assert await files.directory(path).entries() == ["b.txt", "deep/"]


@pytest.mark.parametrize("path", [".", "/", "..", "../../.."])
async def test_a_path_stays_in_the_directory(files, path):
    assert await files.entries(path=path) == [".hidden", "a.txt", "sub/"]
    assert await files.directory(path).entries() == [".hidden", "a.txt", "sub/"]


async def test_a_link_to_a_folder_is_an_entry_without_a_slash(links):
    assert await links.entries() == ["absolute", "broken", "dir", "file", "real/"]


async def test_entries_of_a_link_are_those_of_the_folder_it_leads_to(links):
    assert await links.directory("dir").entries() == ["f"]


async def test_entries_of_a_path_that_does_not_exist_are_refused(files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.entries(path="nonesuch")


async def test_entries_of_a_file_are_refused(files):
    with pytest.raises(dagger.QueryError, match=r"a\.txt.* not a directory"):
        await files.entries(path="a.txt")


async def test_a_directory_that_does_not_exist_is_refused(files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.directory("nonesuch").sync()


async def test_a_file_is_no_directory(files):
    with pytest.raises(dagger.QueryError, match=r"a\.txt is a file, not a directory"):
        await files.directory("a.txt").sync()


async def test_sync_gives_the_directory_back(files):
    assert await (await files.directory("sub").sync()).entries() == ["b.txt", "deep/"]


# -- glob


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("*", [".hidden", "a.txt", "sub/"]),
        ("**", ALL),
        ("**/*", ALL),
        ("*.txt", ["a.txt"]),
        ("**/*.txt", ["a.txt", "sub/b.txt"]),
        ("sub", ["sub/"]),
        ("sub/", ["sub/"]),
        ("sub/*", ["sub/b.txt", "sub/deep/"]),
        ("sub/**", ["sub/b.txt", "sub/deep/", "sub/deep/c.go"]),
        ("sub/**/*.go", ["sub/deep/c.go"]),
        ("*/b.txt", ["sub/b.txt"]),
        ("?.txt", ["a.txt"]),
        ("[ab].txt", ["a.txt"]),
        ("[^a].txt", []),
        ("./a.txt", ["a.txt"]),
        ("/a.txt", []),
        ("{a,b}.txt", []),
        (".*", [".hidden"]),
        ("b.txt", []),
        ("nonesuch*", []),
    ],
)
async def test_glob_finds_what_matches_the_whole_path(files, pattern, paths):
    assert await files.glob(pattern) == paths


async def test_glob_lists_a_folder_before_what_is_in_it(connection):
    made = empty().with_new_file("a/x", "").with_new_file("a.txt", "").with_new_file("a-b", "")
    assert await made.glob("**") == ["a/", "a/x", "a-b", "a.txt"]


async def test_glob_in_a_subdirectory_is_relative_to_it(files):
    assert await files.directory("sub").glob("**/*") == ["b.txt", "deep/", "deep/c.go"]


async def test_glob_does_not_follow_links(links):
    assert await links.glob("**") == ["absolute", "broken", "dir", "file", "real/", "real/f"]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("**", ["a\nb", "d\nd/", "d\nd/1.go", "x^y"]),
        ("**/*", ["a\nb", "d\nd/", "x^y"]),
        ("**.go", ["d\nd/1.go"]),
        ("x**", ["x^y"]),
        ("a?b", ["a\nb"]),
        (r"d[^a]d/\d.go", ["d\nd/1.go"]),
        ("x^y", ["x^y"]),
        ("!x^y", []),
        (" x^y ", ["x^y"]),
    ],
)
async def test_glob_of_odd_names_and_patterns(connection, pattern, paths):
    made = empty().with_new_file("a\nb", "").with_new_file("d\nd/1.go", "").with_new_file("x^y", "")
    assert await made.glob(pattern) == paths


async def test_glob_refuses_an_empty_pattern(files):
    with pytest.raises(dagger.QueryError, match="failed to create glob pattern matcher"):
        await files.glob("")


async def test_glob_refuses_a_pattern_that_does_not_end(files):
    with pytest.raises(dagger.QueryError, match="syntax error in pattern"):
        await files.glob("[a")


# -- exists and stat


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.txt", True),
        ("/sub/deep", True),
        ("sub/", True),
        ("/", True),
        (".", True),
        ("..", True),
        ("nonesuch", False),
        ("nonesuch/x", False),
    ],
)
async def test_exists(files, path, found):
    assert await files.exists(path) is found


@pytest.mark.parametrize(
    ("path", "types"),
    [
        ("real", {ExistsType.DIRECTORY_TYPE}),
        ("real/f", {ExistsType.REGULAR_TYPE}),
        ("dir/f", {ExistsType.REGULAR_TYPE}),
        ("dir", {ExistsType.DIRECTORY_TYPE, ExistsType.SYMLINK_TYPE}),
        ("file", {ExistsType.REGULAR_TYPE, ExistsType.SYMLINK_TYPE}),
        ("broken", {ExistsType.SYMLINK_TYPE}),
    ],
)
async def test_exists_as_a_type(links, path, types):
    found = {type_ for type_ in ExistsType if await links.exists(path, expected_type=type_)}
    assert found == types


async def test_a_link_to_nothing_exists_only_without_following_it(links):
    assert not await links.exists("broken")
    assert await links.exists("broken", do_not_follow_symlinks=True)


async def test_nothing_exists_in_a_directory_that_does_not(files):
    assert not await files.directory("nonesuch").exists("a.txt")


@pytest.mark.parametrize(
    ("path", "name", "type_", "permissions"),
    [
        ("real", "real", FileType.DIRECTORY, 0o755),
        ("real/f", "f", FileType.REGULAR, 0o644),
        ("dir", "real", FileType.DIRECTORY, 0o755),
        ("file", "f", FileType.REGULAR, 0o644),
        ("dir/f", "f", FileType.REGULAR, 0o644),
    ],
)
async def test_stat_follows_links(links, path, name, type_, permissions):
    stat = links.stat(path)
    found = (await stat.name(), await stat.file_type(), await stat.permissions())
    assert found == (name, type_, permissions)


@pytest.mark.parametrize(("path", "size"), [("dir", 4), ("file", 6), ("broken", 7)])
async def test_stat_of_a_link_itself(links, path, size):
    stat = links.stat(path, do_not_follow_symlinks=True)
    found = (await stat.name(), await stat.file_type(), await stat.size())
    assert found == (path, FileType.SYMLINK, size)


async def test_stat_tells_permission_bits_and_no_others(debian):
    made = debian.with_exec(["sh", "-c", "touch /f; chmod 4755 /f"]).directory("/")
    assert await made.stat("f").permissions() == 0o755
    assert await made.stat("tmp").permissions() == 0o777


@pytest.mark.parametrize("path", ["nonesuch", "sub/nonesuch"])
async def test_stat_of_what_does_not_exist_is_refused(files, path):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.stat(path).size()


async def test_links_are_followed_after_a_listing_as_before_it(debian):
    script = f"mkdir real; echo x > real/f; ln -s real dir # {uuid.uuid4()}"
    made = debian.with_workdir("/w").with_exec(["sh", "-c", script]).directory("/w")
    before = [await made.exists(path) for path in ("dir/f", "real/f", "dir/g")]
    assert await made.glob("**") == ["dir", "real/", "real/f"]
    after = [await made.exists(path) for path in ("dir/f", "real/f", "dir/g")]
    assert before == after == [True, True, False]
    assert await made.file("dir/f").size() == 2
    assert await made.stat("dir").file_type() == FileType.DIRECTORY


# -- name


@pytest.mark.parametrize(
    ("path", "name"), [("/", "/"), (".", "/"), ("sub", "sub/"), ("sub/deep", "deep/")]
)
async def test_the_name_of_a_directory_has_a_slash_behind(files, path, name):
    assert await files.directory(path).name() == name


async def test_a_directory_that_does_not_exist_has_no_name(files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.directory("nonesuch").name()


# -- findUp


@pytest.mark.parametrize(
    ("name", "start", "found"),
    [
        ("c.go", "sub/deep", "sub/deep/c.go"),
        ("b.txt", "sub/deep", "sub/b.txt"),
        ("a.txt", "sub/deep", "a.txt"),
        ("sub", "sub/deep", "sub"),
        ("a.txt", ".", "a.txt"),
        ("a.txt", "/sub", "/a.txt"),
        ("b.txt", ".", None),
        ("nonesuch", "sub/deep", None),
    ],
)
async def test_find_up_looks_in_a_folder_and_those_it_is_in(files, name, start, found):
    assert await files.find_up(name, start) == found


async def test_find_up_stays_inside(files):
    with pytest.raises(dagger.QueryError, match=r"cannot search outside parent: \.\./x"):
        await files.find_up("a.txt", "../x")


async def test_find_up_needs_a_name(files):
    with pytest.raises(dagger.QueryError, match="name cannot be empty"):
        await files.find_up("", "sub")


# -- export


async def test_an_export_is_beside_what_is_there_or_in_place_of_it(files, tmp_path):
    (tmp_path / "old").write_text("")
    assert await files.directory("sub").export(str(tmp_path)) == str(tmp_path)
    assert sorted(p.name for p in tmp_path.iterdir()) == ["b.txt", "deep", "old"]
    await files.directory("sub/deep").export(str(tmp_path), wipe=True)
    assert [p.name for p in tmp_path.iterdir()] == ["c.go"]


# -- no path


async def test_nothing_exists_at_no_path(files):
    assert not await files.exists("")
    with pytest.raises(dagger.QueryError, match="no such file or directory"):
        await files.stat("").size()
