"""Directory and File: a path in a filesystem that some LLB makes."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import Copy, FileOp, MakeDir, MakeFile, Remove, Symlink
from buildkit_engine.model.paths import absolute

if TYPE_CHECKING:
    from buildkit_engine.llb.ops import FileAction, Output, Owner

NANOSECONDS = 1_000_000_000
LONGEST_NAME = 255


@dataclass(frozen=True, eq=False)
class File:
    """One file."""

    output: Output | None
    path: str

    @property
    def name(self) -> str:
        return posixpath.basename(self.path)

    def key(self) -> object:
        """What makes it this file: equal keys are equal files."""
        return [_key(self.output), self.path]

    def with_timestamps(self, seconds: int) -> File:
        """The same file with its times set to `seconds` since 1970."""
        source = existing(self.output)
        action = Copy(source, self.path, f"/{self.name}", timestamp=seconds * NANOSECONDS)
        return File(FileOp(f"set times of {self.name}", None, (action,)).output, f"/{self.name}")

    def with_name(self, name: str) -> File:
        if "/" in name:
            raise RequestError(f'file name "{name}" must not contain a directory')
        source = existing(self.output)
        path = f"/{name}"
        return File(FileOp(f"name {path}", None, (Copy(source, self.path, path),)).output, path)


@dataclass(frozen=True, eq=False)
class Directory:
    """A folder; with no output an empty one."""

    output: Output | None = None
    path: str = "/"

    def key(self) -> object:
        """What makes it this directory: equal keys are equal directories."""
        return [_key(self.output), self.path]

    def at(self, path: str) -> str:
        """A path of this directory as a path of the filesystem it is in, and never above that."""
        return absolute(path.lstrip("/"), self.path)

    def directory(self, path: str) -> Directory:
        return replace(self, path=self.at(path))

    def file(self, path: str) -> File:
        return File(self.output, self.at(path))

    def with_directory(
        self,
        path: str,
        source: Directory,
        *,
        include: tuple[str, ...] = (),
        exclude: tuple[str, ...] = (),
        owner: Owner | None = None,
    ) -> Directory:
        """`source`'s entries at `path`, over what is there."""
        target = self.at(path)
        actions = _parents_of(target)
        if target != "/":
            actions.append(MakeDir(target, owner=owner))
        if source.output is not None:
            actions.append(
                Copy(
                    source.output,
                    source.path,
                    target,
                    contents=True,
                    include=include,
                    exclude=exclude,
                    owner=owner,
                )
            )
        return self._then(f"copy directory to {target}", *actions)

    def with_file(
        self, path: str, source: File, *, mode: int = -1, owner: Owner | None = None
    ) -> Directory:
        target = self.at(path)
        if path.endswith("/"):
            target = posixpath.join(target, source.name)
        action = Copy(existing(source.output), source.path, target, mode=mode, owner=owner)
        return self._then(f"copy file to {target}", *_parents_of(target), action)

    def with_new_file(
        self, path: str, data: bytes, *, mode: int = 0o644, owner: Owner | None = None
    ) -> Directory:
        target = self.at(path)
        if len(posixpath.basename(target).encode()) > LONGEST_NAME:
            raise RequestError(
                f"File name length exceeds the maximum supported {LONGEST_NAME} characters"
            )
        action = MakeFile(target, data, mode, owner)
        return self._then(f"write {target}", *_parents_of(target), action)

    def with_new_directory(self, path: str, *, mode: int = 0o644) -> Directory:
        if posixpath.normpath(path.lstrip("/")).split("/")[0] == "..":
            raise RequestError(f"cannot create directory outside parent: {path}")
        target = self.at(path)
        return self._then(f"make directory {target}", MakeDir(target, mode=mode))

    def with_symlink(self, target: str, link_name: str) -> Directory:
        """A link at `link_name`, whether or not there is something where it leads to."""
        path = self.at(link_name)
        return self._then(f"link {path}", *_parents_of(path), Symlink(target, path))

    def without(self, *paths: str) -> Directory:
        """Without what is at the paths, wildcards allowed; what is missing is no error."""
        if self.output is None:
            return self
        actions = [Remove(self.at(p), allow_wildcard=True) for p in paths]
        return self._then(f"remove {' '.join(paths)}", *actions)

    def with_timestamps(self, seconds: int) -> Directory:
        """The same files with their times set to `seconds` since 1970."""
        if self.output is None:
            return self
        action = Copy(self.output, self.path, "/", contents=True, timestamp=seconds * NANOSECONDS)
        return Directory(FileOp("set times", None, (action,)).output)

    def _then(self, title: str, *actions: FileAction) -> Directory:
        if not actions:
            return self
        return replace(self, output=FileOp(title, self.output, actions).output)


def _parents_of(target: str) -> list[FileAction]:
    """Made apart, so that an owner or a mode is not theirs."""
    parent = posixpath.dirname(target)
    return [MakeDir(parent)] if parent != "/" else []


def existing(output: Output | None) -> Output:
    """A filesystem to read from: an empty one stands for nothing."""
    if output is None:
        return FileOp("empty", None, (MakeDir("/"),)).output
    return output


def _key(output: Output | None) -> str:
    return "" if output is None else output.key
