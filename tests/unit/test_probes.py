"""The tiny programs: what readers of ELF files and processors say of them."""

from __future__ import annotations

import io
import platform
import shutil
import subprocess

import pytest

from pipeline import probes
from pipeline.platforms import PLATFORMS, parse
from pipeline.scan import elf

# what QEMU calls a processor that has what the platform promises, and not more
PROCESSORS = {
    "linux/amd64": ("qemu-x86_64-static", "qemu64"),
    "linux/amd64/v2": ("qemu-x86_64-static", "Nehalem"),
    "linux/amd64/v3": ("qemu-x86_64-static", "max"),
    "linux/386": ("qemu-i386-static", "pentium2"),
    "linux/arm64": ("qemu-aarch64-static", "cortex-a53"),
    "linux/arm/v7": ("qemu-arm-static", "cortex-a7"),
    "linux/arm/v6": ("qemu-arm-static", "arm1176"),
    "linux/riscv64": ("qemu-riscv64-static", "rv64"),
    "linux/ppc64le": ("qemu-ppc64le-static", "power8"),
    "linux/s390x": ("qemu-s390x-static", "qemu"),
}
ILLEGAL_INSTRUCTION = 132


def ended(path, platform_, processor=""):
    """The exit code under QEMU, as a shell reports it."""
    emulator, usual = PROCESSORS[platform_]
    if shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    program = path / "program"
    program.write_bytes(probes.probe(parse(platform_)))
    program.chmod(0o755)
    command = [emulator, "-cpu", processor or usual, str(program)]
    code = subprocess.run(command, capture_output=True, check=False).returncode
    return code if code >= 0 else 128 - code


def test_the_whole_program_of_arm64_is_these_bytes():
    assert probes.probe(parse("linux/arm64")).hex(" ", -8) == (
        "7f454c4602010100 0000000000000000 0200b70001000000 7800400000000000 "
        "4000000000000000 0000000000000000 0000000040003800 0100000000000000 "
        "0100000005000000 0000000000000000 0000400000000000 0000400000000000 "
        "8400000000000000 8400000000000000 0000010000000000 a80b80d2400580d2 010000d4"
    )


@pytest.mark.parametrize("spec", PLATFORMS, ids=lambda spec: spec.platform)
def test_every_platform_has_one_that_is_for_it_and_needs_nothing(spec):
    found = elf.read("/probe", io.BytesIO(probes.probe(spec)))
    assert found == elf.Elf("/probe", spec.elf_machine, spec.elf_bits, spec.elf_is_little_endian)


@pytest.mark.parametrize("spec", PLATFORMS, ids=lambda spec: spec.platform)
def test_each_ends_with_42_on_a_processor_of_its_platform(spec, tmp_path):
    assert ended(tmp_path, spec.platform) == 42


@pytest.mark.parametrize(
    ("platform_", "processor"),
    [
        ("linux/amd64/v2", "core2duo"),
        ("linux/amd64/v3", "Nehalem"),
        ("linux/arm/v7", "arm1176"),
    ],
)
def test_one_of_a_higher_level_does_not_run_below_it(platform_, processor, tmp_path):
    assert ended(tmp_path, platform_, processor) == ILLEGAL_INSTRUCTION


@pytest.mark.skipif(platform.machine() != "x86_64", reason="runs a program of x86-64")
def test_the_hosts_own_runs_here(tmp_path):
    program = tmp_path / "program"
    program.write_bytes(probes.probe(parse("linux/amd64")))
    program.chmod(0o755)
    assert subprocess.run([program], check=False).returncode == 42
