"""binfmt_misc: its files read as the kernel writes them."""

from __future__ import annotations

import dataclasses
import json

import pytest

from pipeline.binfmt import Binfmt, Registration
from pipeline.platforms import parse
from pipeline.probes import probe

MAGIC = "7f454c460201010000000000000000000200b700"
MASK = "ffffffffffffff00fffffffffffffffffeffffff"
# as Debian 12's qemu-user-static registers it, and Linux 6.1 shows it
AARCH64 = f"""\
enabled
interpreter /usr/libexec/qemu-binfmt/aarch64-binfmt-P
flags: POCF
offset 0
magic {MAGIC}
mask {MASK}
"""
QEMU = Registration(
    "qemu-aarch64", is_enabled=True, interpreter="/usr/bin/qemu-aarch64-static", flags="OC",
    magic=bytes.fromhex(MAGIC), mask=bytes.fromhex(MASK),
)  # fmt: skip


def test_a_registration_is_read():
    assert Registration.parse("qemu-aarch64", AARCH64) == Registration(
        name="qemu-aarch64",
        is_enabled=True,
        interpreter="/usr/libexec/qemu-binfmt/aarch64-binfmt-P",
        flags="POCF",
        offset=0,
        magic=bytes.fromhex(MAGIC),
        mask=bytes.fromhex(MASK),
    )


def test_one_that_is_switched_off_without_flags_or_mask_is_read():
    text = "disabled\ninterpreter /bin/jexec\nflags: \noffset 2\nmagic cafebabe\n"
    assert Registration.parse("jar", text) == Registration(
        name="jar",
        is_enabled=False,
        interpreter="/bin/jexec",
        flags="",
        offset=2,
        magic=b"\xca\xfe\xba\xbe",
        mask=b"\xff\xff\xff\xff",
    )


def test_one_that_goes_by_the_files_name_is_left_out():
    assert (
        Registration.parse("py", "enabled\ninterpreter /bin/py\nflags: \nextension .py\n") is None
    )


@pytest.mark.parametrize(
    ("platform", "is_taken"),
    [("linux/arm64", True), ("linux/amd64", False), ("linux/arm/v7", False), ("linux/386", False)],
)
def test_an_emulator_takes_the_programs_of_its_platform(platform, is_taken):
    assert QEMU.takes(probe(parse(platform))) is is_taken


def test_a_file_that_ends_within_the_magic_is_not_taken():
    assert QEMU.takes(b"\x7fELF") is False


@pytest.mark.parametrize(
    ("flags", "is_fixed"), [("OCF", True), ("F", True), ("OC", False), ("", False)]
)
def test_only_with_f_do_containers_find_the_interpreter(flags, is_fixed):
    registration = Registration.parse("q", AARCH64.replace("POCF", flags))
    assert registration
    assert registration.is_fixed is is_fixed


def test_it_is_registered_anew_by_what_the_kernel_takes():
    assert QEMU.again("OCF") == [
        "echo -1 > /proc/sys/fs/binfmt_misc/qemu-aarch64",
        r"printf '%s' ':qemu-aarch64:M:0:"
        r"\x7f\x45\x4c\x46\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
        r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
        "/usr/bin/qemu-aarch64-static:OCF' > /proc/sys/fs/binfmt_misc/register",
    ]


@pytest.mark.parametrize(
    ("told", "binfmt"),
    [
        ({"fault": "ENODEV"}, Binfmt(is_in_kernel=False, is_mounted=False)),
        ({"fault": "EPERM"}, Binfmt(is_readable=False, is_mounted=False)),
        ({"is_mounted": False, "files": {"status": "enabled\n"}}, Binfmt(is_mounted=False)),
        ({"is_mounted": True, "files": {"status": "disabled\n"}}, Binfmt(is_enabled=False)),
        (
            {
                "is_mounted": True,
                "files": {
                    "status": "enabled\n",
                    "qemu-aarch64": AARCH64.replace(
                        "/usr/libexec/qemu-binfmt/aarch64-binfmt-P", QEMU.interpreter
                    ).replace("POCF", "OC"),
                    "py": "enabled\ninterpreter /bin/py\nflags: \nextension .py\n",
                },
            },
            Binfmt((QEMU,)),
        ),
    ],
)  # fmt: skip
def test_what_was_told_of_a_machine_is_read(told, binfmt):
    assert Binfmt.parse(json.dumps(told)) == binfmt


def test_of_two_for_a_program_the_one_that_is_switched_on_counts():
    off = dataclasses.replace(QEMU, name="old", is_enabled=False)
    program = probe(parse("linux/arm64"))
    assert Binfmt((off, QEMU)).of(program) == QEMU
    assert Binfmt((off,)).of(program) == off
    assert Binfmt((off, QEMU)).of(probe(parse("linux/s390x"))) is None
