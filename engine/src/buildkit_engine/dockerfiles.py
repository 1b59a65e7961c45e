"""Directory.dockerBuild: an image made from a Dockerfile, in the engine's own store on loopback."""

from __future__ import annotations

import shutil
import uuid
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit import frontend
from buildkit_engine.buildkit.exporters import PushAsBuilt
from buildkit_engine.errors import RequestError, SolveError
from buildkit_engine.images import STORE
from buildkit_engine.llb.ops import LocalSource

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from buildkit_engine.buildkit.frontend import DockerBuild
    from buildkit_engine.images import RegistryImages
    from buildkit_engine.model.files import Directory


def build(
    images: RegistryImages, directory: Directory, asked: DockerBuild, secrets: Mapping[str, bytes]
) -> str:
    """The digest, in the engine's own store, of what the directory's Dockerfile makes.

    Raises RequestError where there is no such Dockerfile, or it cannot be built here.
    """
    with _context(images, directory, asked.dockerfile) as folder:
        provided: set[str] = set()
        while True:
            try:
                return frontend.build(
                    images.evaluator.buildctl,
                    asked,
                    str(folder),
                    PushAsBuilt(f"{images.running.registry}/{STORE}"),
                    secrets,
                )
            except frontend.MissingImageError as error:
                # the mirror makes what is asked for, and a build asks for one image after another
                if error.reference in provided or not images.provide(error.reference):
                    raise
                provided.add(error.reference)


@contextmanager
def _context(images: RegistryImages, directory: Directory, dockerfile: str) -> Iterator[Path]:
    """A folder of this machine that holds the directory: its own, if it is one."""
    own = _host_folder(directory)
    if own:
        try:
            text = Path(own, dockerfile).read_text(errors="replace")
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise RequestError(f'failed to read Dockerfile "{dockerfile}": {reason}') from None
        frontend.check_syntax(text)
        yield own
        return
    try:
        data = images.evaluator.read(directory.file(dockerfile))
    except (RequestError, SolveError) as error:
        raise RequestError(f'failed to read Dockerfile "{dockerfile}": {error}') from None
    frontend.check_syntax(data.decode(errors="replace"))
    folder = images.scratch / uuid.uuid4().hex
    try:
        images.evaluator.export_directory(directory, folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _host_folder(directory: Directory) -> Path | None:
    """The folder of this machine that a directory is, whole and as it is."""
    op = directory.output.op if directory.output else None
    if not isinstance(op, LocalSource) or op.include or op.exclude:
        return None
    return Path(op.path, directory.path.lstrip("/"))
