"""Directory's fields: what is in it, and what is put into it and taken out of it."""

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
