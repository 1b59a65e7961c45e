"""Making a value real: the only place where the API's values meet the daemon."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildkit_engine.buildkit.exporters import LocalFolder, PushByDigest, TarToStdout
from buildkit_engine.buildkit.placing import placed
from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import Copy, FileOp, has_fixed_times
from buildkit_engine.llb.shims import TOLD
from buildkit_engine.model import local
from buildkit_engine.model.files import Directory, File, existing
from buildkit_engine.model.folders import SMALL, Entry, entries_of, files_of, small_source
from buildkit_engine.model.image import image_config
from buildkit_engine.model.paths import below
from buildkit_engine.model.solving import INTERNAL

if TYPE_CHECKING:
    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.llb.ops import LocalSource, Output, Shim
    from buildkit_engine.model.container import Container
    from buildkit_engine.model.routing import Router
    from buildkit_engine.model.solving import Solver

_NO_FOLDER = Entry("", "other", 0, 0)


@dataclass
class Evaluator:
    """Solves values; remembers within a session what it read."""

    solver: Solver | Router
    tool: Shim
    """The engine's own program as a command over filesystems."""
    _known: dict[tuple[str, str, str], list[Entry]] = field(default_factory=dict)
    _trees: dict[tuple[str, str], dict[str, Entry]] = field(default_factory=dict)
    _contents: dict[tuple[str, str], dict[str, bytes]] = field(default_factory=dict)
    """Of folders that were listed and are small, by their keys in `_trees`."""
    _reading: threading.Lock = field(default_factory=threading.Lock)
    _made: dict[str, Output] = field(default_factory=dict)
    """What was asked for as a whole: whose cache is worth to be written."""
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sync(self, output: Output | None) -> None:
        """Builds it, for its effect and its errors."""
        if output is not None:
            self.solver.build(output)
            self._made[output.key] = output

    def tree(self, directory: Directory) -> tuple[Entry, ...]:
        """Every entry below the directory, in the order of a walk: no file is copied.

        Raises RequestError where there is no such directory.
        """
        known = self._within_a_tree(directory)
        if known is None:
            known = self._read_with_its_files(directory)
        if known is not None:
            return known
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
        near = local.read(file.output, file.path)
        if near is None:
            near = self._in_a_small_tree(file)
        if near is not None:
            return near
        alone = FileOp(f"{INTERNAL}read {file.path}", None, (Copy(file.output, file.path, "/f"),))
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

    def _in_a_small_tree(self, file: File) -> bytes | None:
        """A file's bytes, read with all others of a small folder; None where that is not it."""
        found = self._in_a_tree(file)
        if not found or found[0].type != "file":
            return None
        assert file.output
        with self._lock:
            trees = [(key, t) for key, t in self._trees.items() if key[0] == file.output.key]
        for key, tree in trees:
            path = below(file.path, key[1])
            if path not in tree or sum(entry.size for entry in tree.values()) > SMALL:
                continue
            # whoever asks for another of them meanwhile waits for the same solve
            with self._reading:
                if key not in self._contents:
                    self._contents[key] = self._read_all(file.output, key[1])
            return self._contents[key].get(path)
        return None

    def _read_with_its_files(self, directory: Directory) -> tuple[Entry, ...] | None:
        """Every entry of a part of a small folder of this machine; None of anything else.

        Its files come with them: they are what is asked for next. Nothing is executed for it.
        """
        source = small_source(directory.output) if directory.path == "/" else None
        if source is None:
            return None
        assert directory.output
        key = directory.output.key, directory.path
        # whoever asks for the same meanwhile waits for the same solve
        with self._reading:
            if key not in self._trees:
                packed = self._solve(directory.output, TarToStdout())
                entries = entries_of(packed, folder_size=Path(source.path).stat().st_size)
                self._contents[key] = files_of(packed)
                with self._lock:
                    self._trees[key] = {entry.path: entry for entry in entries}
            return tuple(self._trees[key].values())

    def _read_all(self, output: Output, folder: str) -> dict[str, bytes]:
        """All files below a folder, by their paths in it."""
        action = Copy(output, folder, "/", contents=True)
        whole = FileOp(f"{INTERNAL}read {folder}", None, (action,))
        return files_of(self._solve(whole.output, TarToStdout()))

    def _told(self, verb: str, output: Output | None, path: str) -> list[Entry]:
        """What the shim tells of a path, executed on the daemon's own host; asked once a session.

        Of a folder of this machine, what is there.
        """
        if output is None:
            return [Entry("/", "directory", 0o755, 0)] if path == "/" else []
        key = (verb, output.key, path)
        with self._lock:
            known = self._known.get(key)
        if known is not None:
            return known
        entries = local.look(verb, output, path)
        if entries is None:
            entries = [Entry(**told) for told in self.ask(verb, output, path)]
        with self._lock:
            self._known[key] = entries
        return entries

    def ask(
        self, verb: str, output: Output | None, path: str, **options: object
    ) -> list[dict[str, Any]]:
        """What the shim answers about a path: no file is copied out."""
        title = f"{INTERNAL}{verb} {path}"
        told = self.tool.asked(title, verb, existing(output), path, options or None)
        lines = self.read(File(told, TOLD)).decode().split("\n")
        return [json.loads(line) for line in lines if line]

    def digest(self, file: File, *, exclude_metadata: bool = False) -> str:
        """The digest of a file or of a folder with all that is in it."""
        told: Any = self.ask("digest", file.output, file.path, exclude_metadata=exclude_metadata)
        return told[0]

    @property
    def shim(self) -> LocalSource:
        """The engine's own program, for commands of the user's."""
        return self.tool.source

    @property
    def host_platform(self) -> str:
        """The platform of what says nothing else."""
        return self.tool.platform

    @property
    def secrets(self) -> dict[str, bytes]:
        """Values by handle."""
        return self.solver.secrets

    def export_directory(self, directory: Directory, target: Path, *, wipe: bool = False) -> None:
        """Writes the directory's entries into `target`: beside what it holds, or in place of it."""
        if directory.output is None:
            self.tree(directory)
        target.mkdir(parents=True, exist_ok=True)
        output = existing(directory.output)
        if directory.path != "/":
            action = Copy(output, directory.path, "/", contents=True)
            output = FileOp(f"{INTERNAL}export {directory.path}", None, (action,)).output
        self._solve(output, LocalFolder(str(target), wipe=wipe))
        if directory.output is not None:
            self._made[directory.output.key] = directory.output

    def export_file(self, file: File, target: Path) -> None:
        """Writes the file at `target`, with its mode; raises RequestError where there is none."""
        self.file_entry(file)
        assert file.output
        name = target.name
        action = Copy(file.output, file.path, f"/{name}")
        alone = FileOp(f"{INTERNAL}export {file.path}", None, (action,))
        with placed(target) as whole:
            self._solve(alone.output, LocalFolder(str(whole.parent)))
        self._made[file.output.key] = file.output

    def push(
        self,
        images: list[Container],
        repository: str,
        *,
        compression: str = "",
        oci: bool = True,
    ) -> list[str]:
        """Pushes each image by its digest, at the same time; the digests in the same order."""

        def one(container: Container) -> str:
            assert container.fs is not None
            result = self.solver.export(
                container.fs,
                lambda fs: PushByDigest(
                    repository=repository,
                    config=image_config(container),
                    base_config=container.base.raw if container.base else None,
                    compression=compression,
                    oci=oci,
                    rewrite_times=not has_fixed_times(fs),
                    annotations=container.annotations,
                ),
                platform=container.platform,
            )
            self._made[container.fs.key] = container.fs
            return str(result.metadata["containerimage.digest"])

        with ThreadPoolExecutor(max_workers=len(images)) as pool:
            return list(pool.map(one, images))

    def write_caches(self) -> None:
        """Writes the cache of all that was made; raises SolveError where it cannot be written."""
        self.solver.write_caches(list(self._made.values()))

    def _solve(self, output: Output, exporter: Exporter) -> bytes:
        return self.solver.export(output, lambda _: exporter).files
