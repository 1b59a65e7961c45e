"""Dockerfiles, built by the frontend that is part of the daemon."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.buildctl import words
from buildkit_engine.buildkit.progress import Reader
from buildkit_engine.buildkit.scrub import Scrubber
from buildkit_engine.errors import ExecError, RequestError, SolveError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit_engine.buildkit.buildctl import Buildctl
    from buildkit_engine.buildkit.exporters import Exporter

_BUILT_IN = re.compile(
    r"(?:(?:index\.)?docker\.io/)?(?:docker|moby)/dockerfile(?:-upstream)?(?:[:@].*)?"
)
_DIRECTIVE = re.compile(r"#\s*([a-zA-Z][a-zA-Z0-9]*)\s*=\s*(\S+).*")
_FAILED = re.compile(
    r'^process (?P<command>".*") did not complete successfully: exit code: (?P<code>\d+)$',
    re.DOTALL,
)
_MISSING_IMAGE = re.compile(r"failed to resolve source metadata for (\S+): ")
_SHELL = ("/bin/sh", "-c")


class MissingImageError(SolveError):
    """An image that a Dockerfile stands on cannot be had."""

    def __init__(self, message: str, reference: str) -> None:
        super().__init__(message)
        self.reference = reference


@dataclass(frozen=True)
class DockerBuild:
    """What is asked of a Dockerfile."""

    dockerfile: str = "Dockerfile"
    """Its path in the context."""
    platform: str = ""
    target: str = ""
    arguments: tuple[tuple[str, str], ...] = ()

    def options(self) -> list[str]:
        # with it, the frontend that a syntax line names is not fetched: it is the daemon's own
        options = {"cmdline": "docker/dockerfile", "filename": self.dockerfile}
        options["platform"] = self.platform
        if self.target:
            options["target"] = self.target
        options |= {f"build-arg:{name}": value for name, value in self.arguments}
        return [word for name, value in options.items() for word in ("--opt", f"{name}={value}")]


def building_on(platform: str) -> tuple[tuple[str, str], ...]:
    """The build arguments that name the platform which builds."""
    system, architecture, *variant = platform.split("/")
    values = {"PLATFORM": platform, "OS": system, "ARCH": architecture, "VARIANT": "".join(variant)}
    return tuple((f"BUILD{name}", value) for name, value in values.items())


def check_syntax(dockerfile: str) -> None:
    """Raises RequestError where a syntax line names a frontend that is not the daemon's own."""
    for line in dockerfile.removeprefix("\ufeff").splitlines():
        directive = _DIRECTIVE.fullmatch(line.strip())
        if not directive:
            return
        name, value = directive.groups()
        if name.lower() == "syntax" and not _BUILT_IN.fullmatch(value.lower()):
            raise RequestError(
                f'dockerBuild syntax frontend "{value}" is unsupported: '
                "expected docker/dockerfile, which is built in"
            )


def build(
    buildctl: Buildctl,
    asked: DockerBuild,
    folder: str,
    exporter: Exporter,
    secrets: Mapping[str, bytes],
) -> str:
    """Builds the Dockerfile in `folder` and exports the image; returns its digest.

    Raises ExecError where a RUN failed, MissingImageError for a base image, else SolveError.
    """
    arguments = ["--frontend", "dockerfile.v0", *asked.options()]
    arguments += ["--local", f"context={folder}", "--local", f"dockerfile={folder}"]
    reader = _Reader(buildctl.display, hidden=list(secrets.values()))
    result, code = buildctl.build(arguments, exporter, reader.feed, secrets=secrets)
    if code:
        raise _failure(reader)
    return str(result.metadata["containerimage.digest"])


@dataclass
class _Reader(Reader):
    """Hides secrets in what a RUN says: there is no shim in between."""

    hidden: list[bytes] = field(default_factory=list)
    _streams: dict[tuple[str, int], Scrubber] = field(default_factory=dict)

    def feed(self, line: bytes) -> None:
        if self.hidden:
            line = self._scrubbed(line)
        super().feed(line)

    def _scrubbed(self, line: bytes) -> bytes:
        try:
            status = json.loads(line)
        except ValueError:
            return line
        if not isinstance(status, dict):
            return line
        logs = status.get("logs") or []
        for log in logs:
            stream = (log["vertex"], log.get("stream", 0))
            known = self._streams.setdefault(stream, Scrubber(self.hidden))
            log["data"] = _encoded(known.feed(base64.b64decode(log.get("data", ""))))
        for vertex in status.get("vertexes") or []:
            if vertex.get("completed"):
                logs += [
                    {"vertex": digest, "stream": number, "data": _encoded(rest)}
                    for (digest, number), known in self._streams.items()
                    if digest == vertex["digest"] and (rest := known.feed(b"", ended=True))
                ]
        return json.dumps({**status, "logs": logs}).encode()


def _encoded(data: bytes) -> str:
    return base64.b64encode(data).decode()


def _unquoted(text: str) -> str:
    """What Go's %q has quoted: JSON, but for control characters, which are left as they are."""
    try:
        return str(json.loads(text))
    except ValueError:
        return text.strip('"')


def _failure(reader: Reader) -> ExecError | SolveError:
    failed = reader.failed
    if failed and (process := _FAILED.match(failed.error)):
        stdout, stderr = reader.output_of(failed.digest)
        return ExecError(
            cmd=_command(_unquoted(process["command"])),
            exit_code=int(process["code"]),
            stdout=stdout.strip(),
            stderr=stderr.strip(),
        )
    message = words(reader.error)
    if missing := _MISSING_IMAGE.search(message):
        return MissingImageError(message, missing[1])
    return SolveError(message)


def _command(text: str) -> tuple[str, ...]:
    """The words of a RUN, of which the daemon tells the text: a shell's command is one word."""
    shell = " ".join(_SHELL)
    if text.startswith(f"{shell} "):
        return (*_SHELL, text.removeprefix(f"{shell} "))
    return tuple(text.split(" "))
