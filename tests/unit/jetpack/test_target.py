"""What a project asks of a JetPack: what follows from it, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipeline import jetpack
from pipeline.errors import ConfigError

OF_12_6 = (
    "cudart, cublas, cufft, curand, cusolver, cusparse, npp, nvrtc, nvjpeg, nvjitlink, cudnn, "
    "tensorrt"
)
OF_10_2 = "cudart, cublas, cufft, curand, cusolver, cusparse, npp, nvrtc, nvgraph, cudnn, tensorrt"


def test_a_jetpack_is_enough_to_ask_for():
    target = jetpack.request("6.2")
    assert (target.release.suite, target.jetpack) == ("r36.4", "6.2")
    assert target.architectures == (87,)
    assert target.libraries == ()
    assert target.dev_packages == ("cuda-nvcc-12-6", "cuda-cudart-dev-12-6")
    assert target.runtime_packages == ()
    assert target.cross_packages == ("cuda-cross-aarch64-12-6",)


def test_libraries_bring_their_packages():
    target = jetpack.request("6.2", libraries=["cudart", "cublas", "cudnn"])
    assert target.dev_packages == (
        "cuda-nvcc-12-6",
        "cuda-cudart-dev-12-6",
        "libcublas-dev-12-6",
        "libcudnn9-dev-cuda-12",
    )
    assert target.runtime_packages == ("cuda-cudart-12-6", "libcublas-12-6", "libcudnn9-cuda-12")
    assert target.cross_packages == (
        "cuda-cross-aarch64-12-6",
        "cuda-cudart-cross-aarch64-12-6",
        "libcublas-cross-aarch64-12-6",
        "libcudnn9-cross-aarch64-cuda-12",
    )
    assert target.without_cross == ()


def test_jetpack_7_has_the_packages_of_arm_servers():
    target = jetpack.request("7.2", libraries=["cufft", "tensorrt"])
    assert target.cross_packages == (
        "cuda-cross-sbsa-13-2",
        "libcufft-cross-sbsa-13-2",
        "tensorrt-dev-cross-sbsa",
    )


def test_jetpack_4_needs_nothing_in_the_final_image():
    target = jetpack.request("4.6.1", libraries=["cublas", "cufft", "tensorrt"])
    assert target.runtime_packages == ()
    assert target.cross_packages == (
        "cuda-cross-aarch64-10-2",
        "libcublas-cross-aarch64",
        "cuda-cufft-cross-aarch64-10-2",
    )
    assert target.without_cross == ("tensorrt",)


@pytest.mark.parametrize(
    ("written", "architectures", "board", "expected"),
    [
        ("4.6", [], "", (53, 62, 72)),
        ("4.6", [], "tx2", (62,)),
        ("4.6", ["5.3"], "", (53,)),
        ("5.1.2", [], "", (72, 87)),
        ("5.1.2", ["sm_87", "7.2"], "", (87, 72)),
        ("7.2", [], "", (87, 110)),
        ("7.2", [], "thor", (110,)),
        ("7.2", ["11.0"], "", (110,)),
        ("7.0", ["compute_110"], "", (110,)),
        ("orin", [], "", (87,)),
        ("xavier", [], "", (72,)),
        ("thor", [], "", (110,)),
    ],
)
def test_architectures_are_those_given_or_of_the_board_or_of_the_release(
    written, architectures, board, expected
):
    assert jetpack.request(written, architectures, board=board).architectures == expected


@pytest.mark.parametrize(
    ("written", "cmake", "nvcc"),
    [
        ("orin", "87-real", ("-gencode=arch=compute_87,code=sm_87",)),
        (
            "4.6",
            "53-real;62-real;72-real",
            (
                "-gencode=arch=compute_53,code=sm_53",
                "-gencode=arch=compute_62,code=sm_62",
                "-gencode=arch=compute_72,code=sm_72",
            ),
        ),
    ],
)
def test_compilers_are_told_exactly_these_architectures(written, cmake, nvcc):
    target = jetpack.request(written)
    assert target.cmake_architectures == cmake
    assert target.nvcc_flags == nvcc


@pytest.mark.parametrize(
    ("written", "flavor"),
    [
        ("6.2", "jp62"),
        ("JetPack 6.2.1", "jp621"),
        ("r36.4.3", "jp62"),
        ("r36.4", "jp621"),
        ("6.0-dp", "jp60dp"),
        ("nano", "jp466"),
    ],
)
def test_a_flavor_is_named_for_the_jetpack(written, flavor):
    assert jetpack.request(written).flavor == flavor


def test_flavors_of_all_jetpacks_differ():
    flavors = {jetpack.request(name).flavor for name in jetpack.JETPACKS}
    assert len(flavors) == len(jetpack.JETPACKS) == 35


@pytest.mark.parametrize(
    ("written", "number"),
    [("8.7", 87), ("87", 87), ("sm_87", 87), ("SM_53", 53), ("compute_110", 110), ("11.0", 110)],
)
def test_a_compute_capability_has_several_forms(written, number):
    assert jetpack.capability(written) == number


@pytest.mark.parametrize(
    ("written", "architectures", "message"),
    [
        (
            "7.2",
            ["53"],
            "sm_53 cannot be compiled by CUDA 13.2 of JetPack 7.2 (L4T r39.2), which knows sm_75 "
            "to sm_121: expected sm_87, sm_110; for Jetson Nano and TX1 take JetPack 4.4-dp to "
            "4.6.6",
        ),
        (
            "7.0",
            ["7.2"],
            "sm_72 cannot be compiled by CUDA 13.0 of JetPack 7.0 (L4T r38.2), which knows sm_75 "
            "to sm_121: expected sm_110; for Jetson Xavier take JetPack 4.4-dp to 5.1.7",
        ),
        (
            "7.0",
            ["sm_87"],
            "sm_87 is of no board of JetPack 7.0 (L4T r38.2): expected sm_110; for Jetson Orin "
            "take JetPack 5.0-dp to 6.2.3 and 7.2 to 7.2.2",
        ),
        (
            "6.2",
            ["53"],
            "sm_53 is of no board of JetPack 6.2 (L4T r36.4): expected sm_87; for Jetson Nano and "
            "TX1 take JetPack 4.4-dp to 4.6.6",
        ),
        (
            "4.6",
            ["87"],
            "sm_87 cannot be compiled by CUDA 10.2 of JetPack 4.6 (L4T r32.6), which knows sm_30 "
            "to sm_75: expected sm_53, sm_62, sm_72; for Jetson Orin take JetPack 5.0-dp to 6.2.3 "
            "and 7.2 to 7.2.2",
        ),
        (
            "5.1.2",
            ["110"],
            "sm_110 cannot be compiled by CUDA 11.4 of JetPack 5.1.2 (L4T r35.4), which knows "
            "sm_35 to sm_87: expected sm_72, sm_87; for Jetson Thor take JetPack 7.0 to 7.2.2",
        ),
        (
            "7.0",
            ["101"],
            "sm_101 cannot be compiled by CUDA 13.0 of JetPack 7.0 (L4T r38.2), which knows sm_75 "
            "to sm_121: expected sm_110; Jetson Thor is sm_110 since CUDA 13",
        ),
        (
            "6.2",
            ["8.0"],
            "sm_80 is of no board of JetPack 6.2 (L4T r36.4): expected sm_87; no Jetson has it",
        ),
        (
            "6.2",
            ["orin"],
            "Architecture 'orin' is no compute capability: expected a form of 8.7, 87 or sm_87",
        ),
        (
            "6.2",
            ["8"],
            "Architecture '8' is no compute capability: expected a form of 8.7, 87 or sm_87",
        ),
        (
            "5.1.2",
            ["87", "72", "8.7"],
            "Architecture '8.7' is given twice (as '87' before): name each once",
        ),
    ],
)
def test_an_architecture_that_cannot_be_is_refused(written, architectures, message):
    with pytest.raises(ConfigError) as raised:
        jetpack.request(written, architectures)
    assert str(raised.value) == message


def test_the_page_about_jetson_shows_a_refusal_as_it_is():
    page = (Path(__file__).parents[3] / "docs/jetson.md").read_text()
    with pytest.raises(ConfigError) as raised:
        jetpack.request("7.2", ["53"])
    assert str(raised.value) in " ".join(page.split())


@pytest.mark.parametrize(
    ("written", "libraries", "message"),
    [
        (
            "6.2",
            ["cubals"],
            f"Library 'cubals' is not known (nearest: cublas): expected one of {OF_12_6}",
        ),
        ("6.2", ["xyz"], f"Library 'xyz' is not known: expected one of {OF_12_6}"),
        (
            "6.2",
            ["nvgraph"],
            "Library 'nvgraph' is not in CUDA 12.6 of JetPack 6.2 (L4T r36.4) (it is in 10.2): "
            f"expected one of {OF_12_6}",
        ),
        (
            "4.6",
            ["nvjpeg"],
            "Library 'nvjpeg' is not in CUDA 10.2 of JetPack 4.6 (L4T r32.6) (it is in 12.2, "
            f"12.6, 13.0, 13.2): expected one of {OF_10_2}",
        ),
        (
            "6.2",
            ["cublas", "cuBLAS"],
            "Library 'cuBLAS' is given twice (as 'cublas' before): name each once",
        ),
    ],
)
def test_a_library_that_is_not_there_is_refused(written, libraries, message):
    with pytest.raises(ConfigError) as raised:
        jetpack.request(written, libraries=libraries)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("written", "board", "message"),
    [
        (
            "6.2",
            "nano",
            "Board 'nano' is not served by JetPack 6.2 (L4T r36.4), which is for orin: expected "
            "JetPack 4.4-dp to 4.6.6",
        ),
        (
            "7.0",
            "orin-nano",
            "Board 'orin-nano' is not served by JetPack 7.0 (L4T r38.2), which is for thor: "
            "expected JetPack 5.0-dp to 6.2.3 and 7.2 to 7.2.2",
        ),
        (
            "5.1.2",
            "thor",
            "Board 'thor' is not served by JetPack 5.1.2 (L4T r35.4), which is for xavier and "
            "orin: expected JetPack 7.0 to 7.2.2",
        ),
        (
            "6.2",
            "orinn",
            "Board 'orinn' is not known (nearest: orin, orin-nx, orin-nano): expected one of nano, "
            "tx2, xavier, orin, thor",
        ),
    ],
)
def test_a_board_that_a_release_does_not_serve_is_refused(written, board, message):
    with pytest.raises(ConfigError) as raised:
        jetpack.request(written, board=board)
    assert str(raised.value) == message


def test_an_architecture_of_another_board_than_the_one_named_is_refused():
    with pytest.raises(ConfigError) as raised:
        jetpack.request("7.2", ["110"], board="orin")
    assert str(raised.value) == "sm_110 is not of board 'orin': expected sm_87"


@pytest.mark.parametrize(
    ("cuda", "architectures", "expected"),
    [
        ("13.2", [], (80, 90, 100, 120)),
        ("12.6", [], (80, 90)),
        ("11.4", [], (80,)),
        ("12.6", ["8.6", "89"], (86, 89)),
        ("10.2", ["70"], (70,)),
    ],
)
def test_servers_have_defaults_by_cuda(cuda, architectures, expected):
    assert jetpack.server_architectures(cuda, architectures) == expected


@pytest.mark.parametrize(
    ("cuda", "architectures", "message"),
    [
        (
            "13.0",
            ["70"],
            "CUDA 13.0 does not compile for sm_70: expected one of sm_75, sm_80, sm_86, sm_87, "
            "sm_88, sm_89, sm_90, sm_100, sm_103, sm_110, sm_120, sm_121",
        ),
        (
            "10.2",
            [],
            "No architectures are given, and CUDA 10.2 has no default: expected some of sm_30, "
            "sm_32, sm_35, sm_37, sm_50, sm_52, sm_53, sm_60, sm_61, sm_62, sm_70, sm_72, sm_75",
        ),
        (
            "12.6",
            ["90", "9.0"],
            "Architecture '9.0' is given twice (as '90' before): name each once",
        ),
    ],
)
def test_servers_architectures_that_cannot_be_are_refused(cuda, architectures, message):
    with pytest.raises(ConfigError) as raised:
        jetpack.server_architectures(cuda, architectures)
    assert str(raised.value) == message
