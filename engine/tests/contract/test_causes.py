"""A command that could not be started: the cause, as this engine adds it to the system's words."""

from __future__ import annotations

import base64
import struct

import dagger
import pytest
from dagger import dag


def program(machine: int, *, loader: bytes = b"") -> bytes:
    """The headers of a 64-bit program; with a loader where one is named."""
    segments = 2 if loader else 1
    name = loader + b"\0" if loader else b""
    size = 64 + 56 * segments + len(name)
    header = struct.pack(
        "<16s2HI3QI6H",
        b"\x7fELF\x02\x01\x01", 2, machine, 1, 0x400000, 64, 0, 0, 64, 56, segments, 0, 0, 0,
    )  # fmt: skip
    parts = [header]
    if loader:
        parts.append(struct.pack("<2I6Q", 3, 4, size - len(name), 0, 0, len(name), len(name), 1))
    parts.append(struct.pack("<2I6Q", 1, 5, 0, 0x400000, 0x400000, size, size, 0x1000))
    return b"".join([*parts, name])


@pytest.fixture(scope="session")
async def machine(debian):
    """What Go calls the machine that commands run on, and its number in an ELF header."""
    name = (await dag.default_platform()).split("/")[1]
    return name, {"amd64": 62, "arm64": 183}[name]


async def cause(container: dagger.Container, content: bytes, mode: str = "755") -> tuple[str, str]:
    """The two lines that are said of a file with this content when it is executed."""
    text = base64.b64encode(content).decode()
    made = container.with_exec(["sh", "-c", f"echo {text} | base64 -d > /file; chmod {mode} /file"])
    with pytest.raises(dagger.ExecError) as raised:
        await made.with_exec(["/file"]).sync()
    assert raised.value.exit_code == 1
    system, told = raised.value.stderr.splitlines()
    return system, told


NO_FORMAT = "fork/exec /file: exec format error"
NOT_FOUND = "fork/exec /file: no such file or directory"


@pytest.mark.parametrize(
    ("content", "system", "told"),
    [
        (b"", NO_FORMAT, "cause: /file is empty"),
        (b"echo\n", NO_FORMAT, "cause: /file is a text without a #! line"),
        (b"\0\1", NO_FORMAT, "cause: /file is neither a program nor a script"),
        (b"\x7fELF\x02\x01\x01", NO_FORMAT, "cause: /file is damaged or cut off: EOF"),
        (b"\xef\xbb\xbf#!/bin/sh\n", NO_FORMAT,
         "cause: /file begins with a byte order mark, before its #!"),
        (b"#!\necho\n", NO_FORMAT, "cause: /file has a #! line without an interpreter"),
        (b"#!/bin/sh\r\necho\r\n", NOT_FOUND,
         "cause: the first line of /file ends with a carriage return: it has Windows line ends (dos2unix)"),
        (b"#!/usr/bin/nonesuch -x\n", NOT_FOUND,
         "cause: /file is a script for /usr/bin/nonesuch, which is not there"),
    ],
)  # fmt: skip
async def test_what_is_no_program_is_said_to_be_none(
    debian, this_engine_only, content, system, told
):
    assert await cause(debian, content) == (system, told)


async def test_a_program_for_another_machine_names_both(debian, machine, this_engine_only):
    # VAX: nobody has an emulator for it registered
    assert await cause(debian, program(75)) == (
        NO_FORMAT,
        f"cause: /file is a program for EM_VAX and this machine is {machine[0]}: "
        "no emulator for EM_VAX is registered (binfmt_misc)",
    )


async def test_a_script_for_such_a_program_names_the_program(debian, machine, this_engine_only):
    text = base64.b64encode(program(75)).decode()
    made = debian.with_exec(["sh", "-c", f"echo {text} | base64 -d > /vax; chmod 755 /vax"])
    assert await cause(made, b"#!/vax\n") == (
        NO_FORMAT,
        f"cause: /vax is a program for EM_VAX and this machine is {machine[0]}: "
        "no emulator for EM_VAX is registered (binfmt_misc)",
    )


@pytest.mark.parametrize(
    ("loader", "libc"),
    [
        ("/lib/ld-musl-x86_64.so.1", "it is linked for musl"),
        ("/nonesuch/ld-linux.so.2", "it is linked dynamically, for glibc"),
    ],
)
async def test_a_program_without_its_loader_names_it(
    debian, machine, this_engine_only, loader, libc
):
    assert await cause(debian, program(machine[1], loader=loader.encode())) == (
        NOT_FOUND,
        f"cause: /file needs the loader {loader}, which is not there: {libc}",
    )


async def test_a_mode_without_execution_is_named(debian, this_engine_only):
    assert await cause(debian, b"#!/bin/sh\n", "640") == (
        "fork/exec /file: permission denied",
        "cause: /file may not be executed: its mode is 0640 (chmod +x)",
    )


async def test_a_command_that_fails_by_itself_has_no_cause_added(debian):
    with pytest.raises(dagger.ExecError) as raised:
        await debian.with_exec(["sh", "-c", "echo no >&2; exit 139"]).sync()
    assert raised.value.stderr == "no"
