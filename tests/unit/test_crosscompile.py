"""What compilers are called for a platform, and what builds are told of them."""

from __future__ import annotations

import pytest

from pipeline import crosscompile
from pipeline.platforms import parse


@pytest.mark.parametrize(
    ("host", "platform", "prefix", "package"),
    [
        ("linux/amd64", "linux/amd64", "", "g++"),
        ("linux/amd64", "linux/amd64/v3", "", "g++"),
        ("linux/arm64", "linux/arm64", "", "g++"),
        ("linux/amd64", "linux/arm64", "aarch64-linux-gnu-", "g++-aarch64-linux-gnu"),
        ("linux/amd64", "linux/arm/v7", "arm-linux-gnueabihf-", "g++-arm-linux-gnueabihf"),
        ("linux/arm64", "linux/amd64", "x86_64-linux-gnu-", "g++-x86-64-linux-gnu"),
        # a processor that takes the other's programs has other compilers and libraries all the same
        ("linux/amd64", "linux/386", "i686-linux-gnu-", "g++-i686-linux-gnu"),
        ("linux/arm/v7", "linux/arm/v6", "arm-linux-gnueabi-", "g++-arm-linux-gnueabi"),
    ],
)
def test_compilers_are_native_where_host_and_target_are_one_port(host, platform, prefix, package):
    found = crosscompile.compilers(parse(platform), parse(host))
    assert (found.prefix, found.packages) == (prefix, (package,))
    assert found.is_cross == bool(prefix)


def test_a_cross_build_is_told_of_the_target_alone():
    assert crosscompile.environment(parse("linux/arm64"), parse("linux/amd64")) == {
        "CC": "aarch64-linux-gnu-gcc",
        "CXX": "aarch64-linux-gnu-g++",
        "AR": "aarch64-linux-gnu-ar",
        "LD": "aarch64-linux-gnu-ld",
        "NM": "aarch64-linux-gnu-nm",
        "OBJCOPY": "aarch64-linux-gnu-objcopy",
        "OBJDUMP": "aarch64-linux-gnu-objdump",
        "RANLIB": "aarch64-linux-gnu-ranlib",
        "READELF": "aarch64-linux-gnu-readelf",
        "STRIP": "aarch64-linux-gnu-strip",
        "PKG_CONFIG": "pkg-config",
        "PKG_CONFIG_LIBDIR": "/usr/lib/aarch64-linux-gnu/pkgconfig:/usr/share/pkgconfig",
        "PKG_CONFIG_ALLOW_CROSS": "1",
        "CC_FOR_BUILD": "gcc",
        "HOSTCC": "gcc",
    }


@pytest.mark.parametrize(
    ("platform", "cc", "cxx"),
    [
        ("linux/amd64", "gcc", "g++"),
        ("linux/amd64/v3", "gcc -march=x86-64-v3", "g++ -march=x86-64-v3"),
    ],
)
def test_a_native_build_is_told_of_the_level(platform, cc, cxx):
    told = crosscompile.environment(parse(platform), parse("linux/amd64"))
    assert (told["CC"], told["CXX"], told["AR"], told["HOSTCC"]) == (cc, cxx, "ar", "gcc")
