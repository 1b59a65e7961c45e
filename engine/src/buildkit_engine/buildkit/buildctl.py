"""One solve: a definition in, files or an image out."""

from __future__ import annotations

import contextlib
import json
import os
import re
import subprocess
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.caches import Caches
from buildkit_engine.buildkit.children import Children
from buildkit_engine.buildkit.daemons import tls_flags
from buildkit_engine.buildkit.exporters import PushByDigest, TarToStdout, csv_record
from buildkit_engine.buildkit.progress import Display, Reader
from buildkit_engine.errors import ExecError, SolveError
from buildkit_engine.llb.ops import ExecOp
from buildkit_engine.llb.shims import PROGRAM

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.llb.marshal import Definition

_EXIT_CODE = re.compile(r"exit code: (\d+)\s*$")
_SHIM_SEPARATOR = "--"
_SHIM_NOT_FAILED = 124
"""A command's own exit code was 0 where a failure was expected."""
_PROCESS = re.compile(r'^process ".*?" did not complete successfully: ', re.DOTALL)
_DAEMONS_FOLDER = re.compile(r"/\S*/cachemounts/buildkit\d+")
_NOT_FOUND = re.compile(r'failed to calculate checksum of ref \S+: "(?P<path>.*)": not found')


@dataclass(frozen=True)
class Result:
    """`files` is the tar stream where one was asked for; `metadata` what the exporter tells."""

    files: bytes = b""
    metadata: dict[str, object] = field(default_factory=dict)


@dataclass
class Buildctl:
    """Runs buildctl against one daemon. Safe to use from several threads."""

    program: str
    address: str
    display: Display = field(default_factory=Display)
    docker_config: str = ""
    """A folder with a config.json of registry credentials, where there are any."""
    caches: Caches = field(default_factory=Caches)
    scratch: Path | None = None
    """Where its own files are while it runs; without one where the system keeps such files."""
    children: Children = field(default_factory=Children)

    def solve(
        self,
        definition: Definition,
        exporter: Exporter | None = None,
        *,
        secrets: Mapping[str, bytes] | None = None,
        docker_config: str = "",
        write_caches: bool = False,
    ) -> Result:
        """Builds `definition` and exports it; without an exporter, only builds it.

        With `write_caches`, the cache of all that it needed is written where `caches` says.
        Raises ExecError where a command of the user's failed, else SolveError.
        """
        with tempfile.TemporaryDirectory(prefix="solve-", dir=self.scratch) as scratch:
            metadata = Path(scratch) / "metadata.json"
            command = [self.program, "--addr", self.address, *tls_flags()]
            command += ["build", "--progress=rawjson"]
            command += ["--metadata-file", str(metadata)]
            for name, path in definition.local_paths.items():
                command += ["--local", f"{name}={path}"]
            env = dict(os.environ)
            for number, secret_id in enumerate(definition.secret_ids):
                # by the environment: arguments can be read by every user of the machine
                variable = f"BUILDKIT_ENGINE_SECRET_{number}"
                env[variable] = os.fsdecode((secrets or {})[secret_id])
                command += ["--secret", csv_record({"id": secret_id, "env": variable})]
            if any(_is_users(op) for op in definition.ops.values()):
                command += self.caches.reading
            if write_caches:
                command += self.caches.writing
            if exporter is not None:
                command += ["--output", exporter.record()]
            if config := docker_config or self.docker_config:
                env["DOCKER_CONFIG"] = config
            title = exporter.title if isinstance(exporter, PushByDigest) else ""
            reader = Reader(self.display, title)
            files, code = self._run(command, definition.data, env, reader)
            if code:
                raise _failure(definition, reader)
            if isinstance(exporter, PushByDigest):
                return Result(metadata=json.loads(metadata.read_text()))
            return Result(files=files if isinstance(exporter, TarToStdout) else b"")

    def _run(
        self, command: list[str], definition: bytes, env: dict[str, str], reader: Reader
    ) -> tuple[bytes, int]:
        pipe = subprocess.PIPE
        process = self.children.start(command, stdin=pipe, stdout=pipe, stderr=pipe, env=env)
        with process:
            try:
                assert process.stdin
                assert process.stdout
                assert process.stderr
                progress = threading.Thread(target=_feed, args=(process.stderr, reader))
                progress.start()
                # where buildctl ended early, its exit code and words say why
                with contextlib.suppress(BrokenPipeError):
                    process.stdin.write(definition)
                    process.stdin.close()
                files = process.stdout.read()
                progress.join()
                return files, process.wait()
            finally:
                if process.poll() is None:
                    process.terminate()


def _feed(stream: object, reader: Reader) -> None:
    for line in stream:  # type: ignore[attr-defined]
        reader.feed(line)


def _failure(definition: Definition, reader: Reader) -> ExecError | SolveError:
    failed = reader.failed
    error = reader.error
    if failed is None:
        return SolveError(_words(error))
    stdout, stderr = reader.output_of(failed.digest)
    code = _EXIT_CODE.search(failed.error) or _EXIT_CODE.search(error)
    op = definition.ops.get(failed.digest)
    if code and isinstance(op, ExecOp) and _is_users(op):
        shim, own = _apart(op.args)
        exit_code = int(code[1])
        if exit_code == _SHIM_NOT_FAILED and "failure" in shim:
            exit_code = 0
        return ExecError(cmd=own, exit_code=exit_code, stdout=stdout.strip(), stderr=stderr.strip())
    if code and isinstance(op, ExecOp) and op.args[0] == PROGRAM:
        return SolveError(stderr.strip().removeprefix("shim: "), vertex=failed.digest)
    return SolveError(_words(failed.error), vertex=failed.digest, logs=stdout + stderr)


def _words(error: str) -> str:
    """BuildKit's error without the wrapping that says nothing to a user."""
    words = error.removeprefix("failed to solve: ").removeprefix("failed to compute cache key: ")
    words = _DAEMONS_FOLDER.sub("", _PROCESS.sub("", words))
    return _NOT_FOUND.sub(r"stat \g<path>: no such file or directory", words)


def _is_users(op: object) -> bool:
    """True for a command of the user's, which the shim runs."""
    return isinstance(op, ExecOp) and _SHIM_SEPARATOR in op.args


def _apart(args: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The shim's own arguments, and the user's command."""
    end = args.index(_SHIM_SEPARATOR)
    return args[:end], args[end + 1 :]
