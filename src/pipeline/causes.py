"""What a failed command's own words mean, where they are the kernel's or an emulator's.

Only words that have one cause are in the table, or two that can be told apart with `explain`.
"""

from __future__ import annotations

import re

_NO_FORMAT = (
    "{path} is for another architecture than the machine, damaged, or a script without a #! line: "
    "`doctor` says what this engine runs, `explain` what a file is for"
)

_NO_LIBRARY = (
    "{program} needs {library}, which is not in its image, or not where its loader looks: copy it "
    "there, or link it statically; `explain` lists all that a program needs"
)

_WORDS = (
    # what the embedded engine has seen in the file itself
    (r"^cause: (?P<seen>.+)$", "{seen}"),
    (
        r"(?P<emulator>qemu-\w+)(?:-static)?: Could not open '(?P<loader>[^']+)'",
        "a program for another platform, emulated by {emulator}, needs the loader {loader}, which is "
        "not in its image: it was linked for another libc, or the image has none of its platform",
    ),
    (
        r"qemu: uncaught target signal (?P<signal>\d+)",
        "QEMU ended an emulated program with signal {signal}: a fault of the emulation as often as "
        "of the program; cross-compile instead, or run it on a machine of its platform",
    ),
    (
        r"(?P<interpreter>[\w./+-]+)(?:\^M|\\r|\r)'?: (?:bad interpreter|no such file)",
        "a script for {interpreter} has Windows line ends (a carriage return before the line's end): "
        "convert it with dos2unix, and add '* text eol=lf' to .gitattributes",
    ),
    # glibc's loader; then musl's
    (
        r"(?P<program>[^\s:]+): error while loading shared libraries: (?P<library>[^\s:]+): "
        r"cannot open shared object file",
        _NO_LIBRARY,
    ),
    (
        r"Error loading shared library (?P<library>[^\s:]+): [^(\n]+"
        r"\(needed by (?P<program>[^)\s]+)\)",
        _NO_LIBRARY,
    ),
    (
        r"(?P<library>[^\s:]+): version [`'](?P<version>[^']+)' not found "
        r"\(required by (?P<program>[^)]+)\)",
        "{program} needs {version}, which {library} of its image is too old for: build it on a "
        "distribution no newer than the image's, or choose a newer base image; `explain` lists all "
        "versions that it needs",
    ),
    (
        r"error: linker `(?P<linker>[^`]+)` not found",
        "rustc is told to link by {linker}, which the build container has not: leave out what names it "
        "in .cargo/config.toml or [rust] rustflags (the platform's GNU linker is set already), or set "
        "[rust] image to one that has it",
    ),
    (
        r"build constraints exclude all Go files in (?P<folder>\S+)",
        '{folder} has no file of Go for this platform: where it compiles C (import "C"), set cgo = true '
        "in [go]; where its files ask for a build tag, name it in [go] tags",
    ),
    (
        r'cgo: C compiler "(?P<compiler>[^"]+)" not found',
        "Go is told to compile C by {compiler}, which the build container has not: leave CC out of [go] "
        "env (the platform's GNU compiler is set already), or set [go] image to one that has it",
    ),
    (
        r"Package (?P<package>\S+) was not found in the pkg-config search path",
        "pkg-config finds no {package} for the platform: name the -dev package that has {package}.pc in "
        "[go] libraries, or in packages of [rust] or [cmake]",
    ),
    # shells, runc, Go; then Python
    (r"(?P<path>[\w./+-]+)(?:: cannot execute(?: binary file)?)?: exec format error", _NO_FORMAT),
    (r"exec format error: '(?P<path>[^']+)'", _NO_FORMAT),
)  # fmt: skip
_TABLE = [(re.compile(words, re.IGNORECASE | re.MULTILINE), told) for words, told in _WORDS]
_MISSING = re.compile(
    r"(?P<path>/[\w./+-]+): (?:not found|cannot execute: required file not found)$", re.MULTILINE
)
ILLEGAL_INSTRUCTION = 128 + 4
"""What a command ends with that SIGILL has ended."""
_NOT_FOUND = 127


def explain(exit_code: int, said: str) -> str | None:
    """The cause of a failure, in one line; None where the words do not show one."""
    for words, told in _TABLE:
        if found := words.search(said):
            return told.format(**found.groupdict())
    # many a program says "not found" of something else: a shell ends with its own code for it
    if exit_code == _NOT_FOUND and (found := _MISSING.search(said)):
        return (
            f"{found['path']} is not there, or the loader or interpreter that it names is not: "
            "`explain` says what a file needs"
        )
    if exit_code == ILLEGAL_INSTRUCTION:
        return (
            "a program met an instruction that this processor does not have (SIGILL): it was "
            "compiled for a higher level of it; `doctor` says which levels run here"
        )
    return None
