"""Which filesystems bear no time of their making."""

from __future__ import annotations

import pytest

from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    ExecOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    MakeFile,
    Remove,
    has_fixed_times,
)

IMAGE = ImageSource("from", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64").output
RAN = ExecOp("run", ("true",), "linux/amd64", (BindMount("/", IMAGE),)).output


def on_image(*actions):
    return FileOp("change", IMAGE, actions).output


def whole(source, **options):
    return Copy(source, "/", "/", contents=True, **options)


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, True),
        (IMAGE, True),
        (RAN, False),
        (LocalSource("load", "/src", "session").output, False),
        (on_image(whole(RAN, timestamp=0)), True),
        (on_image(whole(IMAGE)), True),
        (on_image(whole(FileOp("set times", None, (whole(RAN, timestamp=0),)).output)), True),
        (on_image(whole(RAN)), False),
        (on_image(whole(RAN, timestamp=0), MakeDir("/b")), False),
        (FileOp("change", RAN, (whole(IMAGE),)).output, False),
        # the folder around what is changed bears the time of the change
        (on_image(Copy(RAN, "/a", "/etc/a", timestamp=0)), False),
        (on_image(Copy(RAN, "/", "/etc", contents=True, timestamp=0)), False),
        (on_image(whole(RAN, timestamp=0, include=("a/*",))), False),
        (on_image(whole(RAN, timestamp=0, exclude=("a/*",))), False),
        (on_image(Remove("/etc/motd")), False),
        (on_image(MakeFile("/a", b"")), False),
        (on_image(MakeDir("/a")), False),
    ],
)
def test_only_images_and_whole_copies_with_a_time_have_fixed_times(output, expected):
    assert has_fixed_times(output) is expected


def test_a_chain_of_thousands_is_looked_through_without_recursion():
    output = IMAGE
    for number in range(3000):
        output = FileOp(f"copy {number}", output, (whole(RAN, timestamp=0),)).output
    assert has_fixed_times(output)
