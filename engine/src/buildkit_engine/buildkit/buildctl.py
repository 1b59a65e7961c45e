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
from buildkit_engine.buildkit.credentials import Credentials
from buildkit_engine.buildkit.daemons import tls_flags
from buildkit_engine.buildkit.exporters import PushByDigest, TarToStdout, csv_record
from buildkit_engine.buildkit.progress import Display, Reader
from buildkit_engine.errors import ExecError, SolveError
from buildkit_engine.llb.ops import ExecOp
from buildkit_engine.llb.shims import PROGRAM, SEPARATOR, is_users_command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.llb.marshal import Definition

_EXIT_CODE = re.compile(r"exit code: (\d+)\s*$")
_SHIM_FAILED, _SHIM_SAYS = 125, "shim: "
"""The shim's own exit code and words, where it could not run the command."""
_SHIM_NOT_FAILED = 124
"""A command's own exit code was 0 where a failure was expected."""
_PROCESS = re.compile(r'^process ".*?" did not complete successfully: ', re.DOTALL)
_DAEMONS_FOLDER = re.compile(r"/\S*/cachemounts/buildkit\d+")
_MISMATCH = re.compile(
    r"digest mismatch (?:for \S+: )?(sha256:\w+)(?:: | \(expected: )(sha256:\w+)\)?"
)
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
    credentials: Credentials = field(default_factory=Credentials)
    caches: Caches = field(default_factory=Caches)
    scratch: Path | None = None
    """Where its own files are while it runs; without one where the system keeps such files."""
    children: Children = field(default_factory=Children)
    tls: str = ""
    """The daemon's own folder of certificates, if it has one."""

    def solve(
        self,
        definition: Definition,
        exporter: Exporter | None = None,
        *,
        secrets: Mapping[str, bytes] | None = None,
        write_caches: bool = False,
    ) -> Result:
        """Builds `definition` and exports it; without an exporter, only builds it.

        With `write_caches`, the cache of all that it needed is written where `caches` says.
        Raises ExecError where a command of the user's failed, else SolveError.
        """
        arguments = []
        for name, path in definition.local_paths.items():
            arguments += ["--local", f"{name}={path}"]
        for name, path in definition.layouts.items():
            arguments += ["--oci-layout", f"{name}={path}"]
        if definition.insecure:
            arguments += ["--allow", "security.insecure"]
        if any(is_users_command(op) for op in definition.ops.values()):
            arguments += self.caches.reading
        if write_caches:
            arguments += self.caches.writing
        given = {id_: (secrets or {})[id_] for id_ in definition.secret_ids}
        title = exporter.title if isinstance(exporter, PushByDigest) else ""
        reader = Reader(self.display, title)
        result, code = self.build(
            arguments, exporter, reader.feed, definition=definition.data, secrets=given
        )
        if code:
            raise _failure(definition, reader)
        return result

    def build(
        self,
        arguments: list[str],
        exporter: Exporter | None,
        feed: Callable[[bytes], None],
        *,
        definition: bytes = b"",
        secrets: Mapping[str, bytes],
    ) -> tuple[Result, int]:
        """Runs `buildctl build`, its progress fed line by line; what came of it, and its code."""
        with tempfile.TemporaryDirectory(prefix="solve-", dir=self.scratch) as scratch:
            metadata = Path(scratch) / "metadata.json"
            command = [self.program, "--addr", self.address, *tls_flags(self.address, self.tls)]
            command += ["build", "--progress=rawjson", "--metadata-file", str(metadata), *arguments]
            if exporter is not None:
                command += ["--output", exporter.record()]
            with _in_memory(secrets) as files_of_secrets:
                for id_, file in files_of_secrets.items():
                    record = csv_record({"id": id_, "src": f"/proc/self/fd/{file}"})
                    command += ["--secret", record]
                inherited = tuple(files_of_secrets.values())
                files, code = self._run(command, definition, inherited, feed)
            told = json.loads(metadata.read_text()) if metadata.exists() else {}
            return Result(files if isinstance(exporter, TarToStdout) else b"", told), code

    def _run(
        self,
        command: list[str],
        definition: bytes,
        inherited: tuple[int, ...],
        feed: Callable[[bytes], None],
    ) -> tuple[bytes, int]:
        pipe = subprocess.PIPE
        env = {**os.environ, **self.credentials.environment}
        process = self.children.start(
            command, stdin=pipe, stdout=pipe, stderr=pipe, env=env, pass_fds=inherited
        )
        with process:
            try:
                assert process.stdin
                assert process.stdout
                assert process.stderr
                progress = threading.Thread(target=_feed, args=(process.stderr, feed))
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


@contextlib.contextmanager
def _in_memory(secrets: Mapping[str, bytes]) -> Iterator[dict[str, int]]:
    """Files that only this process and those it starts can open, and that no disk holds.

    Arguments can be read by every user of the machine; an environment takes no zero bytes.
    """
    with contextlib.ExitStack() as opened:
        files = {}
        for id_, value in secrets.items():
            file = opened.enter_context(os.fdopen(os.memfd_create("secret"), "wb"))
            file.write(value)
            file.flush()
            files[id_] = file.fileno()
        yield files


def _feed(stream: object, feed: Callable[[bytes], None]) -> None:
    for line in stream:  # type: ignore[attr-defined]
        feed(line)


def _failure(definition: Definition, reader: Reader) -> ExecError | SolveError:
    failed = reader.failed
    error = reader.error
    if failed is None:
        return SolveError(words(error))
    stdout, stderr = reader.output_of(failed.digest)
    code = _EXIT_CODE.search(failed.error) or _EXIT_CODE.search(error)
    op = definition.ops.get(failed.digest)
    if code and is_users_command(op):
        exit_code = int(code[1])
        if exit_code == _SHIM_FAILED and stderr.startswith(_SHIM_SAYS):
            return SolveError(stderr.removeprefix(_SHIM_SAYS).strip(), vertex=failed.digest)
        shim, own = _apart(op.args)
        if exit_code == _SHIM_NOT_FAILED and "failure" in shim:
            exit_code = 0
        return ExecError(cmd=own, exit_code=exit_code, stdout=stdout.strip(), stderr=stderr.strip())
    if code and isinstance(op, ExecOp) and op.args[0] == PROGRAM:
        return SolveError(stderr.strip().removeprefix(_SHIM_SAYS), vertex=failed.digest)
    return SolveError(words(failed.error), vertex=failed.digest, logs=stdout + stderr)


def words(error: str) -> str:
    """BuildKit's error without the wrapping that says nothing to a user."""
    short = error.removeprefix("failed to solve: ").removeprefix("failed to compute cache key: ")
    short = _DAEMONS_FOLDER.sub("", _PROCESS.sub("", short))
    short = _MISMATCH.sub(r"http checksum mismatch: expected \2, got \1", short)
    return _NOT_FOUND.sub(r"stat \g<path>: no such file or directory", short)


def _apart(args: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The shim's own arguments, and the user's command."""
    end = args.index(SEPARATOR)
    return args[:end], args[end + 1 :]
