"""Copies that the daemon refuses are done by commands instead."""

from __future__ import annotations

import pytest

from buildkit_engine.errors import SolveError
from buildkit_engine.llb.ops import (
    CopyFile,
    ExecOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    Shim,
)
from buildkit_engine.model.conflicts import Conflicts

IMAGE = ImageSource("from", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64").output
TOOL = Shim(LocalSource("shim", "/state/shim", "session"), "linux/amd64")
COPY = FileOp("copy", IMAGE, (CopyFile(IMAGE, "/a", "/b"),)).output


def refusing(words):
    """A solve that fails while the copy is a file action; and what it was asked for."""
    asked = []

    def solve(output):
        asked.append(output)
        if isinstance(output.op, FileOp):
            raise SolveError(words, vertex=output.op.digest)
        return "solved"

    return solve, asked


@pytest.mark.parametrize(
    "words",
    [
        "cannot copy to non-directory: /b",
        "cannot replace to directory /b with file",
        "mkdir /b: not a directory",
        "rename /b: file exists",
        "open /b: no such file or directory",
    ],
)
def test_a_copy_that_is_in_conflict_is_solved_as_a_command(words):
    solve, asked = refusing(words)
    assert Conflicts().solved(COPY, TOOL, solve) == "solved"
    assert [type(output.op) for output in asked] == [FileOp, ExecOp]


def test_a_conflict_is_known_for_the_session():
    conflicts = Conflicts()
    conflicts.solved(COPY, TOOL, refusing("rename /b: file exists")[0])
    solve, asked = refusing("unreachable")
    conflicts.solved(COPY, TOOL, solve)
    assert [type(output.op) for output in asked] == [ExecOp]


@pytest.mark.parametrize(
    ("output", "words"),
    [
        (COPY, "lstat /a: no such file or directory"),
        (FileOp("make", IMAGE, (MakeDir("/b"),)).output, "mkdir /b: not a directory"),
    ],
)
def test_what_is_no_conflict_of_a_copy_is_raised(output, words):
    solve, asked = refusing(words)
    with pytest.raises(SolveError, match=f"^{words}$"):
        Conflicts().solved(output, TOOL, solve)
    assert asked == [output]
