"""Directory.dockerBuild: an image made from a Dockerfile, in the engine's own store on loopback."""

from __future__ import annotations

import shutil
import uuid
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit import frontend
from buildkit_engine.buildkit.exporters import PushAsBuilt
from buildkit_engine.errors import RequestError, SolveError
from buildkit_engine.llb.ops import LocalSource

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from buildkit_engine.buildkit.frontend import DockerBuild
    from buildkit_engine.model.evaluate import Evaluator
    from buildkit_engine.model.files import Directory


@dataclass(frozen=True)
class Dockerfiles:
    """Builds Dockerfiles into a repository of the loopback registry."""

    evaluator: Evaluator
    repository: str
    scratch: Path
    provide: Callable[[str, str], bool]
    """Makes a base image for a platform that is missing, where images come from the mirror."""

    def build(self, directory: Directory, asked: DockerBuild, secrets: Mapping[str, bytes]) -> str:
        """The digest of what the directory's Dockerfile makes.

        Raises RequestError where there is no such Dockerfile, or it cannot be built here.
        """
        exporter = PushAsBuilt(self.repository)
        with self._context(directory, asked.dockerfile) as folder:
            provided: dict[str, list[str]] = {}
            while True:
                try:
                    return self.evaluator.solver.dockerfile(
                        asked,
                        lambda buildctl, placed: frontend.build(
                            buildctl, placed, str(folder), exporter, secrets
                        ),
                    )
                except frontend.MissingImageError as error:
                    # a build asks for one image after another, each of which is made but once
                    # for the image's platform, or the build host's where a stage runs there
                    platforms = provided.setdefault(
                        error.reference,
                        list(dict.fromkeys((asked.platform, self.evaluator.host_platform))),
                    )
                    if not platforms or not self.provide(error.reference, platforms.pop(0)):
                        raise

    @contextmanager
    def _context(self, directory: Directory, dockerfile: str) -> Iterator[Path]:
        """A folder of this machine that holds the directory: its own, if it is one."""
        own = _host_folder(directory)
        try:
            if own and Path(own, dockerfile).resolve().is_relative_to(own):
                data = Path(own, dockerfile).read_bytes()
            else:
                data = self.evaluator.read(directory.file(dockerfile))
        except (OSError, RequestError, SolveError) as error:
            reason = (error.strerror or "").lower() if isinstance(error, OSError) else error
            raise RequestError(f'failed to read Dockerfile "{dockerfile}": {reason}') from None
        frontend.check_syntax(data.decode(errors="replace"))
        if own:
            yield own
            return
        folder = self.scratch / uuid.uuid4().hex
        try:
            self.evaluator.export_directory(directory, folder)
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)


def _host_folder(directory: Directory) -> Path | None:
    """The folder of this machine that a directory is, as the session has it.

    None for one that a link leads to, out of what the session has: there the link is the build's to
    follow, within the directory's own root, and not this machine's.
    """
    op = directory.output.op if directory.output else None
    if not isinstance(op, LocalSource):
        return None
    root = Path(op.path).resolve()
    folder = Path(root, directory.path.lstrip("/")).resolve()
    return folder if folder.is_relative_to(root) else None
