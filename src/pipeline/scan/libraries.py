"""The dynamic loader of an image: what it finds there, and where."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from . import ldcache
from .search import Search

if TYPE_CHECKING:
    from .elf import Elf
    from .image import Image

_MOST_INCLUDES = 200
_MUSL = re.compile(r"(?:ld-musl|libc\.musl)-([^.]+)\.so.*")
# what musl's loader is itself, whatever follows
_MUSLS_OWN = ("libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet.")
_LEVELS = {
    "EM_X86_64": ("x86-64-v4", "x86-64-v3", "x86-64-v2"),
    "EM_PPC64": ("power11", "power10", "power9"),
    "EM_S390": ("z17", "z16", "z15", "z14", "z13"),
}
"""The subfolders of glibc-hwcaps by machine, the best first, each for those above it as well.

Source: sysdeps/*/dl-hwcaps-subdirs.c of glibc; other machines have none.
"""
_LEVEL = re.compile(r"/glibc-hwcaps/([^/]+)/")


@dataclass(frozen=True)
class Loader:
    """The dynamic loader of one image."""

    image: Image

    def processors(self, program: Elf) -> list[tuple[str, ...]]:
        """The kinds of processors for which the image has libraries of their own.

        Each by the subfolders of glibc-hwcaps that it can use, first the least of the platform.
        """
        if self.musl(program):
            return [()]
        every = _LEVELS.get(program.machine, ())
        levels = tuple(level for level in every if level in self._levels)
        least = self.image.request.hwcaps
        common = every[every.index(least) :] if least in every else ()
        kinds = [levels[index:] for index in reversed(range(len(levels)))]
        first = tuple(level for level in levels if level in common)
        return [first, *(kind for kind in kinds if len(kind) > len(first))]

    @cached_property
    def _levels(self) -> frozenset[str]:
        return frozenset(m[1] for path in self.image.root.entries if (m := _LEVEL.search(path)))

    def needs(self, program: Elf, hwcaps: tuple[str, ...]) -> Iterator[tuple[Elf, str, Elf | None]]:
        """Every library that a program needs, those of its libraries too: who, what, and which."""
        search = Search(self, program, self.musl(program), hwcaps)
        seen: dict[str, Elf | None] = {}
        queue = [(program, tuple[str, ...]())]
        while queue:
            elf, inherited = queue.pop(0)
            passed_on = search.passed_on(elf, inherited)
            for name in elf.needed:
                if search.musl and name.startswith(_MUSLS_OWN):
                    continue
                if name in seen:
                    yield elf, name, seen[name]
                    continue
                found = search.find(name, elf, passed_on)
                seen[name] = found
                yield elf, name, found
                if found is not None:
                    queue.append((found, passed_on))

    def musl(self, program: Elf) -> str:
        """The machine in the name of musl's loader, if that is what loads the program."""
        entry = self.image.root.file(program.interpreter)
        if entry is None:
            return ""
        loader = self.image.elf(entry.path)
        # gcompat's loader for glibc's programs is itself one that musl loads
        names = (entry.path, *((loader.soname, loader.interpreter) if loader else ()))
        found = (_MUSL.fullmatch(posixpath.basename(name)) for name in names)
        return next((match[1] for match in found if match), "")

    def is_anywhere(self, name: str) -> bool:
        """Whether some file of the image has the name: a program may load it by its path."""
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(posixpath.basename(path) for path in self.image.root.entries)

    def is_configured(self, name: str) -> bool:
        """Whether only ldconfig would tell glibc's loader where the library is."""
        return any(self.image.root.file(posixpath.join(f, name)) for f in self._configured)

    def level_of(self, name: str) -> str:
        """The folder of a library that only newer processors find; empty where there is none."""
        form = re.compile(rf"(.*/glibc-hwcaps/[^/]+)/{re.escape(name)}")
        return next((m[1] for path in self.image.root.entries if (m := form.fullmatch(path))), "")

    @cached_property
    def default(self) -> tuple[str, ...]:
        """The folders that glibc's loaders search without being told to, of all distributions."""
        triple = self.image.request.gnu_triple
        return (
            f"/lib/{triple}",
            f"/usr/lib/{triple}",
            "/lib64",
            "/usr/lib64",
            "/lib",
            "/usr/lib",
        )

    @cached_property
    def lib(self) -> str:
        """What glibc's $LIB is: the folder that the image's own libc is in, below / or /usr."""
        found = (self.image.root.file(posixpath.join(f, "libc.so.6")) for f in self.default)
        libc = next((entry for entry in found if entry), None)
        if libc is None:
            return "lib64" if self.image.request.bits == 64 else "lib"  # noqa: PLR2004 - bits
        return posixpath.dirname(libc.path).removeprefix("/usr").strip("/")

    def of_musl(self, program: Elf, machine: str) -> tuple[str, ...]:
        """The folders that musl's loader searches without being told to, or as its file says."""
        # beside the folder that the loader is in, as the program writes it
        prefix = posixpath.dirname(posixpath.dirname(program.interpreter)).rstrip("/")
        entry = self.image.root.file(f"{prefix}/etc/ld-musl-{machine}.path")
        if entry is None:
            return ("/lib", "/usr/local/lib", "/usr/lib")
        text = self.image.root.real(entry.path).read_text(errors="replace")
        return tuple(f for f in text.replace("\n", ":").split(":") if f)

    def cached(self, name: str, hwcaps: tuple[str, ...]) -> list[str]:
        """The paths of a library in ld.so.cache, the best for the processor first."""
        entries = self._cache.get(name, ())
        return [path for level in (*hwcaps, "") for path, of in entries if of == level]

    @cached_property
    def _cache(self) -> dict[str, list[tuple[str, str]]]:
        entry = self.image.root.file("/etc/ld.so.cache")
        data = self.image.root.real(entry.path).read_bytes() if entry else b""
        return ldcache.read(data, is_little_endian=self.image.request.is_little_endian)

    @cached_property
    def _configured(self) -> tuple[str, ...]:
        """The folders of /etc/ld.so.conf and of what it includes: ldconfig reads them, no loader."""
        folders: list[str] = []
        queue = ["/etc/ld.so.conf"]
        for _ in range(_MOST_INCLUDES):
            if not queue:
                break
            for line in self._lines(queue.pop(0)):
                if line.startswith("include"):
                    folder, _, pattern = line.removeprefix("include").strip().rpartition("/")
                    before, _, after = pattern.partition("*")
                    queue += sorted(self._glob(folder or "/etc", before, after))
                else:
                    folders += [part.strip() for part in line.split(":") if part.startswith("/")]
        return tuple(folders)

    def _lines(self, path: str) -> Iterator[str]:
        entry = self.image.root.file(path)
        text = self.image.root.real(entry.path).read_text(errors="replace") if entry else ""
        for line in text.splitlines():
            if bare := line.partition("#")[0].strip():
                yield bare

    def _glob(self, folder: str, before: str, after: str) -> list[str]:
        return [
            path
            for path in self.image.root.entries
            if posixpath.dirname(path) == folder
            and posixpath.basename(path).startswith(before)
            and path.endswith(after)
        ]
