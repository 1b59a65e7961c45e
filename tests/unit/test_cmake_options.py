"""[cmake]: what it takes, and every refusal with its message."""

from __future__ import annotations

import pytest

from pipeline import project
from pipeline.errors import ConfigError


def test_every_key_is_read():
    found = project.load(
        "[cmake]\n"
        'programs = ["server", "tools/admin"]\n'
        'cmake = ["-DWITH_TLS=ON"]\n'
        'make = ["-j4"]\n'
        'build_type = "RelWithDebInfo"\n'
        'packages = ["libssl-dev", "zlib1g-dev=1:1.2.13.dfsg-1"]\n'
        'tools = ["flex"]\n'
        'image = "docker.io/library/debian:trixie-slim"\n'
    ).cmake
    assert found.programs == ("server", "tools/admin")
    assert (found.cmake, found.make, found.build_type) == (
        ("-DWITH_TLS=ON",),
        ("-j4",),
        "RelWithDebInfo",
    )
    assert found.packages == ("libssl-dev", "zlib1g-dev=1:1.2.13.dfsg-1")
    assert (found.tools, found.image) == (("flex",), "docker.io/library/debian:trixie-slim")


def test_nothing_is_required():
    found = project.load("").cmake
    assert (found.programs, found.build_type, found.packages, found.image) == (
        (),
        "Release",
        (),
        "",
    )


PROGRAM = "expected names, or paths in the folder of the build, each name once"
PACKAGE = "expected a name, such as libssl-dev, or name=version"


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('programs = ["/usr/bin/x"]', f"program '/usr/bin/x' cannot be one: {PROGRAM}"),
        ('programs = ["a/"]', f"program 'a/' cannot be one: {PROGRAM}"),
        ('programs = [""]', f"program '' cannot be one: {PROGRAM}"),
        ('programs = ["../a"]', f"program '../a' cannot be one: {PROGRAM}"),
        ('programs = ["a/x", "b/x"]', f"program 'a/x' cannot be one: {PROGRAM}"),
        ('packages = ["libssl-dev:arm64"]', f"package 'libssl-dev:arm64' cannot be one: {PACKAGE}"),
        ('packages = ["-f"]', f"package '-f' cannot be one: {PACKAGE}"),
        ('tools = ["Flex"]', f"package 'Flex' cannot be one: {PACKAGE}"),
        ('cmake = ["-DCMAKE_TOOLCHAIN_FILE=x"]',
         "cmake sets CMAKE_TOOLCHAIN_FILE, which [cmake] decides: expected other arguments"),
        ('cmake = ["-D CMAKE_C_COMPILER:STRING=cc"]',
         "cmake sets CMAKE_C_COMPILER, which [cmake] decides: expected other arguments"),
        ('make = ["CC=gcc"]', "make sets CC, which the platform decides: expected other arguments"),
        ('make = ["CXX := g++"]', "make sets CXX, which the platform decides: expected other arguments"),
        ('build_type = "Fast"',
         "build_type 'Fast' is not known: expected 'Release', 'RelWithDebInfo', 'MinSizeRel' or 'Debug'"),
        ("jobs = 4", "unknown key 'jobs': expected one of programs, cmake, make, build_type, packages, tools, image"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line(line, message):
    with pytest.raises(ConfigError) as raised:
        project.load(f"[cmake]\n{line}\n")
    assert str(raised.value) == f"pipeline.toml: [cmake] {message}"
