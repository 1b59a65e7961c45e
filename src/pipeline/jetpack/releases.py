"""THE table of JetPack: one frozen record a release line, which is a suite of NVIDIA's apt.

Sources of the columns, where a record does not name its own
- versions: dusty-nv/jetson-containers l4t_version.py; jetson-stats' jetson_variables.py, which is
  newer, where both differ.
- boards: the compute capabilities of each L4T in l4t_version.py.
- runs_on: l4t_version_compatible in l4t_version.py.
- ubuntu, glibc, gcc: measured on devices for 20.04 and 24.04; glibc of 22.04 from a public guide.

`unverified` names what no source was seen for. Nothing outside of this package may compare
releases: it reads a column.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline.jetpack import toolkits
from pipeline.jetpack.release import Release, Ubuntu

if TYPE_CHECKING:
    from pipeline.jetpack.toolkits import Toolkit

_CROSS_IMAGE = "nvcr.io/nvidia/jetpack-linux-aarch64-crosscompile-x86"
_FULL_IMAGE = "nvcr.io/nvidia/l4t-jetpack"

BIONIC = Ubuntu(version="18.04", codename="bionic", glibc="2.27", gcc="7.5", has_old_cmake=True)
FOCAL = Ubuntu(version="20.04", codename="focal", glibc="2.31", gcc="9.4", has_old_cmake=True)
JAMMY = Ubuntu(version="22.04", codename="jammy", glibc="2.35", gcc="11.4")
NOBLE = Ubuntu(version="24.04", codename="noble", glibc="2.39", gcc="13.3")

_BIONIC_UNVERIFIED = "glibc and gcc of Ubuntu 18.04"
_JAMMY_UNVERIFIED = "gcc of Ubuntu 22.04"
_JETPACK_4 = "gist.github.com/Tiryoh/2b5dc1f86ab6bc3e6922e97a4c1ac2f2"


def _jetpack4(
    suite: str,
    versions: tuple[tuple[str, str], ...],
    toolkit: Toolkit,
    *,
    cudnn: str = "8.2.1",
    tensorrt: str,
    tag: str,
    runs_on: str,
) -> Release:
    """JetPack 4. Its base image has no CUDA: the device mounts /usr/local/cuda-10.2."""
    return Release(
        suite=suite,
        versions=versions,
        ubuntu=BIONIC,
        toolkit=toolkit,
        cudnn=cudnn,
        tensorrt=tensorrt,
        boards=("nano", "tx2", "xavier"),
        soc=("t210", "t186", "t194"),
        final_image=f"nvcr.io/nvidia/l4t-base:{tag}",
        mounts_cuda=True,
        runs_on=runs_on,
        sources=(
            _JETPACK_4,
            "NVIDIA/nvidia-container-runtime#173 (mounts)",
            f"public Dockerfiles that start from l4t-base:{tag}",
        ),
        unverified=(_BIONIC_UNVERIFIED,),
    )


def _jetpack5(
    suite: str,
    versions: tuple[tuple[str, str], ...],
    *,
    cudnn: str = "8.6.0",
    tensorrt: str = "8.5.2",
    full: str = "",
    cross: str = "",
    runs_on: str = "any r35",
    sources: tuple[str, ...] = (),
    unverified: tuple[str, ...] = (),
) -> Release:
    """JetPack 5, for Xavier and Orin."""
    return Release(
        suite=suite,
        versions=versions,
        ubuntu=FOCAL,
        toolkit=toolkits.CUDA_11_4,
        cudnn=cudnn,
        tensorrt=tensorrt,
        boards=("xavier", "orin"),
        soc=("t194", "t234"),
        final_image="docker.io/library/ubuntu:20.04",
        runtime_image="nvcr.io/nvidia/l4t-cuda:11.4.19-runtime",
        devel_image="nvcr.io/nvidia/l4t-cuda:11.4.19-devel",
        full_image=f"{_FULL_IMAGE}:{full}" if full else "",
        cross_image=f"{_CROSS_IMAGE}:{cross}" if cross else "",
        runs_on=runs_on,
        sources=(*sources, "a device with r35.4.1: its nvcc, and what its l4t.csv mounts"),
        unverified=unverified,
    )


def _jetpack6(
    suite: str,
    versions: tuple[tuple[str, str], ...],
    toolkit: Toolkit,
    *,
    cudnn: str,
    tensorrt: str,
    image: str,
    full: str = "",
    cross: str = "",
    runs_on: str,
    sources: tuple[str, ...],
    unverified: tuple[str, ...] = (),
) -> Release:
    """JetPack 6, for Orin."""
    return Release(
        suite=suite,
        versions=versions,
        ubuntu=JAMMY,
        toolkit=toolkit,
        cudnn=cudnn,
        tensorrt=tensorrt,
        boards=("orin",),
        soc=("t234",),
        final_image="docker.io/library/ubuntu:22.04",
        runtime_image=f"nvcr.io/nvidia/l4t-cuda:{image}-runtime",
        devel_image=f"nvcr.io/nvidia/l4t-cuda:{image}-devel",
        full_image=f"{_FULL_IMAGE}:{full}" if full else "",
        cross_image=f"{_CROSS_IMAGE}:{cross}" if cross else "",
        runs_on=runs_on,
        sources=sources,
        unverified=(_JAMMY_UNVERIFIED, *unverified),
    )


def _jetpack7(
    suite: str,
    versions: tuple[tuple[str, str], ...],
    toolkit: Toolkit,
    *,
    cudnn: str,
    tensorrt: str,
    boards: tuple[str, ...],
    image: str = "",
    sources: tuple[str, ...],
) -> Release:
    """JetPack 7, whose CUDA is that of Arm servers. NVIDIA has no cross image of it."""
    return Release(
        suite=suite,
        versions=versions,
        ubuntu=NOBLE,
        toolkit=toolkit,
        cudnn=cudnn,
        tensorrt=tensorrt,
        boards=boards,
        soc=("som",),
        final_image="docker.io/library/ubuntu:24.04",
        runtime_image=f"docker.io/nvidia/cuda:{image}-runtime-ubuntu24.04" if image else "",
        devel_image=f"docker.io/nvidia/cuda:{image}-devel-ubuntu24.04" if image else "",
        runs_on="the same L4T",
        sources=sources,
    )


RELEASES: tuple[Release, ...] = (
    _jetpack4(
        "r32.4",
        (("32.4.2", "4.4-dp"), ("32.4.3", "4.4"), ("32.4.4", "4.4.1")),
        toolkits.CUDA_10_2_89,
        cudnn="8.0",
        tensorrt="7.1.3",
        tag="r32.4.4",
        runs_on="the same L4T",
    ),
    _jetpack4(
        "r32.5",
        (("32.5.0", "4.5"), ("32.5.1", "4.5.1"), ("32.5.2", "4.5.1")),
        toolkits.CUDA_10_2_89,
        cudnn="8.0",
        tensorrt="7.1.3",
        tag="r32.5.0",
        runs_on="the same L4T",
    ),
    _jetpack4(
        "r32.6",
        (("32.6.1", "4.6"),),
        toolkits.CUDA_10_2_300,
        tensorrt="8.0.1",
        tag="r32.6.1",
        runs_on="the same L4T",
    ),
    _jetpack4(
        # NVIDIA published no l4t-base for 32.7.2 and later: that of 32.7.1 runs on them
        "r32.7",
        tuple((f"32.7.{patch}", f"4.6.{patch}") for patch in range(1, 7)),
        toolkits.CUDA_10_2_300,
        tensorrt="8.2.1",
        tag="r32.7.1",
        runs_on="any r32.7",
    ),
    _jetpack5(
        "r34.1",
        (("34.1.0", "5.0-dp"), ("34.1.1", "5.0.1-dp")),
        cudnn="8.3.2",
        tensorrt="8.4",
        runs_on="any r34",
        unverified=("versions of cuDNN and TensorRT",),
    ),
    _jetpack5(
        "r35.1",
        (("35.1.0", "5.0.2"),),
        cudnn="8.4.1",
        tensorrt="8.4.1",
        full="r35.1.0",
        cross="5.0.2",
        sources=("developer.nvidia.com/embedded/jetpack-sdk-502",),
    ),
    _jetpack5(
        "r35.2",
        (("35.2.1", "5.1"),),
        full="r35.2.1",
        sources=("developer.nvidia.com/embedded/jetpack-sdk-51",),
    ),
    _jetpack5(
        "r35.3",
        (("35.3.1", "5.1.1"),),
        cross="5.1.1",
        sources=("developer.nvidia.com/embedded/jetpack-sdk-511",),
    ),
    _jetpack5(
        "r35.4",
        (("35.4.1", "5.1.2"),),
        full="r35.4.1",
        cross="5.1.2",
        sources=("developer.nvidia.com/embedded/jetpack-sdk-512",),
    ),
    _jetpack5(
        "r35.5",
        (("35.5.0", "5.1.3"),),
        full="r35.4.1",  # the newest of r35, which jetson-containers takes for later ones too
        sources=("developer.nvidia.com/embedded/jetpack-sdk-514 (same stack as 5.1.4)",),
    ),
    _jetpack5(
        "r35.6",
        (
            ("35.6.0", "5.1.4"),
            ("35.6.1", "5.1.5"),
            ("35.6.2", "5.1.5"),
            ("35.6.3", "5.1.5"),
            ("35.6.4", "5.1.6"),
            ("35.6.5", "5.1.7"),
        ),
        full="r35.4.1",
        sources=("developer.nvidia.com/embedded/jetpack-sdk-514",),
        unverified=("5.1.5 and later are taken to have the stack of 5.1.4",),
    ),
    _jetpack6(
        "r36.2",
        (("36.2.0", "6.0-dp"),),
        toolkits.CUDA_12_2,
        cudnn="8.9.4",
        tensorrt="8.6.2",
        image="12.2.12",
        runs_on="r36.2 and r36.3",
        sources=("dusty-nv/jetson-containers cudnn and tensorrt configurations",),
    ),
    _jetpack6(
        "r36.3",
        (("36.3.0", "6.0"),),
        toolkits.CUDA_12_2,
        cudnn="8.9.4",
        tensorrt="8.6.2",
        image="12.2.12",
        cross="6.0",
        runs_on="r36.2 and r36.3",
        sources=("dusty-nv/jetson-containers cudnn and tensorrt configurations",),
        unverified=("CUDA 12.2: jetson-containers installs 12.4 there",),
    ),
    _jetpack6(
        "r36.4",
        (
            ("36.4.0", "6.1"),
            ("36.4.2", "6.1"),
            ("36.4.3", "6.2"),
            ("36.4.4", "6.2.1"),
            ("36.4.7", "6.2.1"),
        ),
        toolkits.CUDA_12_6,
        cudnn="9.3.0.75",
        tensorrt="10.3.0.30",
        image="12.6.11",
        full="r36.4.0",
        cross="6.1",
        runs_on="r36.4 and later r36",
        sources=("rbonghi/jetson_stats#603",),
    ),
    _jetpack6(
        "r36.5",
        (("36.5.0", "6.2.2"), ("36.5.2", "6.2.3")),
        toolkits.CUDA_12_6,
        cudnn="9.3",
        tensorrt="10.3",
        image="12.6.11",
        runs_on="r36.4 and later r36",
        sources=("dusty-nv/jetson-containers#1741 (CUDA 12.6)",),
        unverified=("versions of cuDNN and TensorRT are taken to be those of r36.4",),
    ),
    _jetpack7(
        "r38.2",
        (("38.2.0", "7.0"), ("38.2.1", "7.0"), ("38.2.2", "7.0")),
        toolkits.CUDA_13_0,
        cudnn="9.12",
        tensorrt="10.13",
        boards=("thor",),
        image="13.0.2",
        sources=("roboflow/inference#1935", "dusty-nv/jetson-containers cudnn configuration"),
    ),
    _jetpack7(
        "r38.4",
        (("38.4.0", "7.1"),),
        toolkits.CUDA_13_0,
        cudnn="9.12",
        tensorrt="10.13",
        boards=("thor",),
        image="13.0.2",
        sources=("roboflow/inference#2478",),
    ),
    _jetpack7(
        "r39.2",
        (("39.2.0", "7.2"), ("39.2.1", "7.2.1"), ("39.2.2", "7.2.2")),
        toolkits.CUDA_13_2,
        cudnn="9.20.0.46",
        tensorrt="10.16.2.10",
        boards=("orin", "thor"),
        sources=(
            "OE4T/meta-tegra#2224",
            "roboflow/inference#2531",
            "a public record of a build in ubuntu:24.04 with jetson/common r39.2",
        ),
    ),
)
