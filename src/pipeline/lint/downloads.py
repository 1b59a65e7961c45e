"""What comes from elsewhere without a word on what it has to be."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lint.arguments import PLATFORM_ARGUMENTS
from pipeline.lint.dockerfile import is_variable
from pipeline.lint.problem import Problem
from pipeline.lint.shell import SHELLS, runs_its_input
from pipeline.lint.tools import DOWNLOADERS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction
    from pipeline.lint.shell import Command

_URL = re.compile(r"https?://[^\s\"'|)]+")
_GIT = re.compile(r"https?://\S+\.git(?:[#?]\S*)?")
_ARGUMENT = re.compile(r"\$(?:\{(\w+)(?::-([^{}]*))?\}|(\w+))")
_BARE = re.compile(r"[\w-]+")
"""A name that may be that of a context, as `docker buildx build --build-context NAME=…` gives it."""
_INTERPRETERS = re.compile(rf"{'|'.join(SHELLS)}|(?:python|perl|ruby|node)[\d.]*")


def unchecked_download(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A file that is added or run as it comes may be another one tomorrow."""
    for instruction in dockerfile.instructions:
        if instruction.name == "ADD":
            yield from _added(dockerfile, instruction)
        elif instruction.name == "RUN":
            yield from _run_as_it_comes(instruction)


def _added(dockerfile: Dockerfile, instruction: Instruction) -> Iterator[Problem]:
    sources = [s for s in instruction.args[:-1] if _URL.match(s) and not _GIT.fullmatch(s)]
    if not sources or instruction.flag("checksum"):
        return
    line = instruction.text.line_of(sources[0])
    raw = dockerfile.raw(instruction.line)
    written = re.sub(r"(?i)\bADD\b", lambda add: f"{add[0]} --checksum=sha256:…", raw, count=1)
    yield Problem(
        "unchecked-download",
        line,
        f"ADD {sources[0]}",
        "a checksum",
        f"Write, with the SHA-256 of the file: {written}",
    )


def _run_as_it_comes(instruction: Instruction) -> Iterator[Problem]:
    """curl … | sh; sh -c "$(curl …)"; sh <(curl …)."""
    pipeline: list[Command] = []
    for command, outer in instruction.script.walk():
        pipeline = [*pipeline, command] if command.piped_from else [command]
        download = next((c for c in pipeline[:-1] if c.name in DOWNLOADERS), None)
        runs = runs_its_input(command, _INTERPRETERS)
        if not (download and runs) and outer and outer.name in SHELLS:
            download, runs = command, command.name in DOWNLOADERS
        if not download or not runs:
            continue
        urls = [u for a in download.argv if (u := _URL.search(a))]
        url = urls[0][0] if urls else "URL"
        yield Problem(
            "unchecked-download",
            download.line,
            f"{download.name} {url} run as it comes",
            "a checksum",
            f"Run /tmp/install, and write above: ADD --checksum=sha256:… {url} /tmp/install",
        )


def unpinned_base(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A tag is another image after the next push; a digest is the same image for ever."""
    for line, written in sorted(_images(dockerfile), key=lambda image: image[0]):
        image = _expanded(written, dockerfile.defaults)
        if image == "scratch" or "@" in image or is_variable(image):
            continue
        pinned = dockerfile.raw(line).replace(written, f"{image}@sha256:…", 1)
        yield Problem(
            "unpinned-base",
            line,
            image,
            "a digest",
            f"Write, with the index's digest (docker buildx imagetools inspect {image}): {pinned}",
        )


def _images(dockerfile: Dockerfile) -> Iterator[tuple[int, str]]:
    """The images of FROM, COPY --from and RUN --mount that are no stages, as they are written."""
    for stage in dockerfile.stages:
        if not stage.parents:
            yield stage.line, stage.image
    for instruction in dockerfile.instructions:
        for name in instruction.sources:
            is_stage = name.isdigit() or dockerfile.stage_named(name)
            if not is_stage and not _BARE.fullmatch(name):
                yield instruction.text.line_of(f"from={name}"), name


def _expanded(text: str, defaults: dict[str, str]) -> str:
    """A text with its arguments' defaults; one without a default, or of a platform, stays."""

    def value(variable: re.Match[str]) -> str:
        name = variable[1] or variable[3]
        default = defaults.get(name) or variable[2]
        if not default or name in PLATFORM_ARGUMENTS:
            return variable[0]
        return _expanded(default, {n: d for n, d in defaults.items() if n != name})

    return _ARGUMENT.sub(value, text)
