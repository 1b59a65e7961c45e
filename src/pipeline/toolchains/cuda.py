"""CUDA: programs of CMake or of bare .cu files, for Jetsons and for servers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import cmakecommands, cmakelists, packages
from pipeline.concurrency import concurrently
from pipeline.cudastages import CudaStages
from pipeline.errors import SourceError
from pipeline.toolchain import OUT, executed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagger

    from pipeline.cuda_options import CudaOptions
    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp
    from pipeline.toolchain import Builder, Row, Runtime

SOURCE, BUILD = "/src", "/build"
_IGNORED = (
    "the project chooses a compiler of its own; let it keep the CMAKE_CUDA_HOST_COMPILER and "
    "CMAKE_CXX_COMPILER of the toolchain file"
)
_MAIN = re.compile(r"^\s*(?:extern\s+\"C\"\s+)?(?:int|auto)\s+main\s*\(", re.MULTILINE)


@dataclass(frozen=True)
class Cuda:
    """A source with CUDA that was looked at, and the recipes for it.

    Where it is no CMake project, each program is made of the .cu file that it is named for, at the
    source's root, and of `shared`: the .cu files there that have no main().
    """

    stages: CudaStages
    name: str
    binaries: tuple[str, ...]
    is_cmake: bool = True
    shared: tuple[str, ...] = ()

    @property
    def named_by(self) -> str:
        return cmakelists.FILE if self.is_cmake else "the .cu files"

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        target, options = self.stages.target, self.stages.options
        release, file = target.release, origins["file"]
        sms = ", ".join(f"sm_{sm}" for sm in target.architectures)
        rows = [
            ("toolchain", f"cuda {release.toolkit.version}", origins["toolchain"]),
            ("jetpack", f"{target.jetpack} (L4T {release.suite})", file),
            ("sm of Jetsons", sms, file if options.architectures else "the boards"),
            ("programs", ", ".join(self.binaries), file if options.programs else self.named_by),
        ]
        if options.libraries:
            rows.append(("libraries", ", ".join(each.name for each in target.libraries), file))
        return rows

    def builder(self, spec: PlatformSpec) -> Builder:
        return self.stages.builder(spec)

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """nvcc and compilers for the platform, and the source."""
        stage = packages.with_step(self.stages.stage(spec), "take-programs")
        stage = stage.with_directory(BUILD, dag.directory()).with_workdir(SOURCE)
        return stage.with_directory(SOURCE, self.stages.source)

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:
        return " && ".join(" ".join(words) for words in self.commands(spec, stamp))

    def commands(self, spec: PlatformSpec, stamp: Stamp) -> list[list[str]]:
        """What compiles and links every program for the platform."""
        if not self.is_cmake:
            return [self._nvcc(spec, program) for program in self.binaries]
        given = [stamp.fill(each, platform=spec.platform) for each in self.stages.options.cmake]
        more = [argument for argument in given if argument is not None]
        return cmakecommands.build(SOURCE, BUILD, more)

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        return self._compiled(spec, stamp).directory(OUT)

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory:
        """The libraries of CUDA and of the project that the programs load."""
        compiled = self._compiled(spec, stamp)
        return self.stages.libraries(compiled, spec, root, OUT, BUILD)

    def test(self, command: Sequence[str] = ()) -> dagger.Container:
        """The project's tests on the host's own platform: `command`, else those of ctest.

        A machine that builds has no GPU: what needs one is skipped by the project itself.
        """
        return executed(self.build_stage(self.stages.host), self.test_commands(command))

    def test_commands(self, command: Sequence[str] = ()) -> list[list[str]]:
        if command:
            return [list(command)]
        if not self.is_cmake:
            return [self._nvcc(self.stages.host, program) for program in self.binaries]
        return cmakecommands.build_and_test(SOURCE, BUILD)

    def runtime(self, spec: PlatformSpec) -> Runtime:
        return self.stages.runtime(spec)

    def _compiled(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        """The build stage with the programs in it."""
        stage = executed(self.build_stage(spec), self.commands(spec, stamp))
        take = packages.taken_programs(
            BUILD,
            OUT,
            self.binaries,
            compilers=self.stages.compilers(spec),
            setting="[cuda] programs",
            ignored=_IGNORED,
        )
        return stage.with_exec(take)

    def _nvcc(self, spec: PlatformSpec, program: str) -> list[str]:
        sources = [f"{program}.cu", *self.shared]
        return [
            self.stages.nvcc, "-O3", "-o", f"{BUILD}/{program}", *sources, *self.stages.nvcc_flags(spec),
        ]  # fmt: skip


async def inspect(
    source: dagger.Directory,
    options: CudaOptions,
    root_entries: Sequence[str],
    host: PlatformSpec,
) -> Cuda:
    """Looks at the source before anything is built.

    Raises ConfigError where no JetPack is named, SourceError where there is nothing to compile or
    its programs' names cannot be known.
    """
    stages = CudaStages(source, host, options, options.target())
    if cmakelists.FILE in root_entries:
        text = await source.file(cmakelists.FILE).contents()
        binaries = options.programs or cmakelists.programs(text)
        if not binaries:
            msg = (
                f"{cmakelists.FILE} makes no program by a literal name in add_executable: name the "
                "programs for the image in [cuda] programs"
            )
            raise SourceError(msg)
        return Cuda(stages, cmakelists.project_name(text) or binaries[0], binaries)
    units = [entry for entry in root_entries if entry.endswith(".cu")]
    texts = await concurrently(*(source.file(unit).contents() for unit in units))
    with_main = [unit for unit, text in zip(units, texts, strict=True) if _MAIN.search(text)]
    made = tuple(unit.removesuffix(".cu") for unit in with_main)
    for program in options.programs:
        if program not in made:
            accepted = ", ".join(made) or f"a {program}.cu with main() at the source's root"
            msg = f"[cuda] programs: '{program}' is made by no .cu file: expected {accepted}"
            raise SourceError(msg)
    if not made:
        listed = ", ".join(root_entries[:8]) or "nothing"
        msg = (
            f"No program found in the source, which holds {listed}: expected {cmakelists.FILE}, or a .cu "
            "file with main(), at its root; point --source at the application's folder"
        )
        raise SourceError(msg)
    shared = tuple(unit for unit in units if unit not in with_main)
    chosen = options.programs or made
    return Cuda(stages, chosen[0], chosen, is_cmake=False, shared=shared)
