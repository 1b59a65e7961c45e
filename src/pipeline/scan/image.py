"""The image that is looked at: its root, what is asked of it, and its ELF files read once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from .elf import HEADER_SIZE, MAGIC, CorruptError, Elf, Header, read, read_header

if TYPE_CHECKING:
    from .request import Request
    from .rootfs import Entry, Rootfs

_CONTROLS = frozenset(range(32)) - frozenset(b"\t\n\f\r\x1b")
_DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


def is_text(head: bytes) -> bool:
    """Whether a file that begins so is meant to be read by people."""
    return _CONTROLS.isdisjoint(head)


@dataclass(frozen=True)
class Image:
    """One platform's image, and the root of the base image that it stands on."""

    root: Rootfs
    base: Rootfs
    request: Request
    corrupt: dict[str, str] = field(default_factory=dict)
    """What is wrong with files that begin like ELF files and are none, by path."""
    _read: dict[str, Elf | None] = field(default_factory=dict)
    _from_base: dict[str, bool] = field(default_factory=dict)

    @cached_property
    def heads(self) -> dict[str, bytes]:
        """The first bytes of every file that is not empty, by path."""
        files = (e for e in self.root.entries.values() if e.is_file and e.status.st_size)
        return {entry.path: self.root.head(entry, HEADER_SIZE) for entry in files}

    @cached_property
    def own(self) -> list[Elf]:
        """The programs and libraries that the base image does not have."""
        paths = [path for path, head in self.heads.items() if head.startswith(MAGIC)]
        read = (self.elf(path) for path in paths if not self.is_from_base(path))
        return [elf for elf in read if elf is not None]

    @cached_property
    def of_base(self) -> list[Header]:
        """What the first bytes tell of the base image's: the rest of them is the base's concern."""
        return [
            header
            for path, head in self.heads.items()
            if head.startswith(MAGIC) and self.is_from_base(path)
            for header in [read_header(path, head)]
            if header is not None
        ]

    def elf(self, path: str) -> Elf | None:
        """The program or library at a path without links; None where there is none."""
        if path not in self._read:
            self._read[path] = self._elf(path)
        return self._read[path]

    def _elf(self, path: str) -> Elf | None:
        if not self.heads.get(path, b"").startswith(MAGIC):
            return None
        try:
            with self.root.real(path).open("rb") as file:
                return read(path, file)
        except CorruptError as error:
            self.corrupt[path] = str(error)
            return None

    def is_from_base(self, path: str) -> bool:
        """Whether the base image has the same at the path."""
        if path not in self._from_base:
            entry = self.root.entries.get(path)
            self._from_base[path] = entry is not None and self.base.holds(entry, self.root)
        return self._from_base[path]

    @property
    def path(self) -> list[str]:
        """The folders in which commands are looked for."""
        return (self.request.path or _DEFAULT_PATH).split(":")

    @cached_property
    def command(self) -> Entry | None:
        """The program that the image starts; None where it has none, or it is not there."""
        return self.find(self.request.command[0]) if self.request.command else None

    def is_command(self, path: str) -> bool:
        """Whether it is the file that the image starts."""
        return self.command is not None and self.command.path == path

    def is_script(self, entry: Entry) -> bool:
        """Whether a file that is no program may be meant as a script."""
        return is_text(self.root.head(entry, 512))

    def find(self, name: str) -> Entry | None:
        """What a command's name leads to, as a runtime looks for it."""
        return self.root.resolve(self.place(name))

    def place(self, name: str) -> str:
        """The path by which a runtime starts a command; empty where it finds none."""
        if name.startswith("/"):
            return name
        if "/" in name:
            return f"{self.request.workdir or '/'}/{name}"
        for folder in self.path:
            entry = self.root.resolve(f"{folder}/{name}") if folder else None
            if entry and entry.is_executable:
                return f"{folder}/{name}"
        return ""

    def is_called(self, entry: Entry) -> bool:
        """Whether users start it: the image's command, or a command by its name alone."""
        folder, _, _ = entry.path.rpartition("/")
        return self.is_command(entry.path) or folder in (
            resolved.path for f in self.path if (resolved := self.root.resolve(f))
        )
