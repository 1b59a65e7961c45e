"""Work that runs on the target's platform, by emulation wherever that is not the host's."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lint import jetson
from pipeline.lint.dockerfile import RunsOn
from pipeline.lint.problem import Problem
from pipeline.lint.stages import BUILD_FLAG, compilers, from_line
from pipeline.lint.tools import Use, Work, build_packages, uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Stage

_COMPILE = {
    "go": "Compile by ARG TARGETOS TARGETARCH and GOOS=$TARGETOS GOARCH=$TARGETARCH go",
    "cargo": "Compile by ARG TARGETPLATFORM and xx-cargo (of tonistiigi/xx)",
    "dotnet": "Compile by ARG TARGETARCH and dotnet … -a $TARGETARCH",
    "npm": "What it bundles is the same for every platform, but native node_modules are not",
    "yarn": "What it bundles is the same for every platform, but native node_modules are not",
    "pnpm": "What it bundles is the same for every platform, but native node_modules are not",
}
"""By tool: how it makes files for the target on the build host."""
_INSTALL = {
    "apt-get": "dpkg --add-architecture $TARGETARCH, apt-get download NAME:$TARGETARCH, dpkg -x",
    "apt": "dpkg --add-architecture $TARGETARCH, apt-get download NAME:$TARGETARCH, dpkg -x",
    "npm": "npm ci --cpu=arm64, or x64 for amd64",
}
"""By tool: how it installs the target's packages on the build host."""
_ONLY_WHEELS = {"pip": "--only-binary=:all:", "uv": "--no-build"}


def emulated_compile(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A compiler that can be told its target need not run on the target's platform."""
    for stage in _emulated(dockerfile):
        use = _first_cross(stage)
        if use is None or stage in dockerfile.final.chain or jetson.is_l4t(stage.images[0]):
            continue  # a final stage has to be split, and Jetson's images are for arm64 only
        image = stage.images[0]
        how = _COMPILE.get(use.label.split()[0], "What it makes is the same for every platform")
        yield Problem(
            "emulated-compile",
            stage.line,
            f"{use.label} (line {use.line}) on the target's platform",
            "a stage on $BUILDPLATFORM",
            f"{how}; write here: {from_line(stage, flag=BUILD_FLAG, image=image)}",
        )


def emulated_install(dockerfile: Dockerfile) -> Iterator[Problem]:
    """Package managers and native compilers are many times slower under emulation."""
    in_final = {line for _, line, _ in compilers(dockerfile)}
    for stage in _emulated(dockerfile):
        is_final = stage in dockerfile.final.chain
        if not is_final and _first_cross(stage):
            continue  # with that stage on $BUILDPLATFORM all of its work runs there
        heavy = {
            (use.line, use.label): use
            for instruction in stage.runs
            for use in uses(instruction)
            if use.work in (Work.INSTALL, Work.NATIVE)
        }
        for use in heavy.values():
            if jetson.is_l4t(stage.images[0]) and use.label != "nvcc":
                continue
            if is_final and (use.line in in_final or build_packages(use.command)):
                continue  # told as a compiler in the final stage
            yield Problem(
                "emulated-install",
                use.line,
                f"{use.label} on the target's platform",
                "no heavy work under emulation",
                _remedy(dockerfile.raw(use.line), stage, use),
            )


def _emulated(dockerfile: Dockerfile) -> list[Stage]:
    return [s for s in dockerfile.stages if s.runs_on == RunsOn.TARGET and s in dockerfile.built]


def _first_cross(stage: Stage) -> Use | None:
    found = (use for instruction in stage.runs for use in uses(instruction))
    return next((use for use in found if use.work == Work.CROSS), None)


def _remedy(raw: str, stage: Stage, use: Use) -> str:
    tool = use.label.split()[0]
    if wheels := _ONLY_WHEELS.get(tool):
        # pip3 is labelled pip, and options may stand between the words of a label
        words = r"(?:\s+-\S+)*\s+".join([rf"{tool}[\d.]*", *use.label.split()[1:]])
        written, count = re.subn(rf"\b({words})(?!\S)", rf"\1 {wheels}", raw, count=1)
        how = f"write: {written}" if count else f"add to its options: {wheels}"
        return f"Of ready-made wheels nothing is compiled; {how}"
    if tool == "nvcc":
        return (
            "Compile by nvcc -ccbin aarch64-linux-gnu-g++ and CUDA's cross packages, and COPY "
            f"--from a stage of its own: FROM {BUILD_FLAG} nvidia/cuda:…-devel"
        )
    begin = f"FROM {BUILD_FLAG} {stage.images[0]}"
    if use.work == Work.NATIVE:
        return (
            "Compile by a cross compiler such as xx-clang (of tonistiigi/xx), and COPY --from a "
            f"stage of its own: {begin}"
        )
    how = f" ({_INSTALL[tool]})" if tool in _INSTALL else ""
    return f"Install the target's packages{how} in a stage of its own, and COPY --from it: {begin}"
