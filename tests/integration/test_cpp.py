"""C and C++ by the command line: a CMake project with a library of Debian's, and makefiles."""

from __future__ import annotations

import itertools
import json
import re
import shlex
import shutil
import time
from pathlib import Path

import pytest

from pipeline import cmakecommands
from tests.integration.conftest import ROOT
from tests.integration.debian import skip_where_the_mirror_is_out_of_step
from tests.integration.emulated import compare, took
from tests.integration.emulators import started
from tests.integration.machines import why_none
from tests.integration.registries import elf_machine

CPP_APP = ROOT / "examples" / "cpp-app"
PROGRAM = "usr/local/bin/cpp-app"
PLATFORMS = [
    ("linux/amd64", "EM_X86_64", "x86_64-linux-gnu", "x86_64"),
    ("linux/arm64", "EM_AARCH64", "aarch64-linux-gnu", "aarch64"),
]
SECONDS = 900


def packs(root: Path, platform: str) -> None:
    """Asserts that the program of an image's root makes data small, and gives it back."""
    text = b"one two three " * 1000
    packed = started(root, platform, PROGRAM, given=text)
    assert 0 < len(packed.stdout) < 200, packed.stderr
    assert started(root, platform, PROGRAM, "-d", given=packed.stdout).stdout == text


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(CPP_APP, tmp_path / "app"))


@pytest.fixture(scope="module")
def published(call, registry):
    """The example, tested, verified and published for both platforms."""
    address = f"{registry.address}/cpp-app:1.2"
    flags = (f"--address={address}", "--version=1.2")
    ran = call("publish", *flags, source=CPP_APP, timeout=SECONDS)
    assert ran.code == 0, ran.error
    assert registry.platforms(address) == ["linux/amd64", "linux/arm64"]
    return address


@pytest.mark.parametrize(("platform", "machine", "triple", "_"), PLATFORMS)
def test_the_image_has_the_program_and_the_one_library_that_its_base_has_not(
    call, published, registry, platform, machine, triple, _
):
    files = registry.files(published, platform)
    library = f"usr/lib/{triple}/libz.so.1"
    assert {elf_machine(files[path][1]) for path in (PROGRAM, library)} == {machine}
    folder = f"usr/lib/{triple}"
    base = call(
        "runtime-stage", f"--platform={platform}", "rootfs", "directory", f"--path={folder}", "entries",
        source=CPP_APP, timeout=SECONDS,
    )  # fmt: skip
    there = {path.rpartition("/")[2] for path in files if path.startswith(f"{folder}/lib")}
    assert there - set(base.out.splitlines()) == {"libz.so.1"}, base.error
    assert not [path for path in files if re.search(r"\.(h|hpp|a|o)$|/cc1|pkgconfig", path)]


@pytest.mark.parametrize(("platform", "_", "_triple", "machine"), PLATFORMS)
def test_the_image_runs(call, published, tmp_path, platform, _, _triple, machine):
    root = tmp_path / "root"
    exported = call(
        "build", f"--platform={platform}", "rootfs", "export", f"--path={root}",
        source=CPP_APP, timeout=SECONDS,
    )  # fmt: skip
    assert exported.code == 0, exported.error
    told = started(root, platform, PROGRAM, "--version")
    version = rf"cpp-app 1\.0, zlib 1\.\S+, {machine}\n"
    assert re.fullmatch(version, told.stdout.decode()), told.stderr
    packs(root, platform)
    refused = started(root, platform, PROGRAM, "-d", given=b"no deflate")
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr.startswith(b"cpp-app: cannot expand: ")


@pytest.mark.long
def test_three_platforms_are_published_by_one_call_and_run(call, registry, repository, tmp_path):
    machines = {"linux/amd64": "EM_X86_64", "linux/arm64": "EM_AARCH64", "linux/arm/v7": "EM_ARM"}
    flags = (f"--platforms={','.join(machines)}", f"--address={repository}:1")
    ran = call("publish", *flags, source=CPP_APP, timeout=SECONDS)
    skip_where_the_mirror_is_out_of_step(ran)
    assert ran.code == 0, ran.error
    assert sorted(registry.platforms(f"{repository}:1")) == sorted(machines)
    for platform, machine in machines.items():
        root = registry.root(f"{repository}:1", platform, tmp_path / machine)
        assert elf_machine((root / PROGRAM).read_bytes()) == machine
        packs(root, platform)


@pytest.mark.long
def test_an_unchanged_source_compiles_nothing_and_an_edit_only_what_is_edited(
    call, app, record_property
):
    if not call.embedded:
        pytest.skip("what was compiled is read from the embedded engine's progress")
    seconds = {}

    def build(kind: str) -> str:
        begun = time.monotonic()
        ran = call("artifacts", "--platforms=linux/arm64", "sync", source=app, timeout=SECONDS)
        seconds[kind] = round(time.monotonic() - begun, 1)
        assert ran.code == 0, ran.error
        return ran.error

    def edit(*names: str) -> None:
        for name in names:
            with (app / "src" / name).open("a") as file:
                file.write(f"static const int edited_{time.time_ns()} = 0;\n")

    def ccache() -> dict[str, int]:
        """What ccache has counted: what it found, and what it had to compile."""
        ran = call(
            "build-stage", "--platform=linux/arm64",
            "with-env-variable", "--name=NOW", f"--value={time.time()}",
            "with-exec", "--args=ccache,--print-stats", "stdout", source=app, timeout=SECONDS,
        )  # fmt: skip
        assert ran.code == 0, ran.error
        count = dict(line.split("\t") for line in ran.out.splitlines())
        found = int(count["direct_cache_hit"]) + int(count["preprocessed_cache_hit"])
        return {"found": found, "compiled": int(count["cache_miss"])}

    build("first")
    assert "Building CXX object" not in build("unchanged")
    counts = [ccache()]
    # CMake itself compiles something whenever it configures: the one edit is seen beside the other
    for kind, names in (("edited", ("main.cpp",)), ("both", ("main.cpp", "packing.cpp"))):
        edit(*names)
        assert "Building CXX object" in build(kind)
        counts.append(ccache())
    one, both = ({k: b[k] - a[k] for k in a} for a, b in itertools.pairwise(counts))
    assert both == {"found": one["found"] - 1, "compiled": one["compiled"] + 1}
    record_property("seconds", json.dumps(seconds))
    print("seconds of a call:", seconds)


DOCKERFILE = """\
FROM {image} AS build
USER 0
# alternatives are made by scripts of packages, which have not run
ENV CC=gcc CXX=g++
COPY . /src
WORKDIR /build
RUN {configure}
RUN {build}

FROM scratch AS artifacts
COPY --from=build /build/cpp-app /
"""


@pytest.mark.long
@pytest.mark.skipif(bool(why_none()), reason=why_none())
def test_compiling_under_emulation_takes_a_multiple_of_the_time(
    call, app, repository, tmp_path, record_property
):
    """The same commands, under QEMU in an image of the platform that has the same packages."""
    emulated = Path(shutil.copytree(app, tmp_path / "emulated"))
    config = emulated / "pipeline.toml"
    packages = ["g++", "cmake", "ninja-build", "zlib1g-dev"]
    config.write_text(
        f'[runtime]\nbase = "docker.io/library/debian:bookworm-slim"\npackages = {json.dumps(packages)}\n'
    )
    image = f"{repository}:compilers"
    ran = call(
        "runtime-stage", "--platform=linux/arm64", "publish", f"--address={image}",
        source=emulated, timeout=SECONDS,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    configure, build = (shlex.join(words) for words in cmakecommands.build("/src", "/build"))
    (emulated / "Dockerfile").write_text(
        DOCKERFILE.format(image=image, configure=configure, build=build)
    )
    config.write_text('toolchain = "dockerfile"\n[dockerfile]\nartifacts_target = "artifacts"\n')
    made = compare(
        call, tmp_path, {"cross": app, "emulated": emulated},
        program="cpp-app", step="Building CXX object", record=record_property,
    )  # fmt: skip
    configuring = {
        kind: took(each.said, "Build files have been written") for kind, each in made.items()
    }
    print("seconds to configure:", configuring)
    assert made["emulated"].seconds > 2 * made["cross"].seconds


def test_what_does_not_compile_is_told_in_the_compilers_words(call, app):
    main = app / "src" / "main.cpp"
    main.write_text(main.read_text().replace("packing::expand(input)", "packing::expnad(input)"))
    ran = call("build", "--platform=linux/arm64", "sync", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert re.search(r"src/main\.cpp:\d+:\d+: error: .expnad. is not a member of .packing", ran.error)  # fmt: skip


def test_tests_that_fail_keep_the_image_from_the_registry(call, app, repository, registry):
    test = app / "tests" / "packing.cpp"
    test.write_text(test.read_text().replace("packed.size() < 200", "packed.size() < 2"))
    ran = call("publish", f"--address={repository}:1", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert "failed: what repeats itself is made small" in ran.error


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('packages = ["zlib1g-dev", "libnosuch-dev"]',
         "[cmake] packages: no package 'libnosuch-dev' for linux/arm64 ('arm64' to apt) in the sources of Debian"),
        ('packages = ["zlib1g-dev"]\nprograms = ["cpp-ap"]',
         "No program 'cpp-ap' was built, but: cpp-app. Name those that the image shall have in [cmake] programs"),
    ],
)  # fmt: skip
def test_what_is_not_there_is_told_with_the_setting_that_names_it(call, app, change, message):
    config = app / "pipeline.toml"
    config.write_text(config.read_text().replace('packages = ["zlib1g-dev"]', change))
    ran = call("artifacts", "--platforms=linux/arm64", "sync", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert message in ran.error


def makefile_project(folder: Path, compiler: str) -> Path:
    (folder / "hello.c").write_text('#include <stdio.h>\nint main(void) { return puts("hello") < 0; }\n')  # fmt: skip
    (folder / "Makefile").write_text(
        f"CC = gcc\nbin/hello: hello.c\n\tmkdir -p bin\n\t{compiler} -o $@ $<\n\ncheck:\n\t./bin/hello\n"
    )
    (folder / "pipeline.toml").write_text('[cmake]\nprograms = ["bin/hello"]\n')
    return folder


def test_a_makefile_that_takes_its_compiler_is_cross_compiled(call, tmp_path):
    source, root = makefile_project(tmp_path, "$(CC)"), tmp_path / "root"
    tested = call("test", source=source, timeout=SECONDS)
    assert "hello" in tested.out.splitlines(), tested.error
    ran = call(
        "build", "--platform=linux/arm64", "rootfs", "export", f"--path={root}",
        source=source, timeout=SECONDS,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    assert elf_machine((root / "usr/local/bin/hello").read_bytes()) == "EM_AARCH64"
    assert started(root, "linux/arm64", "usr/local/bin/hello").stdout == b"hello\n"


def test_a_makefile_that_ignores_its_compiler_is_found_out(call, tmp_path):
    source = makefile_project(tmp_path, "gcc")
    ran = call("artifacts", "--platforms=linux/arm64", "sync", source=source, timeout=SECONDS)
    assert ran.code != 0
    assert (
        "Program 'bin/hello' was built for 'ELF64 Advanced Micro Devices X86-64', not for 'ELF64 AArch64': "
        "the makefile ignores CC and CXX; let its rules call $(CC) and $(CXX)"
    ) in ran.error
