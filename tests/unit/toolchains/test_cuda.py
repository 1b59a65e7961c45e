"""CUDA: what is read of a source, and recipes compared by equality, with no engine."""

from __future__ import annotations

from pathlib import Path

import dagger
import pytest
from dagger import dag

from pipeline import cudastages, platforms
from pipeline.cuda_options import CudaOptions
from pipeline.cudastages import CudaStages
from pipeline.errors import ConfigError, PipelineError, SourceError
from pipeline.stamp import Stamp
from pipeline.toolchains import cuda
from tests.unit.fakes import FakeDirectory

AMD64, ARM64 = platforms.parse("linux/amd64"), platforms.parse("linux/arm64")
# of a final stage
ROOT = dag.container().from_("final").rootfs()
CMAKE = (
    "project(Demo LANGUAGES CXX CUDA)\nadd_executable(demo demo.cu)\nadd_executable(tool t.cu)\n"
)
MAIN = "#include <cstdio>\nint main(int argc, char **argv) { return 0; }\n"
HELPER = "__global__ void kernel() {}\n// int main() is elsewhere\n"
CONFIGURE = [
    "cmake", "-E", "chdir", "/build", "cmake", "-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release",
]  # fmt: skip


async def inspect(files: dict[str, str], **options: object) -> cuda.Cuda:
    source, asked = FakeDirectory(files), CudaOptions(**{"jetpack": "6.2", **options})  # type: ignore[arg-type]
    return await cuda.inspect(source, asked, await source.entries(), AMD64)  # type: ignore[arg-type]


async def test_programs_of_a_cmake_project_are_its_executables():
    found = await inspect({"CMakeLists.txt": CMAKE, "demo.cu": MAIN})
    assert (found.name, found.named_by, found.binaries) == (
        "demo",
        "CMakeLists.txt",
        ("demo", "tool"),
    )
    assert found.is_cmake


async def test_programs_that_are_named_are_taken_as_named():
    text = "project(demo)\nadd_executable(${PROJECT_NAME} demo.cu)\n"
    assert (await inspect({"CMakeLists.txt": text}, programs=("demo",))).binaries == ("demo",)


async def test_every_cu_file_with_a_main_is_a_program():
    found = await inspect({"b.cu": MAIN, "a.cu": MAIN, "kernel.cu": HELPER, "readme.md": ""})
    assert (found.name, found.named_by, found.binaries, found.shared) == (
        "a",
        "the .cu files",
        ("a", "b"),
        ("kernel.cu",),
    )
    assert (await inspect({"b.cu": MAIN, "a.cu": MAIN}, programs=("b",))).binaries == ("b",)


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"CMakeLists.txt": CMAKE}, {"jetpack": ""},
         "[cuda] jetpack is needed: expected a JetPack (6.2), an L4T release (r36.4) or a board (orin); `jetpacks` lists them"),
        ({"CMakeLists.txt": "project(x)\n"}, {},
         "CMakeLists.txt makes no program by a literal name in add_executable: name the programs for the image in "
         "[cuda] programs"),
        ({"kernel.cu": HELPER, "x.cpp": MAIN}, {},
         "No program found in the source, which holds kernel.cu, x.cpp: expected CMakeLists.txt, or a .cu file with "
         "main(), at its root; point --source at the application's folder"),
        ({}, {},
         "No program found in the source, which holds nothing: expected CMakeLists.txt, or a .cu file with main(), at its "
         "root; point --source at the application's folder"),
        ({"a.cu": MAIN}, {"programs": ("b",)}, "[cuda] programs: 'b' is made by no .cu file: expected a"),
    ],
)  # fmt: skip
async def test_a_source_that_cannot_be_built_is_refused(files, options, message):
    with pytest.raises(PipelineError) as raised:
        await inspect(files, **options)
    assert str(raised.value) == message
    assert isinstance(raised.value, SourceError | ConfigError)


def build(host: str = "linux/amd64", **changes: object) -> cuda.Cuda:
    own = {name: changes.pop(name) for name in ("is_cmake", "shared") if name in changes}
    asked = CudaOptions(**{"jetpack": "6.2", **changes})  # type: ignore[arg-type]
    stages = CudaStages(dag.directory(), platforms.parse(host), asked, asked.target())
    return cuda.Cuda(stages, "demo", ("demo", "tool"), **own)  # type: ignore[arg-type]


def with_source(stage: dagger.Container) -> dagger.Container:
    text = (Path(cudastages.__file__).with_name("steps") / "take-programs").read_text()
    return (
        stage.with_new_file("/opt/pipeline/take-programs", text, permissions=0o755)
        .with_directory("/build", dag.directory())
        .with_workdir("/src")
        .with_directory("/src", dag.directory())
    )


@pytest.mark.parametrize(
    ("host", "platform", "strip", "gcc"),
    [
        ("linux/amd64", "linux/amd64", "strip", "gcc"),
        ("linux/amd64", "linux/arm64", "aarch64-linux-gnu-strip", "aarch64-linux-gnu-gcc"),
        ("linux/arm64", "linux/arm64", "strip", "gcc"),
    ],
)
def test_a_cmake_project_is_built_without_its_tests(host, platform, strip, gcc):
    found, spec = build(host, cmake=("-DVERSION={version}", "-DREV={revision}")), platforms.parse(platform)  # fmt: skip
    compiled = (
        with_source(found.stages.stage(spec))
        .with_exec(
            [*CONFIGURE, "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON", "-DBUILD_TESTING=OFF", "-DVERSION=1.2", "/src"]
        )
        .with_exec(["cmake", "--build", "/build"])
        .with_exec(
            ["/opt/pipeline/take-programs", "/build", "/out/programs", strip, gcc, "[cuda] programs",
             "the project chooses a compiler of its own; let it keep the CMAKE_CUDA_HOST_COMPILER and "
             "CMAKE_CXX_COMPILER of the toolchain file", "demo", "tool"]
        )
    )  # fmt: skip
    assert found.compile(spec, Stamp(version="1.2")) == compiled.directory("/out/programs")


def test_bare_files_are_built_by_nvcc_itself():
    found = build(is_cmake=False, shared=("kernel.cu",))
    flags = found.stages.nvcc_flags(ARM64)
    nvcc = "/usr/local/cuda-12.6/bin/nvcc"
    assert found.commands(ARM64, Stamp()) == [
        [nvcc, "-O3", "-o", "/build/demo", "demo.cu", "kernel.cu", *flags],
        [nvcc, "-O3", "-o", "/build/tool", "tool.cu", "kernel.cu", *flags],
    ]
    assert found.command(ARM64, Stamp()).startswith(
        f"{nvcc} -O3 -o /build/demo demo.cu kernel.cu -ccbin"
    )


def test_libraries_are_those_that_the_final_stage_has_not():
    found = build()
    compiled = found._compiled(ARM64, Stamp())
    expected = found.stages.libraries(compiled, ARM64, ROOT, "/out/programs", "/build")
    assert found.libraries(ARM64, Stamp(), ROOT) == expected


@pytest.mark.parametrize("host", ["linux/amd64", "linux/arm64"])
def test_tests_are_those_of_ctest_on_the_host(host):
    found = build(host)
    assert found.test() == (
        with_source(found.stages.stage(platforms.parse(host)))
        .with_exec([*CONFIGURE, "/src"])
        .with_exec(["cmake", "--build", "/build"])
        .with_exec(["cmake", "-E", "chdir", "/build", "ctest", "--output-on-failure"])
    )


def test_bare_files_are_compiled_for_the_host_as_their_test():
    found = build("linux/arm64", is_cmake=False)
    assert [words[:5] for words in found.test_commands()] == [
        ["/usr/local/cuda-12.6/bin/nvcc", "-O3", "-o", f"/build/{name}", f"{name}.cu"]
        for name in ("demo", "tool")
    ]


def test_a_command_takes_the_place_of_the_tests():
    found = build()
    expected = with_source(found.stages.stage(AMD64)).with_exec(["make", "check"])
    assert found.test(("make", "check")) == expected


def test_the_plan_says_what_is_compiled_for_what():
    origins = {"file": "pipeline.toml", "toolchain": "pipeline.toml"}
    assert build(libraries=("cublas",)).settings(origins) == [
        ("toolchain", "cuda 12.6", "pipeline.toml"),
        ("jetpack", "6.2 (L4T r36.4)", "pipeline.toml"),
        ("sm of Jetsons", "sm_87", "the boards"),
        ("programs", "demo, tool", "CMakeLists.txt"),
        ("libraries", "cublas", "pipeline.toml"),
    ]
