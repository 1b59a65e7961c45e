"""What is executed of CMake, in the words of every version since Ubuntu 18.04's."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

RELEASE = "Release"


def build(
    source: str, folder: str, arguments: Sequence[str] = (), build_type: str = RELEASE
) -> list[list[str]]:
    """What configures a project in a folder and compiles it there, without its tests."""
    # programs name no folder of the build, and tests are not built for a foreign platform
    ours = ["-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON", "-DBUILD_TESTING=OFF"]
    return [_configure(source, folder, [*ours, *arguments], build_type), _make(folder)]


def build_and_test(
    source: str, folder: str, arguments: Sequence[str] = (), build_type: str = RELEASE
) -> list[list[str]]:
    """What compiles a project with its tests, and executes them."""
    return [
        _configure(source, folder, arguments, build_type),
        _make(folder),
        [*_in(folder), "ctest", "--output-on-failure"],
    ]


def _configure(source: str, folder: str, arguments: Sequence[str], build_type: str) -> list[str]:
    kind = f"-DCMAKE_BUILD_TYPE={build_type}"
    return [*_in(folder), "cmake", "-G", "Ninja", kind, *arguments, source]


def _make(folder: str) -> list[str]:
    return ["cmake", "--build", folder]


def _in(folder: str) -> list[str]:
    """`cmake -B` and `ctest --test-dir` are newer than Ubuntu 18.04's."""
    return ["cmake", "-E", "chdir", folder]
