"""How a dynamic loader goes about finding libraries: ld.so(8), and musl's ldso.

What both have in common is in what they differ: glibc's has a cache, expands tokens, and prefers
libraries for newer processors; musl's passes every search path on and knows one token.
"""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .elf import Elf
    from .libraries import Loader

_TOKEN = re.compile(r"\$(?:\{(ORIGIN|LIB|PLATFORM)\}|(ORIGIN|LIB|PLATFORM)(?!\w))")
_MUSLS_TOKEN = re.compile(r"\$(?:\{ORIGIN\}|ORIGIN)")
_PLATFORMS = {"EM_X86_64": "x86_64", "EM_AARCH64": "aarch64", "EM_386": "i686"}
"""What the kernel calls a machine (AT_PLATFORM), where that is the same for all its processors."""
_HWCAPS = "glibc-hwcaps"


def expanded(elf: Elf, folder: str, loader: Loader) -> list[str]:
    """What glibc makes of a path of an ELF file; several where the processor decides."""
    known = {"ORIGIN": posixpath.dirname(elf.path), "LIB": loader.lib}
    if platform := _PLATFORMS.get(elf.machine):
        known["PLATFORM"] = platform
    written = _TOKEN.sub(lambda t: known.get(t[1] or t[2], "$PLATFORM"), folder)
    before, undecided, after = written.partition("$PLATFORM")
    if not undecided:
        return [written]
    form = re.compile(f"{re.escape(before)}[^/]+{re.escape(after.rstrip('/'))}")
    return [e.path for e in loader.image.root.entries.values() if form.fullmatch(e.path)]


@dataclass(frozen=True)
class Search:
    """The search of one program's libraries, on one kind of processor."""

    loader: Loader
    program: Elf
    musl: str
    """The machine in the name of musl's loader, where that is what loads the program."""
    hwcaps: tuple[str, ...]
    """The subfolders of glibc-hwcaps that the processor can use, the best first."""

    def find(self, name: str, by: Elf, passed_on: tuple[str, ...]) -> Elf | None:
        """The library that is loaded under a name, for an ELF file that needs it."""
        for path in self._paths(name, by, passed_on):
            entry = self.loader.image.root.file(path)
            found = self.loader.image.elf(entry.path) if entry else None
            # glibc passes over those that it cannot load
            if found and (found.machine, found.bits) == (by.machine, by.bits):
                return found
            if entry and self.musl:
                return None
        return None

    def passed_on(self, elf: Elf, inherited: tuple[str, ...]) -> tuple[str, ...]:
        """Folders that count for what is loaded further down as well."""
        if self.musl:
            return (*self._folders(elf, elf.runpath or elf.rpath), *inherited)
        return inherited if elf.runpath else (*self._folders(elf, elf.rpath), *inherited)

    def _paths(self, name: str, by: Elf, passed_on: tuple[str, ...]) -> Iterator[str]:
        """Where the loader looks, in its order."""
        request = self.loader.image.request
        if "/" in name:
            names = [name] if self.musl else expanded(by, name, self.loader)
            yield from (posixpath.join(request.workdir, each) for each in names)
            return
        environment = request.library_path.replace(";", ":").split(":")
        if self.musl:
            folders = (*(f for f in environment if f), *passed_on)
            yield from (posixpath.join(f, name) for f in folders)
            yield from (
                posixpath.join(f, name) for f in self.loader.of_musl(self.program, self.musl)
            )
            return
        yield from self._below(() if by.runpath else passed_on, name)
        yield from self._below(self._folders(self.program, tuple(environment)), name)
        yield from self._below(self._folders(by, by.runpath), name)
        yield from self.loader.cached(name, self.hwcaps)
        yield from self._below(self.loader.default, name)

    def _below(self, folders: tuple[str, ...], name: str) -> Iterator[str]:
        """A library's places in each folder: what is for the processor goes before the rest."""
        for folder in folders:
            for level in self.hwcaps:
                yield posixpath.join(folder, _HWCAPS, level, name)
            yield posixpath.join(folder, name)

    def _folders(self, elf: Elf, folders: tuple[str, ...]) -> tuple[str, ...]:
        if self.musl:
            if any("$" in _MUSLS_TOKEN.sub("", folder) for folder in folders):
                return ()  # it follows none of a path in which it does not know all
            origin = posixpath.dirname(elf.path)
            every = [_MUSLS_TOKEN.sub(lambda _: origin, folder) for folder in folders]
        else:
            every = [each for folder in folders for each in expanded(elf, folder, self.loader)]
        return tuple(f for f in every if f.startswith("/"))
