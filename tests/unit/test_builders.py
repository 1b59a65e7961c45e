"""Containers that compile C and C++, compared by equality with what is written out."""

from __future__ import annotations

import dagger
from dagger import dag

from pipeline import builders, crosscompile
from pipeline.platforms import parse
from tests.unit.cudachains import step

IMAGE = "docker.io/library/debian:bookworm-slim"
AMD64, ARM64, ARM = parse("linux/amd64"), parse("linux/arm64"), parse("linux/arm/v7")


def prepared(platform: str, volume: str) -> dagger.Container:
    """The image, and apt with its archives in a volume."""
    stage = dag.container(platform=dagger.Platform(platform)).from_(IMAGE)
    return (
        step(stage, "apt-install")
        .with_user("root")
        .with_env_variable("DEBIAN_FRONTEND", "noninteractive")
        .with_new_file(
            "/etc/apt/apt.conf.d/99pipeline",
            'Dir::Cache::archives "/var/cache/apt/pipeline/";\nAPT::Install-Recommends "false";\n',
        )
        .with_mounted_cache(
            "/var/cache/apt/pipeline",
            dag.cache_volume(volume),
            sharing=dagger.CacheSharingMode.LOCKED,
        )
        .with_exec(
            ["find", "/etc/apt/sources.list.d", "(", "-name", "*nvidia*", "-o", "-name", "cuda*", ")", "-delete"]
        )
    )  # fmt: skip


def told(stage: dagger.Container, platform: str, host: str) -> dagger.Container:
    stage = stage.without_mount("/var/cache/apt/pipeline")
    for name, value in crosscompile.environment(parse(platform), parse(host)).items():
        stage = stage.with_env_variable(name, value)
    return stage


def test_a_foreign_platform_has_cross_compilers_and_libraries_beside_the_hosts():
    volume = "pipeline-apt-amd64-docker.io-library-debian-bookworm-slim"
    tools = ["/opt/pipeline/apt-install", "ca-certificates", "g++", "make", "pkg-config", "cmake"]
    stage = (
        prepared("linux/amd64", volume)
        .with_exec(tools)
        .with_exec(["/opt/pipeline/apt-install", "g++-arm-linux-gnueabihf"])
    )
    stage = step(stage, "apt-target").with_exec(
        ["/opt/pipeline/apt-target", "linux/arm/v7", "armhf", "[cmake] packages", "zlib1g-dev"]
    )
    found = builders.stage(
        IMAGE, ARM, AMD64, tools=("cmake",), libraries=("zlib1g-dev",), setting="[cmake] packages"
    )
    assert found == told(stage, "linux/arm/v7", "linux/amd64")


def test_the_hosts_own_platform_needs_no_cross_compiler():
    volume = "pipeline-apt-arm64-docker.io-library-debian-bookworm-slim"
    tools = ["/opt/pipeline/apt-install", "ca-certificates", "g++", "make", "pkg-config"]
    expected = prepared("linux/arm64", volume).with_exec(tools)
    found = builders.stage(IMAGE, ARM64, ARM64, setting="[cmake] packages")
    assert found == told(expected, "linux/arm64", "linux/arm64")
