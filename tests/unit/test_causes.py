"""What failed commands say, word for word, and what it means."""

from __future__ import annotations

import pytest

from pipeline.causes import explain

ENDS = "convert it with dos2unix, and add '* text eol=lf' to .gitattributes"
FORMAT = (
    "is for another architecture than the machine, damaged, or a script without a #! line: "
    "`doctor` says what this engine runs, `explain` what a file is for"
)
LEVEL = (
    "a program met an instruction that this processor does not have (SIGILL): it was compiled for "
    "a higher level of it; `doctor` says which levels run here"
)
QEMU = (
    "QEMU ended an emulated program with signal {}: a fault of the emulation as often as of the "
    "program; cross-compile instead, or run it on a machine of its platform"
)
NO_LIBRARY = (
    "which is not in its image, or not where its loader looks: copy it there, or link it "
    "statically; `explain` lists all that a program needs"
)
MISSING = (
    "is not there, or the loader or interpreter that it names is not: "
    "`explain` says what a file needs"
)


@pytest.mark.parametrize(
    ("code", "said", "cause"),
    [
        # a shell: dash, bash, busybox
        (126, "sh: 1: /app: Exec format error", f"/app {FORMAT}"),
        (126, "bash: line 1: ./app: cannot execute binary file: Exec format error", f"./app {FORMAT}"),
        # runc and Dagger's own init
        (1, "exec /usr/local/bin/server: exec format error", f"/usr/local/bin/server {FORMAT}"),
        (1, "fork/exec /app: exec format error", f"/app {FORMAT}"),
        # a Go test that starts what it has compiled
        (1, "--- FAIL: TestRun (0.00s)\n    run_test.go:9: fork/exec /srv/x/app: exec format error\nFAIL",
         f"/srv/x/app {FORMAT}"),
        # Python's subprocess
        (1, "OSError: [Errno 8] Exec format error: '/app'", f"/app {FORMAT}"),
        (127, "sh: 1: /app: not found", f"/app {MISSING}"),
        (127, "bash: line 1: /app: cannot execute: required file not found", f"/app {MISSING}"),
        (127, "/usr/bin/env: 'python3\\r': No such file or directory",
         f"a script for python3 has Windows line ends (a carriage return before the line's end): {ENDS}"),
        (126, "bash: ./run.sh: /bin/sh^M: bad interpreter: No such file or directory",
         f"a script for /bin/sh has Windows line ends (a carriage return before the line's end): {ENDS}"),
        (255, "qemu-aarch64-static: Could not open '/lib/ld-linux-aarch64.so.1': No such file or directory",
         "a program for another platform, emulated by qemu-aarch64, needs the loader "
         "/lib/ld-linux-aarch64.so.1, which is not in its image: it was linked for another libc, or "
         "the image has none of its platform"),
        (139, "qemu: uncaught target signal 11 (Segmentation fault) - core dumped", QEMU.format(11)),
        (132, "qemu: uncaught target signal 4 (Illegal instruction) - core dumped", QEMU.format(4)),
        (132, "Illegal instruction (core dumped)", LEVEL),
        (132, "", LEVEL),
        (1, "fork/exec /app: no such file or directory\ncause: /app is a script for /bin/x, which is not there",
         "/app is a script for /bin/x, which is not there"),
        # glibc's loader, and musl's
        (127, "/app: error while loading shared libraries: libz.so.1: cannot open shared object file: No such file or directory",
         f"/app needs libz.so.1, {NO_LIBRARY}"),
        (127, "Error loading shared library libz.so.1: No such file or directory (needed by /app)\nError relocating /app: inflate: symbol not found",
         f"/app needs libz.so.1, {NO_LIBRARY}"),
        (1, "./app: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found (required by ./app)",
         "./app needs GLIBC_2.38, which /lib/x86_64-linux-gnu/libc.so.6 of its image is too old for: "
         "build it on a distribution no newer than the image's, or choose a newer base image; "
         "`explain` lists all versions that it needs"),
        (101, "error: linker `mold` not found\n  |\n  = note: No such file or directory (os error 2)",
         "rustc is told to link by mold, which the build container has not: leave out what names it in "
         ".cargo/config.toml or [rust] rustflags (the platform's GNU linker is set already), or set "
         "[rust] image to one that has it"),
        (1, "main.go:11:2: build constraints exclude all Go files in /src/sqlite",
         '/src/sqlite has no file of Go for this platform: where it compiles C (import "C"), set cgo = true '
         "in [go]; where its files ask for a build tag, name it in [go] tags"),
        (1, '# runtime/cgo\ncgo: C compiler "clang" not found: exec: "clang": executable file not found in $PATH',
         "Go is told to compile C by clang, which the build container has not: leave CC out of [go] env (the "
         "platform's GNU compiler is set already), or set [go] image to one that has it"),
        (1, "Package sqlite3 was not found in the pkg-config search path.\nPerhaps you should add the directory "
         "containing `sqlite3.pc'\nto the PKG_CONFIG_PATH environment variable\nPackage 'sqlite3', required by "
         "'virtual:world', not found",
         "pkg-config finds no sqlite3 for the platform: name the -dev package that has sqlite3.pc in [go] "
         "libraries, or in packages of [rust] or [cmake]"),
        # of these nothing is known
        (127, "sh: 1: gcc: not found", None),
        (1, "cat: /etc/x: No such file or directory", None),
        (139, "Segmentation fault", None),
        (1, "", None),
    ],
)  # fmt: skip
def test_the_words_of_a_failure_have_a_cause(code, said, cause):
    assert explain(code, said) == cause
