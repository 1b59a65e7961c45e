"""Where the dynamic loader would find a library: ld.so(8), and musl's ldso."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from . import ldcache

if TYPE_CHECKING:
    from .elf import Elf
    from .image import Image

_MOST_INCLUDES = 200
_MUSL = re.compile(r"(?:ld-musl|libc\.musl)-([^.]+)\.so.*")
# what musl's loader is itself, whatever follows
_MUSLS_OWN = ("libc.", "libpthread.", "librt.", "libm.", "libdl.", "libutil.", "libxnet.")


@dataclass(frozen=True)
class Loader:
    """The dynamic loader of one image."""

    image: Image

    def needs(self, program: Elf) -> Iterator[tuple[Elf, str, Elf | None]]:
        """Every library that a program needs, those of its libraries too: who, what, and which."""
        musl = self.musl(program)
        seen: dict[str, Elf | None] = {}
        queue = [(program, tuple[str, ...]())]
        while queue:
            elf, inherited = queue.pop(0)
            passed_on = self._passed_on(elf, inherited, musl)
            for name in elf.needed:
                if musl and name.startswith(_MUSLS_OWN):
                    continue
                if name in seen:
                    yield elf, name, seen[name]
                    continue
                found = self._find(name, elf, passed_on, musl)
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

    def _passed_on(self, elf: Elf, inherited: tuple[str, ...], musl: str) -> tuple[str, ...]:
        """Folders that count for what is loaded further down as well."""
        if musl:
            return (*self._folders(elf, elf.runpath or elf.rpath), *inherited)
        return inherited if elf.runpath else (*self._folders(elf, elf.rpath), *inherited)

    def is_anywhere(self, name: str) -> bool:
        """Whether some file of the image has the name: a program may load it by its path."""
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(posixpath.basename(path) for path in self.image.root.entries)

    def is_configured(self, name: str) -> bool:
        """Whether only ldconfig would tell glibc's loader where the library is."""
        return any(self.image.root.file(posixpath.join(f, name)) for f in self._configured)

    def _find(self, name: str, by: Elf, passed_on: tuple[str, ...], musl: str) -> Elf | None:
        if "/" in name:
            return self._elf(name, by)
        candidates = (self._elf(path, by) for path in self._paths(name, by, passed_on, musl))
        return next((found for found in candidates if found is not None), None)

    def _paths(self, name: str, by: Elf, passed_on: tuple[str, ...], musl: str) -> tuple[str, ...]:
        """Where the loader looks, in its order."""
        environment = tuple(f for f in self.image.request.library_path.split(":") if f)
        if musl:
            folders, cached, default = (*environment, *passed_on), (), self._of_musl(musl)
        else:
            runpath = self._folders(by, by.runpath)
            folders = (*(() if by.runpath else passed_on), *environment, *runpath)
            cached, default = self._cached.get(name, ()), self._default
        return (
            *(posixpath.join(f, name) for f in folders),
            *cached,
            *(posixpath.join(f, name) for f in default),
        )

    def _elf(self, path: str, by: Elf) -> Elf | None:
        """The library at a path, if it is one that `by` could load: others are passed over."""
        entry = self.image.root.file(path)
        found = self.image.elf(entry.path) if entry else None
        is_alike = found and (found.machine, found.bits) == (by.machine, by.bits)
        return found if is_alike else None

    def _folders(self, elf: Elf, folders: tuple[str, ...]) -> tuple[str, ...]:
        origin = posixpath.dirname(elf.path)
        expanded = (f.replace("${ORIGIN}", origin).replace("$ORIGIN", origin) for f in folders)
        return tuple(f for f in expanded if f.startswith("/"))

    @cached_property
    def _default(self) -> tuple[str, ...]:
        triple = self.image.request.gnu_triple
        return (
            f"/lib/{triple}",
            f"/usr/lib/{triple}",
            "/lib64",
            "/usr/lib64",
            "/lib",
            "/usr/lib",
        )

    def _of_musl(self, machine: str) -> tuple[str, ...]:
        entry = self.image.root.file(f"/etc/ld-musl-{machine}.path")
        if entry is None:
            return ("/lib", "/usr/local/lib", "/usr/lib")
        text = self.image.root.real(entry.path).read_text(errors="replace")
        return tuple(f for f in text.replace("\n", ":").split(":") if f)

    @cached_property
    def _cached(self) -> dict[str, list[str]]:
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
