"""What images of the corpus are made of: tables of files, and what a scan must find in them.

Each is a table of files. Good programs are of the platform's own machine and need what is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from elves import program

AMD64, AMD64_V3, ARM64, ARMV7, ARMV6, S390X, PPC64LE = (
    "linux/amd64",
    "linux/amd64/v3",
    "linux/arm64",
    "linux/arm/v7",
    "linux/arm/v6",
    "linux/s390x",
    "linux/ppc64le",
)
APP = "/usr/local/bin/app"
LOADER, MUSL = "/lib64/ld-linux-x86-64.so.2", "/lib/ld-musl-x86_64.so.1"
LIBRARIES = "/usr/lib/x86_64-linux-gnu"
KEY = b"-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n"


@dataclass(frozen=True)
class Content:
    """A regular file."""

    data: bytes
    mode: int = 0o644


@dataclass(frozen=True)
class Link:
    """A symbolic link."""

    target: str


@dataclass(frozen=True)
class Folder:
    """A folder, with what the table has below it."""

    mode: int = 0o755


Node = Content | Link | Folder


def run(data: bytes | str) -> Content:
    """A file that may be executed."""
    return Content(data.encode() if isinstance(data, str) else data, 0o755)


@dataclass(frozen=True)
class Case:
    """An image, and the findings that it must have: rule, path, and severity where it is unusual."""

    name: str
    files: dict[str, Node]
    expected: tuple[tuple[str, str], ...] = ()
    platform: str = AMD64
    command: tuple[str, ...] = (APP,)
    user: str = "65532"
    path: str = ""
    library_path: str = ""
    gpus: str = ""
    """What its label says of GPUs."""
    mounts_cuda: bool = False
    """Whether it asks the device to mount CUDA."""
    base: dict[str, Node] = field(default_factory=dict)
    """Files of the base image: in the image as well."""
    budget: int = 0
    warnings: tuple[str, ...] = ()
    """Rules whose findings are warnings here, and errors elsewhere."""
    seen: str = ""
    """What the finding says, in part: a fault must be found for its own cause."""
    remedy: str = ""
    """What it says to do, in part."""


def windows(*, dotnet: bool = False) -> bytes:
    """The head of a PE file of 64 bits; of one for .NET, which lists its own header."""
    optional = b"\x0b\x02" + bytes(110 + 14 * 8) + bytes([dotnet]) + bytes(15)
    return b"MZ" + bytes(58) + b"\x40\0\0\0" + b"PE\0\0" + bytes(20) + optional


MACH_O = b"\xcf\xfa\xed\xfe\x07\0\0\x01" + bytes(99)
STATIC = run(program("amd64"))
LIBC = Content(
    program("amd64", soname="libc.so.6", needed=("ld-linux-x86-64.so.2",),
            defines=("libc.so.6", "GLIBC_2.2.5", "GLIBC_2.17", "GLIBC_2.34", "GLIBC_2.36",
                     "GLIBC_PRIVATE")),
    0o755,
)  # fmt: skip
GLIBC: dict[str, Node] = {
    LOADER: run(program("amd64", soname="ld-linux-x86-64.so.2", defines=("GLIBC_2.3",))),
    f"{LIBRARIES}/libc.so.6": LIBC,
}
MUSL_LIBC: dict[str, Node] = {
    MUSL: run(program("amd64", soname="libc.musl-x86_64.so.1")),
    "/lib/libc.musl-x86_64.so.1": Link("ld-musl-x86_64.so.1"),
}
SHELL = {"/bin/sh": STATIC}


def dynamic(**more: object) -> Content:
    """A program for glibc."""
    return run(program("amd64", interpreter=LOADER, **{"needed": ("libc.so.6",), **more}))


def library(name: str, **more: object) -> Content:
    return Content(program("amd64", soname=name, **more), 0o755)
