"""What is read of the host, and the way back: Directory.export and File.export."""

from __future__ import annotations

from pathlib import Path

import dagger
import pytest
from dagger import FileType, dag


def below(folder: Path) -> list[str]:
    return sorted(str(p.relative_to(folder)) for p in folder.rglob("*"))


# -- directory


async def test_a_host_directory_has_all_that_is_in_the_folder(source):
    loaded = await dag.host().directory(str(source)).glob("**")
    assert loaded == ["a.txt", "link", "sub/", "sub/empty/", "sub/run.sh"]


async def test_a_relative_path_starts_where_the_client_runs(source):
    loaded = dag.host().directory(f"{source.name}/sub/")
    assert await loaded.entries() == ["empty/", "run.sh"]


async def test_a_host_directory_keeps_permissions_and_links(source):
    loaded = dag.host().directory(source.name)
    assert await loaded.stat("sub/run.sh").permissions() == 0o750
    assert await loaded.stat("link", do_not_follow_symlinks=True).file_type() == FileType.SYMLINK
    assert await loaded.file("link").contents() == "A"


async def test_a_host_directory_belongs_to_root(debian, source):
    container = debian.with_directory("/x", dag.host().directory(source.name))
    ran = container.with_exec(["stat", "-c", "%u:%g", "/x", "/x/a.txt"])
    assert await ran.stdout() == "0:0\n0:0\n"


async def test_a_host_directory_is_found_through_a_link(source):
    (source / "other").symlink_to("sub")
    assert await dag.host().directory(f"{source.name}/other").entries() == ["empty/", "run.sh"]


async def test_a_host_directory_may_be_empty(folder):
    assert await dag.host().directory(folder.name).entries() == []


async def test_a_host_directory_that_does_not_exist_is_refused(folder):
    with pytest.raises(dagger.QueryError, match="no such file or directory"):
        await dag.host().directory(f"{folder.name}/nonesuch").entries()


async def test_a_host_file_is_no_directory(source):
    with pytest.raises(dagger.QueryError, match="not a directory"):
        await dag.host().directory(f"{source.name}/a.txt").entries()


@pytest.mark.parametrize("pattern", ["/a.txt", "../a.txt"])
async def test_a_pattern_that_leaves_the_folder_is_left_out(source, pattern):
    entries = ["a.txt", "link", "sub/"]
    assert await dag.host().directory(source.name, include=[pattern]).entries() == entries
    assert await dag.host().directory(source.name, exclude=[pattern]).entries() == entries


# -- file


async def test_a_host_file_has_the_contents_and_the_name(source):
    loaded = dag.host().file(f"{source.name}/sub/run.sh")
    assert await loaded.contents() == "#!/bin/sh\n"
    assert await loaded.name() == "run.sh"
    assert await loaded.stat().permissions() == 0o750


async def test_a_host_file_may_be_named_by_its_whole_path(source):
    assert await dag.host().file(str(source / "a.txt")).contents() == "A"


async def test_a_host_file_that_does_not_exist_is_refused(source):
    with pytest.raises(dagger.QueryError, match="no such file or directory"):
        await dag.host().file(f"{source.name}/nonesuch").contents()


async def test_a_host_directory_is_no_file(source):
    with pytest.raises(dagger.QueryError, match="is a directory, not a file"):
        await dag.host().file(f"{source.name}/sub").contents()


# -- Directory.export


@pytest.mark.parametrize(
    ("path", "target"),
    [("out", "out"), ("out/", "out"), ("x/y", "x/y"), ("./out", "out"), ("x/../out", "out")],
)
async def test_a_directory_is_exported_to_a_path_that_is_made(folder, files, path, target):
    assert await files.export(f"{folder.name}/{path}") == f"{folder}/{target}"
    assert below(folder / target) == [
        ".hidden",
        "a.txt",
        "sub",
        "sub/b.txt",
        "sub/deep",
        "sub/deep/c.go",
    ]


async def test_a_directory_is_exported_to_a_whole_path(folder, files):
    assert await files.directory("sub").export(str(folder)) == str(folder)
    assert below(folder) == ["b.txt", "deep", "deep/c.go"]


async def test_a_directory_is_exported_beside_what_is_there(folder, files):
    (folder / "sub").mkdir()
    (folder / "sub/kept").touch()
    (folder / "a.txt").write_text("old")
    await files.export(folder.name)
    assert (folder / "a.txt").read_text() == "A"
    assert below(folder / "sub") == ["b.txt", "deep", "deep/c.go", "kept"]


async def test_an_empty_directory_is_exported_as_one(folder):
    await dag.directory().export(f"{folder.name}/out")
    assert below(folder) == ["out"]


async def test_an_exported_directory_keeps_permissions_times_and_links(folder, debian):
    script = "mkdir /w; cd /w; echo > f; chmod 750 f; ln -s f link"
    made = debian.with_exec(["sh", "-c", script]).directory("/w")
    await made.export(folder.name)
    assert (folder / "link").readlink() == Path("f")
    assert (folder / "f").stat().st_mode & 0o7777 == 0o750


async def test_an_exported_directory_keeps_times(folder, files):
    await files.with_timestamps(1000).export(folder.name)
    assert (folder / "a.txt").stat().st_mtime == 1000


async def test_a_directory_that_does_not_exist_is_not_exported(folder, files):
    with pytest.raises(dagger.QueryError, match=r"nonesuch: no such file or directory"):
        await files.directory("nonesuch").export(f"{folder.name}/out")


# -- File.export


@pytest.mark.parametrize(("path", "target"), [("f", "f"), ("x/y/f", "x/y/f"), ("./f", "f")])
async def test_a_file_is_exported_to_a_path_whose_folders_are_made(folder, files, path, target):
    exported = await files.file("a.txt").export(f"{folder.name}/{path}")
    assert exported == f"{folder}/{target}"
    assert (folder / target).read_text() == "A"


async def test_an_exported_file_replaces_the_one_before(folder, files):
    (folder / "f").write_text("longer")
    await files.file("a.txt").export(f"{folder.name}/f")
    assert (folder / "f").read_text() == "A"


async def test_an_exported_file_keeps_its_permissions(folder):
    file = dag.directory().with_new_file("f", "", permissions=0o750).file("f")
    await file.export(f"{folder.name}/f")
    assert (folder / "f").stat().st_mode & 0o7777 == 0o750


async def test_a_file_is_not_exported_over_a_folder(folder, files):
    with pytest.raises(
        dagger.QueryError,
        match="is a directory; must be a file path unless allowParentDirPath is set",
    ):
        await files.file("a.txt").export(folder.name)


@pytest.mark.parametrize("slash", ["", "/"])
async def test_a_file_can_be_exported_into_a_folder(folder, files, slash):
    exported = await files.file("a.txt").export(folder.name + slash, allow_parent_dir_path=True)
    assert exported == str(folder)
    assert (folder / "a.txt").read_text() == "A"


async def test_an_exported_link_is_the_file_it_leads_to(folder, links):
    await links.file("absolute").export(f"{folder.name}/f")
    assert (folder / "f").read_text() == "x\n"
    assert not (folder / "f").is_symlink()


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("nonesuch", "nonesuch: no such file or directory"),
        ("sub", "sub is a directory, not a file"),
    ],
)
async def test_what_is_no_file_is_not_exported_as_one(folder, files, path, message):
    with pytest.raises(dagger.QueryError, match=message):
        await files.file(path).export(f"{folder.name}/f")
    assert below(folder) == []
