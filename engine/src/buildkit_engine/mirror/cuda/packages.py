"""Which packages NVIDIA's repositories of CUDA 13.2 have, and what is in them. Data.

Names and versions are those of ubuntu2404/x86_64 and jetson/common r39.2, as public records of
installations have them; dependencies bring what an installation there brings. libnvptxcompiler,
tools that look at a device, and all libraries but a light one are left out.
"""

from __future__ import annotations

import hashlib
from dataclasses import astuple, dataclass

from buildkit_engine.mirror.cuda.wheels import WHEELS

VERSION = "13.2"
ROOT = f"usr/local/cuda-{VERSION}"
TARGETS = {"amd64": "x86_64-linux", "arm64": "sbsa-linux"}
"""The folder below targets/ of a machine, by Debian's name of it."""
_CODE = 1
"""Counts changes of how packages are made: what older code made is made anew."""


@dataclass(frozen=True)
class Package:
    """A package for the machine whose files it has.

    `members` are beginnings of paths in `wheel`, each with what takes its place below
    /usr/local/cuda-13.2: the first that fits counts, what none fits is left out. `links` are there
    as well, with what they lead to. `{target}` is the machine's own folder.
    """

    name: str
    title: str
    wheel: str = ""
    members: tuple[tuple[str, str], ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    depends: tuple[str, ...] = ()
    """Packages of these here, or of the distribution."""
    section: str = "devel"
    version: str = ""
    """Else the wheel's."""

    @property
    def full_version(self) -> str:
        return f"{self.version or WHEELS[self.wheel].version}-1"


_INCLUDE, _LIB = "{target}/include/", "{target}/lib/"
_RUNTIME = WHEELS["nvidia-cuda-runtime"].version
CONFIG = "cuda-toolkit-13-2-config-common"
DRIVER = "cuda-driver-dev-13-2"

PACKAGES = (
    Package(
        name="cuda-nvcc-13-2",
        title="CUDA's compiler",
        wheel="nvidia-cuda-nvcc",
        members=(("bin/", "bin/"), ("include/", _INCLUDE)),
        depends=("build-essential", "cuda-crt-13-2", "cuda-cudart-dev-13-2", "libnvvm-13-2"),
    ),
    Package(
        name="libnvvm-13-2",
        title="compiler of CUDA's intermediate language",
        wheel="nvidia-nvvm",
        members=(("nvvm/", "nvvm/"), ("include/", "nvvm/include/"), ("lib/", "nvvm/lib64/")),
        links=(("nvvm/lib64/libnvvm.so", "libnvvm.so.4"),),
    ),
    Package(
        name="cuda-crt-13-2",
        title="headers that CUDA's compiler includes",
        wheel="nvidia-cuda-crt",
        members=(("include/", _INCLUDE),),
    ),
    Package(
        name="cuda-cccl-13-2",
        title="Thrust, CUB and libcu++",
        wheel="nvidia-cuda-cccl",
        members=(("include/", _INCLUDE), ("cuda_cccl/lib/cmake/", "{target}/lib/cmake/")),
    ),
    Package(
        name="cuda-culibos-dev-13-2",
        title="what CUDA's static libraries need",
        wheel="nvidia-cuda-culibos",
        members=(("lib/", _LIB),),
    ),
    Package(
        name="cuda-cudart-13-2",
        title="CUDA's runtime",
        wheel="nvidia-cuda-runtime",
        members=(("lib/libcudart.so.", f"{_LIB}libcudart.so."),),
        depends=(CONFIG,),
        section="libs",
    ),
    Package(
        name="cuda-cudart-dev-13-2",
        title="CUDA's runtime: headers, static library",
        wheel="nvidia-cuda-runtime",
        members=(
            ("include/", _INCLUDE),
            ("lib/libcudart_static.a", f"{_LIB}libcudart_static.a"),
            ("lib/libcudadevrt.a", f"{_LIB}libcudadevrt.a"),
        ),
        links=((f"{_LIB}libcudart.so", "libcudart.so.13"),),
        depends=(
            "cuda-cccl-13-2",
            "cuda-crt-13-2",
            "cuda-cudart-13-2",
            "cuda-culibos-dev-13-2",
            DRIVER,
        ),
    ),
    Package(
        name=DRIVER,
        title="library to link against in place of the driver's",
        wheel="nvidia-cuda-runtime",
        section="libdevel",
    ),
    Package(
        name="libnvjpeg-13-2",
        title="JPEG on the GPU",
        wheel="nvidia-nvjpeg",
        members=(("lib/libnvjpeg.so.", f"{_LIB}libnvjpeg.so."),),
        depends=(CONFIG,),
        section="libs",
    ),
    Package(
        name="libnvjpeg-dev-13-2",
        title="JPEG on the GPU: headers",
        wheel="nvidia-nvjpeg",
        members=(("include/", _INCLUDE),),
        links=((f"{_LIB}libnvjpeg.so", "libnvjpeg.so.13"),),
        depends=("libnvjpeg-13-2",),
    ),
    Package(
        name=CONFIG,
        title="where CUDA is: /usr/local/cuda, and the dynamic loader's folders",
        links=(("include", _INCLUDE.rstrip("/")), ("lib64", _LIB.rstrip("/"))),
        section="libs",
        version=_RUNTIME,
    ),
)


@dataclass(frozen=True)
class Repository:
    """One of NVIDIA's: its path on their server, and what apt is told of it."""

    path: str
    suite: str
    """A path that ends with a slash for a repository without suites."""
    component: str
    machine: str

    @property
    def is_flat(self) -> bool:
        return self.suite.endswith("/")


REPOSITORIES = {
    "linux/amd64": Repository("compute/cuda/repos/ubuntu2404/x86_64", "/", "", "amd64"),
    "linux/arm64": Repository("jetson/common", "r39.2", "main", "arm64"),
}
"""By the platform whose packages they have."""


def recipe() -> str:
    """Another one for whatever would make other packages."""
    wheels = [astuple(wheel) for wheel in WHEELS.values()]
    said = (_CODE, PACKAGES, REPOSITORIES, wheels)
    return hashlib.sha256(repr(said).encode()).hexdigest()[:16]
