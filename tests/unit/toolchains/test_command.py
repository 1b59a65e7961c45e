"""Any command: recipes compared by equality, with no engine."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

from pipeline import builders, libraries, packages, platforms
from pipeline.command_options import CommandOptions
from pipeline.errors import ConfigError
from pipeline.stamp import Stamp
from pipeline.toolchain import Runtime
from pipeline.toolchains import command

AMD64, ARM64, ARMV7 = (platforms.parse(p) for p in ("linux/amd64", "linux/arm64", "linux/arm/v7"))
# of a final stage
ROOT = dag.container().from_("final").rootfs()
ENVIRONMENT = {
    "TARGETPLATFORM": "linux/arm/v7",
    "TARGETOS": "linux",
    "TARGETARCH": "arm",
    "TARGETVARIANT": "v7",
    "BUILDPLATFORM": "linux/arm64",
    "BUILDOS": "linux",
    "BUILDARCH": "arm64",
    "BUILDVARIANT": "",
    "GNU_TRIPLE": "arm-linux-gnueabihf",
    "RUST_TRIPLE": "armv7-unknown-linux-gnueabihf",
    "DEBIAN_ARCH": "armhf",
    "BUILD_GNU_TRIPLE": "aarch64-linux-gnu",
}


def build(host=ARM64, **options: object) -> command.Command:
    given = {"command": ("zig", "build"), "image": "zig:1", "outputs": ("out/app", "share/")}
    return command.inspect(dag.directory(), CommandOptions(**(given | options)), host)  # type: ignore[arg-type]


def with_source(stage: dagger.Container) -> dagger.Container:
    for name, value in ENVIRONMENT.items():
        stage = stage.with_env_variable(name, value)
    return stage.with_workdir("/src").with_directory("/src", dag.directory())


def zig() -> dagger.Container:
    return dag.container(platform=dagger.Platform("linux/arm64")).from_("zig:1")


def built(stage: dagger.Container, *words: str, **env: str) -> dagger.Container:
    stage = packages.with_step(stage, "run-build")
    stage = stage.with_directory("/out/bin", dag.directory())
    stage = stage.with_directory("/out/root", dag.directory())
    for name, value in env.items():
        stage = stage.with_env_variable(name, value)
    return stage.with_exec(["/opt/pipeline/run-build", "/out", *words, "--", "zig", "build"])


def test_the_command_learns_the_platform_and_its_programs_are_taken():
    made = build(env={"V": "{version}", "P": "{platform}", "R": "{revision}"})
    expected = built(
        with_source(zig()), "bin/app=out/app", "bin/=share/", V="1.2", P="linux/arm/v7"
    )
    assert made.compile(ARMV7, Stamp("1.2")) == expected.directory("/out/bin")
    assert made.libraries(ARMV7, Stamp(), ROOT) is None
    assert (made.name, made.binaries, made.runtime(ARMV7)) == ("app", ("app",), Runtime())


def test_what_has_a_path_of_its_own_lies_below_the_programs():
    made = build(outputs={"/srv/www": "dist/", "/etc/app": "conf/app"})
    expected = built(with_source(zig()), "root/srv/www=dist/", "root/etc/app=conf/app")
    assert made.libraries(ARMV7, Stamp(), ROOT) == expected.directory("/out/root")
    assert (made.name, made.binaries) == ("dist", ())


def test_a_cache_is_a_platforms_own():
    cache = dag.cache_volume("pipeline-build-app-root-.npm-linux_arm_v7")
    locked = dagger.CacheSharingMode.LOCKED
    expected = zig()
    for name, value in ENVIRONMENT.items():
        expected = expected.with_env_variable(name, value)
    expected = expected.with_mounted_cache("/root/.npm", cache, sharing=locked)
    expected = expected.with_workdir("/src").with_directory("/src", dag.directory())
    assert build(caches=("/root/.npm",)).build_stage(ARMV7) == expected


def test_compilers_are_those_of_the_platform_and_libraries_come_along():
    made = build(compilers=True, packages=("git",))
    stage = builders.stage("zig:1", ARMV7, ARM64, tools=("git",), setting="[build] packages")
    assert made.build_stage(ARMV7) == with_source(stage)
    expected = built(with_source(stage), "bin/app=out/app", "bin/=share/")
    needed = libraries.needed(expected, ARMV7, ROOT, "/out/bin")
    assert made.libraries(ARMV7, Stamp(), ROOT) == needed.with_directory(
        "/", expected.directory("/out/root")
    )
    assert made.runtime(ARMV7) == Runtime("gcr.io/distroless/cc-debian12:nonroot")


def test_a_test_is_the_projects_own_command_or_none():
    own = build(host=ARM64).build_stage(ARM64).with_exec(["zig", "test"])
    assert build().test(["zig", "test"]) == own
    assert build().test_commands() == []


def test_the_plan_shows_a_line_for_a_shell_as_it_is_written():
    assert build(command="a && b").command(ARM64, Stamp()) == "a && b"
    assert build().command(ARM64, Stamp()) == "zig build"


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("command", '[build] command is missing: expected it, as in command = ["make", "dist"]'),
        ("image", '[build] image is missing: expected it, as in image = "docker.io/library/debian:bookworm-slim"'),
        ("outputs", '[build] outputs is missing: expected it, as in outputs = ["dist/app"]'),
    ],
)  # fmt: skip
def test_what_has_no_default_is_asked_for(missing, message):
    with pytest.raises(ConfigError) as raised:
        build(**{missing: "" if missing == "image" else ()})
    assert str(raised.value) == message
