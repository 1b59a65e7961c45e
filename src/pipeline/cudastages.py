"""Containers with CUDA: those that compile for a platform, and what their programs run in.

Cross: x86 nvcc, the target's cross compiler of the same Ubuntu, and the device's own headers and
libraries, unpacked beside it. Natively or under emulation: the same packages, installed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import bases, crosscompile, jetpack, libraries, packages
from pipeline.errors import ConfigError, PlatformError
from pipeline.platforms import PLATFORMS
from pipeline.toolchain import Builder, Runtime

if TYPE_CHECKING:
    from pipeline.crosscompile import Compilers
    from pipeline.cuda_options import CudaOptions
    from pipeline.jetpack import AptSource, Target
    from pipeline.platforms import PlatformSpec

TOOLCHAIN_FILE = f"{packages.STEPS}/toolchain.cmake"
_CMAKE = "/opt/cmake"
_EPOCH = 0
_UBUNTU = "docker.io/library/ubuntu:{version}"
_TOOLS = ("ca-certificates", "cmake", "gpg", "make", "ninja-build", "pkg-config")
_SERVER_ENVIRONMENT = {
    "NVIDIA_VISIBLE_DEVICES": "all",
    "NVIDIA_DRIVER_CAPABILITIES": "compute,utility",
}


@dataclass(frozen=True)
class CudaStages:
    """What a project asks of CUDA, on one build host."""

    source: dagger.Directory
    host: PlatformSpec
    options: CudaOptions
    target: Target

    @property
    def root(self) -> str:
        """Where CUDA's packages put it."""
        return f"/usr/local/cuda-{self.target.release.toolkit.version}"

    @property
    def nvcc(self) -> str:
        return f"{self.root}/bin/nvcc"

    def strategy(self, spec: PlatformSpec) -> str:
        """How it is compiled for the platform: native, cross or emulate.

        Raises PlatformError where CUDA is not for it, or where the build host cannot.
        """
        if not spec.cuda:
            accepted = " or ".join(s.platform for s in PLATFORMS if s.cuda and not s.variant)
            msg = f"{spec.platform} has no CUDA: expected {accepted}"
            raise PlatformError(msg)
        if self.host.executes(spec):
            return "native"
        asked = self.options.strategy or "cross"
        if asked == "native":
            msg = (
                f"[cuda] strategy 'native' compiles for {spec.platform} on {spec.platform} itself, "
                f"and this engine's platform is {self.host.platform}: expected 'cross' or "
                f"'emulate', or an engine on {spec.platform}"
            )
            raise PlatformError(msg)
        if asked == "cross" and spec.platform not in self.host.cuda_crosses_to:
            msg = (
                f"[cuda] {spec.platform} cannot be cross-compiled on {self.host.platform}: NVIDIA "
                f"has no such compiler: expected strategy 'emulate', an engine on {spec.platform}, "
                f"or {self.host.platform} alone"
            )
            raise PlatformError(msg)
        return asked

    def builder(self, spec: PlatformSpec) -> Builder:
        """What compiles for the platform; raises as `strategy` does."""
        runs_on = spec if self.strategy(spec) == "emulate" else self.host
        return Builder(self._image(spec, runs_on), runs_on, "[cuda] image")

    def compilers(self, spec: PlatformSpec) -> Compilers:
        """GCC for the platform, as it is called in the stage."""
        return crosscompile.cross(spec) if self._is_cross(spec) else crosscompile.native()

    def architectures(self, spec: PlatformSpec) -> tuple[int, ...]:
        """The compute capabilities that are compiled for the platform, and no others."""
        if spec.cuda == "jetson":
            return self.target.architectures
        toolkit = self.target.release.toolkit
        if not (self.options.server_architectures or toolkit.server_architectures):
            return (max(toolkit.architectures),)
        return jetpack.server_architectures(toolkit.version, self.options.server_architectures)

    def folder(self, spec: PlatformSpec) -> str:
        """CUDA's headers and libraries for the platform."""
        if spec.cuda == "jetson":
            return f"{self.root}/targets/{self.target.release.toolkit.target_dir}"
        return f"{self.root}/targets/{spec.cmake_processor}-linux"

    def stage(self, spec: PlatformSpec) -> dagger.Container:
        """The container that compiles for the platform, without a source."""
        builder, is_cross = self.builder(spec), self._is_cross(spec)
        runs_on, release = builder.spec, self.target.release
        compilers = self.compilers(spec)
        # a package of the same name and version is another one in another release of Ubuntu
        volume = f"pipeline-cuda-apt-{runs_on.debian_arch}-{release.ubuntu.version}"
        stage = packages.prepared(bases.from_(builder.image, runs_on), volume)
        # what all platforms need comes first: it is one step for them together
        stage = packages.installed(stage, _TOOLS)
        path = f"{self.root}/bin:${{PATH}}"
        # an image of one's own has the CMake that it has
        if release.ubuntu.has_old_cmake and not self.options.image:
            stage, path = _with_cmake(stage, runs_on), f"{_CMAKE}/bin:{path}"
        own = list(compilers.packages)
        if source := self._source(runs_on):
            stage = packages.with_source(stage, source, self._key(source), "cuda")
            if runs_on.cuda == "server":
                stage = packages.installed(stage, release.toolkit.builder.compiler)
            own += [] if is_cross else self.target.dev_packages
        stage = packages.installed(stage, own)
        if is_cross:
            stage = self._with_target(stage, spec)
        return (
            stage.with_new_file(TOOLCHAIN_FILE, self.toolchain_file(spec))
            .with_env_variable("PATH", path, expand=True)
            .with_env_variable("CUDACXX", self.nvcc)
            .with_env_variable("CUDAHOSTCXX", compilers.cxx)
            .with_env_variable("CMAKE_TOOLCHAIN_FILE", TOOLCHAIN_FILE)
        )

    def toolchain_file(self, spec: PlatformSpec) -> str:
        """What CMake is told: nvcc, its host compiler, what it may find, and exact architectures."""
        compilers, sms = self.compilers(spec), self.architectures(spec)
        text = crosscompile.toolchain_file(
            spec,
            compilers,
            {
                "CMAKE_CUDA_COMPILER": self.nvcc,
                "CMAKE_CUDA_HOST_COMPILER": compilers.cxx,
                "CMAKE_CUDA_ARCHITECTURES": jetpack.cmake_architectures(sms),
                "CMAKE_CUDA_RUNTIME_LIBRARY": self.options.cudart.capitalize(),
                "CMAKE_CUDA_FLAGS_INIT": " ".join((*self.paths(spec), *self.options.flags)),
                "CMAKE_EXE_LINKER_FLAGS_INIT": f"-Wl,-rpath-link,{self.folder(spec)}/lib",
            },
            is_cross=self._is_cross(spec),
        )
        older = " ".join((*_generated(sms), "-cudart", self.options.cudart))
        return text + (
            "if(CMAKE_VERSION VERSION_LESS 3.18)\n"
            f'  string(APPEND CMAKE_CUDA_FLAGS_INIT " {older}")\n'
            "endif()\n"
        )

    def nvcc_flags(self, spec: PlatformSpec) -> list[str]:
        """What nvcc itself is told of the platform, with the libraries to link."""
        names = dict.fromkeys(
            soname.removeprefix("lib").partition(".so")[0]
            for library in self.target.libraries
            if library.name != "cudart"
            for soname in library.sonames
        )
        return [
            "-ccbin",
            self.compilers(spec).cxx,
            *_generated(self.architectures(spec)),
            "-cudart",
            self.options.cudart,
            *self.paths(spec),
            "-Xlinker",
            f"-rpath-link={self.folder(spec)}/lib",
            "-Xlinker",
            "--as-needed",
            *self.options.flags,
            *(f"-l{name}" for name in names),
        ]

    def paths(self, spec: PlatformSpec) -> list[str]:
        """Where nvcc finds headers and libraries of a foreign platform, whose own are for x86.

        In words and not by -target-dir, which profiles of CUDA 13.2 and later do not read.
        """
        if not self._is_cross(spec):
            return []
        folder = self.folder(spec)
        return [f"-I{folder}/include", f"-L{folder}/lib", f"-L{folder}/lib/stubs"]

    def libraries(
        self,
        stage: dagger.Container,
        spec: PlatformSpec,
        root: dagger.Directory,
        wanted: str,
        *folders: str,
    ) -> dagger.Directory:
        """What programs load and the root of a final stage has not, as it lies below /.

        wanted: the folder of the programs, or names of libraries with spaces between. folders:
        where else libraries may be.
        """
        release = self.target.release
        device = [
            soname
            for library in release.toolkit.libraries
            for soname in library.sonames
            if spec.cuda == "jetson" and release.is_on_device(soname)
        ]
        return libraries.needed(
            stage,
            spec,
            root,
            wanted,
            [*folders, f"{self.folder(spec)}/lib"],
            on_device=device,
            with_families=True,
        )

    def runtime(self, spec: PlatformSpec) -> Runtime:
        """What the final stage of the platform has; raises as `strategy` does."""
        self.strategy(spec)
        release = self.target.release
        architectures = ",".join(str(sm) for sm in self.architectures(spec))
        labels = {
            "pipeline.cuda": release.toolkit.version,
            jetpack.ARCHITECTURES_LABEL: architectures,
        }
        if spec.cuda != "jetson":
            base = _UBUNTU.format(version=release.ubuntu.version)
            return Runtime(base, _SERVER_ENVIRONMENT, labels)
        labels["pipeline.jetpack"] = self.target.jetpack
        labels["pipeline.l4t"], labels["pipeline.l4t.runs-on"] = release.suite, release.runs_on
        return Runtime(release.final_image, release.environment, labels)

    def runtime_stage(self, spec: PlatformSpec) -> dagger.Container:
        """The final stage of the platform, with the libraries that the project names."""
        runtime = self.runtime(spec)
        stage = bases.from_(runtime.base, spec)
        for name, value in runtime.env.items():
            stage = stage.with_env_variable(name, value)
        for name, value in runtime.labels.items():
            stage = stage.with_label(name, value)
        sonames = [soname for library in self.target.libraries for soname in library.sonames]
        if not sonames:
            return stage
        wanted = " ".join(sonames)
        libraries = self.libraries(self.stage(spec), spec, stage.rootfs(), wanted)
        return stage.with_directory("/", libraries.with_timestamps(_EPOCH))

    def _image(self, spec: PlatformSpec, runs_on: PlatformSpec) -> str:
        given = self.options.image
        if isinstance(given, str):
            chosen = given
        elif given and spec.platform not in given:
            msg = f"[cuda] image has none for {spec.platform}, only for {', '.join(given)}: add one"
            raise ConfigError(msg)
        else:
            chosen = given.get(spec.platform, "")
        if chosen:
            return chosen
        release = self.target.release
        return release.final_image if runs_on.cuda == "jetson" else release.toolkit.builder.base

    def _is_cross(self, spec: PlatformSpec) -> bool:
        return self.strategy(spec) == "cross"

    def _source(self, runs_on: PlatformSpec) -> AptSource | None:
        """Where CUDA for a platform comes from; None where its image has it."""
        if given := self.options.apt.get(runs_on.platform):
            return given.source(runs_on)
        release = self.target.release
        if runs_on.cuda == "jetson":
            source = release.target_source
        elif release.toolkit.builder.sources:
            source = release.toolkit.builder.sources[0]
        else:
            return None
        return source.at(self.options.mirror) if self.options.mirror else source

    def _key(self, source: AptSource) -> dagger.File:
        if "://" in source.key_url:
            return dag.http(source.key_url)
        return self.source.file(source.key_url)

    def _with_target(self, stage: dagger.Container, spec: PlatformSpec) -> dagger.Container:
        source = self._source(spec)
        assert source is not None
        folder = self.folder(spec)
        stage = packages.unpacked(
            stage,
            source,
            self._key(source),
            "target",
            packages=self.target.dev_packages,
            folders=(folder, "/usr/include", f"/usr/lib/{spec.gnu_triple}"),
            volume=f"pipeline-cuda-target-{self.target.release.suite}",
        )
        libraries, headers = f"/usr/lib/{spec.gnu_triple}", f"/usr/include/{spec.gnu_triple}"
        stage = packages.with_step(stage, "link-development").with_exec(
            [f"{packages.STEPS}/link-development", f"{folder}/lib", libraries, headers]
        )
        usual = f"{self.root}/targets/{spec.cmake_processor}-linux"
        if usual == folder:
            return stage
        # the only name that CMake looks for before 3.30 or so, whatever the target is called
        return stage.with_exec(["ln", "-sfn", folder, usual])


def _generated(architectures: tuple[int, ...]) -> list[str]:
    return [f"-gencode=arch=compute_{sm},code=sm_{sm}" for sm in architectures]


def _with_cmake(stage: dagger.Container, runs_on: PlatformSpec) -> dagger.Container:
    """The container with a CMake beside its own, which does not know how CUDA is compiled."""
    url, sha256 = crosscompile.cmake_archive(runs_on)
    archive, path = dag.http(url, checksum=f"sha256:{sha256}"), f"{_CMAKE}.tar.gz"
    return (
        stage.with_directory(_CMAKE, dag.directory())
        .with_mounted_file(path, archive)
        .with_exec(["tar", "-xzf", path, "-C", _CMAKE, "--strip-components=1"])
        .without_mount(path)
    )
