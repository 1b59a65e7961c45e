"""Making a value real: the only place where the API's values meet the daemon."""

from __future__ import annotations

import io
import json
import posixpath
import tarfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.exporters import LocalFolder, PushByDigest, TarToStdout
from buildkit_engine.errors import RequestError
from buildkit_engine.llb.marshal import marshal
from buildkit_engine.llb.ops import BindMount, Copy, ExecOp, FileOp, has_fixed_times
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.image import image_config

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.buildctl import Buildctl
    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.llb.ops import LocalSource, Output
    from buildkit_engine.model.container import Container

_INTERNAL = "[internal] "


@dataclass(frozen=True)
class Entry:
    """One entry of a directory, with its path relative to it."""

    path: str
    type: str
    """file, directory, symlink or other."""
    mode: int
    size: int
    target: str = ""


@dataclass
class Evaluator:
    """Solves values; remembers within a session what it read."""

    buildctl: Buildctl
    shim: LocalSource
    host_platform: str
    secrets: dict[str, bytes] = field(default_factory=dict)
    _trees: dict[str, tuple[Entry, ...]] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def sync(self, output: Output | None) -> None:
        """Builds it, for its effect and its errors."""
        if output is not None:
            self._solve(output)

    def tree(self, directory: Directory) -> tuple[Entry, ...]:
        """Every entry below the directory, listed by the daemon's own host: no file is copied.

        Raises RequestError where the directory does not exist.
        """
        if directory.output is None:
            if directory.path == "/":
                return ()
            raise RequestError(f"{directory.path}: no such file or directory")
        key = json.dumps(directory.key())
        with self._lock:
            known = self._trees.get(key)
        if known is not None:
            return known
        listing = ExecOp(
            title=f"{_INTERNAL}list {directory.path}",
            args=(
                "/shim/shim",
                "tree",
                posixpath.join("/in", directory.path.lstrip("/")),
                "/out/tree",
            ),
            on=self.host_platform,
            mounts=(
                BindMount("/", None),
                BindMount("/shim", self.shim.output, readonly=True),
                BindMount("/in", directory.output, readonly=True),
                BindMount("/out", None),
            ),
        )
        lines = self.read(File(listing.output_of("/out"), "/tree")).decode().splitlines()
        entries = tuple(sorted((Entry(**json.loads(li)) for li in lines), key=lambda e: e.path))
        with self._lock:
            self._trees[key] = entries
        return entries

    def entry(self, file: File) -> Entry:
        """The entry at a path; raises RequestError where there is none."""
        parent = Directory(file.output, posixpath.dirname(file.path))
        for entry in self.tree(parent):
            if entry.path == file.name:
                return entry
        raise RequestError(f"{file.path}: no such file or directory")

    def read(self, file: File) -> bytes:
        """A file's bytes."""
        if file.output is None:
            raise RequestError(f"{file.path}: no such file or directory")
        alone = FileOp(f"{_INTERNAL}read {file.path}", None, (Copy(file.output, file.path, "/"),))
        files = self._solve(alone.output, TarToStdout())
        with tarfile.open(fileobj=io.BytesIO(files)) as tar:
            for member in tar:
                if member.isfile():
                    data = tar.extractfile(member)
                    assert data
                    return data.read()
        raise RequestError(f"{file.path}: is not a file")

    def export_directory(self, directory: Directory, target: Path) -> None:
        """Writes the directory's entries into `target`, beside what it holds."""
        target.mkdir(parents=True, exist_ok=True)
        if directory.output is None:
            return
        action = Copy(directory.output, directory.path, "/", contents=True)
        output = (
            directory.output
            if directory.path == "/"
            else FileOp(f"{_INTERNAL}export {directory.path}", None, (action,)).output
        )
        self._solve(output, LocalFolder(str(target)))

    def export_file(self, file: File, target: Path) -> None:
        """Writes the file at `target`, with its mode."""
        if file.output is None:
            raise RequestError(f"{file.path}: no such file or directory")
        name = target.name
        action = Copy(file.output, file.path, f"/{name}")
        alone = FileOp(f"{_INTERNAL}export {file.path}", None, (action,))
        target.parent.mkdir(parents=True, exist_ok=True)
        self._solve(alone.output, LocalFolder(str(target.parent)))

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
            result = self.buildctl.solve(
                marshal(container.fs), exporter, secrets=self.secrets, docker_config=docker_config
            )
            return str(result.metadata["containerimage.digest"])

        with ThreadPoolExecutor(max_workers=len(images)) as pool:
            return list(pool.map(one, images))

    def _solve(self, output: Output, exporter: Exporter | None = None) -> bytes:
        return self.buildctl.solve(marshal(output), exporter, secrets=self.secrets).files
