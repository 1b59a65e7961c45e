"""Scripts: can their first line be followed?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .elf import MAGIC
from .found import Found

if TYPE_CHECKING:
    from .image import Image
    from .rootfs import Entry

_MARK = b"#!"
_SPLIT = re.compile(r"-[iv0]*S|--split-string[= ]")
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
    interpreter, *rest = text.split(maxsplit=1) or [""]
    if not interpreter:
        yield _broken(image, entry, "#! without an interpreter", "Name one: #!/bin/sh.")
    elif not end and len(line) >= _LONGEST_LINE:
        yield _broken(image, entry, f"a first line of over {_LONGEST_LINE} bytes", "Shorten it.")
    elif not interpreter.startswith("/"):
        yield _broken(
            image,
            entry,
            f"#!{interpreter}, a relative path",
            f"Write #!/usr/bin/env {interpreter}.",
        )
    elif image.root.file(interpreter) is None:
        yield _missing(image, entry, interpreter)
    elif posixpath.basename(interpreter) == "env":
        yield from _env(image, entry, "".join(rest).strip())


def _env(image: Image, entry: Entry, argument: str) -> Iterator[Found]:
    """What env makes of the rest of the line, which the kernel gives it as one argument."""
    split = _SPLIT.match(argument)
    words = argument[split.end() :].split() if split else [argument]
    # NAME=VALUE sets and - is an option: the first other word is the program
    program = next((w for w in words if not w.startswith("-") and "=" not in w), "")
    if not split and len(argument.split()) > 1:
        yield _broken(
            image,
            entry,
            f"env with '{argument}', which is one word to it",
            f"Write #!/usr/bin/env -S {argument}.",
        )
    elif not program:
        yield _broken(image, entry, "env without a program", "Name one: #!/usr/bin/env python3.")
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
