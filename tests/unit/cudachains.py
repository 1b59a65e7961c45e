"""What is expected of containers with CUDA: every line of JetPack, written out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import dagger
import pytest
from dagger import dag

from pipeline import cudastages, platforms
from pipeline.cuda_options import CudaOptions
from pipeline.cudastages import CudaStages

AMD64, ARM64 = platforms.parse("linux/amd64"), platforms.parse("linux/arm64")
STEPS = Path(cudastages.__file__).with_name("steps")
JETSON_KEY = "3C6D1FF3100C8C3ABB0869C0E6543461A9996195"
CUDA_KEY = "EB693B3035CD5710E231E123A4B469963BF863CC"
JETSON_URL = "https://repo.download.nvidia.com/jetson"
CUDA_URL = "https://developer.download.nvidia.com/compute/cuda/repos"
TOOLS = ["ca-certificates", "cmake", "gpg", "make", "ninja-build", "pkg-config"]
DEVICE = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "all"}
MOUNTED = {**DEVICE, "NVIDIA_REQUIRE_JETPACK": "csv-mounts=all"}
OLD_DEV = [
    "cuda-compiler-10-2", "cuda-nvcc-10-2", "cuda-cudart-dev-10-2", "cuda-driver-dev-10-2",
    "cuda-misc-headers-10-2", "libcublas-dev",
]  # fmt: skip
NEWER_10_2_DEV = ["cuda-nvcc-10-2", "cuda-cudart-dev-10-2", "libcublas-dev"]


def dev(version: str) -> list[str]:
    return [f"cuda-nvcc-{version}", f"cuda-cudart-dev-{version}", f"libcublas-dev-{version}"]


@dataclass(frozen=True)
class Line:
    """A line of JetPack, as it has to be."""

    jetpack: str
    suite: str
    cuda: str
    ubuntu: str
    sms: tuple[int, ...]
    server_sms: tuple[int, ...]
    packages: list[str]
    final: str
    runs_on: str
    target: str = "aarch64-linux"
    env: tuple[tuple[str, str], ...] = tuple(DEVICE.items())

    @property
    def nvcc(self) -> bool:
        """Whether nvcc for the builder comes by apt: JetPack 4's is in its image."""
        return self.cuda != "10.2"

    @property
    def builder(self) -> str:
        if self.nvcc:
            return f"docker.io/library/ubuntu:{self.ubuntu}"
        return "docker.io/nvidia/cuda:10.2-devel-ubuntu18.04"


def jetpack4(jetpack: str, suite: str, tag: str, packages: list[str], runs_on: str) -> Line:
    return Line(
        jetpack, suite, "10.2", "18.04", (53, 62, 72), (75,), packages,
        f"nvcr.io/nvidia/l4t-base:{tag}", runs_on, env=tuple(MOUNTED.items()),
    )  # fmt: skip


def jetpack5(jetpack: str, suite: str, runs_on: str = "any r35") -> Line:
    final = "docker.io/library/ubuntu:20.04"
    return Line(jetpack, suite, "11.4", "20.04", (72, 87), (80,), dev("11-4"), final, runs_on)


def jetpack6(jetpack: str, suite: str, cuda: str, runs_on: str) -> Line:
    packages, final = dev(cuda.replace(".", "-")), "docker.io/library/ubuntu:22.04"
    return Line(jetpack, suite, cuda, "22.04", (87,), (80, 90), packages, final, runs_on)


def jetpack7(jetpack: str, suite: str, cuda: str, sms: tuple[int, ...]) -> Line:
    return Line(
        jetpack, suite, cuda, "24.04", sms, (80, 90, 100, 120), dev(cuda.replace(".", "-")),
        "docker.io/library/ubuntu:24.04", "the same L4T", target="sbsa-linux",
    )  # fmt: skip


LINES = [
    jetpack4("4.4.1", "r32.4", "r32.4.4", OLD_DEV, "the same L4T"),
    jetpack4("4.5.1", "r32.5", "r32.5.0", OLD_DEV, "the same L4T"),
    jetpack4("4.6", "r32.6", "r32.6.1", NEWER_10_2_DEV, "the same L4T"),
    jetpack4("4.6.6", "r32.7", "r32.7.1", NEWER_10_2_DEV, "any r32.7"),
    jetpack5("5.0.1-dp", "r34.1", "any r34"),
    jetpack5("5.0.2", "r35.1"),
    jetpack5("5.1", "r35.2"),
    jetpack5("5.1.1", "r35.3"),
    jetpack5("5.1.2", "r35.4"),
    jetpack5("5.1.3", "r35.5"),
    jetpack5("5.1.7", "r35.6"),
    jetpack6("6.0-dp", "r36.2", "12.2", "r36.2 and r36.3"),
    jetpack6("6.0", "r36.3", "12.2", "r36.2 and r36.3"),
    jetpack6("6.2", "r36.4", "12.6", "r36.4 and later r36"),
    jetpack6("6.2.3", "r36.5", "12.6", "r36.4 and later r36"),
    jetpack7("7.0", "r38.2", "13.0", (110,)),
    jetpack7("7.1", "r38.4", "13.0", (110,)),
    jetpack7("7.2.2", "r39.2", "13.2", (87, 110)),
]
every_line = pytest.mark.parametrize("line", LINES, ids=lambda line: line.jetpack)


def stages(jetpack: str, host: str = "linux/amd64", **options: object) -> CudaStages:
    asked = CudaOptions(jetpack=jetpack, **options)  # type: ignore[arg-type]
    return CudaStages(dag.directory(), platforms.parse(host), asked, asked.target())


def step(container: dagger.Container, name: str) -> dagger.Container:
    text = (STEPS / name).read_text()
    return container.with_new_file(f"/opt/pipeline/{name}", text, permissions=0o755)


CMAKE = "https://cmake.org/files/v3.29/cmake-3.29.4-linux"
CMAKES = {
    "linux/amd64": (
        f"{CMAKE}-x86_64.tar.gz",
        "sha256:64e5473169dd43055fbf2c138cae6e5ec10f30a0606d24f12078e68466320cf4",
    ),
    "linux/arm64": (
        f"{CMAKE}-aarch64.tar.gz",
        "sha256:9210619e7907b14858178743d5b7ba70ce846d98a6a65bcdbd83c08b932ba6a5",
    ),
}


def with_cmake(stage: dagger.Container, platform: str) -> dagger.Container:
    url, checksum = CMAKES[platform]
    return (
        stage.with_directory("/opt/cmake", dag.directory())
        .with_mounted_file("/opt/cmake.tar.gz", dag.http(url, checksum=checksum))
        .with_exec(["tar", "-xzf", "/opt/cmake.tar.gz", "-C", "/opt/cmake", "--strip-components=1"])
        .without_mount("/opt/cmake.tar.gz")
    )


def tools(image: str, platform: str, debian: str, ubuntu: str) -> dagger.Container:
    """The image with the compilers of its own Ubuntu, before CUDA."""
    archives = dag.cache_volume(f"pipeline-cuda-apt-{debian}-{ubuntu}")
    stage = dag.container(platform=dagger.Platform(platform)).from_(image)
    stage = (
        step(stage, "apt-install")
        .with_user("root")
        .with_env_variable("DEBIAN_FRONTEND", "noninteractive")
        .with_new_file(
            "/etc/apt/apt.conf.d/99pipeline",
            'Dir::Cache::archives "/var/cache/apt/pipeline/";\nAPT::Install-Recommends "false";\n',
        )
        .with_mounted_cache(
            "/var/cache/apt/pipeline", archives, sharing=dagger.CacheSharingMode.LOCKED
        )
        .with_exec(["find", "/etc/apt/sources.list.d", "(", "-name", "*nvidia*", "-o", "-name", "cuda*", ")", "-delete"])
        .with_exec(["/opt/pipeline/apt-install", *TOOLS])
    )  # fmt: skip
    # Ubuntu's own of these does not know CMAKE_CUDA_ARCHITECTURES
    return with_cmake(stage, platform) if ubuntu in ("18.04", "20.04") else stage


def trusted(stage: dagger.Container, name: str, key: str, fingerprint: str) -> dagger.Container:
    return (
        step(stage, "apt-trust")
        .with_file(f"/opt/pipeline/{name}.key", dag.http(key))
        .with_exec(
            ["/opt/pipeline/apt-trust", f"/opt/pipeline/{name}.key", fingerprint, f"/usr/share/keyrings/{name}.gpg", key]
        )
    )  # fmt: skip


def with_source(
    stage: dagger.Container, key: str, fingerprint: str, source: str
) -> dagger.Container:
    return trusted(stage, "cuda", key, fingerprint).with_new_file(
        "/etc/apt/sources.list.d/cuda.list", source
    )


def installed(stage: dagger.Container, *packages: str) -> dagger.Container:
    return stage.with_exec(["/opt/pipeline/apt-install", *packages])


def builder(line: Line) -> dagger.Container:
    """What all platforms are compiled with on amd64: one beginning for them together."""
    stage = tools(line.builder, "linux/amd64", "amd64", line.ubuntu)
    if not line.nvcc:
        return stage
    url = f"{CUDA_URL}/ubuntu{line.ubuntu.replace('.', '')}/x86_64"
    source = f"deb [arch=amd64 signed-by=/usr/share/keyrings/cuda.gpg] {url} /\n"
    stage = with_source(stage, f"{url}/3bf863cc.pub", CUDA_KEY, source)
    return installed(stage, line.packages[0])


def jetson_source(line: Line, keyring: str) -> str:
    options = f"[arch=arm64 signed-by=/usr/share/keyrings/{keyring}.gpg]"
    return f"deb {options} {JETSON_URL}/common {line.suite} main\n"


def with_target(stage: dagger.Container, line: Line) -> dagger.Container:
    """The device's own packages, unpacked beside the builder's."""
    key = f"{JETSON_URL}/jetson-ota-public.asc"
    root = f"/usr/local/cuda-{line.cuda}/targets"
    folder = f"{root}/{line.target}"
    downloads = dag.cache_volume(f"pipeline-cuda-target-{line.suite}")
    stage = step(trusted(stage, "target", key, JETSON_KEY), "apt-unpack")
    stage = (
        stage.with_new_file("/opt/pipeline/target.list", jetson_source(line, "target"))
        .with_mounted_cache(
            "/var/cache/pipeline/downloads", downloads, sharing=dagger.CacheSharingMode.LOCKED
        )
        .with_exec(
            ["/opt/pipeline/apt-unpack", "/opt/pipeline/target.list", "arm64", "/var/cache/pipeline/downloads",
             f"{folder}:/usr/include:/usr/lib/aarch64-linux-gnu", *line.packages]
        )
        .without_mount("/var/cache/pipeline/downloads")
    )  # fmt: skip
    stage = step(stage, "link-development").with_exec(
        ["/opt/pipeline/link-development", f"{folder}/lib", "/usr/lib/aarch64-linux-gnu", "/usr/include/aarch64-linux-gnu"]
    )  # fmt: skip
    if line.target == "sbsa-linux":
        stage = stage.with_exec(["ln", "-sfn", folder, f"{root}/aarch64-linux"])
    return stage


def finished(stage: dagger.Container, line: Line, text: str, cxx: str) -> dagger.Container:
    root = f"/usr/local/cuda-{line.cuda}"
    cmake = "/opt/cmake/bin:" if line.ubuntu in ("18.04", "20.04") else ""
    return (
        stage.with_new_file("/opt/pipeline/toolchain.cmake", text)
        .with_env_variable("PATH", f"{cmake}{root}/bin:${{PATH}}", expand=True)
        .with_env_variable("CUDACXX", f"{root}/bin/nvcc")
        .with_env_variable("CUDAHOSTCXX", cxx)
        .with_env_variable("CMAKE_TOOLCHAIN_FILE", "/opt/pipeline/toolchain.cmake")
    )


def toolchain_file(line: Line, prefix: str, sms: tuple[int, ...], folder: str) -> str:
    """CMake's, written out; with a prefix it is that of a cross build."""
    root = f"/usr/local/cuda-{line.cuda}"
    target = f"{root}/targets/{folder}"
    system = (
        'set(CMAKE_SYSTEM_NAME "Linux")\n'
        'set(CMAKE_SYSTEM_PROCESSOR "aarch64")\n'
        'set(CMAKE_LIBRARY_PATH "/usr/aarch64-linux-gnu/lib")\n'
    )
    flags = f"-I{target}/include -L{target}/lib -L{target}/lib/stubs"
    reals = ";".join(f"{sm}-real" for sm in sms)
    generated = " ".join(f"-gencode=arch=compute_{sm},code=sm_{sm}" for sm in sms)
    return (
        f"{system if prefix else ''}"
        f'set(CMAKE_C_COMPILER "{prefix}gcc")\n'
        f'set(CMAKE_CXX_COMPILER "{prefix}g++")\n'
        f'set(CMAKE_CUDA_COMPILER "{root}/bin/nvcc")\n'
        f'set(CMAKE_CUDA_HOST_COMPILER "{prefix}g++")\n'
        f'set(CMAKE_CUDA_ARCHITECTURES "{reals}")\n'
        'set(CMAKE_CUDA_RUNTIME_LIBRARY "Static")\n'
        f'set(CMAKE_CUDA_FLAGS_INIT "{flags if prefix else ""}")\n'
        f'set(CMAKE_EXE_LINKER_FLAGS_INIT "-Wl,-rpath-link,{target}/lib")\n'
        "if(CMAKE_VERSION VERSION_LESS 3.18)\n"
        f'  string(APPEND CMAKE_CUDA_FLAGS_INIT " {generated} -cudart static")\n'
        "endif()\n"
    )
