"""What the image's command needs of the image around it, whether that is there or not."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from . import injected, scripts
from .elf import MAGIC

if TYPE_CHECKING:
    from .elf import Elf
    from .image import Image


@dataclass(frozen=True)
class Need:
    """One file that has to be there."""

    name: str
    """A path; of a library, and of what is looked for on PATH, a name."""
    what: Literal["loader", "library", "injected", "interpreter", "command"]
    """`injected` is a library of NVIDIA's driver, which the machine that runs the image brings."""
    versions: tuple[str, ...] = ()
    """Symbol versions that a library must define, as <name>_<number>, oldest first."""


@dataclass(frozen=True)
class Needs:
    """What the command is, and all that it names itself; not what its libraries need in turn."""

    kind: Literal["program", "library", "script"]
    needs: tuple[Need, ...]


def of_command(image: Image) -> Needs | None:
    """None where the image has no command, or one that cannot be started."""
    entry = image.command
    if entry is None or not entry.is_file:
        return None
    head = image.root.head(entry, 2)
    if head == MAGIC[:2]:
        elf = image.elf(entry.path)
        return _of_elf(elf) if elf else None
    if head == scripts.MARK:
        first = scripts.first_line(image, entry)
        return _of_script(first) if isinstance(first, scripts.FirstLine) else None
    return None


def _of_elf(elf: Elf) -> Needs:
    loader = (Need(elf.interpreter, "loader"),) if elf.interpreter else ()
    libraries = tuple(
        Need(name, "injected" if injected.is_library(name) else "library", _sorted(elf, name))
        for name in dict.fromkeys(elf.needed)
        # the loader is loaded already, wherever it is
        if name != posixpath.basename(elf.interpreter) or elf.needs_versions.get(name)
    )
    is_library = not elf.interpreter and (elf.soname or elf.needed)
    return Needs("library" if is_library else "program", (*loader, *libraries))


def _of_script(line: scripts.FirstLine) -> Needs:
    command = (Need(line.program, "command"),) if line.program else ()
    return Needs("script", (Need(line.interpreter, "interpreter"), *command))


def _sorted(elf: Elf, library: str) -> tuple[str, ...]:
    return tuple(sorted(elf.needs_versions.get(library, ()), key=_by_family_and_number))


def _by_family_and_number(version: str) -> tuple[str, tuple[int, ...], str]:
    family, _, number = version.rpartition("_")
    digits = tuple(int(part) for part in number.split(".") if part.isdigit())
    # what has no number, such as GLIBC_PRIVATE, comes last in its family
    return (family, digits or (1 << 30,), number)
