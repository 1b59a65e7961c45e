"""What each stage runs on, and what is left in the final one."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lint.dockerfile import RunsOn, is_variable
from pipeline.lint.problem import Problem
from pipeline.lint.tools import Work, build_packages, is_build_image, uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage

BUILD_FLAG = "--platform=$BUILDPLATFORM"
_REMOVES = re.compile(r"\b(?:apt-get|apt|dnf|yum)\b.*\b(?:purge|remove|autoremove)\b|\bapk\s+del\b")


def build_platform_final(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A final stage on $BUILDPLATFORM puts the host's files into the image of every platform."""
    final = dockerfile.final
    root = final.chain[-1]
    # a stage made from a build stage may be a shell or a test that only happens to be last
    names = {i.name for i in final.instructions}
    is_image = names & {"CMD", "ENTRYPOINT"} or not (final.parents or "RUN" in names)
    if final.runs_on != RunsOn.BUILD or root.image == "scratch" or not is_image:
        return
    copied = f"COPY --from={final.image} what the image needs, and write" if final.parents else ""
    yield Problem(
        "build-platform-final",
        final.line,
        f"{final.image} on $BUILDPLATFORM as the final stage",
        "the target's platform",
        f"{copied or 'Write'}: {from_line(final, image=root.image)}",
    )


def constant_platform(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A constant platform is right for one platform of an image, and wrong for the others.

    In the final stage it is an error, since every platform of the image then is that one.
    """
    pinning = _roots_of_final(dockerfile)
    for stage in dockerfile.stages:
        if not stage.platform or is_variable(stage.platform) or stage.image == "scratch":
            continue
        if stage not in pinning and _is_named_after_its_platform(stage):
            yield from _copied_directly(dockerfile, stage)
            continue
        in_final = stage in dockerfile.final.chain
        yield Problem(
            "constant-platform-final" if stage in pinning else "constant-platform",
            stage.line,
            f"--platform={stage.platform}",
            "no --platform: the target's" if in_final else BUILD_FLAG,
            f"Write: {from_line(stage, flag='' if in_final else BUILD_FLAG)}",
        )


def _roots_of_final(dockerfile: Dockerfile) -> list[Stage]:
    """The stages whose --platform is the final one's.

    Those that FROM …$TARGETARCH chooses among are not if each is named after its platform.
    """
    roots = [s for s in dockerfile.final.chain if not s.parents]
    if any(is_variable(s.image) for s in dockerfile.final.chain if s.parents):
        return [s for s in roots if not _is_named_after_its_platform(s)]
    return roots


def _copied_directly(dockerfile: Dockerfile, stage: Stage) -> Iterator[Problem]:
    """Copies from a stage that FROM …$TARGETARCH should choose."""
    for other, copy in dockerfile.copies(stage):
        if other.runs_on != RunsOn.TARGET or _takes_several_platforms(dockerfile, other):
            continue
        # of linux/arm64 and of arm64
        architecture = stage.platform.split("/")[:2][-1]
        if architecture not in stage.name:
            continue
        chosen = stage.name.replace(architecture, "${TARGETARCH}")
        yield Problem(
            "constant-platform",
            copy.line,
            f"a copy from {stage.name}, which is {stage.platform}",
            "a stage that is chosen by $TARGETARCH",
            f"Above it write FROM {chosen} AS chosen, and here: "
            f"{dockerfile.raw(copy.line).replace(copy.flag('from'), 'chosen', 1)}",
        )


def _takes_several_platforms(dockerfile: Dockerfile, stage: Stage) -> bool:
    """Whether a stage copies from stages of several constant platforms: then it means to."""
    constant = [s for s in dockerfile.stages if s.runs_on == RunsOn.CONSTANT]
    copied = (s for s in constant for other, _ in dockerfile.copies(s) if other is stage)
    return len({s.platform for s in copied}) > 1


def _is_named_after_its_platform(stage: Stage) -> bool:
    """Whether the name says that the stage is for one platform only, as BuildKit judges it."""
    return any(part in stage.name for part in stage.platform.split("/")[:2])


def single_stage(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A compiler in the final stage makes the image large, and was run on the target's platform."""
    evidence = next(compilers(dockerfile), None)
    if evidence is None:
        return
    stage, line, what = evidence
    yield Problem(
        "single-stage",
        line,
        f"{what} in the final stage",
        "a final stage that holds no build tools",
        "COPY --from=build what is compiled into a final stage on a small image, and compile "
        f"in a stage of its own: FROM {BUILD_FLAG} {stage.images[0]} AS build",
    )


def compilers(dockerfile: Dockerfile) -> Iterator[tuple[Stage, int, str]]:
    """Each sign of a compiler in the final stage: the stage and line it is in, and what it is."""
    chain = dockerfile.final.chain
    names = {i.name for stage in chain for i in stage.instructions}
    if len(dockerfile.stages) > 1 and not names & {"CMD", "ENTRYPOINT"}:
        return  # files, or a test that is last: no image to run
    for stage in reversed(chain):
        if not stage.parents and is_build_image(stage.image):
            yield stage, stage.line, stage.image
        for instruction in stage.runs:
            for line, what in _compilers_of(instruction):
                yield stage, line, what


def _compilers_of(instruction: Instruction) -> Iterator[tuple[int, str]]:
    texts = [instruction.text.text, *(h.text.text for h in instruction.heredocs)]
    if any(_REMOVES.search(text) for text in texts):
        return  # installed and removed in one layer
    for command, _ in instruction.script.walk():
        for package in build_packages(command)[:1]:
            line = next((w.line for w in command.words if w.text.startswith(package)), command.line)
            yield line, package
    for use in uses(instruction):
        if use.work in (Work.CROSS, Work.NATIVE):
            yield use.line, use.label


def from_line(stage: Stage, *, flag: str = "", image: str = "") -> str:
    """The FROM of a stage, with another platform or image."""
    words = ["FROM", flag, image or stage.image, *(["AS", stage.name] if stage.name else [])]
    return " ".join(word for word in words if word)
