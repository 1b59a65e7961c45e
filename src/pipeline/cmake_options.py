"""[cmake] of pipeline.toml: which programs of a CMake project or a makefile, and what they need."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from pipeline.options import DebianPackages, Strings, Table

_OWN_ARGUMENTS = (
    "CMAKE_BUILD_TYPE",
    "CMAKE_C_COMPILER",
    "CMAKE_CXX_COMPILER",
    "CMAKE_SYSTEM_NAME",
    "CMAKE_TOOLCHAIN_FILE",
)
_OWN_VARIABLES = ("CC", "CXX", "PKG_CONFIG")
_PROGRAM = re.compile(r"[^/\s][^\s]*(?<!/)")


class CmakeOptions(Table):
    """[cmake]"""

    programs: Strings = Field(
        default=(),
        description="Programs for the image, by name or by path in the folder they are built in; "
        "else those of CMakeLists.txt.",
    )
    cmake: Strings = Field(
        default=(),
        description="Arguments for CMake. {version}, {revision}, {platform} and {gnu_triple} are filled in.",
    )
    make: Strings = Field(
        default=(),
        description="Arguments for make, where the source has a makefile alone; filled in likewise.",
    )
    build_type: Literal["Release", "RelWithDebInfo", "MinSizeRel", "Debug"] = Field(
        default="Release", description="CMake's build type. With Debug in it, symbols are kept."
    )
    packages: DebianPackages = Field(
        default=(),
        description="Debian packages of the platform to link against, such as libssl-dev.",
    )
    tools: DebianPackages = Field(
        default=(),
        description="Debian packages of the build host to compile with, such as flex.",
    )
    image: str = Field(
        default="", description="Image to compile in, of Debian's or Ubuntu's; else Debian's own."
    )

    @field_validator("programs")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        names = [path.rpartition("/")[2] for path in value]
        for path, name in zip(value, names, strict=True):
            if not _PROGRAM.fullmatch(path) or ".." in path.split("/") or names.count(name) > 1:
                msg = f"program '{path}' cannot be one: expected names, or paths in the folder of the build, each name once"
                raise ValueError(msg)
        return value

    @field_validator("cmake")
    @classmethod
    def _not_ours(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for argument in value:
            for name in _OWN_ARGUMENTS:
                if re.match(rf"-D\s*{name}\b", argument):
                    msg = f"cmake sets {name}, which [cmake] decides: expected other arguments"
                    raise ValueError(msg)
        return value

    @field_validator("make")
    @classmethod
    def _not_the_compilers(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for argument in value:
            name, equals, _ = argument.partition("=")
            if equals and name.rstrip(":?+ ") in _OWN_VARIABLES:
                msg = f"make sets {name.rstrip(':?+ ')}, which the platform decides: expected other arguments"
                raise ValueError(msg)
        return value
