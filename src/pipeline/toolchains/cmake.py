"""C and C++: CMake projects and makefiles, by GNU cross compilers on the build host."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import (
    builders,
    cmakecommands,
    cmakelists,
    crosscompile,
    images,
    libraries,
    makefiles,
    packages,
)
from pipeline.errors import ConfigError, SourceError
from pipeline.stamp import Stamp
from pipeline.toolchain import OUT, Builder, Row, Runtime, executed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagger

    from pipeline.cmake_options import CmakeOptions
    from pipeline.platforms import PlatformSpec

SOURCE, BUILD = "/src", "/build"
CCACHE, CCACHE_VOLUME = "/var/cache/pipeline/ccache", "pipeline-ccache"
_TOOLCHAIN_FILE = f"{packages.STEPS}/toolchain.cmake"
_IGNORED_BY_CMAKE = (
    "its CMake files choose a compiler of their own; let them keep the CMAKE_C_COMPILER and "
    "CMAKE_CXX_COMPILER of the toolchain file"
)
_IGNORED_BY_MAKE = (
    "the makefile ignores CC and CXX; let its rules call $(CC) and $(CXX), or tell it the compiler by "
    "a variable of its own in [cmake] make, such as CROSS_COMPILE={gnu_triple}-"
)


@dataclass(frozen=True)
class CMake:
    """A source in C or C++ that was looked at, and the recipes for it.

    It is compiled by CMake in a folder of its own, or, where there is a `makefile` alone, by make
    in the source's.
    """

    source: dagger.Directory
    host: PlatformSpec
    options: CmakeOptions
    name: str
    programs: tuple[str, ...]
    makefile: str = ""
    test_target: str = ""
    """The makefile's own; "" where it has none."""

    @property
    def named_by(self) -> str:
        return self.makefile or cmakelists.FILE

    @property
    def binaries(self) -> tuple[str, ...]:
        return tuple(path.rpartition("/")[2] for path in self.programs)

    @property
    def image(self) -> str:
        return self.options.image or images.DEBIAN

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        file, options = origins["file"], self.options
        kind = "make" if self.makefile else f"cmake, {options.build_type}"
        rows = [
            ("toolchain", kind, origins["toolchain"]),
            ("builder", self.image, file if options.image else "default"),
            ("programs", ", ".join(self.programs), file if options.programs else self.named_by),
        ]
        if options.packages:
            rows.append(("packages", ", ".join(options.packages), file))
        return rows

    def builder(self, spec: PlatformSpec) -> Builder:  # noqa: ARG002 - the host's own for all
        return Builder(self.image, self.host, "[cmake] image")

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """Compilers for the platform on the host's own, and the source."""
        tools = ("ccache",) if self.makefile else ("ccache", "cmake", "ninja-build")
        stage = builders.stage(
            self.image,
            spec,
            self.host,
            tools=(*tools, *self.options.tools),
            libraries=self.options.packages,
            setting="[cmake] packages",
        )
        # One for all projects and platforms: ccache keys what it keeps by the compiler and by what
        # that reads. It stands in for compilers of all names, in makefiles as in CMake.
        stage = (
            stage.with_mounted_cache(CCACHE, dag.cache_volume(CCACHE_VOLUME))
            .with_env_variable("CCACHE_DIR", CCACHE)
            .with_env_variable("PATH", "/usr/lib/ccache:${PATH}", expand=True)
        )
        if not self.makefile:
            stage = stage.with_new_file(_TOOLCHAIN_FILE, self.toolchain_file(spec))
            stage = stage.with_directory(BUILD, dag.directory())
        stage = packages.with_step(stage, "take-programs").with_workdir(SOURCE)
        return stage.with_directory(SOURCE, self.source)

    def toolchain_file(self, spec: PlatformSpec) -> str:
        """What CMake is told of the platform."""
        compilers = crosscompile.compilers(spec, self.host)
        level = f"-march={spec.march}"
        flags = {f"CMAKE_{name}_FLAGS_INIT": level for name in ("C", "CXX") if spec.march}
        return crosscompile.toolchain_file(spec, compilers, flags, is_cross=compilers.is_cross)

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:
        return " && ".join(" ".join(words) for words in self.commands(spec, stamp))

    def commands(self, spec: PlatformSpec, stamp: Stamp) -> list[list[str]]:
        """What compiles and links every program for the platform."""
        if self.makefile:
            return [self._make(spec, stamp)]
        arguments = self._arguments(spec, stamp, self.options.cmake)
        return cmakecommands.build(SOURCE, BUILD, arguments, self.options.build_type)

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        """The project's programs for the platform."""
        return self._compiled(spec, stamp).directory(OUT)

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory:
        """The libraries of the distribution, and of the project, that the programs load."""
        return libraries.needed(self._compiled(spec, stamp), spec, root, OUT, [self._folder])

    def test(self, command: Sequence[str] = ()) -> dagger.Container:
        """The project's tests on the host's own platform: `command`, else ctest or make's own."""
        return executed(self.build_stage(self.host), self.test_commands(command))

    def test_commands(self, command: Sequence[str] = ()) -> list[list[str]]:
        """A makefile without a target that tests is at least made."""
        if command:
            return [list(command)]
        if self.makefile:
            made = self._make(self.host, Stamp())
            return [made, [*made, self.test_target]] if self.test_target else [made]
        arguments = self._arguments(self.host, Stamp(), self.options.cmake)
        return cmakecommands.build_and_test(SOURCE, BUILD, arguments, self.options.build_type)

    def runtime(self, spec: PlatformSpec) -> Runtime:  # noqa: ARG002 - the same everywhere
        return Runtime(images.RUNTIME_CC)

    @property
    def _folder(self) -> str:
        """Where programs are built."""
        return SOURCE if self.makefile else BUILD

    def _compiled(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        """The build stage with the programs in it, each looked at whether it is for the platform."""
        stage = executed(self.build_stage(spec), self.commands(spec, stamp))
        take = packages.taken_programs(
            self._folder,
            OUT,
            self.programs,
            compilers=crosscompile.compilers(spec, self.host),
            setting="[cmake] programs",
            ignored=_IGNORED_BY_MAKE if self.makefile else _IGNORED_BY_CMAKE,
            keeps_symbols="Deb" in self.options.build_type,
        )
        return stage.with_exec(take)

    def _arguments(self, spec: PlatformSpec, stamp: Stamp, given: Sequence[str]) -> list[str]:
        """Arguments with their placeholders filled in, without those that have no value."""
        names = {"platform": spec.platform, "gnu_triple": spec.gnu_triple}
        filled = [stamp.fill(each, **names) for each in given]
        own = [] if self.makefile else [f"-DCMAKE_TOOLCHAIN_FILE={_TOOLCHAIN_FILE}"]
        return [*own, *(each for each in filled if each is not None)]

    def _make(self, spec: PlatformSpec, stamp: Stamp) -> list[str]:
        """make, told of the compilers in a way that has precedence over what the makefile says."""
        told = crosscompile.environment(spec, self.host)
        own = [f"{name}={told[name]}" for name in ("CC", "CXX", "PKG_CONFIG")]
        return ["make", *own, *self._arguments(spec, stamp, self.options.make)]


async def inspect(
    source: dagger.Directory,
    options: CmakeOptions,
    root_entries: Sequence[str],
    host: PlatformSpec,
) -> CMake:
    """Looks at the source before anything is built.

    Raises SourceError where there is nothing to compile, or its programs' names cannot be known;
    ConfigError for arguments that nothing would read.
    """
    if cmakelists.FILE in root_entries:
        return await _cmake_project(source, options, host)
    makefile = makefiles.find(root_entries)
    if not makefile:
        listed = ", ".join(root_entries[:8]) or "nothing"
        msg = (
            f"{cmakelists.FILE} is not in the source, which holds {listed}: expected a CMake project "
            "or a Makefile at its root; point --source at the application's folder"
        )
        raise SourceError(msg)
    if options.cmake:
        msg = f"[cmake] cmake has arguments, and the source has {makefile} alone: expected them in make"
        raise ConfigError(msg)
    if not options.programs:
        msg = (
            f"{makefile} does not say which of what it makes are the image's: name the programs in "
            "[cmake] programs"
        )
        raise SourceError(msg)
    text = await source.file(makefile).contents()
    name = options.programs[0].rpartition("/")[2]
    tests = makefiles.test_target(text)
    return CMake(source, host, options, name, options.programs, makefile, tests)


async def _cmake_project(
    source: dagger.Directory,
    options: CmakeOptions,
    host: PlatformSpec,
) -> CMake:
    if options.make:
        msg = f"[cmake] make has arguments, and {cmakelists.FILE} is in the source: expected them in cmake"
        raise ConfigError(msg)
    text = await source.file(cmakelists.FILE).contents()
    if cmakelists.uses_cuda(text):
        msg = f"{cmakelists.FILE} compiles CUDA: expected a [cuda] table with a jetpack; `jetpacks` lists them"
        raise SourceError(msg)
    programs = options.programs or cmakelists.programs(text)
    if not programs:
        msg = (
            f"{cmakelists.FILE} makes no program by a literal name in add_executable: name the "
            "programs for the image in [cmake] programs"
        )
        raise SourceError(msg)
    name = cmakelists.project_name(text) or programs[0].rpartition("/")[2]
    return CMake(source, host, options, name, programs)
