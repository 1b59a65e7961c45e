"""Compilers of several machines: each platform's is asked, and what is said of it beforehand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pytest
from dagger import dag

from pipeline import assembly, emulation, platforms, settings
from pipeline.compiled import Compiled
from pipeline.errors import PlatformError, SourceError
from pipeline.natives import NativeCompilers
from pipeline.stamp import Stamp
from pipeline.toolchains.cuda import Cuda
from pipeline.verdicts import Verdict
from tests.unit.fakes import FakeDirectory

AMD64, ARM64, ARMV7 = (platforms.parse(p) for p in ("linux/amd64", "linux/arm64", "linux/arm/v7"))
BOTH = [AMD64, ARM64]
STAMP = Stamp("1.2")
GO = {"go.mod": "module example.com/app\ngo 1.26\n", "main.go": "package main\n"}
CARGO = {
    "Cargo.lock": "",
    "Cargo.toml": '[package]\nname = "app"\nversion = "1.0.0"\n',
    "src/main.rs": "fn main() {}\n",
}
CMAKE = {"CMakeLists.txt": "project(app)\nadd_executable(app app.c)\n", "app.c": "int main() {}\n"}
COMMAND = {
    "pipeline.toml": '[build]\ncommand = ["make"]\nimage = "debian"\noutputs = ["app"]\n',
    "Makefile": "app:\n",
}
CUDA = {
    "pipeline.toml": '[cuda]\njetpack = "6.2"\n',
    "CMakeLists.txt": "project(app LANGUAGES CUDA)\nadd_executable(app app.cu)\n",
}
PROJECTS = {"go": GO, "rust": CARGO, "cmake": CMAKE, "command": COMMAND, "cuda": CUDA}


@pytest.fixture(autouse=True)
def on_amd64(monkeypatch):
    async def default_platform(_):
        return "linux/amd64"

    monkeypatch.setattr(type(dag), "default_platform", default_platform)


async def inspect(files, *native: str) -> Compiled:
    build = await assembly.inspect(FakeDirectory(files), "pipeline.toml", STAMP, native=native)  # type: ignore[arg-type]
    assert isinstance(build, Compiled)
    return replace(build, toolchain=described(build.toolchain))


def described(compiler):
    """The same with a source that recipes take."""
    if isinstance(compiler, NativeCompilers):
        on = {platform: described(each) for platform, each in compiler.on.items()}
        return NativeCompilers(described(compiler.host), on)
    if isinstance(compiler, Cuda):
        return replace(compiler, stages=replace(compiler.stages, source=dag.directory()))
    return replace(compiler, source=dag.directory())


@pytest.mark.parametrize("files", PROJECTS.values(), ids=list(PROJECTS))
async def test_a_platform_is_compiled_for_on_itself_as_an_engine_there_would(monkeypatch, files):
    build = await inspect(files, "linux/arm64")
    plain = await inspect(files)
    monkeypatch.setattr(type(dag), "default_platform", lambda _: arm64())
    there = await inspect(files)
    assert there.host == ARM64
    mixed = build.toolchain
    assert mixed.builder(AMD64) == plain.toolchain.builder(AMD64)
    assert mixed.builder(ARM64) == there.toolchain.builder(ARM64)
    assert mixed.builder(ARM64).spec == ARM64
    for spec, own in ((AMD64, plain.toolchain), (ARM64, there.toolchain)):
        assert mixed.build_stage(spec) == own.build_stage(spec)
        assert mixed.compile(spec, STAMP) == own.compile(spec, STAMP)
        assert mixed.command(spec, STAMP) == own.command(spec, STAMP)
        assert mixed.runtime(spec) == own.runtime(spec)
        root = dag.container().from_("final").rootfs()
        assert mixed.libraries(spec, STAMP, root) == own.libraries(spec, STAMP, root)
    assert mixed.build_stage(ARM64) != plain.toolchain.build_stage(ARM64)
    assert mixed.test_commands([]) == plain.toolchain.test_commands([])
    assert (mixed.name, mixed.named_by, mixed.binaries) == (
        plain.toolchain.name, plain.toolchain.named_by, plain.toolchain.binaries
    )  # fmt: skip


async def arm64():
    return "linux/arm64"


async def test_the_plan_says_what_is_native():
    build = await inspect(GO, "linux/arm64")
    assert build.toolchain.settings(build.settings.origins)[-1] == (
        "native", "linux/arm64", settings.ARGUMENT,
    )  # fmt: skip
    assert build.compilation(AMD64)[1:3] == ("linux/amd64", "native")
    assert build.compilation(ARM64)[1:3] == ("linux/arm64", "native")
    assert build.compilation(ARMV7)[1:3] == ("linux/amd64", "cross")
    assert build.emulated([*BOTH, ARMV7]) == ""
    assert build.tests()[1] == "linux/amd64"


async def test_the_hosts_own_platform_is_native_as_it_is():
    assert (await inspect(GO, "linux/amd64")).toolchain == (await inspect(GO)).toolchain


@pytest.mark.parametrize(
    ("native", "message"),
    [
        (["linux/arm64", "linux/arm64"], "linux/arm64"),
        (["linux/amr64"], "linux/amr64"),
    ],
)
async def test_what_is_no_list_of_platforms_is_refused(native, message):
    with pytest.raises(PlatformError, match=message):
        await inspect(GO, *native)


async def test_steps_of_a_dockerfile_are_not_emulated_on_machines_of_their_own():
    text = "FROM debian\nRUN make\n"
    files = {"Dockerfile": text, "pipeline.toml": '[dockerfile]\nemulation = "forbid"\n'}
    build = await assembly.inspect(
        FakeDirectory(files), "pipeline.toml", STAMP, native=["linux/arm64"]
    )  # type: ignore[arg-type]
    assert build.emulated(BOTH) == ""
    assert [build.compilation(spec)[1:3] for spec in BOTH] == [
        ("linux/amd64", "native"), ("linux/arm64", "native"),
    ]  # fmt: skip
    with pytest.raises(SourceError, match="line 2: RUN make"):
        build.emulated([*BOTH, ARMV7])


@pytest.mark.parametrize(
    ("how", "told"),
    [
        ("native, on a machine of its own", ""),
        (
            "binfmt_misc qemu-aarch64, flags OCF",
            "linux/arm64: built on itself, as --native asks, and this engine has no machine of it "
            "(binfmt_misc qemu-aarch64, flags OCF): expect it to take several times as long\n",
        ),
    ],
)
async def test_an_engine_without_such_a_machine_is_told_of(monkeypatch, capsys, how, told):
    asked = []

    async def require(spec, host, image):
        asked.append((spec, host))
        return Verdict(spec, runs=True, how=how)

    monkeypatch.setattr(emulation, "require", require)
    build = await inspect(GO, "linux/arm64")
    await build.require_emulators([AMD64, ARM64, ARMV7])
    assert asked == [(ARM64, AMD64)]
    assert capsys.readouterr().err == told


async def test_what_a_project_has_emulated_is_not_told_of_twice(monkeypatch, capsys):
    async def require(spec, host, image):
        return Verdict(spec, runs=True, how="the engine's own QEMU")

    monkeypatch.setattr(emulation, "require", require)
    files = CUDA | {"pipeline.toml": '[cuda]\njetpack = "6.2"\nstrategy = "emulate"\n'}
    build = await inspect(files)
    assert build.emulated([ARM64]).startswith("linux/arm64: compiled under emulation")
    await build.require_emulators([ARM64])
    assert capsys.readouterr().err == ""


def test_compilers_are_chosen_by_the_platform():
    here, there = SimpleNamespace(name="here"), SimpleNamespace(name="there")
    compilers = NativeCompilers(here, {"linux/arm64": there})  # type: ignore[arg-type]
    assert [compilers.of(spec) for spec in (AMD64, ARM64, ARMV7)] == [here, there, here]
