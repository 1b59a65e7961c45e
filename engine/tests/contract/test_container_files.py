"""What is put into a container, taken out of it, and told of it."""

from __future__ import annotations

import re

import dagger
import pytest
from dagger import ExistsType, FileType, dag

# -- several files, links, and what is taken away


async def test_several_files_are_put_into_a_folder(debian, files):
    added = debian.with_files(
        "/d/e", [files.file("a.txt"), files.file("sub/b.txt")], permissions=0o640, owner="33:1"
    )
    assert await added.directory("/d/e").entries() == ["a.txt", "b.txt"]
    ran = added.with_exec(["stat", "-c", "%a %u:%g", "/d/e/a.txt", "/d/e/b.txt"])
    assert await ran.stdout() == "640 33:1\n" * 2


async def test_a_link_leads_to_its_target(debian):
    linked = debian.with_workdir("/w").with_new_file("file", "text").with_symlink("file", "a/link")
    assert await linked.with_exec(["readlink", "/w/a/link"]).stdout() == "file\n"
    absolute = linked.with_env_variable("N", "n").with_symlink("/w/file", "/l$N", expand=True)
    assert await absolute.with_exec(["cat", "/ln"]).stdout() == "text"


async def test_several_files_are_taken_away_at_once(debian, files):
    container = debian.with_directory("/d", files).with_workdir("/d").with_env_variable("N", "a")
    left = container.without_files(["$N.txt", "/d/sub/b.txt", "nonesuch"], expand=True)
    assert await left.directory("/d").glob("**") == [
        ".hidden",
        "sub/",
        "sub/deep/",
        "sub/deep/c.go",
    ]


async def test_wildcards_say_what_is_taken_away(debian, files):
    left = debian.with_directory("/d", files).without_file("/d/*.txt").without_directory("/d/s*")
    assert await left.directory("/d").entries() == [".hidden"]


# -- what is there


@pytest.mark.parametrize(
    ("path", "type_", "there"),
    [
        ("/etc/passwd", None, True),
        ("etc/nonesuch", None, False),
        ("/etc", ExistsType.DIRECTORY_TYPE, True),
        ("/etc", ExistsType.REGULAR_TYPE, False),
        ("/m/a.txt", ExistsType.REGULAR_TYPE, True),
        ("/m/b.txt", None, False),
        ("/f", None, True),
        ("/$M/a.txt", None, True),
    ],
)
async def test_exists_sees_mounts_too(debian, files, path, type_, there):
    container = debian.with_mounted_directory("/m", files).with_env_variable("M", "m")
    container = container.with_mounted_file("/f", files.file("a.txt"))
    assert await container.exists(path, expected_type=type_, expand=True) is there


async def test_stat_tells_of_files_and_mounts(debian, files):
    container = debian.with_new_file("/n", "text", permissions=0o640)
    found = container.stat("/n")
    assert [await found.name(), await found.size(), await found.permissions()] == ["n", 4, 0o640]
    mounted = container.with_mounted_directory("/m", files).stat("/m/sub")
    assert await mounted.file_type() == FileType.DIRECTORY
    with pytest.raises(dagger.QueryError, match="no such file or directory"):
        await container.stat("/nonesuch").size()


# -- the image's reference


async def test_the_image_is_told_by_its_digest(debian):
    assert re.fullmatch(
        r"docker\.io/library/debian:bookworm-slim@sha256:[0-9a-f]{64}", await debian.image_ref()
    )


async def test_a_container_that_was_changed_is_no_image(debian):
    message = "Image reference can only be retrieved immediately after the 'Container.From' call"
    for changed in (debian.with_env_variable("A", "b"), debian.with_user("33"), dag.container()):
        with pytest.raises(dagger.QueryError, match=message):
            await changed.image_ref()


async def test_an_error_is_raised_when_asked(debian):
    with pytest.raises(dagger.QueryError, match="my own words"):
        await debian.with_error("my own words").sync()
    assert await debian.with_error("").platform() == await debian.platform()


async def test_a_terminals_command_changes_nothing_else(debian):
    container = debian.with_default_terminal_cmd(["bash"])
    assert await container.default_args() == await debian.default_args()
