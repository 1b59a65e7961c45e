"""A source that lives in memory: what the module reads of a directory before it builds."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase


@dataclass(frozen=True)
class FakeFile:
    text: str

    async def contents(self) -> str:
        return self.text


class FakeDirectory:
    """Answers like dagger.Directory, from a table of paths and texts."""

    def __init__(self, files: dict[str, str]) -> None:
        self._files = files

    async def entries(self) -> list[str]:
        names = {path.split("/")[0] + ("/" if "/" in path else "") for path in self._files}
        return sorted(names)

    async def exists(self, path: str, *, expected_type: object = None) -> bool:
        if expected_type:
            return path in self._files
        return any(f == path or f.startswith(path.rstrip("/") + "/") for f in self._files)

    async def glob(self, pattern: str) -> list[str]:
        anywhere = pattern.startswith("**/")
        name = pattern.removeprefix("**/")
        return sorted(
            f
            for f in self._files
            if (anywhere or "/" not in f) and fnmatchcase(f.rpartition("/")[2], name)
        )

    def file(self, path: str) -> FakeFile:
        return FakeFile(self._files[path])

    def directory(self, path: str) -> FakeDirectory:
        prefix = path.rstrip("/") + "/"
        inner = {f.removeprefix(prefix): t for f, t in self._files.items() if f.startswith(prefix)}
        return FakeDirectory(inner)
