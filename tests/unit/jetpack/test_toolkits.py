"""Packages and sonames of each CUDA, written out."""

from __future__ import annotations

import pytest

from pipeline import jetpack
from pipeline.jetpack import toolkits

COMPILERS = [
    (
        toolkits.CUDA_10_2_89,
        "cuda-compiler-10-2 cuda-nvcc-10-2 cuda-cudart-dev-10-2 cuda-driver-dev-10-2 "
        "cuda-misc-headers-10-2",
    ),
    (toolkits.CUDA_10_2_300, "cuda-nvcc-10-2 cuda-cudart-dev-10-2"),
    (toolkits.CUDA_11_4, "cuda-nvcc-11-4 cuda-cudart-dev-11-4"),
    (toolkits.CUDA_12_2, "cuda-nvcc-12-2 cuda-cudart-dev-12-2"),
    (toolkits.CUDA_12_6, "cuda-nvcc-12-6 cuda-cudart-dev-12-6"),
    (toolkits.CUDA_13_0, "cuda-nvcc-13-0 cuda-cudart-dev-13-0"),
    (toolkits.CUDA_13_2, "cuda-nvcc-13-2 cuda-cudart-dev-13-2"),
]

# CUDA, library, packages to compile, packages to run, the first soname
LIBRARIES = [
    (toolkits.CUDA_10_2_89, "cudart", "cuda-cudart-dev-10-2", "cuda-cudart-10-2", "libcudart.so.10.2"),
    (toolkits.CUDA_10_2_89, "cublas", "libcublas-dev", "libcublas10", "libcublas.so.10"),
    (toolkits.CUDA_10_2_89, "cufft", "cuda-cufft-dev-10-2", "cuda-cufft-10-2", "libcufft.so.10"),
    (toolkits.CUDA_10_2_89, "curand", "cuda-curand-dev-10-2", "cuda-curand-10-2", "libcurand.so.10"),
    (toolkits.CUDA_10_2_89, "cusolver", "cuda-cusolver-dev-10-2", "cuda-cusolver-10-2", "libcusolver.so.10"),
    (toolkits.CUDA_10_2_89, "cusparse", "cuda-cusparse-dev-10-2", "cuda-cusparse-10-2", "libcusparse.so.10"),
    (toolkits.CUDA_10_2_89, "npp", "cuda-npp-dev-10-2", "cuda-npp-10-2", "libnppc.so.10"),
    (toolkits.CUDA_10_2_89, "nvrtc", "cuda-nvrtc-dev-10-2", "cuda-nvrtc-10-2", "libnvrtc.so.10.2"),
    (toolkits.CUDA_10_2_89, "nvgraph", "cuda-nvgraph-dev-10-2", "cuda-nvgraph-10-2", "libnvgraph.so.10"),
    (toolkits.CUDA_10_2_89, "cudnn", "libcudnn8-dev", "libcudnn8", "libcudnn.so.8"),
    (
        toolkits.CUDA_10_2_89, "tensorrt",
        "libnvinfer-dev libnvinfer-plugin-dev libnvonnxparsers-dev libnvparsers-dev",
        "libnvinfer7 libnvinfer-plugin7 libnvonnxparsers7 libnvparsers7", "libnvinfer.so.7",
    ),
    (toolkits.CUDA_10_2_300, "cudart", "cuda-cudart-dev-10-2", "cuda-cudart-10-2", "libcudart.so.10.2"),
    (toolkits.CUDA_10_2_300, "cublas", "libcublas-dev", "libcublas10", "libcublas.so.10"),
    (toolkits.CUDA_10_2_300, "cufft", "libcufft-dev-10-2", "libcufft-10-2", "libcufft.so.10"),
    (toolkits.CUDA_10_2_300, "curand", "libcurand-dev-10-2", "libcurand-10-2", "libcurand.so.10"),
    (toolkits.CUDA_10_2_300, "cusolver", "libcusolver-dev-10-2", "libcusolver-10-2", "libcusolver.so.10"),
    (toolkits.CUDA_10_2_300, "cusparse", "libcusparse-dev-10-2", "libcusparse-10-2", "libcusparse.so.10"),
    (toolkits.CUDA_10_2_300, "npp", "libnpp-dev-10-2", "libnpp-10-2", "libnppc.so.10"),
    (toolkits.CUDA_10_2_300, "nvrtc", "cuda-nvrtc-dev-10-2", "cuda-nvrtc-10-2", "libnvrtc.so.10.2"),
    (toolkits.CUDA_10_2_300, "nvgraph", "cuda-nvgraph-dev-10-2", "cuda-nvgraph-10-2", "libnvgraph.so.10"),
    (toolkits.CUDA_10_2_300, "cudnn", "libcudnn8-dev", "libcudnn8", "libcudnn.so.8"),
    (
        toolkits.CUDA_10_2_300, "tensorrt",
        "libnvinfer-dev libnvinfer-plugin-dev libnvonnxparsers-dev libnvparsers-dev",
        "libnvinfer8 libnvinfer-plugin8 libnvonnxparsers8 libnvparsers8", "libnvinfer.so.8",
    ),
    (toolkits.CUDA_11_4, "cudart", "cuda-cudart-dev-11-4", "cuda-cudart-11-4", "libcudart.so.11.0"),
    (toolkits.CUDA_11_4, "cublas", "libcublas-dev-11-4", "libcublas-11-4", "libcublas.so.11"),
    (toolkits.CUDA_11_4, "cufft", "libcufft-dev-11-4", "libcufft-11-4", "libcufft.so.10"),
    (toolkits.CUDA_11_4, "curand", "libcurand-dev-11-4", "libcurand-11-4", "libcurand.so.10"),
    (toolkits.CUDA_11_4, "cusolver", "libcusolver-dev-11-4", "libcusolver-11-4", "libcusolver.so.11"),
    (toolkits.CUDA_11_4, "cusparse", "libcusparse-dev-11-4", "libcusparse-11-4", "libcusparse.so.11"),
    (toolkits.CUDA_11_4, "npp", "libnpp-dev-11-4", "libnpp-11-4", "libnppc.so.11"),
    (toolkits.CUDA_11_4, "nvrtc", "cuda-nvrtc-dev-11-4", "cuda-nvrtc-11-4", "libnvrtc.so.11.2"),
    (toolkits.CUDA_11_4, "cudnn", "libcudnn8-dev", "libcudnn8", "libcudnn.so.8"),
    (
        toolkits.CUDA_11_4, "tensorrt",
        "libnvinfer-dev libnvinfer-plugin-dev libnvonnxparsers-dev libnvparsers-dev",
        "libnvinfer8 libnvinfer-plugin8 libnvonnxparsers8 libnvparsers8", "libnvinfer.so.8",
    ),
    (toolkits.CUDA_12_2, "cublas", "libcublas-dev-12-2", "libcublas-12-2", "libcublas.so.12"),
    (toolkits.CUDA_12_2, "npp", "libnpp-dev-12-2", "libnpp-12-2", "libnppc.so.12"),
    (toolkits.CUDA_12_2, "cudnn", "libcudnn8-dev", "libcudnn8", "libcudnn.so.8"),
    (toolkits.CUDA_12_6, "cudart", "cuda-cudart-dev-12-6", "cuda-cudart-12-6", "libcudart.so.12"),
    (toolkits.CUDA_12_6, "cublas", "libcublas-dev-12-6", "libcublas-12-6", "libcublas.so.12"),
    (toolkits.CUDA_12_6, "cufft", "libcufft-dev-12-6", "libcufft-12-6", "libcufft.so.11"),
    (toolkits.CUDA_12_6, "curand", "libcurand-dev-12-6", "libcurand-12-6", "libcurand.so.10"),
    (toolkits.CUDA_12_6, "cusolver", "libcusolver-dev-12-6", "libcusolver-12-6", "libcusolver.so.11"),
    (toolkits.CUDA_12_6, "cusparse", "libcusparse-dev-12-6", "libcusparse-12-6", "libcusparse.so.12"),
    (toolkits.CUDA_12_6, "npp", "libnpp-dev-12-6", "libnpp-12-6", "libnppc.so.12"),
    (toolkits.CUDA_12_6, "nvrtc", "cuda-nvrtc-dev-12-6", "cuda-nvrtc-12-6", "libnvrtc.so.12"),
    (toolkits.CUDA_12_6, "nvjpeg", "libnvjpeg-dev-12-6", "libnvjpeg-12-6", "libnvjpeg.so.12"),
    (toolkits.CUDA_12_6, "nvjitlink", "libnvjitlink-dev-12-6", "libnvjitlink-12-6", "libnvJitLink.so.12"),
    (toolkits.CUDA_12_6, "cudnn", "libcudnn9-dev-cuda-12", "libcudnn9-cuda-12", "libcudnn.so.9"),
    (
        toolkits.CUDA_12_6, "tensorrt",
        "libnvinfer-dev libnvinfer-headers-dev libnvinfer-headers-plugin-dev libnvinfer-plugin-dev "
        "libnvonnxparsers-dev",
        "libnvinfer10 libnvinfer-plugin10 libnvonnxparsers10", "libnvinfer.so.10",
    ),
    (toolkits.CUDA_13_0, "cublas", "libcublas-dev-13-0", "libcublas-13-0", "libcublas.so.13"),
    (toolkits.CUDA_13_0, "cusolver", "libcusolver-dev-13-0", "libcusolver-13-0", "libcusolver.so.12"),
    (toolkits.CUDA_13_2, "cudart", "cuda-cudart-dev-13-2", "cuda-cudart-13-2", "libcudart.so.13"),
    (toolkits.CUDA_13_2, "cufft", "libcufft-dev-13-2", "libcufft-13-2", "libcufft.so.12"),
    (toolkits.CUDA_13_2, "curand", "libcurand-dev-13-2", "libcurand-13-2", "libcurand.so.10"),
    (toolkits.CUDA_13_2, "cusparse", "libcusparse-dev-13-2", "libcusparse-13-2", "libcusparse.so.12"),
    (toolkits.CUDA_13_2, "npp", "libnpp-dev-13-2", "libnpp-13-2", "libnppc.so.13"),
    (toolkits.CUDA_13_2, "nvrtc", "cuda-nvrtc-dev-13-2", "cuda-nvrtc-13-2", "libnvrtc.so.13"),
    (toolkits.CUDA_13_2, "cudnn", "libcudnn9-dev-cuda-13", "libcudnn9-cuda-13", "libcudnn.so.9"),
]  # fmt: skip


@pytest.mark.parametrize(("toolkit", "packages"), COMPILERS, ids=[t.build for t, _ in COMPILERS])
def test_a_compiler_is_these_packages(toolkit, packages):
    assert " ".join(toolkit.compiler) == packages


@pytest.mark.parametrize(
    ("toolkit", "name", "dev", "runtime", "soname"),
    LIBRARIES,
    ids=[f"{row[0].build}-{row[1]}" for row in LIBRARIES],
)
def test_a_library_has_its_packages_and_soname(toolkit, name, dev, runtime, soname):
    library = toolkit.library(name)
    assert (" ".join(library.dev), " ".join(library.runtime)) == (dev, runtime)
    assert library.sonames[0] == soname


def test_some_packages_hold_more_than_the_library_they_are_named_for():
    assert toolkits.CUDA_12_6.library("cublas").sonames == (
        "libcublas.so.12",
        "libcublasLt.so.12",
        "libnvblas.so.12",
    )
    assert toolkits.CUDA_13_2.library("cusolver").sonames == (
        "libcusolver.so.12",
        "libcusolverMg.so.12",
    )
    assert toolkits.CUDA_11_4.library("npp").sonames == (
        "libnppc.so.11", "libnppial.so.11", "libnppicc.so.11", "libnppidei.so.11",
        "libnppif.so.11", "libnppig.so.11", "libnppim.so.11", "libnppist.so.11",
        "libnppisu.so.11", "libnppitc.so.11", "libnpps.so.11",
    )  # fmt: skip
    assert toolkits.CUDA_11_4.library("tensorrt").sonames == (
        "libnvinfer.so.8",
        "libnvinfer_plugin.so.8",
        "libnvonnxparser.so.8",
        "libnvparsers.so.8",
    )


@pytest.mark.parametrize(
    ("toolkit", "lowest", "highest", "newest_gcc"),
    [
        (toolkits.CUDA_10_2_89, 30, 75, 8),
        (toolkits.CUDA_10_2_300, 30, 75, 8),
        (toolkits.CUDA_11_4, 35, 87, 10),
        (toolkits.CUDA_12_2, 50, 90, 12),
        (toolkits.CUDA_12_6, 50, 90, 13),
        (toolkits.CUDA_13_0, 75, 121, 15),
        (toolkits.CUDA_13_2, 75, 121, 15),
    ],
)
def test_a_compiler_has_its_limits(toolkit, lowest, highest, newest_gcc):
    assert (min(toolkit.architectures), max(toolkit.architectures)) == (lowest, highest)
    assert toolkit.newest_gcc == newest_gcc
    assert list(toolkit.architectures) == sorted(set(toolkit.architectures))


CUDA = "https://developer.download.nvidia.com/compute/cuda/repos"


@pytest.mark.parametrize(
    ("toolkit", "base", "compiler", "target", "urls"),
    [
        (
            toolkits.CUDA_10_2_300, "docker.io/nvidia/cuda:10.2-devel-ubuntu18.04", "",
            "cuda-cross-aarch64-10-2", [],
        ),
        (
            toolkits.CUDA_11_4, "docker.io/library/ubuntu:20.04", "cuda-nvcc-11-4",
            "cuda-cross-aarch64-11-4", [f"{CUDA}/ubuntu2004/x86_64"],
        ),
        (
            toolkits.CUDA_12_6, "docker.io/library/ubuntu:22.04", "cuda-nvcc-12-6",
            "cuda-cross-aarch64-12-6",
            [f"{CUDA}/ubuntu2204/x86_64", f"{CUDA}/ubuntu2204/cross-linux-aarch64"],
        ),
        (
            toolkits.CUDA_13_0, "docker.io/library/ubuntu:24.04", "cuda-nvcc-13-0",
            "cuda-cross-sbsa-13-0",
            [f"{CUDA}/ubuntu2404/x86_64", f"{CUDA}/ubuntu2404/cross-linux-sbsa"],
        ),
        (
            toolkits.CUDA_13_2, "docker.io/library/ubuntu:24.04", "cuda-nvcc-13-2",
            "cuda-cross-sbsa-13-2",
            [f"{CUDA}/ubuntu2404/x86_64", f"{CUDA}/ubuntu2404/cross-linux-sbsa"],
        ),
    ],
    ids=["10.2", "11.4", "12.6", "13.0", "13.2"],
)  # fmt: skip
def test_an_amd64_builder_gets_a_compiler_and_the_targets_files(
    toolkit, base, compiler, target, urls
):
    builder = toolkit.builder
    assert (builder.base, " ".join(builder.compiler)) == (base, compiler)
    assert " ".join(builder.target) == target
    assert [source.url for source in builder.sources] == urls
    for source in builder.sources:
        assert source.fingerprint == "EB693B3035CD5710E231E123A4B469963BF863CC"


def test_a_flat_repository_ends_in_its_slash():
    source = toolkits.CUDA_12_6.builder.sources[1]
    assert source.line("/k.asc") == (
        "deb [arch=amd64 signed-by=/k.asc] https://developer.download.nvidia.com/compute/cuda/"
        "repos/ubuntu2204/cross-linux-aarch64 /"
    )
    assert source.key_url == (
        "https://developer.download.nvidia.com/compute/cuda/repos/ubuntu2204/x86_64/3bf863cc.pub"
    )


def test_packages_that_no_suite_has_are_addresses_of_files():
    assert toolkits.CUDA_10_2_89.builder.debs[0] == (
        "https://repo.download.nvidia.com/jetson/x86_64/pool/r32.4/c/cuda/"
        "cuda-cross-aarch64-10-2_10.2.89-1_all.deb"
    )
    assert toolkits.CUDA_10_2_89.builder.debs[-1] == (
        "https://repo.download.nvidia.com/jetson/x86_64/pool/r32.4/c/cublas/"
        "libcublas-cross-aarch64_10.2.2.89-1_all.deb"
    )
    assert toolkits.CUDA_11_4.builder.debs[0] == (
        "https://repo.download.nvidia.com/jetson/x86_64/bionic/pool/main/c/cuda-cross-aarch64-11-4/"
        "cuda-cross-aarch64-11-4_11.4.14-1_all.deb"
    )
    assert toolkits.CUDA_12_6.builder.debs == ()


@pytest.mark.parametrize("toolkit", jetpack.TOOLKITS, ids=[t.build for t in jetpack.TOOLKITS])
def test_names_of_a_toolkit_are_unique(toolkit):
    sonames = [name for library in toolkit.libraries for name in library.sonames]
    assert len(sonames) == len(set(sonames))
    packages = [p for library in toolkit.libraries for p in (*library.dev, *library.runtime)]
    assert len(packages) == len(set(packages))
    assert {library.name for library in toolkit.libraries} <= set(jetpack.LIBRARIES)
    for library in toolkit.libraries:
        assert all(toolkit.library_of(name) is library for name in library.sonames)


def test_every_toolkit_has_the_libraries_that_projects_ask_for():
    common = {
        "cudart", "cublas", "cufft", "curand", "cusolver", "cusparse", "npp", "nvrtc", "cudnn",
        "tensorrt",
    }  # fmt: skip
    assert all(common <= {library.name for library in t.libraries} for t in jetpack.TOOLKITS)
