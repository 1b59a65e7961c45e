"""What toolchains of C and C++ share: the compilers of a platform, and how CMake is told of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.platforms import PlatformSpec

_CMAKE = "https://cmake.org/files/v3.29/cmake-3.29.4-linux-{processor}.tar.gz"
# of conan-io/conan-center-index recipes/cmake/binary/conandata.yml
_CMAKE_SHA256 = {
    "linux/amd64": "64e5473169dd43055fbf2c138cae6e5ec10f30a0606d24f12078e68466320cf4",
    "linux/arm64": "9210619e7907b14858178743d5b7ba70ce846d98a6a65bcdbd83c08b932ba6a5",
}

_BINUTILS = ("ar", "ld", "nm", "objcopy", "objdump", "ranlib", "readelf", "strip")


@dataclass(frozen=True)
class Compilers:
    """GCC for a platform, as Debian and Ubuntu have it."""

    prefix: str
    packages: tuple[str, ...]

    @property
    def is_cross(self) -> bool:
        return bool(self.prefix)

    @property
    def c(self) -> str:
        return self.tool("gcc")

    @property
    def cxx(self) -> str:
        return self.tool("g++")

    @property
    def strip(self) -> str:
        return self.tool("strip")

    def tool(self, name: str) -> str:
        """A compiler or one of binutils, as it is called for the platform."""
        return f"{self.prefix}{name}"


def cmake_archive(spec: PlatformSpec) -> tuple[str, str]:
    """Where Kitware has a CMake for old systems of the platform, and its SHA-256.

    It takes a libc as old as that of Ubuntu 18.04.
    """
    return _CMAKE.format(processor=spec.cmake_processor), _CMAKE_SHA256[spec.platform]


def native() -> Compilers:
    """For the platform of the container itself."""
    return Compilers("", ("g++",))


def cross(spec: PlatformSpec) -> Compilers:
    """For another platform: the libc that it brings is that of the container's own release."""
    return Compilers(f"{spec.gnu_triple}-", (f"g++-{spec.gnu_triple.replace('_', '-')}",))


def compilers(spec: PlatformSpec, host: PlatformSpec) -> Compilers:
    """For the platform in a container of the host's: its own, where both are one port of Debian."""
    return native() if spec.debian_arch == host.debian_arch else cross(spec)


def environment(spec: PlatformSpec, host: PlatformSpec) -> dict[str, str]:
    """What builds of C and C++ read: compilers, binutils, and a pkg-config for the target alone.

    The level of a processor is a part of CC and CXX: makefiles set CFLAGS themselves, and CMake, Go
    and autoconf all take a compiler with a flag.
    """
    chosen = compilers(spec, host)
    level = f" -march={spec.march}" if spec.march else ""
    names = {tool.upper(): chosen.tool(tool) for tool in _BINUTILS}
    folders = (f"/usr/lib/{spec.gnu_triple}/pkgconfig", "/usr/share/pkgconfig")
    return names | {
        "CC": chosen.c + level,
        "CXX": chosen.cxx + level,
        "PKG_CONFIG": "pkg-config",
        # in place of its own folders, where the host's packages are
        "PKG_CONFIG_LIBDIR": ":".join(folders),
        # Rust's crate of that name refuses without
        "PKG_CONFIG_ALLOW_CROSS": "1",
        # what a build makes to execute itself, by the two names that are in use
        "CC_FOR_BUILD": "gcc",
        "HOSTCC": "gcc",
    }


def folder_of_libraries(spec: PlatformSpec) -> str:
    """Where the cross compiler's own libraries are: libstdc++, libgcc, libgomp."""
    return f"/usr/{spec.gnu_triple}/lib"


def toolchain_file(
    spec: PlatformSpec, compilers: Compilers, more: Mapping[str, str], *, is_cross: bool
) -> str:
    """CMake's toolchain file: the compilers, and further variables.

    CMAKE_SYSTEM_NAME is what makes CMake take a build for a cross build, in which it executes
    nothing that it has compiled.
    """
    values = {"CMAKE_C_COMPILER": compilers.c, "CMAKE_CXX_COMPILER": compilers.cxx}
    if is_cross:
        system = {
            "CMAKE_SYSTEM_NAME": "Linux",
            "CMAKE_SYSTEM_PROCESSOR": spec.cmake_processor,
            # find_library knows Debian's folders of a platform, and not that of its cross compiler
            "CMAKE_LIBRARY_PATH": folder_of_libraries(spec),
        }
        values = system | values
    return "".join(f'set({name} "{value}")\n' for name, value in (values | dict(more)).items())
