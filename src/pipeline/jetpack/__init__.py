"""THE table of L4T, JetPack, Ubuntu, CUDA, compute capabilities, images and packages.

`find` gives the record of a release; `request` refuses what a release cannot do and gives what
follows from what it can: packages, nvcc's and CMake's architectures, the image's environment.
Records name their sources, and in `unverified` what no source was seen for. Public files are
named; where only their text is at hand they are described.

No code outside of this package may compare releases: it reads a column.
"""

from pipeline.jetpack.apt import AptSource
from pipeline.jetpack.boards import BOARDS, Board
from pipeline.jetpack.libraries import NAMES as LIBRARIES
from pipeline.jetpack.libraries import Library
from pipeline.jetpack.lookup import (
    JETPACKS,
    board,
    find,
    mounted_sonames,
    newest_for,
    releases_for,
    toolkit,
)
from pipeline.jetpack.release import Release
from pipeline.jetpack.releases import RELEASES
from pipeline.jetpack.table import table
from pipeline.jetpack.target import (
    ARCHITECTURES_LABEL,
    Target,
    capability,
    cmake_architectures,
    labelled_architectures,
    request,
    server_architectures,
)
from pipeline.jetpack.toolkits import TOOLKITS, Builder, Toolkit

__all__ = [
    "ARCHITECTURES_LABEL",
    "BOARDS",
    "JETPACKS",
    "LIBRARIES",
    "RELEASES",
    "TOOLKITS",
    "AptSource",
    "Board",
    "Builder",
    "Library",
    "Release",
    "Target",
    "Toolkit",
    "board",
    "capability",
    "cmake_architectures",
    "find",
    "labelled_architectures",
    "mounted_sonames",
    "newest_for",
    "releases_for",
    "request",
    "server_architectures",
    "table",
    "toolkit",
]
