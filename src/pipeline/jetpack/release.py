"""What is known of a release of JetPack, and what follows from it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.jetpack import apt
from pipeline.jetpack.boards import BOARDS, Board
from pipeline.scan import injected

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pipeline.jetpack.apt import AptSource
    from pipeline.jetpack.toolkits import Toolkit


@dataclass(frozen=True, kw_only=True)
class Ubuntu:
    """The system that a release is made of."""

    version: str
    codename: str
    glibc: str
    gcc: str
    has_old_cmake: bool = False
    """Whether its CMake is older than 3.18, the first that knows CMAKE_CUDA_ARCHITECTURES."""


@dataclass(frozen=True, kw_only=True)
class Release:
    """One release line: the JetPacks whose packages come from one suite."""

    suite: str
    """As NVIDIA's apt has it: r36.4."""
    versions: tuple[tuple[str, str], ...]
    """Each L4T with the JetPack it is part of, oldest first. Previews end in -dp."""
    ubuntu: Ubuntu
    toolkit: Toolkit
    cudnn: str
    tensorrt: str
    boards: tuple[str, ...]
    soc: tuple[str, ...]
    """Repositories beside `common` with what belongs to a board; not needed to compile."""
    final_image: str
    """What a final stage starts from."""
    runtime_image: str = ""
    """Image for arm64 with CUDA's libraries; empty where no tag was seen."""
    devel_image: str = ""
    """Image for arm64 with CUDA's compiler and libraries; empty where no tag was seen."""
    full_image: str = ""
    """Image for arm64 with cuDNN and TensorRT as well; empty where no tag was seen."""
    cross_image: str = ""
    """NVIDIA's image for amd64 with nvcc, a cross compiler and the target's files; empty where
    there is none."""
    mounts_cuda: bool = False
    """Whether the device mounts CUDA, cuDNN and TensorRT into containers. Otherwise they have to be
    in the image, and the device mounts what belongs to its driver."""
    runs_on: str
    """The L4T of the devices that run such images."""
    sources: tuple[str, ...]
    unverified: tuple[str, ...] = ()

    @property
    def jetpacks(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(jetpack for _, jetpack in self.versions))

    @property
    def jetpack(self) -> str:
        """The newest JetPack of the line."""
        return self.jetpacks[-1]

    @property
    def is_preview(self) -> bool:
        return all(jetpack.endswith("-dp") for jetpack in self.jetpacks)

    @property
    def architectures(self) -> tuple[int, ...]:
        return tuple(board.architecture for board in self.own_boards)

    @property
    def own_boards(self) -> tuple[Board, ...]:
        return tuple(board for board in BOARDS if board.name in self.boards)

    @property
    def target_source(self) -> AptSource:
        """Where an arm64 container of this release gets CUDA's packages from."""
        return apt.jetson(self.suite)

    @property
    def environment(self) -> dict[str, str]:
        """What a final image has to set for the device to mount its driver.

        Without NVIDIA_VISIBLE_DEVICES, nvidia-container-runtime mounts nothing; without
        NVIDIA_DRIVER_CAPABILITIES, only what nvidia-smi needs (its README). Since version 1.10 it
        mounts CUDA of JetPack 4 only where the third is set (its internal/modifier/csv.go).
        """
        env = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "all"}
        if self.mounts_cuda:
            env["NVIDIA_REQUIRE_JETPACK"] = "csv-mounts=all"
        return env

    @property
    def mounted(self) -> tuple[str, ...]:
        """Sonames that the device mounts beside those of its driver."""
        if not self.mounts_cuda:
            return ()
        return tuple(soname for each in self.toolkit.libraries for soname in each.sonames)

    def is_on_device(self, soname: str) -> bool:
        """Whether a library is mounted by the device, and so must not be in the image."""
        return injected.is_library(soname) or soname in self.mounted

    def runtime_packages(self, needed: Iterable[str]) -> tuple[str, ...]:
        """Packages that the final image lacks for programs whose DT_NEEDED says `needed`.

        Without what the device mounts, and without what is no part of CUDA.
        """
        found: dict[str, None] = {}
        for soname in needed:
            library = None if self.is_on_device(soname) else self.toolkit.library_of(soname)
            found |= dict.fromkeys(library.runtime if library else ())
        return tuple(found)
