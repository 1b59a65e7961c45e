"""What comes from this machine: folders and files."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import LocalSource
from buildkit_engine.model.files import Directory, File

_MISSING = "no such file or directory"


@dataclass(frozen=True)
class Host:
    """This machine, as seen from `folder`, within one session."""

    folder: str
    session_id: str

    def key(self) -> object:
        return [self.folder, self.session_id]

    def directory(
        self, path: str, *, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
    ) -> Directory:
        """Raises RequestError where there is no such folder."""
        found = self._path(path)
        if not found.is_dir():
            reason = "is not a directory" if found.exists() else _MISSING
            raise RequestError(f"host directory '{path}': {reason} ({found})")
        source = LocalSource(
            title=f"load {path}",
            path=str(found),
            unique=self.session_id,
            include=_patterns(include),
            exclude=_patterns(exclude),
        )
        return Directory(source.output)

    def file(self, path: str) -> File:
        """Raises RequestError where there is no such file."""
        found = self._path(path)
        if not found.is_file():
            reason = "is a directory, not a file" if found.is_dir() else _MISSING
            raise RequestError(f"host file '{path}': {reason} ({found})")
        parent = self.directory(str(found.parent), include=(_escaped(found.name),))
        return parent.file(found.name)

    def _path(self, path: str) -> Path:
        return Path(self.folder, path).absolute()


def _patterns(patterns: tuple[str, ...]) -> tuple[str, ...]:
    """The patterns that mean something below the folder: Dagger leaves out /a and ../a."""

    def is_local(pattern: str) -> bool:
        path = posixpath.normpath(pattern.removeprefix("!"))
        return not path.startswith("/") and path.split("/")[0] != ".."

    return tuple(p for p in patterns if is_local(p))


def _escaped(name: str) -> str:
    return "".join(f"\\{c}" if c in "*?[]\\" else c for c in name)
