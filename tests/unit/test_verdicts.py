"""What a measurement means, as literal lines."""

from __future__ import annotations

import pytest

from pipeline.binfmt import Binfmt, Registration
from pipeline.platforms import parse
from pipeline.verdicts import Measured, Ran, Remedy, Verdict, report, verdict

AMD64, ARM64, V3 = parse("linux/amd64"), parse("linux/arm64"), parse("linux/amd64/v3")
WELL = Ran(42)
NO_FORMAT = Ran(1, "fork/exec /probe: exec format error\n")
NOT_FOUND = Ran(1, "fork/exec /probe: no such file or directory\n")
UNREADABLE = Binfmt(is_readable=False)


def qemu(flags: str = "OCF", *, is_enabled: bool = True) -> Registration:
    magic = bytes.fromhex("7f454c460201010000000000000000000200b700")
    mask = bytes.fromhex("ffffffffffffff00fffffffffffffffffeffffff")
    return Registration("qemu-aarch64", is_enabled, "/usr/bin/qemu", flags, 0, magic, mask)


def of(own: Ran, hosts: Ran = WELL, spec=ARM64) -> Measured:
    return Measured(spec, own, hosts)


@pytest.mark.parametrize(
    ("measured", "binfmt", "how"),
    [
        (of(WELL, spec=AMD64), Binfmt(), "native"),
        (of(WELL, spec=V3), UNREADABLE, "native"),
        (of(WELL, Ran(1)), Binfmt(), "the engine's own QEMU"),
        (of(WELL, Ran(1)), Binfmt((qemu(),)), "the engine's own QEMU"),
        (of(WELL, NO_FORMAT), Binfmt(), "native, on a machine of its own"),
        (
            of(WELL, Ran(255, "exec /probe: Exec format error")),
            Binfmt((qemu(),)),
            "native, on a machine of its own",
        ),
        (of(WELL), Binfmt((qemu(),)), "binfmt_misc qemu-aarch64, flags OCF"),
        (of(WELL), Binfmt(), "native"),
        (of(WELL), Binfmt((qemu(is_enabled=False),)), "native"),
        (of(WELL), UNREADABLE, "by the kernel; binfmt_misc cannot be read"),
    ],
)
def test_what_runs_runs_natively_or_by_somebodys_emulator(measured, binfmt, how):
    found = verdict(AMD64, measured, binfmt)
    assert found == Verdict(measured.spec, runs=True, how=how)
    assert found.is_native == how.startswith("native")


@pytest.mark.parametrize(
    ("measured", "binfmt", "how", "remedy"),
    [
        (of(NO_FORMAT), Binfmt(), "no emulator", None),
        (of(NO_FORMAT), UNREADABLE, "no emulator", None),
        (
            of(Ran(132), spec=V3), Binfmt(),
            "the processor lacks instructions of linux/amd64/v3", None,
        ),
        (
            of(Ran(None, "no support for running processes"), spec=V3), Binfmt(),
            "no support for running processes", None,
        ),
        (
            of(NO_FORMAT), Binfmt((qemu(),), is_enabled=False),
            "binfmt_misc is switched off",
            Remedy("binfmt_misc is switched off.", ("echo 1 > /proc/sys/fs/binfmt_misc/status",)),
        ),
        (
            of(NO_FORMAT), Binfmt((qemu(is_enabled=False),)),
            "binfmt_misc qemu-aarch64 is switched off",
            Remedy(
                "qemu-aarch64 is switched off.",
                ("echo 1 > /proc/sys/fs/binfmt_misc/qemu-aarch64",),
            ),
        ),
        (
            of(NOT_FOUND), Binfmt((qemu("OC"),)),
            "binfmt_misc qemu-aarch64, flags OC: without F",
            Remedy(
                "qemu-aarch64 is registered without the F flag: containers do not find its "
                "interpreter /usr/bin/qemu.",
                tuple(qemu().again("OCF")),
            ),
        ),
        (
            of(NOT_FOUND), Binfmt((qemu(""),)),
            "binfmt_misc qemu-aarch64, flags none: without F",
            Remedy(
                "qemu-aarch64 is registered without the F flag: containers do not find its "
                "interpreter /usr/bin/qemu.",
                tuple(qemu().again("F")),
            ),
        ),
        (
            of(Ran(139, "qemu: uncaught target signal 11\n")), Binfmt((qemu(),)),
            "binfmt_misc qemu-aarch64, flags OCF: qemu: uncaught target signal 11", None,
        ),
        (
            of(Ran(127)), Binfmt((qemu(),)),
            "binfmt_misc qemu-aarch64, flags OCF: exit code 127", None,
        ),
        (
            of(NOT_FOUND), UNREADABLE,
            "an emulator without the F flag",
            Remedy(
                "linux/arm64: an emulator is registered that containers do not find: "
                "it lacks the F flag.",
                (
                    "docker run --privileged --rm docker.io/tonistiigi/binfmt --uninstall qemu-aarch64",
                    "docker run --privileged --rm docker.io/tonistiigi/binfmt --install arm64",
                ),
            ),
        ),
    ],
)  # fmt: skip
def test_what_does_not_run_has_a_cause(measured, binfmt, how, remedy):
    assert verdict(AMD64, measured, binfmt) == Verdict(
        measured.spec, runs=False, how=how, remedy=remedy
    )


ROWS = """\
PLATFORM     RUNS  HOW          A BUILD HERE NEEDS
linux/amd64  yes   native       nothing
linux/arm64  no    no emulator  nothing: it is cross-compiled

host         linux/amd64
"""
WHEN = """
Building needs nothing of this. To execute programs of another platform here, in a container
that is started or in a Dockerfile's RUN, do as root on the engine's machine:

Without an emulator: linux/arm64.
"""
INSTALL = """\
    docker run --privileged --rm docker.io/tonistiigi/binfmt --install arm64
    # or, on Debian and Ubuntu
    apt-get install qemu-user-static binfmt-support"""
MOUNT = "    mount -t binfmt_misc binfmt_misc /proc/sys/fs/binfmt_misc\n"


@pytest.mark.parametrize(
    ("binfmt", "state", "first"),
    [
        (Binfmt(), "0 registered", ""),
        (Binfmt(is_mounted=False), "is not mounted", MOUNT),
        (
            Binfmt(is_in_kernel=False, is_mounted=False),
            "is not in the kernel, or its module is not loaded",
            "    modprobe binfmt_misc\n" + MOUNT,
        ),
        (
            Binfmt(is_readable=False, is_mounted=False),
            "cannot be read: containers of this engine may not mount it",
            "",
        ),
    ],
)
def test_the_report_is_a_table_and_what_mends_the_rest(binfmt, state, first):
    measured = [of(WELL, spec=AMD64), of(NO_FORMAT)]
    assert report(AMD64, measured, binfmt) == (
        f"{ROWS}binfmt_misc  {state}\n{WHEN}{first}{INSTALL}"
    )


def test_nothing_is_to_be_mended_where_all_runs():
    assert report(ARM64, [of(WELL)], Binfmt()) == (
        "PLATFORM     RUNS  HOW     A BUILD HERE NEEDS\n"
        "linux/arm64  yes   native  nothing\n\n"
        "host         linux/arm64\n"
        "binfmt_misc  0 registered"
    )


def test_one_fault_of_several_platforms_is_mended_once():
    both = [of(NOT_FOUND), of(NOT_FOUND)]
    assert report(AMD64, both, Binfmt((qemu("OC"),))).count("echo -1 >") == 1
