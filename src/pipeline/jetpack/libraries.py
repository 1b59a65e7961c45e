"""The libraries of CUDA, cuDNN and TensorRT: what each is called by apt and by the dynamic loader.

Sources of the names
- sonames of 11, 12 and 13: NVIDIA/cuda-python, its tables of supported sonames, and
  the dependencies of programs that were built in JetPack's packages.
- sonames of 10.2: what TensorFlow's loader prints on JetPack 4.
- a soname follows the library's own version, not CUDA's: libcusolver-13-0 has libcusolver.so.12.
"""

from __future__ import annotations

from dataclasses import dataclass

_NPP = ("c", "ial", "icc", "idei", "if", "ig", "im", "ist", "isu", "itc", "s")

# what one package holds besides the library that it is named for
_TOGETHER: dict[str, tuple[str, ...]] = {
    "cudart": ("libcudart",),
    "cublas": ("libcublas", "libcublasLt", "libnvblas"),
    "cufft": ("libcufft", "libcufftw"),
    "curand": ("libcurand",),
    "cusolver": ("libcusolver", "libcusolverMg"),
    "cusparse": ("libcusparse",),
    "npp": tuple(f"libnpp{part}" for part in _NPP),
    "nvrtc": ("libnvrtc",),
    "nvjpeg": ("libnvjpeg",),
    "nvjitlink": ("libnvJitLink",),
    "nvgraph": ("libnvgraph",),
    "cudnn": ("libcudnn",),
    "tensorrt": ("libnvinfer", "libnvinfer_plugin", "libnvonnxparser"),
}
NAMES = tuple(_TOGETHER)
"""Every library that a project can ask for."""


@dataclass(frozen=True, kw_only=True)
class Library:
    """One library of one CUDA."""

    name: str
    dev: tuple[str, ...]
    """Packages for the target's machine to compile with: headers and what the linker needs."""
    runtime: tuple[str, ...]
    """Packages for the target's machine that a program needs to run."""
    cross: tuple[str, ...] = ()
    """Packages for an amd64 builder with the target's headers and libraries; none where no source
    names one."""
    sonames: tuple[str, ...]
    """What a program's DT_NEEDED says of it. Libraries may load others of their package by name
    when they run: whoever copies files instead of installing `runtime` has to take those too."""


def sonames(name: str, version: str) -> tuple[str, ...]:
    """The sonames of a library whose own version, as sonames have it, is given."""
    return tuple(f"{stem}.so.{version}" for stem in _TOGETHER[name])


def numbered(
    cuda: str, cross: str, versions: dict[str, str], tensorrt: Library, cudnn: Library
) -> tuple[Library, ...]:
    """The libraries as packages have been named since CUDA 11: libcublas-dev-12-6.

    cuda: CUDA's version, 12.6. cross: the target of its cross packages, aarch64 or sbsa.
    versions: what is in the toolkit, each with the version in its soname.
    """
    suffix = cuda.replace(".", "-")
    found = []
    for name, version in versions.items():
        package = f"cuda-{name}" if name in ("cudart", "nvrtc") else f"lib{name}"
        found.append(
            Library(
                name=name,
                dev=(f"{package}-dev-{suffix}",),
                runtime=(f"{package}-{suffix}",),
                cross=(f"{package}-cross-{cross}-{suffix}",),
                sonames=sonames(name, version),
            )
        )
    return (*found, cudnn, tensorrt)


def cudnn8() -> Library:
    return Library(
        name="cudnn", dev=("libcudnn8-dev",), runtime=("libcudnn8",), sonames=sonames("cudnn", "8")
    )


def cudnn9(cuda_major: str, cross: str) -> Library:
    """cuDNN 9, whose packages are named for a major release of CUDA."""
    return Library(
        name="cudnn",
        dev=(f"libcudnn9-dev-cuda-{cuda_major}",),
        runtime=(f"libcudnn9-cuda-{cuda_major}",),
        cross=(f"libcudnn9-cross-{cross}-cuda-{cuda_major}",),
        sonames=sonames("cudnn", "9"),
    )


def tensorrt_with_parsers(version: str) -> Library:
    """TensorRT 7 and 8, which have parsers for Caffe and UFF besides that for ONNX."""
    return Library(
        name="tensorrt",
        dev=(
            "libnvinfer-dev",
            "libnvinfer-plugin-dev",
            "libnvonnxparsers-dev",
            "libnvparsers-dev",
        ),
        runtime=(
            f"libnvinfer{version}",
            f"libnvinfer-plugin{version}",
            f"libnvonnxparsers{version}",
            f"libnvparsers{version}",
        ),
        sonames=(*sonames("tensorrt", version), f"libnvparsers.so.{version}"),
    )


def tensorrt10(cross: tuple[str, ...]) -> Library:
    """TensorRT 10. NvInferPlugin.h has a package of its own, which libnvinfer-dev does not bring."""
    return Library(
        name="tensorrt",
        dev=(
            "libnvinfer-dev",
            "libnvinfer-headers-dev",
            "libnvinfer-headers-plugin-dev",
            "libnvinfer-plugin-dev",
            "libnvonnxparsers-dev",
        ),
        runtime=("libnvinfer10", "libnvinfer-plugin10", "libnvonnxparsers10"),
        cross=cross,
        sonames=sonames("tensorrt", "10"),
    )
