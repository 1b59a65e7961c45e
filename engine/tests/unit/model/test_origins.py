"""Which images a filesystem's files come from, as far as they were only copied."""

from __future__ import annotations

import pytest

from buildkit_engine.llb.ops import BindMount, Copy, ExecOp, FileOp, ImageSource, MakeFile, MergeOp
from buildkit_engine.model.origins import images_within

DEBIAN, GOLANG = "debian@sha256:" + "1" * 64, "golang@sha256:" + "2" * 64
debian, golang = (ImageSource(f"from {ref}", ref, "linux/amd64").output for ref in (DEBIAN, GOLANG))
build = ExecOp("build", ("go", "build"), "linux/amd64", (BindMount("/", golang),)).output
into_scratch = ExecOp(
    "build", ("go", "build"), "linux/amd64", (BindMount("/", golang), BindMount("/out", None))
).output_of("/out")


def copied(source, src="/app", base=None):
    return FileOp("copy", base, (Copy(source, src, "/"),)).output


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        (None, set()),
        (debian, {DEBIAN}),
        (FileOp("write", debian, (MakeFile("/a", b""),)).output, {DEBIAN}),
        (copied(debian, "/usr/bin/env"), {DEBIAN}),
        (copied(copied(debian, "/usr/bin/env"), "/env", base=golang), {DEBIAN, GOLANG}),
        (MergeOp("merge", (debian, golang)).output, {DEBIAN, GOLANG}),
        (build, {GOLANG}),
        (copied(build, "/"), {GOLANG}),
        (copied(build, "/app", base=debian), {DEBIAN}),
        (copied(into_scratch, "/"), set()),
    ],
    ids=[
        "nothing",
        "an image",
        "written to",
        "a file",
        "a file of files",
        "merged",
        "after a command",
        "all after a command",
        "what was compiled",
        "what was compiled elsewhere",
    ],
)
def test_files_come_from_images_they_were_copied_from_and_not_from_compilers(output, expected):
    assert images_within(output) == expected
