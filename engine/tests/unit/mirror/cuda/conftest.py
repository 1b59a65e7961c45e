"""Wheels that are laid out as NVIDIA's, with a few bytes in each file."""

from __future__ import annotations

import zipfile

import pytest

from buildkit_engine.mirror.cuda.wheels import WHEELS

PROFILE = """\
INCLUDES        +=  "-I$(TOP)/include" $(_SPACE_)
SYSTEM_INCLUDES +=  "-isystem" "$(TOP)/include/cccl" $(_SPACE_)
LIBRARIES        =+ $(_SPACE_) "-L$(TOP)/lib/stubs" "-L$(TOP)/lib"
"""
FILES = {
    "nvidia-cuda-nvcc": {
        "bin/nvcc": "nvcc",
        "bin/nvcc.profile": PROFILE,
        "bin/crt/link.stub": "stub",
        "include/fatbinary_section.h": "header",
    },
    "nvidia-nvvm": {
        "nvvm/bin/cicc": "cicc",
        "nvvm/libdevice/libdevice.10.bc": "device",
        "include/nvvm.h": "header",
        "lib/libnvvm.so.4": "library",
    },
    "nvidia-cuda-crt": {"include/crt/host_config.h": "header"},
    "nvidia-cuda-cccl": {
        "cuda_cccl/.metadata/sizes.txt": "1",
        "cuda_cccl/lib/cmake/cub/cub-config.cmake": "cmake",
        "include/cccl/cub/cub.cuh": "header",
    },
    "nvidia-cuda-culibos": {"lib/libculibos.a": "archive"},
    "nvidia-cuda-runtime": {
        "include/cuda.h": "CUresult CUDAAPI cuInit(unsigned int Flags);\n",
        "lib/libcudadevrt.a": "archive",
        "lib/libcudart.so.13": "library",
        "lib/libcudart_static.a": "archive",
    },
    "nvidia-nvjpeg": {"include/nvjpeg.h": "header", "lib/libnvjpeg.so.13": "library"},
}
PROGRAMS = ("bin/nvcc", "nvvm/bin/cicc")


def write_wheel(path, name: str, files: dict[str, str]) -> None:
    with zipfile.ZipFile(path, "w") as archive:
        for file, text in files.items():
            info = zipfile.ZipInfo(f"nvidia/cu13/{file}")
            info.external_attr = (0o744 if file in PROGRAMS else 0o644) << 16
            archive.writestr(info, text)
        archive.writestr(f"{name}-1.dist-info/licenses/License.txt", f"terms of {name}")


@pytest.fixture
def found(tmp_path):
    """Files of wheels by their names, as `wheels.fetch` gives them."""
    paths = {}
    for name in WHEELS:
        paths[name] = tmp_path / f"{name}.whl"
        write_wheel(paths[name], name, FILES[name])
    return paths
