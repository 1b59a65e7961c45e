"""C and C++: what is read of a source, and recipes compared by equality, with no engine."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

from pipeline import builders, libraries, platforms
from pipeline.cmake_options import CmakeOptions
from pipeline.errors import ConfigError, PipelineError, SourceError
from pipeline.stamp import Stamp
from pipeline.toolchain import Builder, Runtime
from pipeline.toolchains import cmake
from tests.unit.cudachains import step
from tests.unit.fakes import FakeDirectory

AMD64, ARM64 = platforms.parse("linux/amd64"), platforms.parse("linux/arm64")
# of a final stage
ROOT = dag.container().from_("final").rootfs()
V3 = platforms.parse("linux/amd64/v3")
DEBIAN = "docker.io/library/debian:bookworm-slim"
LISTS = "project(Demo LANGUAGES CXX)\nadd_executable(demo demo.cpp)\nadd_executable(tool t.cpp)\n"
MAKEFILE = "demo: demo.o\n\ncheck: demo\n\t./demo --self-test\n"
IGNORED_BY_MAKE = (
    "the makefile ignores CC and CXX; let its rules call $(CC) and $(CXX), or tell it the compiler by "
    "a variable of its own in [cmake] make, such as CROSS_COMPILE={gnu_triple}-"
)
IGNORED_BY_CMAKE = (
    "its CMake files choose a compiler of their own; let them keep the CMAKE_C_COMPILER and "
    "CMAKE_CXX_COMPILER of the toolchain file"
)
CONFIGURE = ["cmake", "-E", "chdir", "/build", "cmake", "-G", "Ninja"]
TOOLCHAIN = "-DCMAKE_TOOLCHAIN_FILE=/opt/pipeline/toolchain.cmake"
CROSS_FILE = (
    'set(CMAKE_SYSTEM_NAME "Linux")\n'
    'set(CMAKE_SYSTEM_PROCESSOR "aarch64")\n'
    'set(CMAKE_LIBRARY_PATH "/usr/aarch64-linux-gnu/lib")\n'
    'set(CMAKE_C_COMPILER "aarch64-linux-gnu-gcc")\n'
    'set(CMAKE_CXX_COMPILER "aarch64-linux-gnu-g++")\n'
)
NATIVE_FILE = 'set(CMAKE_C_COMPILER "gcc")\nset(CMAKE_CXX_COMPILER "g++")\n'


async def inspect(files: dict[str, str], **options: object) -> cmake.CMake:
    source = FakeDirectory(files)
    return await cmake.inspect(source, CmakeOptions(**options), await source.entries(), AMD64)  # type: ignore[arg-type]


async def test_programs_of_a_cmake_project_are_its_executables():
    found = await inspect({"CMakeLists.txt": LISTS, "Makefile": MAKEFILE})
    assert (found.name, found.named_by, found.binaries, found.makefile) == (
        "demo", "CMakeLists.txt", ("demo", "tool"), "",
    )  # fmt: skip


async def test_a_makefile_is_made_where_there_is_no_cmake_project():
    found = await inspect({"Makefile": MAKEFILE}, programs=("bin/demo", "tool"))
    assert (found.name, found.named_by, found.binaries, found.test_target) == (
        "demo", "Makefile", ("demo", "tool"), "check",
    )  # fmt: skip


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"main.c": ""}, {},
         "CMakeLists.txt is not in the source, which holds main.c: expected a CMake project or a Makefile at its root; "
         "point --source at the application's folder"),
        ({"CMakeLists.txt": "project(x C)\n"}, {},
         "CMakeLists.txt makes no program by a literal name in add_executable: name the programs for the image in "
         "[cmake] programs"),
        ({"CMakeLists.txt": "project(x LANGUAGES CXX CUDA)\n"}, {},
         "CMakeLists.txt compiles CUDA: expected a [cuda] table with a jetpack; `jetpacks` lists them"),
        ({"Makefile": MAKEFILE}, {},
         "Makefile does not say which of what it makes are the image's: name the programs in [cmake] programs"),
        ({"Makefile": MAKEFILE}, {"programs": ("demo",), "cmake": ("-DA=1",)},
         "[cmake] cmake has arguments, and the source has Makefile alone: expected them in make"),
        ({"CMakeLists.txt": LISTS}, {"make": ("A=1",)},
         "[cmake] make has arguments, and CMakeLists.txt is in the source: expected them in cmake"),
    ],
)  # fmt: skip
async def test_a_source_that_cannot_be_built_is_refused(files, options, message):
    with pytest.raises(PipelineError) as raised:
        await inspect(files, **options)
    assert str(raised.value) == message
    assert isinstance(raised.value, SourceError | ConfigError)


def build(host: str = "linux/amd64", **options: object) -> cmake.CMake:
    own = {name: options.pop(name) for name in ("makefile", "test_target") if name in options}
    asked = CmakeOptions(**options)  # type: ignore[arg-type]
    spec = platforms.parse(host)
    return cmake.CMake(dag.directory(), spec, asked, "demo", ("demo", "tools/admin"), **own)  # type: ignore[arg-type]


def stage(platform: str, host: str, file: str = "", **more: tuple[str, ...]) -> dagger.Container:
    """What a project is compiled in; `file` is CMake's toolchain file."""
    tools = ("ccache", "cmake", "ninja-build") if file else ("ccache",)
    container = builders.stage(
        DEBIAN,
        platforms.parse(platform),
        platforms.parse(host),
        tools=(*tools, *more.get("tools", ())),
        libraries=more.get("packages", ()),
        setting="[cmake] packages",
    )
    container = (
        container.with_mounted_cache("/var/cache/pipeline/ccache", dag.cache_volume("pipeline-ccache"))
        .with_env_variable("CCACHE_DIR", "/var/cache/pipeline/ccache")
        .with_env_variable("PATH", "/usr/lib/ccache:${PATH}", expand=True)
    )  # fmt: skip
    if file:
        container = container.with_new_file("/opt/pipeline/toolchain.cmake", file)
        container = container.with_directory("/build", dag.directory())
    return step(container, "take-programs").with_workdir("/src").with_directory("/src", dag.directory())  # fmt: skip


@pytest.mark.parametrize(
    ("host", "platform", "prefix", "file"),
    [
        ("linux/amd64", "linux/amd64", "", NATIVE_FILE),
        ("linux/amd64", "linux/arm64", "aarch64-linux-gnu-", CROSS_FILE),
        ("linux/arm64", "linux/arm64", "", NATIVE_FILE),
    ],
)
def test_a_cmake_project_is_compiled_without_its_tests(host, platform, prefix, file):
    given = ("-DVERSION={version}", "-DREV={revision}", "-DTARGET={gnu_triple}")
    found = build(host, cmake=given, packages=("libssl-dev",), tools=("flex",))
    triple = platforms.parse(platform).gnu_triple
    compiled = (
        stage(platform, host, file, packages=("libssl-dev",), tools=("flex",))
        .with_exec([*CONFIGURE, "-DCMAKE_BUILD_TYPE=Release", "-DCMAKE_BUILD_WITH_INSTALL_RPATH=ON",
                    "-DBUILD_TESTING=OFF", TOOLCHAIN, "-DVERSION=1.2", f"-DTARGET={triple}", "/src"])
        .with_exec(["cmake", "--build", "/build"])
        .with_exec(["/opt/pipeline/take-programs", "/build", "/out/programs", f"{prefix}strip", f"{prefix}gcc", "[cmake] programs",
                    IGNORED_BY_CMAKE, "demo", "tools/admin"])
    )  # fmt: skip
    spec, stamp = platforms.parse(platform), Stamp(version="1.2")
    assert found.compile(spec, stamp) == compiled.directory("/out/programs")
    expected = libraries.needed(compiled, spec, ROOT, "/out/programs", ["/build"])
    assert found.libraries(spec, stamp, ROOT) == expected


def test_a_makefile_is_told_of_the_compilers_on_the_command_line():
    found = build(makefile="Makefile", make=("-j2", "V={version}", "TARGET={gnu_triple}"))
    compiled = (
        stage("linux/arm64", "linux/amd64")
        .with_exec(["make", "CC=aarch64-linux-gnu-gcc", "CXX=aarch64-linux-gnu-g++", "PKG_CONFIG=pkg-config", "-j2",
                    "TARGET=aarch64-linux-gnu"])
        .with_exec(["/opt/pipeline/take-programs", "/src", "/out/programs", "aarch64-linux-gnu-strip", "aarch64-linux-gnu-gcc",
                    "[cmake] programs", IGNORED_BY_MAKE, "demo", "tools/admin"])
    )  # fmt: skip
    assert found.compile(ARM64, Stamp()) == compiled.directory("/out/programs")
    expected = libraries.needed(compiled, ARM64, ROOT, "/out/programs", ["/src"])
    assert found.libraries(ARM64, Stamp(), ROOT) == expected


def test_a_level_of_the_processor_is_compiled_for():
    level = '"-march=x86-64-v3")\n'
    assert build().toolchain_file(V3) == (
        f"{NATIVE_FILE}set(CMAKE_C_FLAGS_INIT {level}set(CMAKE_CXX_FLAGS_INIT {level}"
    )
    assert build(makefile="Makefile").commands(V3, Stamp()) == [
        ["make", "CC=gcc -march=x86-64-v3", "CXX=g++ -march=x86-64-v3", "PKG_CONFIG=pkg-config"]
    ]


@pytest.mark.parametrize(
    ("build_type", "strip"),
    [("Release", "strip"), ("MinSizeRel", "strip"), ("RelWithDebInfo", ""), ("Debug", "")],
)
def test_symbols_are_kept_where_they_are_asked_for(build_type, strip):
    found = build(build_type=build_type)
    configured, made = found.commands(AMD64, Stamp())
    assert f"-DCMAKE_BUILD_TYPE={build_type}" in configured
    compiled = (
        stage("linux/amd64", "linux/amd64", NATIVE_FILE).with_exec(configured).with_exec(made)
    )
    take = ["/opt/pipeline/take-programs", "/build", "/out/programs", strip, "gcc", "[cmake] programs", IGNORED_BY_CMAKE]  # fmt: skip
    expected = compiled.with_exec([*take, "demo", "tools/admin"]).directory("/out/programs")
    assert found.compile(AMD64, Stamp()) == expected


@pytest.mark.parametrize("host", ["linux/amd64", "linux/arm64"])
def test_tests_are_those_of_ctest_on_the_host(host):
    assert build(host, cmake=("-DTLS=ON", "-DV={version}")).test() == (
        stage(host, host, NATIVE_FILE)
        .with_exec([*CONFIGURE, "-DCMAKE_BUILD_TYPE=Release", TOOLCHAIN, "-DTLS=ON", "/src"])
        .with_exec(["cmake", "--build", "/build"])
        .with_exec(["cmake", "-E", "chdir", "/build", "ctest", "--output-on-failure"])
    )


MAKE = ["make", "CC=gcc", "CXX=g++", "PKG_CONFIG=pkg-config"]


@pytest.mark.parametrize(
    ("own", "command", "commands"),
    [
        ("check", (), [MAKE, [*MAKE, "check"]]),
        ("", (), [MAKE]),
        ("check", ("make", "smoke"), [["make", "smoke"]]),
    ],
)
def test_tests_of_a_makefile_are_its_target_or_the_command(own, command, commands):
    found = build(makefile="Makefile", test_target=own)
    expected = stage("linux/amd64", "linux/amd64")
    for each in commands:
        expected = expected.with_exec(each)
    assert found.test(command) == expected
    assert found.test_commands(command) == commands


def test_what_compiles_and_what_it_runs_in_can_be_others():
    assert build().builder(ARM64) == Builder(DEBIAN, AMD64, "[cmake] image")
    assert build(image="mine").builder(ARM64) == Builder("mine", AMD64, "[cmake] image")
    assert build().runtime(ARM64) == Runtime("gcr.io/distroless/cc-debian12:nonroot")


def test_the_plan_says_what_is_compiled_by_what():
    origins = {"file": "pipeline.toml", "toolchain": "CMakeLists.txt"}
    assert build(packages=("libssl-dev", "zlib1g-dev")).settings(origins) == [
        ("toolchain", "cmake, Release", "CMakeLists.txt"),
        ("builder", DEBIAN, "default"),
        ("programs", "demo, tools/admin", "CMakeLists.txt"),
        ("packages", "libssl-dev, zlib1g-dev", "pipeline.toml"),
    ]
    made = build(makefile="Makefile", programs=("demo",), image="mine").settings(origins)
    assert made == [
        ("toolchain", "make", "CMakeLists.txt"),
        ("builder", "mine", "pipeline.toml"),
        ("programs", "demo, tools/admin", "pipeline.toml"),
    ]
    assert build(makefile="Makefile").command(AMD64, Stamp()) == " ".join(MAKE)
