"""Final stages: recipes compared by equality, with no engine."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

from pipeline import platforms, runtimes
from pipeline.errors import ConfigError
from pipeline.options import RuntimeOptions
from pipeline.runtimes import Extra
from pipeline.stamp import Stamp
from pipeline.toolchain import Runtime

ARM64 = platforms.parse("linux/arm64")
DISTROLESS = "gcr.io/distroless/static-debian12:nonroot"
PLAIN = Runtime()


@pytest.mark.parametrize(
    ("base", "image"),
    [
        ("", DISTROLESS),
        ("debian:12", "debian:12"),
        ({"linux/amd64": "a", "linux/arm64": "b"}, "b"),
    ],
)
def test_a_base_is_one_for_all_or_one_a_platform(base, image):
    assert runtimes.base_of(RuntimeOptions(base=base), ARM64, PLAIN) == image


def test_a_platform_without_a_base_is_refused():
    with pytest.raises(ConfigError) as raised:
        runtimes.base_of(RuntimeOptions(base={"linux/amd64": "a"}), ARM64, PLAIN)
    assert str(raised.value) == (
        "[runtime] base has no image for linux/arm64, only for linux/amd64: add one"
    )


@pytest.mark.parametrize(
    ("options", "binaries", "command"),
    [
        ({}, ["server"], ["/usr/local/bin/server"]),
        ({}, ["app", "tool"], ["/usr/local/bin/app"]),
        ({"entrypoint": ("/bin/x", "-v")}, ["a", "b"], ["/bin/x", "-v"]),
    ],
)
def test_the_entrypoint_is_given_or_the_only_program_or_the_namesake(options, binaries, command):
    assert runtimes.entrypoint(RuntimeOptions(**options), "app", binaries) == command


def test_an_entrypoint_that_cannot_be_known_is_asked_for():
    with pytest.raises(ConfigError) as raised:
        runtimes.entrypoint(RuntimeOptions(), "app", ["a", "b"])
    assert str(raised.value) == (
        "[runtime] entrypoint is needed: none of the programs a, b is called 'app' like the project"
    )


def test_labels_are_only_those_there_is_something_to_say_for():
    assert runtimes.labels(RuntimeOptions(), "app", "", Stamp(), PLAIN) == {
        "org.opencontainers.image.title": "app"
    }
    stamp = Stamp("1.2", "abc", "2026-01-31T12:00:00Z")
    options = RuntimeOptions(labels={"team": "core", "org.opencontainers.image.title": "mine"})
    assert runtimes.labels(options, "app", "https://example.com", stamp, PLAIN) == {
        "org.opencontainers.image.title": "mine",
        "org.opencontainers.image.version": "1.2",
        "org.opencontainers.image.revision": "abc",
        "org.opencontainers.image.source": "https://example.com",
        "org.opencontainers.image.created": "2026-01-31T12:00:00Z",
        "team": "core",
    }


def test_a_stage_executes_nothing():
    options = RuntimeOptions(
        user="1000", env={"PORT": "80"}, expose=(80, 443), args=("serve",), base="debian:12"
    )
    stage = runtimes.stage(options, ARM64, PLAIN, command=["/x"], image_labels={"a": "b"})
    assert stage == (
        dag.container(platform=dagger.Platform("linux/arm64"))
        .from_("debian:12")
        .with_user("1000")
        .with_env_variable("PORT", "80")
        .with_label("a", "b")
        .with_exposed_port(80)
        .with_exposed_port(443)
        .with_entrypoint(["/x"])
        .with_default_args(["serve"])
    )
    assert "withExec" not in {field.name for field in stage._ctx.selections}


def test_a_stage_has_what_the_toolchain_needs_unless_the_project_says_otherwise():
    runtime = Runtime("ubuntu:22.04", {"A": "tool", "B": "tool"}, {"l": "tool", "m": "tool"})
    options = RuntimeOptions(user="1", env={"B": "own", "C": "own"}, labels={"m": "own"})
    labels = runtimes.labels(options, "app", "", Stamp(), runtime)
    assert labels == {"org.opencontainers.image.title": "app", "l": "tool", "m": "own"}
    assert runtimes.stage(options, ARM64, runtime, command=["/x"], image_labels={}) == (
        dag.container(platform=dagger.Platform("linux/arm64"))
        .from_("ubuntu:22.04")
        .with_user("1")
        .with_env_variable("A", "tool")
        .with_env_variable("B", "own")
        .with_env_variable("C", "own")
        .with_entrypoint(["/x"])
    )


def test_libraries_are_a_layer_below_the_programs():
    programs, libraries = dag.directory(), dag.directory().with_new_file("usr/lib/libx.so", "")
    added = dag.directory().with_directory("/usr/local/bin", programs).with_timestamps(0)
    expected = dag.container().with_directory("/", libraries.with_timestamps(0))
    expected = expected.with_directory("/", added)
    image = runtimes.final(dag.container(), programs, dag.directory(), libraries=libraries)
    assert image == expected


def test_a_program_runs_as_nobody_in_particular_unless_told_otherwise():
    stage = runtimes.stage(RuntimeOptions(), ARM64, PLAIN, command=["/x"], image_labels={})
    container = dag.container(platform=dagger.Platform("linux/arm64")).from_(DISTROLESS)
    assert stage == container.with_user("65532:65532").with_entrypoint(["/x"])


def test_files_have_fixed_times_and_modes():
    programs, source = dag.directory().with_new_file("app", ""), dag.directory()
    extras = [
        Extra("/etc/app.toml", "config.toml"),
        Extra("/usr/bin/run", "run.sh", is_program=True),
    ]
    added = dag.directory().with_directory("/usr/local/bin", programs).with_timestamps(0)
    expected = (
        dag.container()
        .with_directory("/", added)
        .with_file(
            "/etc/app.toml", source.file("config.toml").with_timestamps(0), permissions=0o644
        )
        .with_file("/usr/bin/run", source.file("run.sh").with_timestamps(0), permissions=0o755)
    )
    assert runtimes.final(dag.container(), programs, source, extras) == expected
