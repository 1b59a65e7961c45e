"""Images with one fault each, and images without any: what a scan must find, and must not.

Each is a table of files. Good programs are of the platform's own machine and need what is there.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import ldcaches
from elves import BPF, CUDA, program

AMD64, ARM64, ARMV7, ARMV6, S390X, PPC64LE = (
    "linux/amd64",
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
    """An empty folder."""


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


FAULTY = (
    # -- the architecture
    Case("amd64-bytes-in-arm64", {APP: STATIC}, (("wrong-architecture", APP),), ARM64,
         seen="X86_64 (64-bit, little-endian)"),
    Case("arm64-bytes-in-amd64", {APP: run(program("arm64"))}, (("wrong-architecture", APP),),
         seen="AARCH64 (64-bit"),
    Case("armv7-bytes-in-arm64", {APP: run(program("arm", bits=32))},
         (("wrong-architecture", APP),), ARM64, seen="ARM (32-bit"),
    Case("arm64-bytes-in-armv7", {APP: run(program("arm64"))}, (("wrong-architecture", APP),), ARMV7,
         seen="AARCH64 (64-bit"),
    Case("riscv-library-in-amd64",
         {APP: STATIC, "/opt/x.so": Content(program("riscv64", soname="x.so"))},
         (("wrong-architecture", "/opt/x.so"),), seen="RISCV (64-bit"),
    Case("big-endian-in-ppc64le", {APP: run(program("ppc64", little=False))},
         (("wrong-architecture", APP),), PPC64LE, seen="big-endian"),
    Case("x32-class-in-amd64", {APP: run(program("amd64", bits=32))},
         (("wrong-architecture", APP),), seen="32-bit"),
    Case("amd64-bytes-in-s390x", {APP: STATIC}, (("wrong-architecture", APP),), S390X,
         seen="X86_64 (64-bit"),
    Case("armv7-code-in-armv6", {APP: run(program("arm", bits=32, arm_version_tag=10))},
         (("wrong-architecture", APP),), ARMV6, seen="ARMv7"),
    Case("a-helper-of-another-machine", {APP: run(program("arm64")), "/opt/helper": STATIC},
         (("wrong-architecture", "/opt/helper"),), ARM64, seen="X86_64 (64-bit"),
    Case("a-cross-toolchains-library", {APP: STATIC,
         "/usr/aarch64-linux-gnu/lib/libc.so.6": Content(program("arm64", soname="libc.so.6"))},
         (("wrong-architecture", "/usr/aarch64-linux-gnu/lib/libc.so.6"),), seen="AARCH64 (64-bit"),
    # -- broken files
    Case("a-program-cut-off", {APP: run(program("amd64", padding=bytes(4096))[:1000])},
         (("corrupt-binary", APP),), seen="1000 bytes of "),
    Case("a-program-of-four-bytes", {APP: run(b"\x7fELF")}, (("corrupt-binary", APP),),
         seen="cannot be read"),
    Case("a-program-whose-header-lies", {APP: run(program("amd64")[:54] + b"\xff\xff" + bytes(60))},
         (("corrupt-binary", APP),), seen="cannot be read"),
    Case("a-program-with-more-versions-than-it-holds",
         {APP: dynamic(needs={"libc.so.6": ("GLIBC_2.34",)}, versions_count=1 << 31)},
         (("corrupt-binary", APP),), seen="more versions than it has room for"),
    Case("a-program-with-more-segments-than-it-holds",
         {APP: run(program("amd64")[:56] + b"\xfe\xff" + program("amd64")[58:])},
         (("corrupt-binary", APP),), seen="more headers than it has room for"),
    Case("a-file-whose-name-is-no-utf-8",
         {APP: STATIC, "/opt/caf\udce9": run(program("arm64"))},
         (("wrong-architecture", r"/opt/caf\xe9"),), seen="AARCH64"),
    # -- loaders
    Case("a-dynamic-program-on-static", {APP: dynamic()}, (("missing-interpreter", APP),),
         seen="without a libc"),
    Case("a-musl-program-on-glibc",
         {**GLIBC, APP: run(program("amd64", interpreter=MUSL, needed=("libc.musl-x86_64.so.1",)))},
         (("missing-interpreter", APP),), seen="a musl program on a glibc image"),
    Case("a-glibc-program-on-musl", {**MUSL_LIBC, APP: dynamic()},
         (("missing-interpreter", APP),), seen="a glibc program on a musl image"),
    Case("a-loader-that-is-a-dangling-link", {APP: dynamic(), LOADER: Link("../lib/gone.so"),
         f"{LIBRARIES}/libc.so.6": LIBC}, (("missing-interpreter", APP),),
         seen="/lib64/ld-linux-x86-64.so.2 is missing"),
    # -- libraries
    Case("a-library-is-missing", {**GLIBC, APP: dynamic(needed=("libc.so.6", "libssl.so.3"))},
         (("missing-library", APP),), seen="libssl.so.3"),
    Case("a-librarys-library-is-missing",
         {**GLIBC, APP: dynamic(needed=("libpq.so.5",)),
          f"{LIBRARIES}/libpq.so.5": library("libpq.so.5", needed=("libldap.so.2",))},
         (("missing-library", APP),), seen=f"libldap.so.2 is missing, needed by {LIBRARIES}/libpq.so.5"),
    Case("a-library-outside-of-the-path",
         {**GLIBC, APP: dynamic(needed=("libx.so.1",)), "/opt/x/libx.so.1": library("libx.so.1")},
         (("missing-library", APP),), seen="libx.so.1 is missing"),
    Case("a-library-of-another-machine-in-the-path",
         {**GLIBC, APP: dynamic(needed=("libx.so.1",)),
          f"{LIBRARIES}/libx.so.1": Content(program("arm64", soname="libx.so.1"))},
         (("wrong-architecture", f"{LIBRARIES}/libx.so.1"), ("missing-library", APP)),
         seen="libx.so.1 is missing"),
    Case("a-plugin-without-its-library",
         {APP: STATIC, "/opt/plugin.so": library("plugin.so", needed=("libgone.so.1",))},
         (("missing-library", "/opt/plugin.so"),), warnings=("missing-library",),
         seen="libgone.so.1 is missing"),
    Case("runpath-is-not-inherited",
         {**GLIBC, APP: dynamic(needed=("liba.so",), runpath="$ORIGIN/../lib"),
          "/usr/local/lib/deep/x": Content(b""),
          "/usr/local/lib/liba.so": library("liba.so", needed=("libb.so",)),
          "/usr/local/lib/deep/libb.so": library("libb.so")},
         (("missing-library", APP),), seen="libb.so"),
    Case("a-library-that-ldconfig-would-find",
         {**GLIBC, "/etc/ld.so.conf": Content(b"include /etc/ld.so.conf.d/*.conf\n"),
          "/etc/ld.so.conf.d/x.conf": Content(b"# ours\n/opt/conf\n"),
          "/opt/conf/liba.so": library("liba.so"), APP: dynamic(needed=("liba.so",))},
         (("missing-library", APP),), seen="liba.so", remedy="/usr/lib/x86_64-linux-gnu"),
    Case("a-library-in-usr-local-on-glibc",
         {**GLIBC, "/usr/local/lib/liba.so": library("liba.so"), APP: dynamic(needed=("liba.so",))},
         (("missing-library", APP),), seen="liba.so"),
    Case("a-library-in-a-damaged-cache",
         {**GLIBC, "/etc/ld.so.cache": Content(ldcaches.new({"liba.so": "/opt/liba.so"})[:60]),
          "/opt/liba.so": library("liba.so"), APP: dynamic(needed=("liba.so",))},
         (("missing-library", APP),), seen="liba.so"),
    Case("a-library-in-the-cache-for-newer-processors",
         {**GLIBC, "/etc/ld.so.cache": Content(ldcaches.new({"liba.so": "/opt/liba.so"}, hwcap=1 << 62)),
          "/opt/liba.so": library("liba.so"), APP: dynamic(needed=("liba.so",))},
         (("missing-library", APP),), seen="liba.so"),
    Case("an-rpath-of-the-program-for-a-library-with-a-runpath",
         {**GLIBC, APP: dynamic(needed=("liba.so",), rpath="/opt"),
          "/opt/liba.so": library("liba.so", needed=("libb.so",), runpath="/usr/lib"),
          "/opt/libb.so": library("libb.so")},
         (("missing-library", APP),), seen="libb.so"),
    Case("a-library-of-musl-outside-of-its-path-file",
         {**MUSL_LIBC, "/etc/ld-musl-x86_64.path": Content(b"/lib\n"),
          "/usr/lib/liba.so": library("liba.so"),
          APP: run(program("amd64", interpreter=MUSL, needed=("liba.so",)))},
         (("missing-library", APP),), seen="liba.so"),
    # -- symbol versions
    Case("a-newer-glibc-than-the-images", {**GLIBC, APP: dynamic(needs={"libc.so.6": ("GLIBC_2.38",)})},
         (("missing-symbol-version", APP),), seen="GLIBC_2.36 at most"),
    Case("a-newer-library-of-two-families",
         {**GLIBC, f"{LIBRARIES}/libx.so": library("libx.so", defines=("libx.so", "X_9", "Y_1")),
          APP: dynamic(needed=("libx.so",), needs={"libx.so": ("Y_2",)})},
         (("missing-symbol-version", APP),), seen="Y_1 at most"),
    Case("a-library-without-versions-of-the-family",
         {**GLIBC, f"{LIBRARIES}/libx.so": library("libx.so", defines=("libx.so", "X_a")),
          APP: dynamic(needed=("libx.so",), needs={"libx.so": ("Y_2",)})},
         (("missing-symbol-version", APP),), seen="needs Y_2 of libx.so"),
    Case("a-library-built-on-a-newer-glibc",
         {**GLIBC, APP: dynamic(needed=("liba.so",)),
          f"{LIBRARIES}/liba.so": library("liba.so", needed=("libc.so.6",),
                                          needs={"libc.so.6": ("GLIBC_2.39",)})},
         (("missing-symbol-version", APP),), seen=f"through {LIBRARIES}/liba.so"),
    # -- search paths
    Case("an-rpath-of-the-build-host", {APP: run(program("amd64", rpath="/home/ci/build/lib"))},
         (("foreign-rpath", APP),), seen="'/home/ci/build/lib', which is not in the image"),
    Case("a-relative-runpath", {APP: run(program("amd64", runpath="lib:$ORIGIN"))},
         (("foreign-rpath", APP),), seen="'lib', which depends on where it is started"),
    # -- scripts
    Case("a-script-with-windows-line-ends", {**SHELL, APP: run("#!/bin/sh\r\necho\r\n")},
         (("broken-shebang", APP),), seen="carriage return"),
    Case("a-script-with-a-byte-order-mark", {**SHELL, APP: run(b"\xef\xbb\xbf#!/bin/sh\n")},
         (("broken-shebang", APP),), seen="byte order mark"),
    Case("a-script-with-an-empty-first-line", {**SHELL, APP: run("#!\necho\n")},
         (("broken-shebang", APP),), seen="#! without an interpreter"),
    Case("a-script-with-a-relative-interpreter", {**SHELL, APP: run("#!python3\n")},
         (("broken-shebang", APP),), seen="#!python3, a relative path"),
    Case("a-script-without-a-first-line", {**SHELL, APP: run("echo hello\n")},
         (("broken-shebang", APP),), seen="without a #! line"),
    Case("a-script-without-its-shell", {APP: run("#!/bin/bash\n")},
         (("missing-script-interpreter", APP),), seen="/bin/bash"),
    Case("a-script-without-what-env-finds", {"/usr/bin/env": STATIC, APP: run("#!/usr/bin/env python3\n")},
         (("missing-script-interpreter", APP),), seen="python3"),
    Case("a-script-with-two-words-for-env",
         {"/usr/bin/env": STATIC, "/usr/bin/python3": STATIC, APP: run("#!/usr/bin/env python3 -u\n")},
         (("broken-shebang", APP),), seen="'python3 -u'", remedy="env -S python3 -u"),
    Case("a-script-with-env-alone", {"/usr/bin/env": STATIC, APP: run("#!/usr/bin/env -S\n")},
         (("broken-shebang", APP),), seen="env without a program"),
    Case("a-script-nobody-calls-without-its-shell", {APP: STATIC, "/opt/tool.sh": run("#!/bin/zsh\n")},
         (("missing-script-interpreter", "/opt/tool.sh"),), warnings=("missing-script-interpreter",),
         seen="/bin/zsh is not in the image"),
    # -- the command
    Case("a-command-that-is-not-there", {"/app": STATIC}, (("missing-entrypoint", APP),),
         seen="not in the image"),
    Case("a-command-that-path-does-not-find", {"/opt/app": STATIC}, (("missing-entrypoint", "app"),),
         command=("app",), seen="not in the image"),
    Case("a-command-without-its-mode", {APP: Content(program("amd64"))},
         (("entrypoint-not-executable", APP),), seen="0644"),
    Case("a-command-of-its-owner-alone", {APP: Content(program("amd64"), 0o700)},
         (("entrypoint-not-executable", APP),), seen="mode 0700 of "),
    Case("a-command-of-another-group", {APP: Content(program("amd64"), 0o710)},
         (("entrypoint-not-executable", APP),), user="65532:65532", seen="0710"),
    Case("a-command-that-is-a-folder", {f"{APP}/x": STATIC}, (("entrypoint-not-executable", APP),),
         seen="a folder"),
    Case("a-command-that-runs-as-root", {APP: STATIC}, (("runs-as-root", "/"),), user="", seen="no user"),
    Case("a-command-that-runs-as-number-0", {APP: STATIC}, (("runs-as-root", "/"),), user="0:0",
         seen="user '0:0'"),
    Case("a-command-of-macos", {APP: run(MACH_O)}, (("wrong-architecture", APP),),
         seen="a macOS (Mach-O) program"),
    Case("a-fat-command-of-macos", {APP: run(b"\xca\xfe\xba\xbe\0\0\0\2" + bytes(99))},
         (("wrong-architecture", APP),), seen="a macOS (Mach-O) program"),
    Case("a-command-of-windows", {APP: run(windows())}, (("wrong-architecture", APP),),
         seen="a Windows (PE) program"),
    Case("a-helper-of-macos", {APP: STATIC, "/opt/helper": run(MACH_O)},
         (("wrong-architecture", "/opt/helper"),), seen="a macOS (Mach-O) program"),
    Case("an-assembly-of-dotnet-as-command", {APP: run(windows(dotnet=True))},
         (("corrupt-binary", APP),), seen="neither a program nor a script"),
    Case("an-empty-command", {APP: run(b"")}, (("corrupt-binary", APP),), seen="an empty file"),
    Case("an-object-file-as-command", {APP: run(program("amd64", type_=1))},
         (("corrupt-binary", APP),), seen="an object file"),
    Case("random-bytes-as-command", {APP: run(bytes(range(128, 256)) + b"\x01\0")},
         (("corrupt-binary", APP),), seen="neither a program nor a script"),
    # -- what should not be there
    Case("a-compiler", {APP: STATIC, "/usr/bin/gcc": STATIC}, (("build-tools", "/usr/bin/gcc"),),
         seen="a compiler"),
    Case("a-cross-compiler", {APP: STATIC, "/usr/bin/aarch64-linux-gnu-g++-12": STATIC},
         (("build-tools", "/usr/bin/aarch64-linux-gnu-g++-12"),), seen="a compiler"),
    Case("gos-own-tool", {APP: STATIC, "/usr/local/go/bin/go": STATIC},
         (("build-tools", "/usr/local/go/bin/go"),), seen="a compiler or build tool"),
    Case("a-development-package",
         {APP: STATIC, "/var/lib/dpkg/status": Content(
             b"Package: libssl-dev\nStatus: install ok installed\n\n"
             b"Package: gone-dev\nStatus: deinstall ok config-files\n")},
         (("build-tools", "/var/lib/dpkg/status"),), seen="libssl-dev"),
    Case("apts-lists", {APP: STATIC, "/var/lib/apt/lists/debian_Packages": Content(bytes(9))},
         (("package-cache", "/var/lib/apt/lists"),), seen="0.0 MB"),
    Case("pips-cache", {APP: STATIC, "/root/.cache/pip/x": Content(bytes(9))},
         (("package-cache", "/root/.cache"),), seen="0.0 MB"),
    Case("a-git-repository", {APP: STATIC, "/srv/.git/HEAD": Content(b"ref")},
         (("version-control", "/srv/.git"),), seen="the history of a source"),
    Case("gos-own-tool-of-a-version", {APP: STATIC, "/usr/lib/go-1.22/bin/go": STATIC},
         (("build-tools", "/usr/lib/go-1.22/bin/go"),), seen="a compiler or build tool"),
    Case("a-private-key-below-its-attributes",
         {APP: STATIC, "/srv/id": Content(b"Bag Attributes\n    localKeyID: 01\n" + KEY)},
         (("private-key", "/srv/id"),), seen="a private key"),
    Case("a-private-key", {APP: STATIC, "/srv/id": Content(KEY)}, (("private-key", "/srv/id"),),
         seen="a private key"),
    Case("a-setuid-program-that-was-added",
         {APP: STATIC, "/usr/bin/mine": Content(program("amd64"), 0o4755)},
         (("setuid-added", "/usr/bin/mine"),), base={"/usr/bin/su": Content(program("amd64"), 0o4755)},
         seen="mode 4755"),
    Case("more-than-its-budget", {APP: STATIC, "/data": Content(bytes(2_000_000))},
         (("over-budget", "/"),), budget=1_000_000, seen="2.0 MB"),
    Case("a-fault-of-the-base", {APP: STATIC}, (("wrong-architecture", "/opt/old"),),
         base={"/opt/old": run(program("arm64"))}, seen="AARCH64 (64-bit"),
    Case("a-program-over-one-of-the-base-of-its-size-and-time",
         {APP: STATIC, **GLIBC, "/opt/x": dynamic(needed=("libb.so",))},
         (("missing-library", "/opt/x"),), base={"/opt/x": dynamic(needed=("liba.so",))}, seen="libb.so"),
    Case("a-script-over-one-of-the-base-of-its-size-and-time",
         {APP: STATIC, **SHELL, "/usr/bin/x": run("#!/bin/ash\n")},
         (("missing-script-interpreter", "/usr/bin/x"),), base={"/usr/bin/x": run("#!/bin/zsh\n")},
         seen="/bin/ash is not in the image"),
    Case("a-compiler-of-the-base", {APP: STATIC}, (("build-tools", "/usr/bin/gcc"),),
         base={"/usr/bin/gcc": STATIC}, warnings=("build-tools",), seen="a compiler"),
    Case("a-command-of-the-base-that-is-cut-off", {}, (("corrupt-binary", APP),),
         base={APP: run(program("amd64", padding=bytes(4096))[:1000])}, seen="1000 bytes of "),
    Case("a-command-of-the-base-that-is-a-broken-script", SHELL, (("broken-shebang", APP),),
         base={APP: run("#!/bin/sh\r\n")}, seen="carriage return"),
)  # fmt: skip

GOOD = (
    Case("a-static-program", {APP: STATIC}),
    Case("a-static-program-for-arm64", {APP: run(program("arm64"))}, platform=ARM64),
    Case("static-programs-for-armv6", {
        APP: run(program("arm", bits=32, arm_version_tag=6)),
        "/usr/bin/other": run(program("arm", bits=32)),
    }, platform=ARMV6),
    Case("a-glibc-program", {**GLIBC, APP: dynamic(needs={"libc.so.6": ("GLIBC_2.34",)})}),
    Case("a-musl-program",
         {**MUSL_LIBC, APP: run(program("amd64", interpreter=MUSL, needed=("libc.musl-x86_64.so.1",)))}),
    Case("libraries-in-all-places",
         {**GLIBC, "/etc/ld.so.cache": Content(ldcaches.new({
              "liba.so": "/opt/conf/liba.so", "libe.so": "/usr/local/lib/libe.so",
              "libb.so": "/opt/gone/libb.so"})),
          "/opt/conf/liba.so": library("liba.so"), "/opt/env/libb.so": library("libb.so"),
          "/opt/app/lib/libc.so": library("libc.so", needed=("libd.so",)),
          "/opt/app/lib/libd.so": library("libd.so"),
          "/usr/local/lib/libe.so": Link("libe.so.1"), "/usr/local/lib/libe.so.1": library("libe.so"),
          "/opt/app/bin/app": dynamic(needed=("liba.so", "libb.so", "libc.so", "libe.so"),
                                      rpath="$ORIGIN/../lib"),
          APP: Link("/opt/app/bin/app")}, library_path="/opt/env"),
    Case("libraries-in-a-cache-of-the-old-format",
         {**GLIBC, "/etc/ld.so.cache": Content(ldcaches.old({"liba.so": "/opt/liba.so"})),
          "/opt/liba.so": library("liba.so"), APP: dynamic(needed=("liba.so",))}),
    Case("libraries-in-a-cache-of-both-formats",
         {**GLIBC, "/etc/ld.so.cache": Content(
             ldcaches.old({"libx.so": "/opt/libx.so"}) + ldcaches.new({"liba.so": "/opt/liba.so"})),
          "/opt/liba.so": library("liba.so"), APP: dynamic(needed=("liba.so",))}),
    Case("libraries-of-musl-in-its-places",
         {**MUSL_LIBC, "/usr/local/lib/liba.so": library("liba.so", needed=("libd.so", "libm.so.6")),
          "/opt/app/lib/libb.so": library("libb.so", needed=("libc.so",)),
          "/opt/app/lib/libd.so": library("libd.so"),
          APP: run(program("amd64", interpreter=MUSL, runpath="/opt/app/lib",
                           needed=("libb.so", "liba.so", "libpthread.so.0", "libc.so")))}),
    Case("libraries-of-musl-in-its-path-file",
         {**MUSL_LIBC, "/etc/ld-musl-x86_64.path": Content(b"/lib:/opt/a\n/opt/b\n"),
          "/opt/a/liba.so": library("liba.so"), "/opt/b/libb.so": library("libb.so"),
          APP: run(program("amd64", interpreter=MUSL, needed=("liba.so", "libb.so")))}),
    Case("a-glibc-program-on-musl-with-a-link",
         {**MUSL_LIBC, LOADER: Link("../lib/libc.musl-x86_64.so.1"),
          APP: dynamic(needed=("libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"))}),
    Case("a-glibc-program-on-musl-with-gcompat",
         {**MUSL_LIBC, LOADER: run(program("amd64", interpreter=MUSL)),
          APP: dynamic(needed=("libc.so.6", "libdl.so.2"))}),
    Case("files-whose-names-are-no-utf-8",
         {**GLIBC, APP: Link("caf\udce9"), "/usr/local/bin/caf\udce9": dynamic()}),
    Case("a-merged-usr",
         {"/lib": Link("usr/lib"), "/lib64": Link("usr/lib64"),
          "/usr/lib64/ld-linux-x86-64.so.2": GLIBC[LOADER], "/usr/lib/x86_64-linux-gnu/libc.so.6": LIBC,
          APP: dynamic()}),
    Case("scripts-only",
         {**SHELL, "/usr/bin/env": STATIC, "/usr/bin/python3": Link("python3.11"),
          "/usr/bin/python3.11": STATIC, APP: run("#!/usr/bin/env -S python3 -u\n"),
          "/opt/attached": run("#!/usr/bin/env -Spython3 -u\n"),
          "/opt/set": run("#!/usr/bin/env -iS A=b python3 -u\n"),
          "/opt/spaces": run("#! /usr/bin/env  python3 \n"),
          "/opt/library.sh": Content(b"#!/bin/bash\r\n"), "/opt/start": run("#! /bin/sh -e\n")}),
    Case("several-programs-and-a-command-by-name",
         {"/opt/bin/app": STATIC, "/opt/bin/other": STATIC}, command=("app", "--port=80"),
         path="/usr/bin:/opt/bin"),
    Case("an-image-without-a-command", {"/data/file": Content(b"x")}, command=()),
    Case("32-bit-programs-on-amd64", {APP: STATIC, "/opt/old": run(program("386", bits=32))}),
    Case("code-for-other-processors",
         {APP: STATIC, "/opt/kernel.cubin": Content(program("amd64", number=CUDA)),
          "/opt/none": Content(program("amd64", number=0)), "/opt/filter.o": Content(program("amd64", number=BPF))}),
    Case("files-that-begin-like-programs-of-other-systems",
         {APP: STATIC, "/opt/app.dll": run(windows(dotnet=True)),
          "/opt/App.class": run(b"\xca\xfe\xba\xbe\0\0\0\x41" + bytes(99)),
          "/opt/lib/setup.exe": Content(windows()), "/opt/empty": run(b""),
          "/opt/MZ": run(b"MZ as text")}),
    Case("what-a-jetson-mounts",
         {**GLIBC, APP: dynamic(needed=("libcuda.so.1", "libnvbufsurface.so.1.0.0", "libc.so.6"),
                                runpath="/usr/lib/aarch64-linux-gnu/tegra")}),
    Case("what-the-base-has-in-excess", {APP: STATIC},
         base={"/usr/bin/su": Content(program("amd64"), 0o4755)}),
    Case("a-command-of-its-owner-alone-by-a-name", {APP: Content(program("amd64"), 0o700)}, user="app"),
    Case("a-command-of-a-group-that-may-be-the-users", {APP: Content(program("amd64"), 0o750)}),
    Case("a-text-about-keys",
         {APP: STATIC, "/srv/help": Content(b"It begins with -----BEGIN PRIVATE KEY-----\n")}),
    Case("a-public-key-and-a-certificate",
         {APP: STATIC, "/etc/ssl/certs/ca.crt": Content(b"-----BEGIN CERTIFICATE-----\nA\n"),
          "/srv/key.pub": Content(b"-----BEGIN PUBLIC KEY-----\nA\n")}),
    Case("a-big-endian-program", {APP: run(program("s390", little=False))}, platform=S390X),
    Case("caches-that-are-empty",
         {APP: STATIC, "/var/lib/apt/lists/lock": Content(b"x"), "/var/cache/apt/archives": Folder()}),
)  # fmt: skip
