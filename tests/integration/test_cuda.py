"""CUDA for servers and Jetsons, by the command line: with NVIDIA's own files, on no GPU."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

from pipeline.jetpack import apt
from pipeline.scan import injected
from tests.integration.conftest import ROOT
from tests.integration.devicecode import device_code
from tests.integration.emulated import compare
from tests.integration.machines import why_none
from tests.integration.registries import elf_machine, needed

CUDA_APP = ROOT / "examples" / "cuda-app"
BOTH = "--platforms=linux/amd64,linux/arm64"
PROGRAM = "usr/local/bin/cuda-app"
NVJPEG = "usr/lib/aarch64-linux-gnu/libnvjpeg.so.13"
NO_DRIVER = "cuda-app: no GPU that can be used: CUDA driver version is insufficient"
NO_DEVICE = 77
SECONDS = 900


@pytest.fixture(scope="module")
def repositories(engine) -> str:
    """[cuda.apt] with where NVIDIA's packages are: "" where NVIDIA's own repositories answer."""
    if engine == "dagger":
        key = apt.cuda("24.04", "x86_64").key_url
        try:
            urllib.request.urlopen(key, timeout=5).close()  # noqa: S310 - NVIDIA's own, https
        except OSError:
            pytest.skip(
                "NVIDIA's repositories do not answer, and a Dagger engine's loopback is its own"
            )
        return ""
    program = Path(sys.executable).with_name("buildkit-engine")
    printed = subprocess.run(
        [program, "apt-repository"], capture_output=True, text=True, check=True, timeout=SECONDS
    ).stdout
    # strings of JSON are strings of TOML as well
    return "".join(
        "\n".join([f"\n[cuda.apt.{json.dumps(platform)}]", *(f"{k} = {json.dumps(v)}" for k, v in each.items()), ""])
        for platform, each in (json.loads(printed) if printed else {}).items()
    )  # fmt: skip


@pytest.fixture
def app(tmp_path, repositories) -> Path:
    """A copy of the example that a test may change."""
    return _copy(tmp_path, repositories)


@pytest.fixture
def unbuilt(tmp_path) -> Path:
    """Such a copy for what ends before anything is built: no packages are needed."""
    return _copy(tmp_path, "")


def _copy(folder: Path, repositories: str) -> Path:
    app = Path(shutil.copytree(CUDA_APP, folder / "app"))
    with (app / "pipeline.toml").open("a") as config:
        config.write(repositories)
    return app


@pytest.fixture(scope="module")
def published(call, registry, repositories, tmp_path_factory):
    """The example, tested, verified and published for both platforms."""
    app = _copy(tmp_path_factory.mktemp("cuda"), repositories)
    address = f"{registry.address}/cuda-app:latest"
    ran = call("publish", BOTH, f"--address={address}", source=app, timeout=SECONDS)
    assert ran.code == 0, ran.error
    return address


@pytest.mark.parametrize(
    ("platform", "machine", "sms"),
    [("linux/amd64", "EM_X86_64", {80, 90, 100, 120}), ("linux/arm64", "EM_AARCH64", {87, 110})],
)
def test_programs_are_for_their_platform_and_exactly_its_gpus(
    registry, published, platform, machine, sms
):
    files = registry.files(published, platform)
    _, program = files[PROGRAM]
    assert elf_machine(program) == machine
    assert device_code(program) == {("sass", sm) for sm in sms}
    # links are not among them: libstdc++.so.6 is one, to libstdc++.so.6.0.33
    names = [path.rpartition("/")[2] for path in files]
    for soname in needed(program):
        assert any(n.startswith(soname) for n in names) or injected.is_library(soname), soname


def test_the_image_for_jetsons_has_what_is_loaded_and_nothing_to_compile_with(registry, published):
    files = registry.files(published, "linux/arm64")
    assert NVJPEG in files
    assert elf_machine(files[NVJPEG][1]) == "EM_AARCH64"
    cuda = [
        path for path in files if re.search(r"cuda-|libcuda|/nv.*\.h$|cudart|\.cu$|cicc|nvcc", path)
    ]
    assert cuda == [PROGRAM]
    config = registry.config(published, "linux/arm64")["config"]
    assert {"NVIDIA_VISIBLE_DEVICES=all", "NVIDIA_DRIVER_CAPABILITIES=all"} <= set(config["Env"])
    assert config["User"] == "65532:65532"
    labels = {k: v for k, v in config["Labels"].items() if k.startswith("pipeline.")}
    assert labels == {
        "pipeline.cuda": "13.2",
        "pipeline.cuda.architectures": "87,110",
        "pipeline.jetpack": "7.2",
        "pipeline.l4t": "r39.2",
        "pipeline.l4t.runs-on": "the same L4T",
    }


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_the_image_is_a_small_part_of_what_compiled_it(
    call, app, registry, published, platform, record_property
):
    ran = call(
        # one file system: what lies in cache volumes is not part of the stage
        "build-stage", f"--platform={platform}", "with-exec", "--args=du,-sxB1,/", "stdout",
        source=app, timeout=SECONDS,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    stage = int(ran.out.split()[0])
    image = sum(len(data) for _, data in registry.files(published, platform).values())
    record_property("bytes", json.dumps({"stage": stage, "image": image}))
    print(f"{platform}: image {image / 1e6:.1f} MB, its build stage {stage / 1e6:.0f} MB")
    assert image < stage / 5


def test_on_a_machine_without_a_driver_the_program_says_so(call, app, published):
    ran = call(
        "build", "--platform=linux/amd64", "with-exec", f"--args=/{PROGRAM}", "stdout",
        source=app, timeout=SECONDS,
    )  # fmt: skip
    assert ran.code != 0
    assert NO_DRIVER in ran.error


@pytest.mark.skipif(
    shutil.which("qemu-aarch64-static") is None,
    reason="qemu-aarch64-static is not installed (apt-get install qemu-user-static)",
)
def test_the_program_for_jetsons_starts(call, app, published, tmp_path):
    root = tmp_path / "root"
    exported = call(
        "build", "--platform=linux/arm64", "rootfs", "export", f"--path={root}",
        source=app, timeout=SECONDS,
    )  # fmt: skip
    assert exported.code == 0, exported.error
    ran = subprocess.run(
        ["qemu-aarch64-static", "-L", root, root / PROGRAM],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (ran.returncode, NO_DRIVER in ran.stderr) == (NO_DEVICE, True), ran.stderr


def test_what_does_not_compile_is_told_in_the_compilers_words(call, app):
    kernel = app / "src" / "saxpy.cu"
    kernel.write_text(kernel.read_text().replace("device_x(count)", "device_x(cuont)"))
    ran = call("build", "--platform=linux/arm64", "sync", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert re.search(r'src/saxpy\.cu\(\d+\): error: identifier "cuont" is undefined', ran.error)


def test_a_key_with_another_fingerprint_is_not_trusted(call, app, repositories):
    if not repositories:
        pytest.skip("NVIDIA's own repositories are used, with their own keys")
    config = app / "pipeline.toml"
    text = config.read_text()
    [fingerprint] = set(re.findall(r'fingerprint = "(\w+)"', text))
    other = "0123456789ABCDEF" * 2 + "01234567"
    config.write_text(text.replace(fingerprint, other))
    ran = call("build-stage", "--platform=linux/arm64", "sync", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert f"its fingerprint is '{fingerprint}', expected '{other}'" in ran.error


def test_a_bare_file_is_a_program(call, repositories, tmp_path):
    (tmp_path / "add.cu").write_text(
        "#include <cstdio>\n__global__ void add(int *x) { *x += 1; }\n"
        "int main() { add<<<1, 1>>>(nullptr); std::puts(cudaGetErrorString(cudaGetLastError())); }\n"
    )
    (tmp_path / "pipeline.toml").write_text(
        f'[cuda]\njetpack = "r39.2"\nboard = "thor"\nlibraries = ["nvjpeg"]\n{repositories}'
    )
    out = tmp_path / "out"
    ran = call("artifacts", BOTH, "export", f"--path={out}", source=tmp_path, timeout=SECONDS)
    assert ran.code == 0, ran.error
    program = (out / "linux_arm64" / "add").read_bytes()
    assert (elf_machine(program), device_code(program)) == ("EM_AARCH64", {("sass", 110)})
    # a library that nothing calls is not loaded
    assert not any("nvjpeg" in soname for soname in needed(program))


def test_the_driver_is_linked_against_and_is_in_no_image(call, repositories, tmp_path):
    (tmp_path / "driver.cu").write_text("#include <cuda.h>\nint main() { return cuInit(0); }\n")
    (tmp_path / "pipeline.toml").write_text(
        f'[cuda]\njetpack = "7.2"\nflags = ["-lcuda"]\ncudart = "shared"\n{repositories}'
    )
    image = ("build", "--platform=linux/arm64")
    program = tmp_path / "out"
    for words in (
        ("verify", "--platforms=linux/arm64"),
        (*image, "file", "--path=/usr/local/bin/driver", "export", f"--path={program}"),
    ):
        ran = call(*words, source=tmp_path, timeout=SECONDS)
        assert ran.code == 0, ran.error
    assert {"libcuda.so.1", "libcudart.so.13"} <= needed(program.read_bytes())
    found = call(*image, "rootfs", "glob", "--pattern=**/libcuda*", source=tmp_path)
    assert found.out == "usr/lib/aarch64-linux-gnu/libcudart.so.13"


def test_others_build_on_both_stages(call, app, published):
    compiled = call(
        # other packages than the example's: they are unpacked again, from what was fetched before
        "cuda-stage", "--platform=linux/arm64", "--libraries=cudart", "with-new-file", "--path=/x.cu",
        "--contents=__global__ void x() {}\n",
        "with-exec", "--args=sh,-c,nvcc -ccbin $CUDAHOSTCXX -arch=sm_87 -c -o /x.o /x.cu && readelf -h /x.o",
        "stdout", source=app, timeout=SECONDS,
    )  # fmt: skip
    assert compiled.code == 0, compiled.error
    assert re.search(r"Machine:\s+AArch64", compiled.out)
    runtime = call(
        "jetson-runtime", "file", f"--path={NVJPEG}", "size", source=app, timeout=SECONDS
    )
    assert runtime.code == 0, runtime.error
    assert float(runtime.out) > 1_000_000


def test_the_plan_is_told_before_anything_is_built(call, unbuilt):
    ran = call("plan", BOTH, source=unbuilt)
    assert ran.code == 0, ran.error
    assert re.search(r"jetpack +7\.2 \(L4T r39\.2\) +pipeline\.toml", ran.out)
    assert re.search(r"compile linux/arm64 +linux/amd64 +cross +docker\.io/library/ubuntu:24\.04", ran.out)  # fmt: skip


def test_emulation_is_refused_where_the_engine_has_no_emulator(call, unbuilt):
    told = call("doctor", source=unbuilt).out
    if not re.search(r"^linux/arm64 +no ", told, re.MULTILINE):
        pytest.skip("this engine runs linux/arm64")
    config = unbuilt / "pipeline.toml"
    config.write_text(config.read_text().replace("[cuda]\n", '[cuda]\nstrategy = "emulate"\n', 1))
    plan = call("plan", "--platforms=linux/arm64", source=unbuilt)
    slow = "linux/arm64: compiled under emulation, as pipeline.toml asks: expect it to take"
    assert plan.code == 0, plan.error
    assert slow in plan.out
    assert re.search(r"compile linux/arm64 +linux/arm64 +emulated +docker\.io", plan.out)
    ran = call("build", "--platform=linux/arm64", "sync", source=unbuilt)
    assert ran.code != 0
    assert slow in ran.error
    assert ran.refusal.startswith(
        "linux/arm64 would be compiled under emulation, and this engine does not run it ("
    )


@pytest.mark.long
@pytest.mark.skipif(bool(why_none()), reason=why_none())
def test_emulation_gives_the_same_code_and_takes_a_multiple_of_the_time(
    call, app, published, tmp_path, record_property
):
    emulated = Path(shutil.copytree(app, tmp_path / "emulated"))
    config = emulated / "pipeline.toml"
    config.write_text(config.read_text().replace("[cuda]\n", '[cuda]\nstrategy = "emulate"\n', 1))
    made = compare(
        call, tmp_path, {"cross": app, "emulated": emulated},
        program="cuda-app", step=r"CUDAHOSTCXX=\S+ cmake -", record=record_property,
    )  # fmt: skip
    programs = {kind: each.program for kind, each in made.items()}
    assert device_code(programs["emulated"]) == device_code(programs["cross"])
    assert needed(programs["emulated"]) == needed(programs["cross"])
    assert made["emulated"].seconds > 2 * made["cross"].seconds


def test_jetpacks_lists_the_table(call):
    ran = call("jetpacks", source=CUDA_APP)
    assert ran.code == 0, ran.error
    assert re.search(r"^7\.2, 7\.2\.1, 7\.2\.2 +r39\.2 +orin, thor +87, 110 +24\.04 +13\.2", ran.out, re.MULTILINE)  # fmt: skip


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ('jetpack = "6.9"', "pipeline.toml: [cuda] jetpack '6.9' is not known (nearest: 6.2.3, 6.2.2, 6.2.1)"),
        ('jetpack = "7.2"\narchitectures = ["5.3"]', "pipeline.toml: [cuda] sm_53 cannot be compiled by CUDA 13.2"),
        ('jetpack = "7.2"\nstrategy = "native"', "[cuda] strategy 'native' compiles for linux/arm64 on linux/arm64 itself"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_any_work(call, unbuilt, change, message):
    config = unbuilt / "pipeline.toml"
    config.write_text(config.read_text().replace('jetpack = "7.2"', change, 1))
    started = time.monotonic()
    ran = call("build", "--platform=linux/arm64", "sync", source=unbuilt)
    assert ran.code != 0
    assert ran.refusal.startswith(message)
    # a Dagger engine builds the module before it is asked anything
    assert not call.embedded or time.monotonic() - started < 60
