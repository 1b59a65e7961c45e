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


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, True),
        (IMAGE, True),
        (RAN, False),
        (LocalSource("load", "/src", "session").output, False),
        (on_image(Remove("/etc/motd")), True),
        (on_image(Copy(RAN, "/a", "/a", timestamp=0)), True),
        (on_image(Copy(RAN, "/a", "/a")), False),
        (on_image(MakeFile("/a", b"")), False),
        (on_image(MakeDir("/a")), False),
        (on_image(Copy(RAN, "/a", "/a", timestamp=0), MakeDir("/b")), False),
        (FileOp("change", RAN, (Remove("/a"),)).output, False),
    ],
)
def test_only_images_and_copies_with_a_time_have_fixed_times(output, expected):
    assert has_fixed_times(output) is expected
