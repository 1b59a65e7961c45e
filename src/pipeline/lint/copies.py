"""What a stage hands on to others: by COPY, or by a mount."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from pipeline.lint.dockerfile import RunsOn

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage


def copied_out(dockerfile: Dockerfile, stage: Stage) -> list[str]:
    """What the image takes from a stage, or from one that is made from it.

    A copy into another stage of the build host counts as far as that one hands it on.
    """
    return _copied_out(dockerfile, stage, frozenset())


def folder_of(stage: Stage, instruction: Instruction) -> str:
    """The folder that an instruction of a stage runs in, as far as each WORKDIR says it."""
    folder = "/"
    for earlier in reversed(stage.chain):
        for other in earlier.instructions:
            if other is instruction:
                return folder
            if other.name == "WORKDIR" and not other.is_on_build:
                folder = posixpath.normpath(posixpath.join(folder, *other.args))
    return folder


def _copied_out(dockerfile: Dockerfile, stage: Stage, passed: frozenset[Stage]) -> list[str]:
    sources: list[str] = []
    for heir in [s for s in dockerfile.stages if stage in s.chain]:
        for other, instruction in dockerfile.takers(heir):
            if other not in dockerfile.built or other in passed:
                continue
            copied = list(_copied(other, instruction))
            if other.runs_on == RunsOn.TARGET:
                sources += [source for source, _ in copied]
                sources += _mounted(dockerfile, heir, instruction)
            elif other.runs_on == RunsOn.BUILD and copied:
                onward = _copied_out(dockerfile, other, passed | {stage})
                sources += [s for s, to in copied if any(_overlap(to, o) for o in onward)]
    return sources


def _copied(other: Stage, instruction: Instruction) -> Iterator[tuple[str, str]]:
    """The paths that a COPY takes, each with where it puts it."""
    if instruction.name != "COPY":
        return
    *sources, last = instruction.args
    target = posixpath.join(folder_of(other, instruction), last)
    is_folder = target.endswith(("/", "/.")) or len(sources) > 1
    for source in sources:
        name = posixpath.basename(source) if is_folder else ""
        yield source.rstrip("/") or "/", posixpath.normpath(posixpath.join(target, name))


def _mounted(dockerfile: Dockerfile, heir: Stage, instruction: Instruction) -> Iterator[str]:
    """The paths that a RUN sees of a stage."""
    for mount in instruction.mounts:
        if (name := mount.get("from")) and dockerfile.stage_named(name) is heir:
            source = mount.get("source") or mount.get("src") or "/"
            yield source.rstrip("/") or "/"


def _overlap(one: str, other: str) -> bool:
    return f"{one.rstrip('/')}/".startswith(f"{other.rstrip('/')}/") or (
        f"{other.rstrip('/')}/".startswith(f"{one.rstrip('/')}/")
    )
