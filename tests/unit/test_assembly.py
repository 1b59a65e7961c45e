"""What is said of a build as a whole."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from dagger import dag

from pipeline import assembly
from pipeline.compiled import Compiled
from pipeline.platforms import parse
from pipeline.project import Project
from pipeline.stamp import Stamp
from pipeline.toolchain import Builder


@pytest.mark.parametrize(
    ("host", "wanted", "told"),
    [
        ("linux/amd64", ["linux/amd64", "linux/amd64/v3", "linux/386"], ""),
        (
            "linux/amd64",
            ["linux/amd64", "linux/arm64"],
            "linux/arm64: built here and not executed; to start it on this engine (linux/amd64) "
            "takes an emulator: doctor says whether there is one",
        ),
        (
            "linux/arm64",
            ["linux/amd64", "linux/s390x"],
            "linux/amd64, linux/s390x: built here and not executed; to start it on this engine "
            "(linux/arm64) takes an emulator: doctor says whether there is one",
        ),
    ],
)
def test_images_that_do_not_start_on_the_build_host_are_named(host, wanted, told):
    build = SimpleNamespace(host=parse(host))
    assert assembly.not_here(build, [parse(platform) for platform in wanted]) == told


@pytest.mark.parametrize(
    ("host", "compiled_on", "told"),
    [
        ("linux/amd64", "linux/amd64", ""),
        ("linux/arm64", "linux/arm64", ""),
        (
            "linux/amd64",
            "linux/arm64",
            "linux/arm64: compiled under emulation, as pipeline.toml asks: expect it to take several "
            "times as long as a cross build",
        ),
    ],
)
def test_platforms_that_are_compiled_under_emulation_are_named(host, compiled_on, told):
    toolchain = SimpleNamespace(
        builder=lambda _: Builder("image", parse(compiled_on), ""), name="app", binaries=("app",)
    )
    settings = SimpleNamespace(project=Project())
    build = Compiled(dag.directory(), settings, toolchain, parse(host), (), Stamp())  # type: ignore[arg-type]
    assert build.emulated([parse("linux/arm64")]) == told
