"""What people write, and what is offered where it is not known."""

from __future__ import annotations

import pytest

from pipeline import jetpack
from pipeline.errors import ConfigError

ACCEPTED = (
    "expected a JetPack (4.4-dp, 4.4, 4.4.1, 4.5, 4.5.1, 4.6, 4.6.1, 4.6.2, 4.6.3, 4.6.4, 4.6.5, "
    "4.6.6, 5.0-dp, 5.0.1-dp, 5.0.2, 5.1, 5.1.1, 5.1.2, 5.1.3, 5.1.4, 5.1.5, 5.1.6, 5.1.7, 6.0-dp, "
    "6.0, 6.1, 6.2, 6.2.1, 6.2.2, 6.2.3, 7.0, 7.1, 7.2, 7.2.1, 7.2.2), an L4T release (r32.4 to "
    "r39.2), or a board (nano, tx2, xavier, orin, thor)"
)


@pytest.mark.parametrize(
    ("written", "suite"),
    [
        ("4.4", "r32.4"),
        ("4.6", "r32.6"),
        ("4.6.6", "r32.7"),
        ("5.0.2", "r35.1"),
        ("5.1.2", "r35.4"),
        ("6.0", "r36.3"),
        ("6.0-dp", "r36.2"),
        ("6.0DP", "r36.2"),
        ("6.0 DP", "r36.2"),
        ("6.1", "r36.4"),
        ("6.2", "r36.4"),
        ("6.2.2", "r36.5"),
        ("7.0", "r38.2"),
        ("7.2", "r39.2"),
        ("JetPack 6.2", "r36.4"),
        ("jp6.2", "r36.4"),
        (" 6.2 ", "r36.4"),
        ("r36.4", "r36.4"),
        ("R36.4", "r36.4"),
        ("36.4", "r36.4"),
        ("r36.4.3", "r36.4"),
        ("36.4.3", "r36.4"),
        ("L4T 35.4.1", "r35.4"),
        ("l4t-r32.7.1", "r32.7"),
        ("nano", "r32.7"),
        ("tx1", "r32.7"),
        ("tx2", "r32.7"),
        ("xavier", "r35.6"),
        ("xavier-nx", "r35.6"),
        ("orin", "r39.2"),
        ("orin-nano", "r39.2"),
        ("Jetson Orin Nano", "r39.2"),
        ("AGX Orin", "r39.2"),
        ("thor", "r39.2"),
    ],
)
def test_a_release_is_found_by_jetpack_l4t_or_board(written, suite):
    assert jetpack.find(written).suite == suite


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("6.9", " (nearest: 6.2.3, 6.2.2, 6.2.1)"),
        ("8.0", " (nearest: 7.2.2, 7.2.1, 7.2)"),
        ("4.2", " (nearest: 4.4, 4.4-dp, 4.4.1)"),
        ("5.0", " (nearest: 5.0-dp, 5.0.1-dp, 5.0.2)"),
        ("5.1.9", " (nearest: 5.1.7, 5.1.6, 5.1.5)"),
        ("6", " (nearest: 6.0, 6.0-dp, 6.1)"),
        ("r36.9", " (nearest: r36.5, r36.4, r36.3)"),
        ("36.9", " (nearest: r36.5, r36.4, r36.3)"),
        ("r32.3", " (nearest: r32.4, r32.5, r32.6)"),
        ("r35.6.9", " (nearest: r35.6.5, r35.6.4, r35.6.3)"),
        ("orim", " (nearest: orin)"),
        ("xaviar", " (nearest: xavier, xavier-nx, agx-xavier)"),
        ("latest", ""),
        ("", ""),
    ],
)
def test_an_unknown_one_is_refused_with_the_nearest_and_all_that_are_known(written, near):
    with pytest.raises(ConfigError) as raised:
        jetpack.find(written)
    assert str(raised.value) == f"jetpack '{written}' is not known{near}: {ACCEPTED}"


@pytest.mark.parametrize("release", jetpack.RELEASES, ids=lambda r: r.suite)
def test_every_name_of_a_release_finds_it(release):
    for l4t, name in release.versions:
        for written in (name, l4t, f"r{l4t}", f"JetPack {name}", release.suite):
            assert jetpack.find(written) is release


@pytest.mark.parametrize(
    ("written", "architecture", "suites"),
    [
        ("nano", 53, "r32.4 r32.5 r32.6 r32.7"),
        ("tx2", 62, "r32.4 r32.5 r32.6 r32.7"),
        (
            "xavier", 72,
            "r32.4 r32.5 r32.6 r32.7 r34.1 r35.1 r35.2 r35.3 r35.4 r35.5 r35.6",
        ),
        (
            "orin", 87,
            "r34.1 r35.1 r35.2 r35.3 r35.4 r35.5 r35.6 r36.2 r36.3 r36.4 r36.5 r39.2",
        ),
        ("thor", 110, "r38.2 r38.4 r39.2"),
    ],
)  # fmt: skip
def test_a_board_has_its_releases_and_the_newest_is_the_default(written, architecture, suites):
    board = jetpack.board(written)
    assert board.architecture == architecture
    assert " ".join(release.suite for release in jetpack.releases_for(board)) == suites
    assert jetpack.newest_for(board).suite == suites.split()[-1]


def test_an_unknown_board_is_refused():
    with pytest.raises(ConfigError) as raised:
        jetpack.board("Orinn")
    assert str(raised.value) == (
        "Board 'Orinn' is not known (nearest: orin, orin-nx, orin-nano): expected one of nano, "
        "tx2, xavier, orin, thor"
    )


@pytest.mark.parametrize(
    ("written", "build"),
    [("10.2", "10.2.300"), ("11.4", "11.4.315"), (" 12.6 ", "12.6.68"), ("13.2", "13.2.78")],
)
def test_a_version_of_cuda_finds_its_newest_toolkit(written, build):
    assert jetpack.toolkit(written).build == build


def test_an_unknown_version_of_cuda_is_refused():
    with pytest.raises(ConfigError) as raised:
        jetpack.toolkit("12.5")
    assert str(raised.value) == (
        "CUDA '12.5' is not known (nearest: 12.6, 12.2, 13.0): expected one of 10.2, 11.4, 12.2, "
        "12.6, 13.0, 13.2"
    )


def test_the_table_says_a_line_a_release_and_what_is_not_confirmed():
    lines = jetpack.table().splitlines()
    header = "JETPACK L4T BOARDS SM UBUNTU CUDA CUDNN TENSORRT TARGET CUDA COMES FROM"
    assert " ".join(lines[0].split()) == header
    assert [" ".join(lines[number].split()) for number in (4, 14, 18)] == [
        "4.6.1, 4.6.2, 4.6.3, 4.6.4, 4.6.5, 4.6.6 r32.7 nano, tx2, xavier 53, 62, 72 18.04 10.2 "
        "8.2.1 8.2.1 aarch64-linux the device",
        "6.1, 6.2, 6.2.1 r36.4 orin 87 22.04 12.6 9.3.0.75 10.3.0.30 aarch64-linux the image",
        "7.2, 7.2.1, 7.2.2 r39.2 orin, thor 87, 110 24.04 13.2 9.20.0.46 10.16.2.10 sbsa-linux "
        "the image",
    ]
    assert lines[19:21] == ["", "Not confirmed by a source:"]
    assert "r36.3: CUDA 12.2: jetson-containers installs 12.4 there" in lines[21:]
    assert "r34.1: versions of cuDNN and TensorRT" in lines[21:]


def test_what_devices_mount_is_the_cuda_of_jetpack_4():
    found = jetpack.mounted_sonames()
    assert {"libcublas.so.10", "libcudart.so.10.2", "libcudnn.so.8", "libnvinfer.so.8"} <= set(
        found
    )
    assert not {"libcublas.so.11", "libcudart.so.12"} & set(found)
