"""What comes from this machine: folders and files."""

from __future__ import annotations

import os
import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.freezer import Selection
from buildkit_engine.errors import RequestError
from buildkit_engine.model.files import Directory, File

if TYPE_CHECKING:
    from buildkit_engine.model.snapshots import Snapshots

_MISSING = "no such file or directory"


@dataclass(frozen=True)
class Host:
    """This machine, as seen from `folder`, within one session."""

    folder: str
    snapshots: Snapshots

    def key(self) -> object:
        return self.folder

    def directory(
        self,
        path: str,
        *,
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        gitignore: bool = False,
        fresh: bool = False,
    ) -> Directory:
        """The folder as it was when it was first asked for, or, `fresh`, as it is now.

        Raises RequestError where there is no such folder, or it cannot be read.
        """
        found = self._path(path)
        if not found.is_dir():
            reason = "is not a directory" if found.exists() else _MISSING
            raise RequestError(f"host directory '{path}': {reason} ({found})")
        if gitignore:
            # the files that count are above where a link leads to
            found = found.resolve()
        root = _repository(found) if gitignore else found
        below = os.path.relpath(found, root)
        # as on a Dagger engine: below the root of a repository, `include` takes nothing away
        alone = () if below == "." else ("!*", "/".join(map(_escaped, below.split("/"))))
        wanted = Selection(
            root=str(root),
            below=below,
            include=(*alone, *_patterns(include, below)),
            exclude=_patterns(exclude, below),
            gitignore=gitignore,
        )
        try:
            source = self.snapshots.source(f"load {path}", wanted, fresh=fresh)
        except RequestError as error:
            raise RequestError(f"host directory '{path}': {error}") from None
        return Directory(source.output)

    def file(self, path: str, *, fresh: bool = False) -> File:
        """Raises RequestError where there is no such file, or it cannot be read."""
        found = self._path(path)
        if not found.is_file():
            reason = "is a directory, not a file" if found.is_dir() else _MISSING
            raise RequestError(f"host file '{path}': {reason} ({found})")
        only = (_escaped(found.name),)
        return self.directory(str(found.parent), include=only, fresh=fresh).file(found.name)

    def find_up(self, name: str, *, fresh: bool = False) -> str | None:
        """Where `name` is, here or in the nearest folder above, as seen from here."""

        def look() -> str | None:
            found = _upward(Path(self.folder), name)
            return os.path.relpath(found / name, self.folder) if found else None

        return look() if fresh else self.snapshots.once(("find up", self.folder, name), look)

    def _path(self, path: str) -> Path:
        expanded = os.path.expanduser(path)  # noqa: PTH111 - leaves as it is what is nobody's home
        return Path(os.path.abspath(Path(self.folder, expanded)))  # noqa: PTH100 - follows no link


def _repository(folder: Path) -> Path:
    """The root of the Git repository that the folder is in; outside of one the folder itself."""
    return _upward(folder, ".git") or folder


def _upward(folder: Path, name: str) -> Path | None:
    """The folder itself or the nearest above it that has an entry of that name."""
    return next((f for f in (folder, *folder.parents) if os.path.lexists(f / name)), None)


def _patterns(patterns: tuple[str, ...], below: str) -> tuple[str, ...]:
    """The patterns as seen from the folder that `below` is below.

    As on a Dagger engine, those that mean nothing within it are left out, such as /a and ../a.
    """
    kept = []
    for pattern in patterns:
        path = pattern.removeprefix("!")
        first = posixpath.normpath(path).split("/")[0]
        if path and first not in ("", ".."):
            seen = posixpath.normpath(posixpath.join(below, path))
            kept.append("!" * (path != pattern) + ("*" if seen == "." else seen))
    return tuple(kept)


def _escaped(name: str) -> str:
    return "".join(f"\\{c}" if c in "*?[]\\" else c for c in name)
