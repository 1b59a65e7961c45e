"""What is said of a build as a whole."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from dagger import dag

from pipeline import assembly, runtime_packages
from pipeline.compiled import Compiled
from pipeline.options import RuntimeOptions
from pipeline.platforms import parse
from pipeline.project import Project, load
from pipeline.runtime_packages import Added
from pipeline.stamp import Stamp
from pipeline.toolchain import Builder, Runtime


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


def compiled(project=None, **runtime):
    toolchain = SimpleNamespace(name="app", binaries=("app",), runtime=lambda _: Runtime())
    settings = SimpleNamespace(project=project or Project(runtime=RuntimeOptions(**runtime)))
    return Compiled(dag.directory(), settings, toolchain, parse("linux/amd64"), (), Stamp())  # type: ignore[arg-type]


async def test_a_final_stage_without_packages_needs_nothing_looked_up():
    build, spec = compiled(base="debian:12"), parse("linux/arm64")
    assert await build.prepared([spec]) is build
    assert build.preparation(spec) == []


async def test_packages_are_in_the_final_stage_and_not_in_what_it_is_compared_with(
    monkeypatch, capsys
):
    build, spec = compiled(base="debian:12", packages=("tini", "sudo")), parse("linux/arm64")

    async def add(stage, options, spec, *, base, host):
        assert (spec.platform, base, host.platform) == ("linux/arm64", "debian:12", "linux/amd64")
        return Added(stage.with_new_file("/usr/bin/tini", ""), ("sudo postinst",))

    monkeypatch.setattr(runtime_packages, "add", add)
    ready = await build.prepared([spec])
    assert ready.runtime_stage(spec) == build.runtime_stage(spec).with_new_file("/usr/bin/tini", "")
    assert ready.base(spec) == build.base(spec) == build.runtime_stage(spec).rootfs()
    assert "linux/arm64: scripts of packages are not executed: sudo (postinst)" in (
        capsys.readouterr().err
    )
    assert build.preparation(spec) == [
        ("packages linux/arm64", "linux/amd64", "unpacked", "apt of the release of debian:12",
         "unpacks tini sudo, executes no script of theirs")
    ]  # fmt: skip


FLAVORS = """
[runtime]
base = "debian:12"
packages = ["tini"]
[flavors.debug.runtime]
packages = ["gdb", "strace"]
[flavors.bare.runtime]
packages = []
"""


@pytest.mark.parametrize(
    ("flavor", "packages"), [("", ["tini"]), ("debug", ["gdb", "strace"]), ("bare", [])]
)
async def test_the_final_stage_and_the_plan_of_a_flavor_have_its_packages_alone(
    monkeypatch, flavor, packages
):
    build, spec = compiled(load(FLAVORS, flavor=flavor)), parse("linux/arm64")

    async def add(stage, options, _spec, **_of):
        for name in options.packages:
            stage = stage.with_new_file(f"/usr/share/doc/{name}", "")
        return Added(stage)

    monkeypatch.setattr(runtime_packages, "add", add)
    expected = build.runtime_stage(spec)
    for name in packages:
        expected = expected.with_new_file(f"/usr/share/doc/{name}", "")
    assert (await build.prepared([spec])).runtime_stage(spec) == expected
    command = f"unpacks {' '.join(packages)}, executes no script of theirs"
    assert [step[-1] for step in build.preparation(spec)] == ([command] if packages else [])


async def test_libraries_are_those_that_neither_the_base_nor_its_packages_have(monkeypatch):
    """Of a file that both would bring, dpkg in the image shall know."""
    build, spec = compiled(packages=("libz1",)), parse("linux/arm64")
    compared = []

    async def add(stage, *_given, **_named):
        return Added(stage.with_new_file("/usr/lib/libz.so.1", ""))

    def libraries(_spec, _stamp, root):
        compared.append(root)
        return dag.directory().with_new_file("usr/lib/libcudart.so.13", "")

    monkeypatch.setattr(runtime_packages, "add", add)
    monkeypatch.setattr(build.toolchain, "libraries", libraries, raising=False)
    monkeypatch.setattr(
        build.toolchain,
        "compile",
        lambda *_: dag.directory().with_new_file("app", ""),
        raising=False,
    )
    ready = await build.prepared([spec])
    expected = ready.runtime_stage(spec)
    image = ready.variant(spec, ())
    assert compared == [expected.rootfs()]
    for added in (
        dag.directory().with_new_file("usr/lib/libcudart.so.13", ""),
        dag.directory().with_directory("/usr/local/bin", dag.directory().with_new_file("app", "")),
    ):
        expected = expected.with_directory("/", added.with_timestamps(0))
    assert image == expected
