"""Scripts: can their first line be followed?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .elf import MAGIC
from .found import Found

if TYPE_CHECKING:
    from .image import Image
    from .rootfs import Entry

_MARK = b"#!"
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_LONGEST_LINE = 255
"""BINPRM_BUF_SIZE of Linux, without its end."""


def check(image: Image) -> Iterator[Found]:
    """Every executable file that begins like a script."""
    for path, head in image.heads.items():
        entry = image.root.entries[path]
        is_command = image.is_command(path)
        if head.startswith(MAGIC) or not (entry.is_executable or is_command):
            continue
        if head.startswith(_MARK):
            yield from _script(image, entry)
        elif head.startswith(_BYTE_ORDER_MARK) and b"#!" in image.root.head(entry, 5):
            yield _broken(image, entry, "a byte order mark before #!", "Save it without one.")
        elif is_command and image.is_script(entry):
            yield _broken(image, entry, "a text file without a #! line", "Begin it with #!/bin/sh.")


def _script(image: Image, entry: Entry) -> Iterator[Found]:
    line, end, _ = image.root.head(entry, _LONGEST_LINE + 1).partition(b"\n")
    text = line.removeprefix(_MARK).decode(errors="replace")
    if text.endswith("\r"):
        yield _broken(
            image,
            entry,
            f"#!{text[:-1]} with a carriage return: Windows line ends",
            "Save it with Unix line ends (dos2unix), and add '* text eol=lf' to .gitattributes.",
        )
        return
    words = text.split()
    if not words:
        yield _broken(image, entry, "#! without an interpreter", "Name one: #!/bin/sh.")
    elif not end and len(line) >= _LONGEST_LINE:
        yield _broken(image, entry, f"a first line of over {_LONGEST_LINE} bytes", "Shorten it.")
    elif not words[0].startswith("/"):
        yield _broken(
            image, entry, f"#!{words[0]}, a relative path", f"Write #!/usr/bin/env {words[0]}."
        )
    else:
        yield from _interpreter(image, entry, words)


def _interpreter(image: Image, entry: Entry, words: list[str]) -> Iterator[Found]:
    interpreter, *arguments = words
    if image.root.file(interpreter) is None:
        yield _missing(image, entry, interpreter)
    elif posixpath.basename(interpreter) == "env":
        # of env's own words: -S splits, NAME=VALUE sets, the first other one is the program
        program = next((w for w in arguments if not w.startswith("-") and "=" not in w), "")
        if not program:
            yield _broken(
                image, entry, "env without a program", "Name one: #!/usr/bin/env python3."
            )
        elif image.find(program) is None:
            yield _missing(image, entry, program)


def _missing(image: Image, entry: Entry, interpreter: str) -> Found:
    return Found(
        "missing-script-interpreter",
        entry.path,
        f"{interpreter} is not in the image",
        "an interpreter that is in the image",
        f"Choose a base image with {posixpath.basename(interpreter)}, or leave the script out.",
        image.is_called(entry),
    )


def _broken(image: Image, entry: Entry, seen: str, remedy: str) -> Found:
    expected = "#! and the path of an interpreter"
    return Found("broken-shebang", entry.path, seen, expected, remedy, image.is_called(entry))
