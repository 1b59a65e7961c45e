"""File's fields, and how files come into a Directory."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import FileType, dag


def empty() -> dagger.Directory:
    return dag.directory()


async def test_contents_are_the_text_of_the_file(files):
    assert await files.file("sub/b.txt").contents() == "B"


@pytest.mark.parametrize("text", ["", "1\r\n2", "nul\0", "ñ €"])
async def test_contents_are_unchanged(connection, text):
    assert await empty().with_new_file("f", text).file("f").contents() == text


@pytest.mark.parametrize(
    ("options", "lines"),
    [
        ({"offset_lines": 2}, "3\n4\n5"),
        ({"limit_lines": 2}, "1\n2\n"),
        ({"offset_lines": 1, "limit_lines": 2}, "2\n3\n"),
        ({"offset_lines": 9}, ""),
        ({"limit_lines": 9}, "1\n2\n3\n4\n5"),
        ({"limit_lines": 0}, ""),
        ({"offset_lines": 0}, "1\n2\n3\n4\n5"),
    ],
)
async def test_contents_can_be_a_part_of_the_lines(connection, options, lines):
    file = empty().with_new_file("f", "1\n2\n3\n4\n5").file("f")
    assert await file.contents(**options) == lines


async def test_contents_are_the_same_after_the_folder_was_listed(links):
    assert "file" in await links.entries()
    for name, folder in (("file", links), ("dir/f", links), ("f", links.directory("dir"))):
        assert await folder.file(name).contents() == "x\n"
    assert await links.with_new_file("dir/f", "y").file("dir/f").contents() == "y"


async def test_contents_that_are_no_text_have_replacement_characters(debian):
    written = debian.with_exec(["sh", "-c", r"printf 'a\377\376b' > /f"])
    assert await written.file("/f").contents() == "a\ufffd\ufffdb"


async def test_contents_of_a_link_are_those_of_what_it_leads_to(links):
    assert await links.file("file").contents() == "x\n"
    assert await links.file("absolute").contents() == "x\n"
    assert await links.file("dir/f").contents() == "x\n"


@pytest.mark.parametrize("path", ["/a.txt", "./a.txt", "sub/../a.txt", "../a.txt", "../../a.txt"])
async def test_a_path_stays_in_the_directory(files, path):
    assert await files.file(path).contents() == "A"


@pytest.mark.parametrize("field", ["contents", "size", "sync"])
async def test_a_file_that_does_not_exist_is_refused(files, field):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await getattr(files.file("nonesuch"), field)()


@pytest.mark.parametrize("field", ["contents", "size", "sync"])
async def test_a_directory_is_no_file(files, field):
    with pytest.raises(dagger.QueryError, match=r"sub is a directory, not a file"):
        await getattr(files.file("sub"), field)()


async def test_a_link_to_nothing_is_no_file(links):
    with pytest.raises(dagger.QueryError, match=r"no such file or directory"):
        await links.file("broken").contents()


async def test_size_is_in_bytes(connection):
    assert await empty().with_new_file("f", "ñ").file("f").size() == 2
    assert await empty().with_new_file("f", "").file("f").size() == 0


async def test_size_of_a_link_is_that_of_what_it_leads_to(links):
    assert await links.file("file").size() == 2


async def test_name_is_the_last_part_of_the_path(files):
    assert await files.file("sub/b.txt").name() == "b.txt"


async def test_name_of_a_link_is_its_own(links):
    assert await links.file("file").name() == "file"


async def test_with_name_is_the_same_file_by_another_name(files):
    renamed = files.file("sub/b.txt").with_name("z")
    assert await renamed.name() == "z"
    assert await renamed.contents() == "B"


async def test_with_name_keeps_permissions(connection):
    file = empty().with_new_file("f", "", permissions=0o711).file("f").with_name("g")
    assert await file.stat().permissions() == 0o711


async def test_with_name_takes_no_path(files):
    with pytest.raises(dagger.QueryError, match=r'file name "x/z" must not contain a directory'):
        await files.file("a.txt").with_name("x/z").contents()


async def test_a_renamed_file_is_copied_by_its_new_name(files):
    copied = empty().with_file("/", files.file("sub/b.txt").with_name("z"))
    assert await copied.entries() == ["z"]


# -- withReplaced


def hello(text: str) -> dagger.File:
    return empty().with_new_file("f", text, permissions=0o600).file("f")


@pytest.mark.parametrize(
    ("text", "options", "replaced"),
    [
        ("Hello, World!", {}, "Hello, Dagger!"),
        ("World World", {"all": True}, "Dagger Dagger"),
        ("no match", {"all": True}, "no match"),
        ("World 1\nWorld 2\nWorld 3", {"first_from": 2}, "World 1\nDagger 2\nWorld 3"),
        (
            "World 1\nWorld 2\nWorld 3",
            {"first_from": 2, "all": True},
            "World 1\nDagger 2\nDagger 3",
        ),
    ],
)
async def test_text_is_replaced(connection, text, options, replaced):
    file = hello(text).with_replaced("World", "Dagger", **options)
    assert await file.contents() == replaced
    assert await file.name() == "f"
    assert await file.stat().permissions() == 0o600


async def test_what_is_replaced_is_no_pattern_and_may_span_lines(connection):
    assert await hello("a.b axb").with_replaced("a.b", "$1").contents() == "$1 axb"
    assert await hello("one\ntwo\nthree").with_replaced("one\ntwo", "1").contents() == "1\nthree"


async def test_text_that_is_not_there_cannot_be_replaced(connection):
    with pytest.raises(dagger.QueryError, match="search string not found"):
        await hello("Hello").with_replaced("World", "x").contents()
    with pytest.raises(dagger.QueryError, match="search string not found"):
        await hello("World\nHello").with_replaced("World", "x", first_from=2).contents()


async def test_text_that_is_there_twice_is_told_with_its_places(connection):
    message = r"search string found multiple times: line 1 \(0-1\), line 1 \(2-3\), line 2 \(0-1\)"
    with pytest.raises(dagger.QueryError, match=message):
        await hello("a a\na").with_replaced("a", "x").contents()


# -- chown


async def test_the_owner_of_a_file_can_be_changed(debian, files):
    made = empty().with_file("f", files.file("a.txt").chown("1000:1001"))
    ran = debian.with_mounted_directory("/m", made).with_exec(["stat", "-c", "%u:%g", "/m/f"])
    assert await ran.stdout() == "1000:1001\n"


# -- Query.file


async def test_a_file_can_be_made_alone(connection):
    file = dag.file("run.sh", "echo", permissions=0o700)
    assert (await file.name(), await file.contents()) == ("run.sh", "echo")
    assert await file.stat().permissions() == 0o700


@pytest.mark.parametrize("name", ["a/b", "/a", "a/"])
async def test_a_file_alone_has_no_folder(connection, name):
    with pytest.raises(dagger.QueryError, match=f'file name "{name}" must not contain a directory'):
        await dag.file(name, "").contents()


async def test_stat_tells_what_a_file_is(files):
    stat = files.with_new_file("run.sh", "1234", permissions=0o750).file("run.sh").stat()
    assert await stat.name() == "run.sh"
    assert await stat.size() == 4
    assert await stat.file_type() == FileType.REGULAR
    assert await stat.permissions() == 0o750


async def test_stat_of_a_link_is_that_of_what_it_leads_to(links):
    stat = links.file("file").stat()
    assert (await stat.name(), await stat.file_type()) == ("f", FileType.REGULAR)


async def test_sync_gives_the_file_back(files):
    assert await (await files.file("a.txt").sync()).contents() == "A"


async def test_with_timestamps_sets_the_files_time(debian, files):
    file = files.file("a.txt").with_timestamps(1000)
    ran = debian.with_mounted_file("/f", file).with_exec(["stat", "-c", "%Y", "/f"])
    assert await ran.stdout() == "1000\n"
    assert await file.name() == "a.txt"


# -- Directory.withNewFile


@pytest.mark.parametrize("path", ["f", "/f", "./f", "../f", "f/"])
async def test_a_new_file_is_where_the_path_says(connection, path):
    assert await empty().with_new_file(path, "x").entries() == ["f"]


async def test_a_new_files_folders_are_made(connection):
    made = empty().with_new_file("a/b/f", "x")
    assert await made.glob("**") == ["a/", "a/b/", "a/b/f"]
    assert await made.stat("a").permissions() == 0o755


async def test_a_new_file_has_permissions_0644_unless_told_otherwise(connection):
    assert await empty().with_new_file("f", "").stat("f").permissions() == 0o644
    made = empty().with_new_file("f", "", permissions=0o600)
    assert await made.stat("f").permissions() == 0o600


async def test_a_new_file_replaces_the_one_before(connection):
    made = empty().with_new_file("f", "longer").with_new_file("f", "s")
    assert await made.file("f").contents() == "s"


async def test_a_new_file_in_a_subdirectory_is_seen_from_there(files):
    assert await files.directory("sub").with_new_file("n", "").entries() == ["b.txt", "deep/", "n"]


async def test_a_new_file_does_not_replace_a_folder(files):
    with pytest.raises(dagger.QueryError):
        await files.with_new_file("sub", "x").sync()


async def test_a_new_files_name_has_255_bytes_at_most(connection):
    assert await empty().with_new_file("x" * 255, "").entries() == ["x" * 255]
    with pytest.raises(dagger.QueryError, match="exceeds the maximum supported 255 characters"):
        await empty().with_new_file("x" * 256, "").entries()


async def test_a_directory_is_not_changed_by_what_is_made_of_it(files):
    await files.with_new_file("new", "").sync()
    assert await files.entries() == [".hidden", "a.txt", "sub/"]


# -- Directory.withFile


@pytest.mark.parametrize(
    ("path", "paths"),
    [
        ("f", ["f"]),
        ("x/f", ["x/", "x/f"]),
        ("x/", ["x/", "x/b.txt"]),
        ("/", ["b.txt"]),
        (".", ["b.txt"]),
        ("../f", ["f"]),
    ],
)
async def test_a_file_is_copied_to_a_path_or_into_a_folder(files, path, paths):
    assert await empty().with_file(path, files.file("sub/b.txt")).glob("**") == paths


async def test_a_file_is_copied_into_a_folder_that_is_there(files):
    copied = files.with_file("sub", files.file("a.txt"))
    assert await copied.directory("sub").entries() == ["a.txt", "b.txt", "deep/"]


async def test_a_copied_file_replaces_the_one_before(files):
    copied = files.with_file("a.txt", files.file("sub/b.txt"))
    assert await copied.file("a.txt").contents() == "B"


async def test_a_copied_file_keeps_its_permissions(connection):
    source = empty().with_new_file("f", "", permissions=0o711).file("f")
    assert await empty().with_file("g", source).stat("g").permissions() == 0o711


async def test_a_copied_file_can_be_given_permissions(files):
    copied = empty().with_file("x/f", files.file("a.txt"), permissions=0o700)
    assert await copied.stat("x/f").permissions() == 0o700
    assert await copied.stat("x").permissions() == 0o755


async def test_a_copied_link_is_the_file_it_leads_to(links):
    copied = empty().with_file("f", links.file("file"))
    assert await copied.stat("f").file_type() == FileType.REGULAR
    assert await copied.file("f").contents() == "x\n"


async def test_copying_a_file_that_does_not_exist_is_refused(files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await empty().with_file("f", files.file("nonesuch")).sync()


@pytest.mark.parametrize(("owner", "ids"), [("1000:1001", "1000:1001"), ("1000", "1000:1000")])
async def test_a_copied_file_can_be_given_an_owner(debian, files, owner, ids):
    copied = empty().with_file("x/f", files.file("a.txt"), owner=owner)
    ran = debian.with_mounted_directory("/m", copied).with_exec(
        ["stat", "-c", "%u:%g", "/m/x", "/m/x/f"]
    )
    assert await ran.stdout() == f"0:0\n{ids}\n"


async def test_a_directory_without_users_knows_no_owner_by_name(files):
    copied = empty().with_file("f", files.file("a.txt"), owner="www-data")
    with pytest.raises(dagger.QueryError, match=r"/etc/passwd: no such file or directory"):
        await copied.sync()


async def test_a_copied_file_keeps_its_time(debian):
    # the text is new each time: the time of a file is no part of what makes a copy another
    source = empty().with_new_file("f", str(uuid.uuid4())).file("f").with_timestamps(1000)
    ran = debian.with_file("/g", source).with_exec(["stat", "-c", "%Y", "/g"])
    assert await ran.stdout() == "1000\n"
