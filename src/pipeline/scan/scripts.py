"""Scripts: can their first line be followed?"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .elf import MAGIC
from .found import Found

if TYPE_CHECKING:
    from .image import Image
    from .rootfs import Entry

MARK = b"#!"
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
        if head.startswith(MARK):
            yield from _script(image, entry)
        elif head.startswith(_BYTE_ORDER_MARK) and b"#!" in image.root.head(entry, 5):
            yield _broken(image, entry, "a byte order mark before #!", "Save it without one.")
        elif is_command and image.is_script(entry):
            yield _broken(image, entry, "a text file without a #! line", "Begin it with #!/bin/sh.")


@dataclass(frozen=True)
class FirstLine:
    """A first line that can be followed, where what it names is there."""

    interpreter: str
    program: str = ""
    """What env is to look for on PATH."""


def _script(image: Image, entry: Entry) -> Iterator[Found]:
    line = first_line(image, entry)
    if isinstance(line, Found):
        yield line
    elif image.root.file(line.interpreter) is None:
        yield _missing(image, entry, line.interpreter)
    elif line.program and image.find(line.program) is None:
        yield _missing(image, entry, line.program)


def first_line(image: Image, entry: Entry) -> FirstLine | Found:
    """What a script's first line names; what is wrong with it where nobody could follow it."""
    line, end, _ = image.root.head(entry, _LONGEST_LINE + 1).partition(b"\n")
    text = line.removeprefix(MARK).decode(errors="replace")
    if text.endswith("\r"):
        return _broken(
            image,
            entry,
            f"#!{text[:-1]} with a carriage return: Windows line ends",
            "Save it with Unix line ends (dos2unix), and add '* text eol=lf' to .gitattributes.",
        )
    interpreter, *rest = text.split(maxsplit=1) or [""]
    if not interpreter:
        return _broken(image, entry, "#! without an interpreter", "Name one: #!/bin/sh.")
    if not end and len(line) >= _LONGEST_LINE:
        return _broken(image, entry, f"a first line of over {_LONGEST_LINE} bytes", "Shorten it.")
    if not interpreter.startswith("/"):
        return _broken(
            image,
            entry,
            f"#!{interpreter}, a relative path",
            f"Write #!/usr/bin/env {interpreter}.",
        )
    if posixpath.basename(interpreter) == "env":
        return _env(image, entry, interpreter, "".join(rest).strip())
    return FirstLine(interpreter)


def _env(image: Image, entry: Entry, env: str, argument: str) -> FirstLine | Found:
    """What env makes of the rest of the line, which the kernel gives it as one argument."""
    split = _SPLIT.match(argument)
    words = argument[split.end() :].split() if split else [argument]
    # NAME=VALUE sets and - is an option: the first other word is the program
    program = next((w for w in words if not w.startswith("-") and "=" not in w), "")
    if not split and len(argument.split()) > 1:
        return _broken(
            image,
            entry,
            f"env with '{argument}', which is one word to it",
            f"Write #!/usr/bin/env -S {argument}.",
        )
    if not program:
        return _broken(image, entry, "env without a program", "Name one: #!/usr/bin/env python3.")
    return FirstLine(env, program)


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
