"""Where the dynamic loader would find a library: ld.so(8), and musl's ldso."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .elf import Elf
    from .image import Image

_MOST_INCLUDES = 200


@dataclass(frozen=True)
class Loader:
    """The dynamic loader of one image."""

    image: Image

    def needs(self, program: Elf) -> Iterator[tuple[Elf, str, Elf | None]]:
        """Every library that a program needs, those of its libraries too: who, what, and which."""
        seen: dict[str, Elf | None] = {}
        queue = [(program, tuple[str, ...]())]
        while queue:
            elf, inherited = queue.pop(0)
            # a DT_RPATH counts for what is loaded further down, unless there is a DT_RUNPATH
            passed_on = inherited if elf.runpath else (*self._folders(elf, elf.rpath), *inherited)
            for name in elf.needed:
                if name in seen:
                    yield elf, name, seen[name]
                    continue
                found = self._find(name, elf, passed_on)
                seen[name] = found
                yield elf, name, found
                if found is not None:
                    queue.append((found, passed_on))

    def is_anywhere(self, name: str) -> bool:
        """Whether some file of the image has the name: a program may load it by its path."""
        return name in self._names

    @cached_property
    def _names(self) -> frozenset[str]:
        return frozenset(posixpath.basename(path) for path in self.image.root.entries)

    def _find(self, name: str, by: Elf, inherited: tuple[str, ...]) -> Elf | None:
        if "/" in name:
            return self._elf(name, by)
        for folder in (
            *inherited,
            *(f for f in self.image.request.library_path.split(":") if f),
            *self._folders(by, by.runpath),
            *self._configured,
            *self._default,
        ):
            found = self._elf(posixpath.join(folder, name), by)
            if found is not None:
                return found
        return None

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
            "/usr/local/lib",
        )

    @cached_property
    def _configured(self) -> tuple[str, ...]:
        """The folders of /etc/ld.so.conf and of what it includes, and of musl's path file.

        The cache that ldconfig makes of them is not read: final stages often lack it, and what is
        in the folders is what counts.
        """
        folders: list[str] = []
        queue = ["/etc/ld.so.conf", *sorted(self._glob("/etc", "ld-musl-", ".path"))]
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
