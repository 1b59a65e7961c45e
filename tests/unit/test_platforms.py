"""The table of platforms against a second, written-out one."""

from __future__ import annotations

import pytest

from pipeline import platforms
from pipeline.errors import PlatformError

# platform, Go's environment, Rust, GNU, Debian, CMake, ELF
TABLE = [
    ("linux/amd64", "GOOS=linux GOARCH=amd64", "x86_64-unknown-linux-gnu", "x86_64-linux-gnu", "amd64", "x86_64", "EM_X86_64"),
    ("linux/amd64/v2", "GOOS=linux GOARCH=amd64 GOAMD64=v2", "x86_64-unknown-linux-gnu", "x86_64-linux-gnu", "amd64", "x86_64", "EM_X86_64"),
    ("linux/amd64/v3", "GOOS=linux GOARCH=amd64 GOAMD64=v3", "x86_64-unknown-linux-gnu", "x86_64-linux-gnu", "amd64", "x86_64", "EM_X86_64"),
    ("linux/arm64", "GOOS=linux GOARCH=arm64", "aarch64-unknown-linux-gnu", "aarch64-linux-gnu", "arm64", "aarch64", "EM_AARCH64"),
    ("linux/arm/v7", "GOOS=linux GOARCH=arm GOARM=7", "armv7-unknown-linux-gnueabihf", "arm-linux-gnueabihf", "armhf", "armv7l", "EM_ARM"),
    ("linux/arm/v6", "GOOS=linux GOARCH=arm GOARM=6", "arm-unknown-linux-gnueabi", "arm-linux-gnueabi", "armel", "armv6l", "EM_ARM"),
    ("linux/386", "GOOS=linux GOARCH=386", "i686-unknown-linux-gnu", "i686-linux-gnu", "i386", "i686", "EM_386"),
    ("linux/riscv64", "GOOS=linux GOARCH=riscv64", "riscv64gc-unknown-linux-gnu", "riscv64-linux-gnu", "riscv64", "riscv64", "EM_RISCV"),
    ("linux/ppc64le", "GOOS=linux GOARCH=ppc64le", "powerpc64le-unknown-linux-gnu", "powerpc64le-linux-gnu", "ppc64el", "ppc64le", "EM_PPC64"),
    ("linux/s390x", "GOOS=linux GOARCH=s390x", "s390x-unknown-linux-gnu", "s390x-linux-gnu", "s390x", "s390x", "EM_S390"),
]  # fmt: skip


def test_every_platform_of_the_table_is_written_out_here():
    assert [row[0] for row in TABLE] == [spec.platform for spec in platforms.PLATFORMS]


@pytest.mark.parametrize(
    ("platform", "go", "rust", "gnu", "debian", "cmake", "elf"), TABLE, ids=[r[0] for r in TABLE]
)
def test_a_platform_has_every_tools_name(platform, go, rust, gnu, debian, cmake, elf):
    spec = platforms.parse(platform)
    assert " ".join(f"{k}={v}" for k, v in spec.go_env.items()) == go
    assert (spec.rust_triple, spec.gnu_triple, spec.debian_arch) == (rust, gnu, debian)
    assert (spec.cmake_processor, spec.elf_machine) == (cmake, elf)


@pytest.mark.parametrize(
    ("platform", "qemu"),
    [
        ("linux/amd64", "qemu-x86_64"),
        ("linux/arm64", "qemu-aarch64"),
        ("linux/arm/v7", "qemu-arm"),
        ("linux/arm/v6", "qemu-arm"),
        ("linux/386", "qemu-i386"),
        ("linux/riscv64", "qemu-riscv64"),
        ("linux/ppc64le", "qemu-ppc64le"),
        ("linux/s390x", "qemu-s390x"),
    ],
)
def test_a_platforms_emulator_has_a_name_in_binfmt_misc(platform, qemu):
    assert platforms.parse(platform).qemu == qemu


@pytest.mark.parametrize(
    ("platform", "bits", "order", "also"),
    [
        ("linux/amd64", 64, "little", ("EM_386",)),
        ("linux/amd64/v3", 64, "little", ("EM_386",)),
        ("linux/arm64", 64, "little", ()),
        ("linux/arm/v7", 32, "little", ()),
        ("linux/arm/v6", 32, "little", ()),
        ("linux/386", 32, "little", ()),
        ("linux/riscv64", 64, "little", ()),
        ("linux/ppc64le", 64, "little", ()),
        ("linux/s390x", 64, "big", ()),
    ],
)
def test_a_platforms_programs_have_a_class_and_an_order_of_bytes(platform, bits, order, also):
    spec = platforms.parse(platform)
    assert (spec.elf_bits, spec.elf_also) == (bits, also)
    assert spec.elf_is_little_endian == (order == "little")


@pytest.mark.parametrize(
    ("written", "normal"),
    [
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/arm64/8", "linux/arm64"),
        ("linux/aarch64/v8", "linux/arm64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/x86-64", "linux/amd64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/armhf", "linux/arm/v7"),
        ("linux/armel", "linux/arm/v6"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/7", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
        ("linux/i386", "linux/386"),
        ("linux/i686", "linux/386"),
        ("Linux/AMD64", "linux/amd64"),
        (" linux/arm64 ", "linux/arm64"),
    ],
)
def test_platforms_are_normalised_as_containerd_does(written, normal):
    assert platforms.normalize(written) == normal
    assert platforms.parse(written).platform == normal


@pytest.mark.parametrize(
    "written", ["linux/ppc64", "windows/amd64", "arm64", "", "linux", "linux/amd64/v9"]
)
def test_an_unknown_platform_is_refused_with_all_that_are_known(written):
    with pytest.raises(PlatformError) as raised:
        platforms.parse(written)
    assert str(raised.value) == (
        f"Unsupported platform '{written}': expected one of linux/amd64, linux/amd64/v2, "
        "linux/amd64/v3, linux/arm64, linux/arm/v7, linux/arm/v6, linux/386, linux/riscv64, "
        "linux/ppc64le, linux/s390x"
    )


def test_the_order_given_is_kept():
    specs = platforms.parse_all(["linux/s390x", "linux/arm64", "linux/amd64"])
    assert [s.platform for s in specs] == ["linux/s390x", "linux/arm64", "linux/amd64"]


def test_an_empty_list_is_refused():
    with pytest.raises(PlatformError, match=r"^No platform given: expected at least one"):
        platforms.parse_all([])


def test_a_platform_named_twice_is_refused_also_by_another_name():
    with pytest.raises(PlatformError) as raised:
        platforms.parse_all(["linux/amd64", "linux/arm64", "linux/x86_64"])
    assert str(raised.value) == (
        "Platform 'linux/x86_64' is given twice (as 'linux/amd64' before): name each platform once"
    )


def test_a_folder_is_named_as_buildkit_names_it():
    assert [s.slug for s in platforms.parse_all(["linux/arm64", "linux/arm/v7"])] == [
        "linux_arm64",
        "linux_arm_v7",
    ]


@pytest.mark.parametrize(
    ("host", "other", "executes"),
    [
        ("linux/amd64", "linux/amd64", True),
        ("linux/amd64", "linux/amd64/v3", True),
        ("linux/amd64", "linux/386", True),
        ("linux/386", "linux/amd64", False),
        ("linux/amd64", "linux/arm64", False),
        ("linux/arm64", "linux/arm/v7", False),
        ("linux/arm/v6", "linux/arm/v7", True),
    ],
)
def test_a_processor_takes_programs_of_its_own_machine(host, other, executes):
    assert platforms.parse(host).executes(platforms.parse(other)) is executes


@pytest.mark.parametrize(
    ("platform", "subfolder"),
    [("linux/amd64", ""), ("linux/amd64/v2", "x86-64-v2"), ("linux/amd64/v3", "x86-64-v3"), ("linux/arm64", "")],
)  # fmt: skip
def test_libraries_for_all_processors_of_a_platform_have_a_subfolder_of_their_own(
    platform, subfolder
):
    assert platforms.parse(platform).hwcaps == subfolder


@pytest.mark.parametrize(
    ("platform", "march"),
    [
        ("linux/amd64", ""),
        ("linux/amd64/v2", "x86-64-v2"),
        ("linux/amd64/v3", "x86-64-v3"),
        ("linux/arm/v7", ""),
    ],
)
def test_a_level_is_told_to_gcc(platform, march):
    assert platforms.parse(platform).march == march
