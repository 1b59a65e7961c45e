"""The table of JetPack against a second, written-out one."""

from __future__ import annotations

import pytest

from pipeline import jetpack

JP4 = ("nano tx2 xavier", "53 62 72", "18.04 bionic 2.27 7.5")
JP5 = ("xavier orin", "72 87", "20.04 focal 2.31 9.4")
JP6 = ("orin", "87", "22.04 jammy 2.35 11.4")
JP7 = "24.04 noble 2.39 13.3"
L4T, SBSA = "aarch64-linux", "sbsa-linux"

# suite, JetPacks, boards, sm, Ubuntu with its glibc and gcc, CUDA, cuDNN, TensorRT, target
TABLE = [
    ("r32.4", "4.4-dp 4.4 4.4.1", *JP4, "10.2.89", "8.0", "7.1.3", L4T),
    ("r32.5", "4.5 4.5.1", *JP4, "10.2.89", "8.0", "7.1.3", L4T),
    ("r32.6", "4.6", *JP4, "10.2.300", "8.2.1", "8.0.1", L4T),
    ("r32.7", "4.6.1 4.6.2 4.6.3 4.6.4 4.6.5 4.6.6", *JP4, "10.2.300", "8.2.1", "8.2.1", L4T),
    ("r34.1", "5.0-dp 5.0.1-dp", *JP5, "11.4.315", "8.3.2", "8.4", L4T),
    ("r35.1", "5.0.2", *JP5, "11.4.315", "8.4.1", "8.4.1", L4T),
    ("r35.2", "5.1", *JP5, "11.4.315", "8.6.0", "8.5.2", L4T),
    ("r35.3", "5.1.1", *JP5, "11.4.315", "8.6.0", "8.5.2", L4T),
    ("r35.4", "5.1.2", *JP5, "11.4.315", "8.6.0", "8.5.2", L4T),
    ("r35.5", "5.1.3", *JP5, "11.4.315", "8.6.0", "8.5.2", L4T),
    ("r35.6", "5.1.4 5.1.5 5.1.6 5.1.7", *JP5, "11.4.315", "8.6.0", "8.5.2", L4T),
    ("r36.2", "6.0-dp", *JP6, "12.2", "8.9.4", "8.6.2", L4T),
    ("r36.3", "6.0", *JP6, "12.2", "8.9.4", "8.6.2", L4T),
    ("r36.4", "6.1 6.2 6.2.1", *JP6, "12.6.68", "9.3.0.75", "10.3.0.30", L4T),
    ("r36.5", "6.2.2 6.2.3", *JP6, "12.6.68", "9.3", "10.3", L4T),
    ("r38.2", "7.0", "thor", "110", JP7, "13.0.48", "9.12", "10.13", SBSA),
    ("r38.4", "7.1", "thor", "110", JP7, "13.0.48", "9.12", "10.13", SBSA),
    ("r39.2", "7.2 7.2.1 7.2.2", "orin thor", "87 110", JP7, "13.2.78", "9.20.0.46", "10.16.2.10", SBSA),
]  # fmt: skip
SUITES = [row[0] for row in TABLE]

# suite, l4t-…, what a final stage starts from, with CUDA, to compile CUDA, with all, for amd64
IMAGES = [
    ("r32.4", "nvcr.io/nvidia/l4t-base:r32.4.4", "", "", "", ""),
    ("r32.5", "nvcr.io/nvidia/l4t-base:r32.5.0", "", "", "", ""),
    ("r32.6", "nvcr.io/nvidia/l4t-base:r32.6.1", "", "", "", ""),
    ("r32.7", "nvcr.io/nvidia/l4t-base:r32.7.1", "", "", "", ""),
    ("r34.1", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "", ""),
    ("r35.1", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "r35.1.0", "5.0.2"),
    ("r35.2", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "r35.2.1", ""),
    ("r35.3", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "", "5.1.1"),
    ("r35.4", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "r35.4.1", "5.1.2"),
    ("r35.5", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "r35.4.1", ""),
    ("r35.6", "docker.io/library/ubuntu:20.04", "11.4.19-runtime", "11.4.19-devel", "r35.4.1", ""),
    ("r36.2", "docker.io/library/ubuntu:22.04", "12.2.12-runtime", "12.2.12-devel", "", ""),
    ("r36.3", "docker.io/library/ubuntu:22.04", "12.2.12-runtime", "12.2.12-devel", "", "6.0"),
    ("r36.4", "docker.io/library/ubuntu:22.04", "12.6.11-runtime", "12.6.11-devel", "r36.4.0", "6.1"),
    ("r36.5", "docker.io/library/ubuntu:22.04", "12.6.11-runtime", "12.6.11-devel", "", ""),
    ("r38.2", "docker.io/library/ubuntu:24.04", "13.0.2-runtime-ubuntu24.04", "13.0.2-devel-ubuntu24.04", "", ""),
    ("r38.4", "docker.io/library/ubuntu:24.04", "13.0.2-runtime-ubuntu24.04", "13.0.2-devel-ubuntu24.04", "", ""),
    ("r39.2", "docker.io/library/ubuntu:24.04", "", "", "", ""),
]  # fmt: skip


def test_every_release_of_the_table_is_written_out_here_in_order():
    assert [release.suite for release in jetpack.RELEASES] == SUITES
    assert [row[0] for row in IMAGES] == SUITES


@pytest.mark.parametrize(
    ("suite", "jetpacks", "boards", "sm", "ubuntu", "cuda", "cudnn", "tensorrt", "target"),
    TABLE,
    ids=SUITES,
)
def test_a_release_has_its_facts(
    suite, jetpacks, boards, sm, ubuntu, cuda, cudnn, tensorrt, target
):
    release = jetpack.find(suite)
    assert " ".join(release.jetpacks) == jetpacks
    assert " ".join(release.boards) == boards
    assert " ".join(str(each) for each in release.architectures) == sm
    system = release.ubuntu
    assert f"{system.version} {system.codename} {system.glibc} {system.gcc}" == ubuntu
    assert (release.toolkit.build, release.cudnn, release.tensorrt) == (cuda, cudnn, tensorrt)
    assert release.toolkit.target_dir == target


@pytest.mark.parametrize(
    ("suite", "final", "runtime", "devel", "full", "cross"), IMAGES, ids=SUITES
)
def test_a_release_has_its_images(suite, final, runtime, devel, full, cross):
    release = jetpack.find(suite)
    assert release.final_image == final
    assert release.runtime_image.rpartition(":")[2] == runtime
    assert release.devel_image.rpartition(":")[2] == devel
    assert release.full_image.rpartition(":")[2] == full
    assert release.cross_image.rpartition(":")[2] == cross


def test_images_are_of_nvidias_repositories():
    old, new = jetpack.find("6.2"), jetpack.find("7.0")
    assert old.runtime_image == "nvcr.io/nvidia/l4t-cuda:12.6.11-runtime"
    assert old.devel_image == "nvcr.io/nvidia/l4t-cuda:12.6.11-devel"
    assert old.full_image == "nvcr.io/nvidia/l4t-jetpack:r36.4.0"
    assert old.cross_image == "nvcr.io/nvidia/jetpack-linux-aarch64-crosscompile-x86:6.1"
    assert new.runtime_image == "docker.io/nvidia/cuda:13.0.2-runtime-ubuntu24.04"


@pytest.mark.parametrize(
    ("l4t", "version"),
    [
        ("32.4.2", "4.4-dp"),
        ("32.4.3", "4.4"),
        ("32.4.4", "4.4.1"),
        ("32.5.2", "4.5.1"),
        ("32.6.1", "4.6"),
        ("32.7.1", "4.6.1"),
        ("32.7.6", "4.6.6"),
        ("34.1.1", "5.0.1-dp"),
        ("35.1.0", "5.0.2"),
        ("35.4.1", "5.1.2"),
        ("35.6.2", "5.1.5"),
        ("35.6.5", "5.1.7"),
        ("36.2.0", "6.0-dp"),
        ("36.3.0", "6.0"),
        ("36.4.3", "6.2"),
        ("36.4.7", "6.2.1"),
        ("36.5.0", "6.2.2"),
        ("38.2.1", "7.0"),
        ("38.4.0", "7.1"),
        ("39.2.2", "7.2.2"),
    ],
)
def test_an_l4t_is_part_of_a_jetpack(l4t, version):
    assert dict(jetpack.find(l4t).versions)[l4t] == version


@pytest.mark.parametrize(
    ("suite", "line"),
    [
        ("r32.7", "https://repo.download.nvidia.com/jetson/common r32.7 main"),
        ("r35.4", "https://repo.download.nvidia.com/jetson/common r35.4 main"),
        ("r36.4", "https://repo.download.nvidia.com/jetson/common r36.4 main"),
        ("r39.2", "https://repo.download.nvidia.com/jetson/common r39.2 main"),
    ],
)
def test_packages_for_the_target_come_from_the_releases_own_suite(suite, line):
    source = jetpack.find(suite).target_source
    keyring = "/usr/share/keyrings/nvidia-jetson.asc"
    assert source.line(keyring) == f"deb [arch=arm64 signed-by={keyring}] {line}"
    assert source.key_url == "https://repo.download.nvidia.com/jetson/jetson-ota-public.asc"
    assert source.fingerprint == "3C6D1FF3100C8C3ABB0869C0E6543461A9996195"
    assert source.key_sha256 == "576f852981855e5c6cfb9b625ffb51b984ca451f1181b2e70435b005034fad55"


def test_a_repository_can_be_read_from_a_mirror():
    source = jetpack.find("6.2").target_source.at("https://mirror.example.com/nvidia/")
    assert source.url == "https://mirror.example.com/nvidia/jetson/common"
    assert source.key_url == "https://mirror.example.com/nvidia/jetson/jetson-ota-public.asc"
    assert source.fingerprint == "3C6D1FF3100C8C3ABB0869C0E6543461A9996195"


def test_only_jetpack_4_mounts_cuda_from_the_device():
    mounting = [release.suite for release in jetpack.RELEASES if release.mounts_cuda]
    assert mounting == ["r32.4", "r32.5", "r32.6", "r32.7"]


def test_a_final_image_asks_for_what_the_device_mounts():
    driver = {"NVIDIA_VISIBLE_DEVICES": "all", "NVIDIA_DRIVER_CAPABILITIES": "all"}
    assert jetpack.find("6.2").environment == driver
    assert jetpack.find("7.2").environment == driver
    assert jetpack.find("4.6").environment == {
        **driver,
        "NVIDIA_REQUIRE_JETPACK": "csv-mounts=all",
    }


@pytest.mark.parametrize(
    ("written", "soname", "is_there"),
    [
        ("4.6", "libcuda.so.1", True),
        ("4.6", "libcublas.so.10", True),
        ("4.6", "libcudart.so.10.2", True),
        ("4.6", "libcudnn.so.8", True),
        ("4.6", "libstdc++.so.6", False),
        ("6.2", "libcuda.so.1", True),
        ("6.2", "libnvbufsurface.so.1.0.0", True),
        ("6.2", "libcublas.so.12", False),
        ("6.2", "libcudart.so.12", False),
    ],
)
def test_a_device_brings_its_driver_and_jetpack_4_brings_cuda_too(written, soname, is_there):
    assert jetpack.find(written).is_on_device(soname) is is_there


def test_what_is_mounted_is_the_whole_of_jetpack_4s_cuda():
    assert jetpack.find("6.2").mounted == ()
    assert jetpack.find("4.6").mounted == (
        "libcudart.so.10.2",
        "libcublas.so.10", "libcublasLt.so.10", "libnvblas.so.10",
        "libcufft.so.10", "libcufftw.so.10",
        "libcurand.so.10",
        "libcusolver.so.10", "libcusolverMg.so.10",
        "libcusparse.so.10",
        "libnppc.so.10", "libnppial.so.10", "libnppicc.so.10", "libnppidei.so.10",
        "libnppif.so.10", "libnppig.so.10", "libnppim.so.10", "libnppist.so.10",
        "libnppisu.so.10", "libnppitc.so.10", "libnpps.so.10", "libnppicom.so.10",
        "libnvrtc.so.10.2",
        "libnvgraph.so.10",
        "libcudnn.so.8",
        "libnvinfer.so.8", "libnvinfer_plugin.so.8", "libnvonnxparser.so.8", "libnvparsers.so.8",
    )  # fmt: skip


def test_what_programs_need_names_the_packages_of_a_final_image():
    needed = [
        "libcublas.so.12",
        "libcublasLt.so.12",
        "libcudart.so.12",
        "libnvinfer.so.10",
        "libcuda.so.1",
        "libc.so.6",
    ]
    assert jetpack.find("6.2").runtime_packages(needed) == (
        "libcublas-12-6",
        "cuda-cudart-12-6",
        "libnvinfer10",
        "libnvinfer-plugin10",
        "libnvonnxparsers10",
    )
    assert jetpack.find("4.6").runtime_packages(["libcublas.so.10", "libcuda.so.1"]) == ()


def test_images_run_on_the_devices_of_their_group():
    assert [(r.suite, r.runs_on) for r in jetpack.RELEASES if r.runs_on != "the same L4T"] == [
        ("r32.7", "any r32.7"),
        ("r34.1", "any r34"),
        ("r35.1", "any r35"),
        ("r35.2", "any r35"),
        ("r35.3", "any r35"),
        ("r35.4", "any r35"),
        ("r35.5", "any r35"),
        ("r35.6", "any r35"),
        ("r36.2", "r36.2 and r36.3"),
        ("r36.3", "r36.2 and r36.3"),
        ("r36.4", "r36.4 and later r36"),
        ("r36.5", "r36.4 and later r36"),
    ]


def test_board_repositories_are_those_of_the_releases_chips():
    assert {release.suite[:3]: release.soc for release in jetpack.RELEASES} == {
        "r32": ("t210", "t186", "t194"),
        "r34": ("t194", "t234"),
        "r35": ("t194", "t234"),
        "r36": ("t234",),
        "r38": ("som",),
        "r39": ("som",),
    }


def _number(version):
    return tuple(int(part) for part in version.split("."))


def test_releases_do_not_overlap_and_follow_each_other():
    l4t = [version for release in jetpack.RELEASES for version, _ in release.versions]
    assert l4t == sorted(set(l4t), key=_number)
    jetpacks = [name for release in jetpack.RELEASES for name in release.jetpacks]
    assert len(jetpacks) == len(set(jetpacks))
    for release in jetpack.RELEASES:
        for version, _ in release.versions:
            assert version.startswith(release.suite.removeprefix("r") + ".")


@pytest.mark.parametrize("release", jetpack.RELEASES, ids=SUITES)
def test_a_releases_compilers_and_boards_fit_each_other(release):
    assert set(release.architectures) <= set(release.toolkit.architectures)
    assert len(release.architectures) == len(release.boards)
    assert _number(release.ubuntu.gcc)[0] <= release.toolkit.newest_gcc
    # what an amd64 builder links to is no newer than the device's
    assert release.toolkit.builder.base.endswith(release.ubuntu.version)
    assert release.mounts_cuda or release.final_image.endswith(release.ubuntu.version)
    assert release.sources
    assert release.toolkit.sources


def test_every_board_and_toolkit_is_in_use():
    assert {b for r in jetpack.RELEASES for b in r.boards} == {b.name for b in jetpack.BOARDS}
    assert {r.toolkit.build for r in jetpack.RELEASES} == {t.build for t in jetpack.TOOLKITS}


def test_names_of_boards_are_unique():
    names = [name for b in jetpack.BOARDS for name in (b.name, *b.aliases)]
    numbers = [b.architecture for b in jetpack.BOARDS]
    assert len(names) == len(set(names))
    assert len(numbers) == len(set(numbers))
