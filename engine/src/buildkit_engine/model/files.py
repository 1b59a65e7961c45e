"""Directory and File: a path in a filesystem that some LLB makes."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import (
    Copy,
    CopyFile,
    DiffOp,
    FileOp,
    LocalSource,
    MakeDir,
    MakeFile,
    Remove,
    Symlink,
)
from buildkit_engine.model.paths import absolute

if TYPE_CHECKING:
    from collections.abc import Sequence

    from buildkit_engine.llb.ops import FileAction, Output, Owner, Shim

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
        action = CopyFile(source, self.path, f"/{self.name}", timestamp=seconds * NANOSECONDS)
        return File(FileOp(f"set times of {self.name}", None, (action,)).output, f"/{self.name}")

    def with_owner(self, owner: Owner, tool: Shim) -> File:
        title = f"change owner of {self.name}"
        options = {"user": owner.user, "group": owner.group}
        changed = tool.changed(title, "chown", existing(self.output), self.path, options)
        return replace(self, output=changed)

    def with_replaced(
        self, search: str, replacement: str, tool: Shim, *, all_: bool, first_from: int | None
    ) -> File:
        """`replacement` in place of `search`: each, the first from a line on, or the only one."""
        options = {
            "search": search,
            "replacement": replacement,
            "all": all_,
            "first_from": first_from,
        }
        title = f"replace text in {self.name}"
        changed = tool.changed(title, "replace", existing(self.output), self.path, options)
        return replace(self, output=changed)

    def with_name(self, name: str) -> File:
        if "/" in name:
            raise RequestError(f'file name "{name}" must not contain a directory')
        source = existing(self.output)
        path = f"/{name}"
        return File(FileOp(f"name {path}", None, (CopyFile(source, self.path, path),)).output, path)


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
        mode: int = -1,
        owner: Owner | None = None,
    ) -> Directory:
        """`source`'s entries at `path`, over what is there."""
        target = self.at(path)
        actions = _parents_of(target)
        if source.output is None:
            if target != "/":
                actions.append(MakeDir(target, mode=0o755 if mode == -1 else mode, owner=owner))
            return self._then(f"make directory {target}", *actions)
        title = f"copy directory to {target}"
        if self.output is None and "/" not in (target, source.path) and not (include or exclude):
            # BuildKit lists all of the source's filesystem for a copy that leaves something out, as
            # that of the folder itself does; of what is not there yet it can be one with the rest
            whole = Copy(source.output, source.path, target, mode=mode, owner=owner)
            return self._then(title, *actions, whole)
        if target != "/":
            actions.append(self._folder_itself(source, target, mode, owner))
        actions.append(
            Copy(
                source.output,
                source.path,
                target,
                contents=True,
                include=include,
                exclude=exclude,
                mode=mode,
                owner=owner,
            )
        )
        return self._then(title, *actions)

    def _folder_itself(
        self, source: Directory, target: str, mode: int, owner: Owner | None
    ) -> Copy:
        """Makes a folder like `source` of the one at `target`, if there is one."""
        assert source.output
        parent, name = posixpath.split(target)
        alone = Copy(
            source.output, source.path, f"/{name}", exclude=("**",), mode=mode, owner=owner
        )
        folder = FileOp(f"[internal] folder {target}", None, (alone,)).output
        return Copy(folder, "/", parent, contents=True)

    def filtered(
        self, *, include: tuple[str, ...] = (), exclude: tuple[str, ...] = ()
    ) -> Directory:
        """What of it the patterns leave; itself where just that was left out on its way here."""
        source = self.output.op if self.output and self.path == "/" else None
        if isinstance(source, LocalSource) and source.left_out == exclude and not include:
            return self
        return Directory().with_directory("/", self, include=include, exclude=exclude)

    def with_file(
        self, path: str, source: File, *, mode: int = -1, owner: Owner | None = None
    ) -> Directory:
        target = self.at(path)
        if path.endswith(("/", "/.")) or target == "/":
            target = posixpath.join(target, source.name)
        action = CopyFile(existing(source.output), source.path, target, mode=mode, owner=owner)
        return self._then(f"copy file to {target}", *_parents_of(target), action)

    def with_files(
        self,
        path: str,
        sources: Sequence[File],
        *,
        mode: int = -1,
        owner: Owner | None = None,
    ) -> Directory:
        """The files in the folder `path`, by their own names."""
        changed = self
        for source in sources:
            target = posixpath.join(path, source.name)
            changed = changed.with_file(target, source, mode=mode, owner=owner)
        return changed

    def with_symlink(self, target: str, link_name: str) -> Directory:
        """With a link that leads to `target`; an error where there is something at `link_name`."""
        link = self.at(link_name)
        action = Symlink(target, link)
        return self._then(f"link {link} to {target}", *_parents_of(link), action)

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

    def without(self, *paths: str) -> Directory:
        """Without what is at the paths, wildcards allowed; what is missing is no error."""
        if self.output is None:
            return self
        # as on a Dagger engine, ? and [ are wildcards only beside a *
        actions = [Remove(self.at(p), allow_wildcard="*" in p) for p in paths]
        return self._then(f"remove {' '.join(paths)}", *actions)

    def with_timestamps(self, seconds: int) -> Directory:
        """The same files with their times set to `seconds` since 1970."""
        if self.output is None:
            return self
        action = Copy(self.output, self.path, "/", contents=True, timestamp=seconds * NANOSECONDS)
        return Directory(FileOp("set times", None, (action,)).output)

    def with_owner(self, path: str, owner: Owner, tool: Shim) -> Directory:
        """With what is at `path`, and all below it, owned by `owner`."""
        target = self.at(path)
        options = {"user": owner.user, "group": owner.group}
        changed = tool.changed(f"change owner of {target}", "chown", self.output, target, options)
        return replace(self, output=changed)

    def without_ignored(self, tool: Shim) -> Directory:
        """Without what the .gitignore files in it, and in the folders that it is in, name."""
        if self.output is None:
            return self
        title = "leave out what .gitignore files name"
        return replace(self, output=tool.changed(title, "prune", self.output, self.path))

    def diff(self, other: Directory) -> Directory:
        """What of `other` is not the same in this directory."""
        lower, upper = self._as_root(), other._as_root()
        if lower is None or upper is None:
            return Directory(upper)
        return Directory(DiffOp("compare directories", lower, upper).output)

    def _as_root(self) -> Output | None:
        return self.output if self.path == "/" else Directory().with_directory("/", self).output

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
