"""Where a command's standard streams come from and go to."""

from __future__ import annotations

import uuid

import dagger
import pytest


def sh(container: dagger.Container, script: str, **options) -> dagger.Container:
    return container.with_exec(["sh", "-c", script], **options)


@pytest.mark.parametrize("text", ["one\ntwo\n", "ñ", "x" * 300_000], ids=["lines", "utf-8", "long"])
async def test_a_command_reads_what_it_is_given(debian, text):
    assert await debian.with_exec(["cat"], stdin=text).stdout() == text


async def test_any_user_reads_what_the_command_is_given(debian):
    ran = debian.with_user("www-data").with_exec(["cat"], stdin="hello")
    assert await ran.stdout() == "hello"


async def test_what_a_command_is_given_is_not_in_the_image(debian):
    ran = debian.with_exec(["cat"], stdin=f"contract-{uuid.uuid4()}")
    assert await ran.rootfs().entries() == await debian.rootfs().entries()


async def test_a_command_reads_from_a_file(debian, files):
    mounted = debian.with_mounted_directory("/m", files)
    assert await mounted.with_exec(["cat"], redirect_stdin="/m/sub/b.txt").stdout() == "B"


async def test_streams_go_to_files_and_are_told_as_well(debian):
    ran = sh(
        debian.with_new_file("/o/f", "").with_workdir("/o"),
        "echo out; echo err >&2",
        redirect_stdout="out",
        redirect_stderr="err",
    )
    assert await ran.file("out").contents() == await ran.stdout() == "out\n"
    assert await ran.file("err").contents() == await ran.stderr() == "err\n"


async def test_a_redirected_stream_can_go_into_a_mount(debian, files):
    ran = sh(debian.with_mounted_directory("/m", files), "echo out", redirect_stdout="/m/out")
    assert await ran.file("/m/out").contents() == "out\n"
    assert not await ran.rootfs().exists("m")


async def test_a_redirected_stream_replaces_the_file(debian):
    ran = sh(debian.with_new_file("/out", "a long line\n"), "echo 1", redirect_stdout="/out")
    assert await ran.file("/out").contents() == "1\n"


async def test_paths_of_streams_are_expanded_when_asked(debian):
    container = debian.with_env_variable("NAME", "n").with_new_file("/in-n", "hello")
    ran = container.with_exec(
        ["cat"], redirect_stdin="/in-$NAME", redirect_stdout="/out-${NAME}", expand=True
    )
    assert await ran.file("/out-n").contents() == "hello"


async def test_a_file_to_read_from_must_be_there(debian):
    message = "open redirect stdin file: .*no such file or directory"
    with pytest.raises(dagger.QueryError, match=message):
        await debian.with_exec(["cat"], redirect_stdin="/nonesuch").sync()


async def test_standard_input_comes_from_one_place(debian):
    with pytest.raises(dagger.QueryError, match="cannot set both stdin and redirectStdin"):
        await debian.with_exec(["cat"], stdin="a", redirect_stdin="/b").sync()


async def test_a_command_can_have_all_of_roots_capabilities(debian):
    script = "mount -t tmpfs none /mnt && echo mounted"
    assert await sh(debian, script, insecure_root_capabilities=True).stdout() == "mounted\n"
    with pytest.raises(dagger.ExecError, match="exit code: "):
        await sh(debian, script).sync()
