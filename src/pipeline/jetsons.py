"""Containers with CUDA that others build on, whatever the source is."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import bases, emulation, images, platforms, settings
from pipeline.concurrency import concurrently
from pipeline.cudastages import CudaStages

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dagger

    from pipeline.cuda_options import CudaOptions

_JETSON = "linux/arm64"


@dataclass(frozen=True)
class Asked:
    """What a caller says of CUDA in place of [cuda]; "" and None for nothing."""

    jetpack: str = ""
    libraries: Sequence[str] | None = None

    def over(self, options: CudaOptions) -> CudaOptions:
        """The options with what is said here over them. Raises ConfigError for what cannot be."""
        changes: dict[str, object] = {"jetpack": self.jetpack} if self.jetpack else {}
        if self.libraries is not None:
            changes["libraries"] = tuple(self.libraries)
        return options.model_copy(update=changes)


def table() -> str:
    """Every JetPack, and what of it no source was seen for."""
    from pipeline import jetpack

    return jetpack.table()


async def stage(
    source: dagger.Directory, config: str, flavor: str, platform: str, asked: Asked
) -> dagger.Container:
    """What compiles CUDA for a platform; without a source."""
    spec = platforms.parse(platform)
    stages, tools = await _stages(source, config, flavor, asked)
    builder = stages.builder(spec)
    if not stages.host.executes(builder.spec):
        await emulation.require(builder.spec, stages.host, tools)
    await bases.require_platform(
        bases.from_(builder.image, builder.spec),
        builder.spec,
        image=builder.image,
        setting=builder.setting,
    )
    return stages.stage(spec)


async def runtime(
    source: dagger.Directory, config: str, flavor: str, asked: Asked
) -> dagger.Container:
    """What programs with CUDA run in on a Jetson, with the libraries that are asked for."""
    spec = platforms.parse(_JETSON)
    stages, _ = await _stages(source, config, flavor, asked)
    base = stages.runtime(spec).base
    await bases.require_platform(
        bases.from_(base, spec), spec, image=base, setting="another JetPack"
    )
    return stages.runtime_stage(spec)


async def _stages(
    source: dagger.Directory, config: str, flavor: str, asked: Asked
) -> tuple[CudaStages, str]:
    """What is asked of CUDA, and the image in which emulators are measured."""
    found, host = await concurrently(
        settings.load(source, config, flavor, needs_toolchain=False), dag.default_platform()
    )
    options = asked.over(found.project.cuda)
    stages = CudaStages(source, platforms.parse(host), options, options.target())
    return stages, found.project.verify.image or images.SCANNER
