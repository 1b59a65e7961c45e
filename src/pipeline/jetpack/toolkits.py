"""THE table of CUDA toolkits: one frozen record each, as JetPack's apt repositories have them.

`architectures` is what `nvcc --list-gpu-arch` or `ptxas --help` of that version prints, measured
where a record's sources do not say otherwise. `newest_gcc` is the limit in its crt/host_config.h.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.jetpack import apt
from pipeline.jetpack.libraries import (
    Library,
    cudnn8,
    cudnn9,
    numbered,
    sonames,
    tensorrt10,
    tensorrt_with_parsers,
)

if TYPE_CHECKING:
    from pipeline.jetpack.apt import AptSource


@dataclass(frozen=True, kw_only=True)
class Builder:
    """How an amd64 machine gets the compiler, and the target's headers and libraries."""

    base: str
    """Image for amd64. Its cross libc is the target's own: what is linked against a newer one does
    not start on the device."""
    sources: tuple[AptSource, ...] = ()
    compiler: tuple[str, ...] = ()
    """Packages with nvcc for the builder; none where `base` has it."""
    target: tuple[str, ...]
    """The package that brings the target's headers and libraries."""
    debs: tuple[str, ...] = ()
    """Addresses of packages with the target's files that were seen in a pool, and in no suite."""


@dataclass(frozen=True, kw_only=True)
class Toolkit:
    """One CUDA, as JetPack has it."""

    build: str
    """The version of its packages; `version` is the part that names and files bear."""
    architectures: tuple[int, ...]
    """Compute capabilities that its nvcc compiles for, without the point: 87 is 8.7."""
    newest_gcc: int
    target_dir: str
    """The folder below /usr/local/cuda/targets, and nvcc's -target-dir."""
    compiler: tuple[str, ...]
    """Packages for the target's machine that compile a program without libraries."""
    libraries: tuple[Library, ...]
    builder: Builder
    sources: tuple[str, ...]
    unverified: tuple[str, ...] = ()

    @property
    def version(self) -> str:
        return ".".join(self.build.split(".")[:2])

    @property
    def suffix(self) -> str:
        """The version as packages have it in their names: 12-6."""
        return self.version.replace(".", "-")

    @property
    def server_architectures(self) -> tuple[int, ...]:
        """What to compile for on amd64 servers where nobody says; none where no source does.

        Those of dusty-nv/jetson-containers' list for x86 that this nvcc knows.
        """
        return tuple(sm for sm in (80, 90, 100, 120) if sm in self.architectures)

    def library(self, name: str) -> Library | None:
        return next((each for each in self.libraries if each.name == name), None)

    def library_of(self, soname: str) -> Library | None:
        """The library that a DT_NEEDED entry asks for, if it is one of this toolkit."""
        return next((each for each in self.libraries if soname in each.sonames), None)


_POOL_10_2 = "https://repo.download.nvidia.com/jetson/x86_64/pool/r32.4/c"
_POOL_11_4 = "https://repo.download.nvidia.com/jetson/x86_64/bionic/pool/main"

# named before the libraries left CUDA's own numbering, and for a CUDA of one repository each
_OLD_CROSS = {"cublas": "libcublas-cross-aarch64"}
_OLD_LIBRARIES = (
    "cudart", "cublas", "cufft", "curand", "cusolver", "cusparse", "npp", "nvrtc", "nvgraph",
)  # fmt: skip


def _old(version: str, moved: tuple[str, ...], tensorrt: str) -> tuple[Library, ...]:
    """The libraries of CUDA 10.2. `moved` are those whose packages are called lib… already."""
    found = []
    for name in _OLD_LIBRARIES:
        package = f"lib{name}" if name in moved else f"cuda-{name}"
        dev, runtime = f"{package}-dev-10-2", f"{package}-10-2"
        if name == "cublas":
            # the Jetson repository has no libcublas-dev-10-2, whatever is written about it
            dev, runtime = "libcublas-dev", "libcublas10"
        found.append(
            Library(
                name=name,
                dev=(dev,),
                runtime=(runtime,),
                cross=(_OLD_CROSS.get(name, f"cuda-{name}-cross-aarch64-10-2"),),
                sonames=_old_sonames(name, version),
            )
        )
    return (*found, cudnn8(), tensorrt_with_parsers(tensorrt))


def _old_sonames(name: str, version: str) -> tuple[str, ...]:
    found = sonames(name, version if name in ("cudart", "nvrtc") else "10")
    return (*found, "libnppicom.so.10") if name == "npp" else found  # CUDA 11 has none


_BUILDER_10_2 = Builder(
    base="docker.io/nvidia/cuda:10.2-devel-ubuntu18.04",
    target=("cuda-cross-aarch64-10-2",),
    debs=(
        *(
            f"{_POOL_10_2}/cuda/{name}_10.2.89-1_all.deb"
            for name in (
                "cuda-cross-aarch64-10-2",
                "cuda-cudart-cross-aarch64-10-2",
                "cuda-cufft-cross-aarch64-10-2",
                "cuda-cupti-cross-aarch64-10-2",
                "cuda-curand-cross-aarch64-10-2",
                "cuda-cusolver-cross-aarch64-10-2",
                "cuda-cusparse-cross-aarch64-10-2",
                "cuda-driver-cross-aarch64-10-2",
                "cuda-misc-headers-cross-aarch64-10-2",
                "cuda-npp-cross-aarch64-10-2",
                "cuda-nvgraph-cross-aarch64-10-2",
                "cuda-nvml-cross-aarch64-10-2",
                "cuda-nvrtc-cross-aarch64-10-2",
            )
        ),
        f"{_POOL_10_2}/cublas/libcublas-cross-aarch64_10.2.2.89-1_all.deb",
    ),
)
_ARCHITECTURES_10_2 = (30, 32, 35, 37, 50, 52, 53, 60, 61, 62, 70, 72, 75)
_UNVERIFIED_10_2 = (
    "the newest gcc that CUDA 10.2 takes",
    "TensorRT's packages of JetPack 4 are named by those for Ubuntu 18.04 and for JetPack 5",
)

CUDA_10_2_89 = Toolkit(
    build="10.2.89",
    architectures=_ARCHITECTURES_10_2,
    newest_gcc=8,
    target_dir="aarch64-linux",
    compiler=(
        "cuda-compiler-10-2",
        "cuda-nvcc-10-2",
        "cuda-cudart-dev-10-2",
        "cuda-driver-dev-10-2",
        "cuda-misc-headers-10-2",
    ),
    libraries=_old("10.2", ("cublas",), tensorrt="7"),
    builder=_BUILDER_10_2,
    sources=(
        "a public build file with each package of r32.5 by its sha256",
        "apache/mxnet ci/docker/Dockerfile.build.jetson (cross packages)",
        "a report of CUDA.jl on a Tegra X1 with CUDA 10.2 (architectures)",
    ),
    unverified=(*_UNVERIFIED_10_2, "r32.4 is taken to have the packages of r32.5"),
)
CUDA_10_2_300 = Toolkit(
    build="10.2.300",
    architectures=_ARCHITECTURES_10_2,
    newest_gcc=8,
    target_dir="aarch64-linux",
    compiler=("cuda-nvcc-10-2", "cuda-cudart-dev-10-2"),
    libraries=_old(
        "10.2", ("cublas", "cufft", "curand", "cusolver", "cusparse", "npp"), tensorrt="8"
    ),
    builder=_BUILDER_10_2,
    sources=(
        "JuliaPackaging/Yggdrasil CUDA_full@10.2: each package by its sha256",
        "`apt-cache search cublas` on r32.6, from a public build log",
        "apache/mxnet ci/docker/Dockerfile.build.jetson (cross packages)",
        "a report of CUDA.jl on a Tegra X1 with CUDA 10.2 (architectures)",
    ),
    unverified=(
        *_UNVERIFIED_10_2,
        "the cross packages are those of 10.2.89: none of 10.2.300 was seen",
        "r32.7 is taken to have the packages of r32.6",
    ),
)
CUDA_11_4 = Toolkit(
    build="11.4.315",
    architectures=(35, 37, 50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87),
    newest_gcc=10,
    target_dir="aarch64-linux",
    compiler=("cuda-nvcc-11-4", "cuda-cudart-dev-11-4"),
    libraries=numbered(
        "11.4",
        "aarch64",
        {
            "cudart": "11.0",
            "cublas": "11",
            "cufft": "10",
            "curand": "10",
            "cusolver": "11",
            "cusparse": "11",
            "npp": "11",
            "nvrtc": "11.2",
        },
        tensorrt=tensorrt_with_parsers("8"),
        cudnn=cudnn8(),
    ),
    builder=Builder(
        base="docker.io/library/ubuntu:20.04",
        sources=(apt.cuda("20.04", "x86_64"),),
        compiler=("cuda-nvcc-11-4",),
        target=("cuda-cross-aarch64-11-4",),
        debs=tuple(
            f"{_POOL_11_4}/{path}_all.deb"
            for path in (
                "c/cuda-cross-aarch64-11-4/cuda-cross-aarch64-11-4_11.4.14-1",
                "c/cuda-cudart/cuda-cudart-cross-aarch64-11-4_11.4.243-1",
                "c/cuda-cudart/cuda-driver-cross-aarch64-11-4_11.4.243-1",
                "c/cuda-cupti/cuda-cupti-cross-aarch64-11-4_11.4.239-1",
                "c/cuda-nvcc/cuda-nvcc-cross-aarch64-11-4_11.4.239-1",
                "c/cuda-nvml-dev/cuda-nvml-cross-aarch64-11-4_11.4.239-1",
                "c/cuda-nvrtc/cuda-nvrtc-cross-aarch64-11-4_11.4.239-1",
                "c/cuda-profiler-api/cuda-profiler-api-cross-aarch64-11-4_11.4.239-1",
                "c/cuda-thrust/cuda-cccl-cross-aarch64-11-4_11.4.222-1",
                "libc/libcublas/libcublas-cross-aarch64-11-4_11.6.6.23-1",
                "libc/libcudla/libcudla-cross-aarch64-11-4_11.4.239-1",
                "libc/libcufft/libcufft-cross-aarch64-11-4_10.6.0.143-1",
                "libc/libcurand/libcurand-cross-aarch64-11-4_10.2.5.238-1",
                "libc/libcusolver/libcusolver-cross-aarch64-11-4_11.2.0.238-1",
                "libc/libcusparse/libcusparse-cross-aarch64-11-4_11.6.0.238-1",
                "libn/libnpp/libnpp-cross-aarch64-11-4_11.4.0.228-1",
            )
        ),
    ),
    sources=(
        "NVIDIA's list of JetPack's packages, as Seeed-Studio's wiki has it",
        "versions and dependencies measured on a Jetson AGX Orin with r35.4.1",
        "a public script that installs the cross packages from NVIDIA's pool",
        "public scripts that fetch cuda-nvcc-11-4 11.4.152 from ubuntu2004/x86_64",
    ),
    unverified=(
        "the architectures of 11.4 are those of ptxas 11.7; its highest, 87, was seen on a device",
        "the cross packages were seen as files of a pool (11.4.14) and in SDK Manager (11.4.19)",
    ),
)
_ARCHITECTURES_12 = (50, 52, 53, 60, 61, 62, 70, 72, 75, 80, 86, 87, 89, 90)
_SONAMES_12 = {
    "cudart": "12", "cublas": "12", "cufft": "11", "curand": "10", "cusolver": "11",
    "cusparse": "12", "npp": "12", "nvrtc": "12", "nvjpeg": "12", "nvjitlink": "12",
}  # fmt: skip
_CROSS_12 = (apt.cuda("22.04", "x86_64"), apt.cuda("22.04", "cross-linux-aarch64"))

CUDA_12_2 = Toolkit(
    build="12.2",
    architectures=_ARCHITECTURES_12,
    newest_gcc=12,
    target_dir="aarch64-linux",
    compiler=("cuda-nvcc-12-2", "cuda-cudart-dev-12-2"),
    libraries=numbered(
        "12.2", "aarch64", _SONAMES_12, tensorrt=tensorrt_with_parsers("8"), cudnn=cudnn8()
    ),
    builder=Builder(
        base="docker.io/library/ubuntu:22.04",
        sources=_CROSS_12,
        compiler=("cuda-nvcc-12-2",),
        target=("cuda-cross-aarch64-12-2",),
    ),
    sources=(
        "ptxas of NVIDIA's wheel 12.2.140 (architectures, measured)",
        "zzlee/docker-scripts l4t-base-r36-2.Dockerfile (libnpp-dev-12-2)",
    ),
    unverified=(
        "all packages but libnpp-dev-12-2 and cuda-cudart-dev-12-2 are named by those of 12.6",
        "the newest gcc that CUDA 12.2 takes",
    ),
)
CUDA_12_6 = Toolkit(
    build="12.6.68",
    architectures=_ARCHITECTURES_12,
    newest_gcc=13,
    target_dir="aarch64-linux",
    compiler=("cuda-nvcc-12-6", "cuda-cudart-dev-12-6"),
    libraries=numbered(
        "12.6",
        "aarch64",
        _SONAMES_12,
        tensorrt=tensorrt10(("tensorrt-dev-cross-aarch64",)),
        cudnn=cudnn9("12", "aarch64"),
    ),
    builder=Builder(
        base="docker.io/library/ubuntu:22.04",
        sources=_CROSS_12,
        compiler=("cuda-nvcc-12-6",),
        target=("cuda-cross-aarch64-12-6",),
    ),
    sources=(
        "ptxas of NVIDIA's wheel 12.6.85 (architectures, measured)",
        "rbonghi/jetson_stats#603 (versions on a device)",
        "a public list of the packages that nvidia-jetpack of r36.4 brings",
        "a public guide that cross-compiles on Ubuntu 22.04 and runs on JetPack 6.2.1",
    ),
    unverified=(
        "the names of single cross packages follow those of 11.4 and of sbsa; "
        "cuda-cross-aarch64-12-6 and those of cuDNN and TensorRT were seen",
        "tensorrt-dev-cross-aarch64 may be newer than the device's: pin it to 10.3",
    ),
)
_ARCHITECTURES_13 = (75, 80, 86, 87, 88, 89, 90, 100, 103, 110, 120, 121)
_SONAMES_13 = {
    "cudart": "13", "cublas": "13", "cufft": "12", "curand": "10", "cusolver": "12",
    "cusparse": "12", "npp": "13", "nvrtc": "13", "nvjpeg": "13", "nvjitlink": "13",
}  # fmt: skip


def _sbsa(version: str, build: str, sources: tuple[str, ...]) -> Toolkit:
    """CUDA 13, which Jetsons share with Arm servers."""
    suffix = version.replace(".", "-")
    return Toolkit(
        build=build,
        architectures=_ARCHITECTURES_13,
        newest_gcc=15,
        target_dir="sbsa-linux",
        compiler=(f"cuda-nvcc-{suffix}", f"cuda-cudart-dev-{suffix}"),
        libraries=numbered(
            version,
            "sbsa",
            _SONAMES_13,
            tensorrt=tensorrt10(("tensorrt-dev-cross-sbsa",)),
            cudnn=cudnn9("13", "sbsa"),
        ),
        builder=Builder(
            base="docker.io/library/ubuntu:24.04",
            sources=(apt.cuda("24.04", "x86_64"), apt.cuda("24.04", "cross-linux-sbsa")),
            compiler=(f"cuda-nvcc-{suffix}",),
            target=(f"cuda-cross-sbsa-{suffix}",),
        ),
        sources=(*sources, "NVIDIA HoloHub's tutorial on cross-compiling for Thor"),
        unverified=(
            "packages of libraries are named as those of CUDA's own repository; "
            "on Jetsons, libcublas, libcusolver (13.0), libcurand and nvrtc (13.2) were seen",
            "tensorrt-dev-cross-sbsa is from NVIDIA's documentation, in no build",
        ),
    )


CUDA_13_0 = _sbsa(
    "13.0",
    "13.0.48",
    ("nvcc --list-gpu-arch of NVIDIA's wheel 13.0.88 (measured)", "nvidia-isaac/cuVSLAM README"),
)
CUDA_13_2 = _sbsa(
    "13.2",
    "13.2.78",
    (
        "nvcc --list-gpu-arch of NVIDIA's wheel 13.2.78 (measured)",
        "a public record of a build in ubuntu:24.04 with jetson/common r39.2, every version in it",
    ),
)

TOOLKITS = (
    CUDA_10_2_89, CUDA_10_2_300, CUDA_11_4, CUDA_12_2, CUDA_12_6, CUDA_13_0, CUDA_13_2,
)  # fmt: skip
