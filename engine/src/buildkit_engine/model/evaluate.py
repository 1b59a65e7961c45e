"""Making a value real: the only place where the API's values meet the daemon."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.exporters import LocalFolder, PushByDigest, TarToStdout
from buildkit_engine.buildkit.scratch import Scratch
from buildkit_engine.errors import RequestError
from buildkit_engine.llb.marshal import marshal
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    ExecOp,
    FileOp,
    MergeOp,
    has_fixed_times,
    walk,
)
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.image import image_config
from buildkit_engine.model.paths import below

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.buildctl import Buildctl
    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.llb.ops import LocalSource, Output
    from buildkit_engine.model.container import Container

_INTERNAL = "[internal] "


@dataclass(frozen=True)
class Entry:
    """One entry of a directory, with its path relative to it; alone, with its name."""

    path: str
    type: str
    """file, directory, symlink or other."""
    mode: int
    size: int
    target: str = ""


_NO_FOLDER = Entry("", "other", 0, 0)


@dataclass
class Evaluator:
    """Solves values; remembers within a session what it read."""

    buildctl: Buildctl
    shim: LocalSource
    host_platform: str
    secrets: dict[str, bytes] = field(default_factory=dict)
    _known: dict[tuple[str, str, str], list[Entry]] = field(default_factory=dict)
    _trees: dict[tuple[str, str], dict[str, Entry]] = field(default_factory=dict)
    _kept: set[str] = field(default_factory=set)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sync(self, output: Output | None) -> None:
        """Builds it, for its effect and its errors."""
        if output is not None:
            self._keep(output, also=(output,))

    def tree(self, directory: Directory) -> tuple[Entry, ...]:
        """Every entry below the directory, in the order of a walk: no file is copied.

        Raises RequestError where there is no such directory.
        """
        within = self._within_a_tree(directory)
        if within is not None:
            return within
        top, *entries = self._told("tree", directory.output, directory.path) or [None]
        if top is None:
            raise RequestError(f"stat {directory.path}: no such file or directory")
        if top.type != "directory":
            raise RequestError(f"path {directory.path} is a file, not a directory")
        if directory.output:
            by_path = {entry.path: entry for entry in entries}
            with self._lock:
                self._trees[directory.output.key, directory.path] = by_path
        return tuple(entries)

    def entry(self, file: File, *, follow: bool = True) -> Entry:
        """The entry at a path, of whatever type; raises RequestError where there is none."""
        found = self._in_a_tree(file)
        if found is None:
            found = self._told("stat" if follow else "lstat", file.output, file.path)
        if not found:
            raise RequestError(f"stat {file.path}: no such file or directory")
        return found[0]

    def file_entry(self, file: File) -> Entry:
        """The entry of a file; raises RequestError where there is none, or a directory."""
        found = self.entry(file)
        if found.type == "directory":
            raise RequestError(f"path {file.path} is a directory, not a file")
        return found

    def read(self, file: File) -> bytes:
        """A file's bytes; raises RequestError where there is none, or a directory."""
        if file.output is None:
            raise RequestError(f"stat {file.path}: no such file or directory")
        alone = FileOp(f"{_INTERNAL}read {file.path}", None, (Copy(file.output, file.path, "/f"),))
        files = self._solve(alone.output, TarToStdout())
        with tarfile.open(fileobj=io.BytesIO(files)) as tar:
            data = tar.extractfile("f") if tar.getmember("f").isfile() else None
            if data is None:
                raise RequestError(f"path {file.path} is a directory, not a file")
            return data.read()

    def _within_a_tree(self, directory: Directory) -> tuple[Entry, ...] | None:
        """What a tree that was listed before tells of a folder below it."""
        found = self._in_a_tree(File(directory.output, directory.path))
        if not found or found[0].type != "directory":
            return None
        assert directory.output
        with self._lock:
            trees = [
                (top, t) for (key, top), t in self._trees.items() if key == directory.output.key
            ]
        for top, tree in trees:
            folder = below(directory.path, top)
            if folder and folder in tree:
                prefix = f"{folder}/"
                inside = (e for path, e in tree.items() if path.startswith(prefix))
                return tuple(replace(e, path=e.path.removeprefix(prefix)) for e in inside)
        return None

    def _in_a_tree(self, file: File) -> list[Entry] | None:
        """What a tree that was listed before tells of a file; None where only asking helps."""
        if file.output is None:
            return None
        with self._lock:
            trees = [(top, t) for (key, top), t in self._trees.items() if key == file.output.key]
        for top, tree in trees:
            *folders, name = (below(file.path, top) or "").split("/")
            on_the_way = ["/".join(folders[: n + 1]) for n in range(len(folders))]
            if not name or any(tree.get(p, _NO_FOLDER).type != "directory" for p in on_the_way):
                continue
            found = tree.get("/".join([*folders, name]))
            if found is None or found.type != "symlink":
                return [replace(found, path=name)] if found else []
        return None

    def _told(self, verb: str, output: Output | None, path: str) -> list[Entry]:
        """What the shim tells of a path, executed on the daemon's own host; asked once a session."""
        if output is None:
            return [Entry("/", "directory", 0o755, 0)] if path == "/" else []
        key = (verb, output.key, path)
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        asking = ExecOp(
            title=f"{_INTERNAL}{verb} {path}",
            args=("/shim/shim", verb, "/in", path, "/out/told"),
            on=self.host_platform,
            mounts=(
                BindMount("/", None),
                BindMount("/shim", self.shim.output, readonly=True),
                BindMount("/in", output, readonly=True),
                BindMount("/out", None),
            ),
        )
        lines = self.read(File(asking.output_of("/out"), "/told")).decode().split("\n")
        entries = [Entry(**json.loads(line)) for line in lines if line]
        with self._lock:
            self._known[key] = entries
        return entries

    def export_directory(self, directory: Directory, target: Path) -> None:
        """Writes the directory's entries into `target`, beside what it holds."""
        if directory.output is None:
            self.tree(directory)
            target.mkdir(parents=True, exist_ok=True)
            return
        target.mkdir(parents=True, exist_ok=True)
        action = Copy(directory.output, directory.path, "/", contents=True)
        output = (
            directory.output
            if directory.path == "/"
            else FileOp(f"{_INTERNAL}export {directory.path}", None, (action,)).output
        )
        self._solve(output, LocalFolder(str(target)))

    def export_file(self, file: File, target: Path) -> None:
        """Writes the file at `target`, with its mode; raises RequestError where there is none."""
        self.file_entry(file)
        assert file.output
        name = target.name
        action = Copy(file.output, file.path, f"/{name}")
        alone = FileOp(f"{_INTERNAL}export {file.path}", None, (action,))
        target.parent.mkdir(parents=True, exist_ok=True)
        # whoever looks there meanwhile, or after an interruption, sees all of it or nothing
        with Scratch(target.parent, ".buildkit-engine-export-") as whole:
            self._solve(alone.output, LocalFolder(str(whole.folder)))
            (whole.folder / name).replace(target)

    def push(
        self,
        images: list[Container],
        repository: str,
        *,
        compression: str = "",
        oci: bool = True,
        docker_config: str = "",
    ) -> list[str]:
        """Pushes each image by its digest, at the same time; the digests in the same order."""

        def one(container: Container) -> str:
            assert container.fs is not None
            exporter = PushByDigest(
                repository=repository,
                config=image_config(container),
                base_config=container.base.raw if container.base else None,
                compression=compression,
                oci=oci,
                rewrite_times=not has_fixed_times(container.fs),
            )
            self._keep(container.fs)
            result = self.buildctl.solve(
                marshal(container.fs), exporter, secrets=self.secrets, docker_config=docker_config
            )
            return str(result.metadata["containerimage.digest"])

        with ThreadPoolExecutor(max_workers=len(images)) as pool:
            return list(pool.map(one, images))

    def _solve(self, output: Output, exporter: Exporter | None = None) -> bytes:
        self._keep(output)
        return self.buildctl.solve(marshal(output), exporter, secrets=self.secrets).files

    def _keep(self, output: Output, also: tuple[Output, ...] = ()) -> None:
        """Makes sure that a command runs once, whatever is asked of it later; builds `also`, too.

        Of what a command leaves behind, a solve keeps what the solve asked for: without this, its
        stdout and its files would come from two runs. A merge asks for all of it.
        """
        commands = [
            op
            for op in walk([output])
            if isinstance(op, ExecOp) and len(op.outputs) > 1 and not op.title.startswith(_INTERNAL)
        ]
        new = [op for op in commands if op.digest not in self._kept]
        parts = {o.key: o for o in (*(o for op in new for o in op.outputs), *also)}
        if parts:
            whole, *more = parts.values()
            if more:
                whole = MergeOp(f"{_INTERNAL}keep", (whole, *more)).output
            self.buildctl.solve(marshal(whole), secrets=self.secrets)
            self._kept.update(op.digest for op in new)
