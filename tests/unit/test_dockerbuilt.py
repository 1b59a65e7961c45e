"""Images that a Dockerfile makes: what is over them, and what is said beforehand."""

from __future__ import annotations

from types import SimpleNamespace

import dagger
import pytest
from dagger import dag

from pipeline import platforms, project
from pipeline.dockerbuilt import DockerBuilt
from pipeline.errors import ConfigError, SourceError
from pipeline.lint.dockerfile import parse
from pipeline.runtimes import Extra
from pipeline.stamp import Stamp
from pipeline.toolchains.dockerfile import Dockerfile
from pipeline.verification import Linted

AMD64, ARM64, ARMV7 = (platforms.parse(p) for p in ("linux/amd64", "linux/arm64", "linux/arm/v7"))
TEXT = (
    "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build\n"
    "FROM debian\nRUN make\nCOPY --from=build /f /\nRUN apt-get  install x\n"
)


def build(toml: str = "", text: str = TEXT, host: str = "linux/amd64") -> DockerBuilt:
    found = project.load(toml)
    spec = platforms.parse(host)
    made = Dockerfile(dag.directory(), spec, found.dockerfile, text, parse(text), {})
    settings = SimpleNamespace(project=found)
    extras = (Extra("/etc/a", "a", is_program=True),)
    return DockerBuilt(dag.directory(), settings, made, spec, extras, Stamp("1.2"))  # type: ignore[arg-type]


def of_dockerfile(platform: str, target: str = "") -> dagger.Container:
    return dag.directory().docker_build(
        dockerfile="Dockerfile",
        platform=dagger.Platform(platform),
        build_args=[dagger.BuildArg(k, v) for k, v in AMD64.named("BUILD").items()],
        target=target,
        secrets=[],
    )


def with_files(image: dagger.Container) -> dagger.Container:
    return image.with_file(
        "/etc/a", dag.directory().file("a").with_timestamps(0), permissions=0o755
    )


def test_what_the_dockerfile_says_stands_where_the_project_is_silent():
    version = "org.opencontainers.image.version"
    expected = with_files(of_dockerfile("linux/arm64").with_label(version, "1.2"))
    assert build().variant(ARM64, ()) == expected


def test_what_the_project_says_is_over_it():
    toml = (
        'name = "app"\n[runtime]\nuser = "1"\nentrypoint = ["/x"]\nargs = ["y"]\nexpose = [80]\n'
        'env = { A = "b" }\nlabels = { l = "m" }\n'
    )
    expected = (
        of_dockerfile("linux/arm64")
        .with_user("1")
        .with_env_variable("A", "b")
        .with_label("org.opencontainers.image.title", "app")
        .with_label("org.opencontainers.image.version", "1.2")
        .with_label("l", "m")
        .with_exposed_port(80)
        .with_entrypoint(["/x"])
        .with_default_args(["y"])
    )
    assert build(toml).variant(ARM64, ()) == with_files(expected)


def test_packages_of_the_projects_are_refused():
    with pytest.raises(ConfigError) as raised:
        build('[runtime]\npackages = ["tini"]')
    assert str(raised.value) == (
        "[runtime] packages are given, and Dockerfile says what the image is made of: "
        "expected them to be installed there"
    )


def test_a_base_of_the_projects_is_refused():
    with pytest.raises(ConfigError) as raised:
        build('[runtime]\nbase = "debian"')
    assert str(raised.value) == (
        "[runtime] base is given, and Dockerfile says what the image stands on: expected it there alone"
    )


def test_the_base_is_that_of_the_final_stage():
    root = dag.container(platform=dagger.Platform("linux/arm64")).from_("debian").rootfs()
    assert build().base(ARM64) == root
    assert build(text="FROM scratch\nCOPY a /").base(ARM64) == dag.directory()


def test_artifacts_are_a_stage_that_holds_them():
    toml = '[dockerfile]\nartifacts_target = "build"'
    stages = dag.directory()
    for name, slug in (("linux/amd64", "linux_amd64"), ("linux/arm/v7", "linux_arm_v7")):
        stages = stages.with_directory(slug, of_dockerfile(name, "build").rootfs())
    assert build(toml).artifacts([AMD64, ARMV7]) == stages
    assert build(toml).compiled([AMD64, ARMV7]) == stages
    assert build().compiled([AMD64]) == dag.directory()


@pytest.mark.parametrize(
    ("ask", "message"),
    [
        (lambda b: b.artifacts([ARM64]), "artifacts does not know which files of Dockerfile are meant: name a stage that holds them alone in [dockerfile] artifacts_target, or take the image's root by build rootfs"),
        (lambda b: b.build_stage(ARM64), "build-stage is for what a toolchain compiles, and Dockerfile makes the whole image: expected build --platform linux/arm64"),
        (lambda b: b.runtime_stage(ARM64), "runtime-stage is for what a toolchain compiles, and Dockerfile makes the whole image: expected build --platform linux/arm64"),
    ],
)  # fmt: skip
def test_what_a_dockerfile_does_not_give_is_refused(ask, message):
    with pytest.raises(ConfigError) as raised:
        ask(build())
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("host", "told"),
    [
        (
            "linux/amd64",
            "Under emulation, several times as slow as on the build host:\n"
            "    Dockerfile:4  RUN make  (linux/arm64, linux/arm/v7)\n"
            "    Dockerfile:6  RUN apt-get install x  (linux/arm64, linux/arm/v7)",
        ),
        (
            "linux/arm64",
            "Under emulation, several times as slow as on the build host:\n"
            "    Dockerfile:4  RUN make  (linux/amd64, linux/arm/v7)\n"
            "    Dockerfile:6  RUN apt-get install x  (linux/amd64, linux/arm/v7)",
        ),
    ],
)
def test_steps_under_emulation_are_told_by_their_lines(host, told):
    assert build(host=host).emulated([AMD64, ARM64, ARMV7]) == told


def test_what_runs_on_the_host_is_not_told():
    assert build().emulated([AMD64]) == ""
    cross = "FROM --platform=$BUILDPLATFORM golang AS build\nRUN go build\nFROM scratch\nCOPY --from=build /f /\n"
    assert build(text=cross).emulated([AMD64, ARM64]) == ""


def test_emulation_can_be_forbidden():
    with pytest.raises(SourceError) as raised:
        build('[dockerfile]\nemulation = "forbid"').emulated([AMD64, ARM64])
    assert str(raised.value) == (
        "Dockerfile has steps that would run under emulation, which [dockerfile] emulation forbids: "
        "line 4: RUN make; line 6: RUN apt-get install x: move them to a stage "
        "FROM --platform=$BUILDPLATFORM, as lint shows"
    )


def test_the_plan_says_where_each_image_is_built():
    assert build().compilation(AMD64) == (
        "build linux/amd64", "linux/amd64", "native", "Dockerfile", "docker build",
    )  # fmt: skip
    assert build().compilation(ARM64) == (
        "build linux/arm64", "linux/amd64, linux/arm64", "emulated", "Dockerfile", "docker build",
    )  # fmt: skip
    only_files = build(text="FROM scratch\nCOPY a /")
    assert only_files.compilation(ARM64)[1:3] == ("nowhere", "files only")
    assert only_files.assembling(ARM64) == (
        "assemble linux/arm64", "nowhere", "files only", "scratch", "runs what Dockerfile says",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("toml", "step"),
    [
        ("", ("test", "nowhere", "-", "Dockerfile", "none is named")),
        ('[dockerfile]\ntest_target = "build"', ("test", "linux/amd64", "native", "Dockerfile", "builds stage build")),
        ('[test]\ncommand = ["a", "b"]', ("test", "linux/amd64", "native", "Dockerfile", "a b")),
    ],
)  # fmt: skip
def test_the_plan_says_how_it_is_tested(toml, step):
    assert build(toml).tests() == step


async def test_without_tests_it_says_how_to_name_some():
    assert await build().tested() == (
        "No tests: name a stage of Dockerfile that tests in [dockerfile] test_target, or a command "
        "that the image runs in [test]"
    )


def test_the_dockerfile_is_checked_with_the_image():
    assert build('[dockerfile]\ntarget = "build"').checks([ARM64]).dockerfile == Linted(
        "Dockerfile", TEXT, "build"
    )
