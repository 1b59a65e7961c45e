"""Images for NVIDIA Jetson: what l4t-base lacks, and what the device brings itself."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lint.problem import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage

_L4T_BASE = re.compile(r"(?:.*/)?l4t-base(?::r?(?P<release>\d+)\..*|[:@].*)?")
# packages that bring nvcc with all it needs, as the apt repositories of JetPack name them
_WITH_NVCC = re.compile(
    r"(?:nvidia-)?cuda-(?:nvcc|compiler|toolkit|minimal-build|dev).*|nvidia-jetpack.*|nvidia-cuda.*"
)
_LIBCUDA = re.compile(r"\blibcuda\.so|cuda\S*/stubs(?:/|$)")
_MOVES = frozenset({"cp", "mv", "ln", "install", "rsync"})


def is_l4t(image: str) -> bool:
    """Whether an image is one of NVIDIA's for Jetson, which exist for arm64 only."""
    return image.rpartition("/")[2].startswith("l4t-")


def l4t_without_dev(dockerfile: Dockerfile) -> Iterator[Problem]:
    """l4t-base has no CUDA to compile with: up to r32 it has stubs, and from r34 on nothing."""
    for stage in dockerfile.stages:
        base = next((m for image in stage.images if (m := _L4T_BASE.fullmatch(image))), None)
        if not base:
            continue
        commands = [c for run in stage.runs for c, _ in run.script.walk()]
        compiles = next(
            (c for c in commands if c.name == "nvcc" and "--version" not in c.argv), None
        )
        if compiles is None or _installs_nvcc(stage):
            continue
        version = _cuda_of(base["release"] or "")
        yield Problem(
            "l4t-without-dev",
            compiles.line,
            f"nvcc on {base[0]}",
            "CUDA's compiler and development packages",
            "Write above: RUN apt-get update && apt-get install -y --no-install-recommends "
            f"cuda-nvcc-{version} cuda-cudart-dev-{version}",
        )


def _cuda_of(major: str) -> str:
    """The CUDA of a major release of l4t-base, as packages name it; the last one is r36.2.0."""
    from pipeline.jetpack import RELEASES  # only few Dockerfiles are for Jetson

    of_major = (r for r in RELEASES if r.suite.startswith(f"r{major}."))
    return next((r.toolkit.suffix for r in of_major), "X-Y")


def _installs_nvcc(stage: Stage) -> bool:
    words = (
        argument
        for s in stage.chain
        for run in s.runs
        for command, _ in run.script.walk()
        for argument in command.argv
    )
    copies = any(
        i.name == "COPY" and "cuda" in i.text.text for s in stage.chain for i in s.instructions
    )
    return copies or any(_WITH_NVCC.fullmatch(word) for word in words)


def copied_libcuda(dockerfile: Dockerfile) -> Iterator[Problem]:
    """libcuda belongs to the driver: the device mounts its own, and another one hides it."""
    for stage in dockerfile.final.chain:
        for instruction in stage.instructions:
            for line, what in _libcuda(instruction):
                yield Problem(
                    "copied-libcuda",
                    line,
                    f"{what} in the final stage",
                    "the driver's libcuda, which the device mounts",
                    "Leave it out; link in the build stage: -L/usr/local/cuda/lib64/stubs -lcuda",
                )


def _libcuda(instruction: Instruction) -> Iterator[tuple[int, str]]:
    match instruction.name:
        case "COPY" | "ADD":
            for argument in instruction.args:
                if _LIBCUDA.search(argument):
                    yield instruction.text.line_of(argument), argument
                    return
        case "RUN":
            for command, _ in instruction.script.walk():
                words = [a for a in command.argv if _LIBCUDA.search(a)]
                if command.name in _MOVES and words:
                    yield command.line, words[0]
        case "ENV":
            for name, value in zip(instruction.args[::3], instruction.args[1::3], strict=True):
                if name == "LD_LIBRARY_PATH" and "stubs" in value:
                    yield instruction.text.line_of(name), f"{name}={value}"
