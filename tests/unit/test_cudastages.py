"""Containers with CUDA for every line of JetPack, compared by equality with what is written out."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

from pipeline import platforms
from pipeline.errors import ConfigError, PlatformError
from pipeline.toolchain import Builder, Runtime
from tests.unit.cudachains import (
    AMD64,
    ARM64,
    CUDA_KEY,
    JETSON_KEY,
    JETSON_URL,
    LINES,
    builder,
    every_line,
    finished,
    installed,
    jetson_source,
    stages,
    step,
    toolchain_file,
    tools,
    with_source,
    with_target,
)


@every_line
def test_a_jetson_is_cross_compiled_for_on_amd64(line):
    asked = stages(line.jetpack, libraries=("cublas",))
    stage = installed(builder(line), "g++-aarch64-linux-gnu")
    text = toolchain_file(line, "aarch64-linux-gnu-", line.sms, line.target)
    expected = finished(with_target(stage, line), line, text, "aarch64-linux-gnu-g++")
    assert asked.stage(ARM64) == expected
    assert asked.builder(ARM64) == Builder(line.builder, AMD64, "[cuda] image")


@every_line
@pytest.mark.parametrize(
    ("host", "strategy"),
    [("linux/arm64", None), ("linux/arm64", "native"), ("linux/amd64", "emulate")],
)
def test_a_jetson_is_compiled_for_on_its_own_platform(line, host, strategy):
    asked = stages(line.jetpack, host, libraries=("cublas",), strategy=strategy)
    stage = tools(line.final, "linux/arm64", "arm64", line.ubuntu)
    key = f"{JETSON_URL}/jetson-ota-public.asc"
    stage = with_source(stage, key, JETSON_KEY, jetson_source(line, "cuda"))
    stage = installed(stage, "g++", *line.packages)
    text = toolchain_file(line, "", line.sms, line.target)
    assert asked.stage(ARM64) == finished(stage, line, text, "g++")
    assert asked.builder(ARM64) == Builder(line.final, ARM64, "[cuda] image")


@every_line
def test_servers_get_the_same_cuda(line):
    asked = stages(line.jetpack, libraries=("cublas",))
    stage = installed(builder(line), "g++", *(line.packages if line.nvcc else []))
    text = toolchain_file(line, "", line.server_sms, "x86_64-linux")
    assert asked.stage(AMD64) == finished(stage, line, text, "g++")


@every_line
def test_final_stages_are_slim_and_say_what_they_are_for(line):
    asked = stages(line.jetpack)
    of_cuda = {"pipeline.cuda": line.cuda}
    assert asked.runtime(ARM64) == Runtime(
        line.final,
        dict(line.env),
        {
            **of_cuda,
            "pipeline.cuda.architectures": ",".join(map(str, line.sms)),
            "pipeline.jetpack": line.jetpack,
            "pipeline.l4t": line.suite,
            "pipeline.l4t.runs-on": line.runs_on,
        },
    )
    assert asked.runtime(AMD64) == Runtime(
        f"docker.io/library/ubuntu:{line.ubuntu}",
        {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "compute,utility"},
        {**of_cuda, "pipeline.cuda.architectures": ",".join(map(str, line.server_sms))},
    )


def test_every_line_of_the_table_is_written_out_here():
    from pipeline.jetpack import RELEASES

    assert [line.suite for line in LINES] == [release.suite for release in RELEASES]


def test_libraries_that_a_jetson_4_mounts_are_left_out_of_its_image():
    stage = dag.container()
    sonames = [
        "libcudart.so.10.2", "libcublas.so.10", "libcublasLt.so.10", "libnvblas.so.10",
        "libcufft.so.10", "libcufftw.so.10", "libcurand.so.10", "libcusolver.so.10",
        "libcusolverMg.so.10", "libcusparse.so.10",
    ]  # fmt: skip
    asked = stages("4.6.6")
    base = dag.container(platform=dagger.Platform("linux/arm64")).from_("base").rootfs()
    taken = asked.libraries(stage, ARM64, base, "/out", "/build")
    device = [
        soname for library in asked.target.release.toolkit.libraries for soname in library.sonames
    ]
    assert device[: len(sonames)] == sonames
    assert taken == (
        step(stage, "take-libraries")
        .with_mounted_directory("/base", base)
        .with_exec(
            ["/opt/pipeline/take-libraries", "/out", "/out/libraries/usr/lib/aarch64-linux-gnu", "/base", " ".join(device),
             "/build:/usr/local/cuda-10.2/targets/aarch64-linux/lib:/usr/lib/aarch64-linux-gnu:/lib/aarch64-linux-gnu:/usr/aarch64-linux-gnu/lib", "families"]
        )
        .directory("/out/libraries")
    )  # fmt: skip


@pytest.mark.parametrize("host", ["linux/amd64", "linux/arm64"])
def test_libraries_of_newer_jetsons_go_into_the_image(host):
    stage = dag.container()
    base = dag.container(platform=dagger.Platform("linux/arm64")).from_("base").rootfs()
    assert stages("6.2", host).libraries(stage, ARM64, base, "/out") == (
        step(stage, "take-libraries")
        .with_mounted_directory("/base", base)
        .with_exec(
            ["/opt/pipeline/take-libraries", "/out", "/out/libraries/usr/lib/aarch64-linux-gnu", "/base", "",
             "/usr/local/cuda-12.6/targets/aarch64-linux/lib:/usr/lib/aarch64-linux-gnu:/lib/aarch64-linux-gnu:/usr/aarch64-linux-gnu/lib",
             "families"]
        )
        .directory("/out/libraries")
    )  # fmt: skip


def test_a_runtime_to_build_on_has_the_libraries_that_are_named():
    asked = stages("6.2", libraries=("cufft",))
    final = "docker.io/library/ubuntu:22.04"
    expected = (
        dag.container(platform=dagger.Platform("linux/arm64"))
        .from_(final)
        .with_env_variable("NVIDIA_VISIBLE_DEVICES", "all")
        .with_env_variable("NVIDIA_DRIVER_CAPABILITIES", "all")
        .with_label("pipeline.cuda", "12.6")
        .with_label("pipeline.cuda.architectures", "87")
        .with_label("pipeline.jetpack", "6.2")
        .with_label("pipeline.l4t", "r36.4")
        .with_label("pipeline.l4t.runs-on", "r36.4 and later r36")
    )
    assert stages("6.2").runtime_stage(ARM64) == expected
    wanted = "libcufft.so.11 libcufftw.so.11"
    taken = asked.libraries(asked.stage(ARM64), ARM64, expected.rootfs(), wanted)
    assert asked.runtime_stage(ARM64) == expected.with_directory("/", taken.with_timestamps(0))


def test_every_image_can_be_another():
    assert stages("6.2", image="mine").builder(ARM64).image == "mine"
    by_platform = stages("6.2", image={"linux/aarch64": "mine", "linux/amd64": "theirs"})
    assert [by_platform.builder(spec).image for spec in (ARM64, AMD64)] == ["mine", "theirs"]


def test_a_mirror_takes_the_place_of_nvidias_hosts_and_keeps_its_keys():
    asked = stages("6.2", mirror="https://mirror.example.com/nvidia/")
    cuda, jetson = asked._source(AMD64), asked._source(ARM64)
    assert cuda
    assert jetson
    assert (jetson.url, jetson.fingerprint) == (
        "https://mirror.example.com/nvidia/jetson/common",
        JETSON_KEY,
    )
    assert (cuda.key_url, cuda.fingerprint) == (
        "https://mirror.example.com/nvidia/compute/cuda/repos/ubuntu2204/x86_64/3bf863cc.pub",
        CUDA_KEY,
    )


def test_a_repository_of_ones_own_takes_the_place_of_nvidias():
    own = {
        "url": "https://apt.example.com/jetson",
        "suite": "r36.4",
        "component": "main",
        "key": "keys/ours.asc",
        "fingerprint": "0123456789abcdef0123 456789abcdef01234567",
    }
    asked = stages("6.2", apt={"linux/arm64": own}, mirror="https://mirror.example.com")
    source = asked._source(ARM64)
    assert source
    assert source.line("k") == (
        "deb [arch=arm64 signed-by=k] https://apt.example.com/jetson r36.4 main"
    )
    assert source.fingerprint == "0123456789ABCDEF0123456789ABCDEF01234567"
    assert asked._key(source) == dag.directory().file("keys/ours.asc")


@pytest.mark.parametrize(
    ("host", "platform", "options", "error", "message"),
    [
        ("linux/amd64", "linux/arm/v7", {}, PlatformError,
         "linux/arm/v7 has no CUDA: expected linux/amd64 or linux/arm64"),
        ("linux/amd64", "linux/arm64", {"strategy": "native"}, PlatformError,
         "[cuda] strategy 'native' compiles for linux/arm64 on linux/arm64 itself, and this engine's platform is "
         "linux/amd64: expected 'cross' or 'emulate', or an engine on linux/arm64"),
        ("linux/arm64", "linux/amd64", {}, PlatformError,
         "[cuda] linux/amd64 cannot be cross-compiled on linux/arm64: NVIDIA has no such compiler: expected strategy "
         "'emulate', an engine on linux/amd64, or linux/arm64 alone"),
        ("linux/amd64", "linux/arm64", {"image": {"linux/amd64": "x"}}, ConfigError,
         "[cuda] image has none for linux/arm64, only for linux/amd64: add one"),
    ],
)  # fmt: skip
def test_what_cannot_be_compiled_is_refused(host, platform, options, error, message):
    with pytest.raises(error) as raised:
        stages("6.2", host, **options).builder(platforms.parse(platform))
    assert str(raised.value) == message


def test_emulation_of_servers_on_an_arm64_host_is_possible():
    asked = stages("6.2", "linux/arm64", strategy="emulate")
    assert asked.builder(AMD64) == Builder("docker.io/library/ubuntu:22.04", AMD64, "[cuda] image")


def test_what_nvcc_is_told_names_the_target_and_only_what_is_linked_stays():
    folder = "/usr/local/cuda-12.6/targets/aarch64-linux"
    flags = stages("6.2", libraries=("cufft", "cudart"), cudart="shared", flags=("-lineinfo",))
    assert flags.nvcc_flags(ARM64) == [
        "-ccbin", "aarch64-linux-gnu-g++", "-gencode=arch=compute_87,code=sm_87", "-cudart", "shared",
        f"-I{folder}/include", f"-L{folder}/lib", f"-L{folder}/lib/stubs",
        "-Xlinker", f"-rpath-link={folder}/lib", "-Xlinker", "--as-needed", "-lineinfo", "-lcufft", "-lcufftw",
    ]  # fmt: skip
    assert stages("6.2").nvcc_flags(AMD64) == [
        "-ccbin", "g++", "-gencode=arch=compute_80,code=sm_80", "-gencode=arch=compute_90,code=sm_90",
        "-cudart", "static", "-Xlinker", "-rpath-link=/usr/local/cuda-12.6/targets/x86_64-linux/lib",
        "-Xlinker", "--as-needed",
    ]  # fmt: skip
