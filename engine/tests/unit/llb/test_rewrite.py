"""Graphs with some operations in another form."""

from __future__ import annotations

from buildkit_engine.llb.commands import as_commands
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    CopyFile,
    DiffOp,
    ExecOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    MergeOp,
    Owner,
    Shim,
)
from buildkit_engine.llb.rewrite import replaced, rewritten

IMAGE = ImageSource("from", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64").output
OTHER = ImageSource("from", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64").output
TOOL = Shim(LocalSource("shim", "/state/shim", "session"), "linux/amd64")
CHANGED = FileOp("change", IMAGE, (MakeDir("/old"),)).output
NEW = FileOp("change", IMAGE, (MakeDir("/new"),)).output


def new_for_changed(op):
    return NEW if op.digest == CHANGED.op.digest else None


def test_a_graph_without_it_stays_as_it_is():
    output = MergeOp("merge", (IMAGE, OTHER)).output
    assert rewritten(output, new_for_changed) is output


def test_the_operation_itself_is_replaced():
    assert rewritten(CHANGED, new_for_changed) is NEW


def test_every_operation_that_reads_it_reads_the_other():
    ran = ExecOp("run", ("true",), "linux/amd64", (BindMount("/", IMAGE), BindMount("/m", CHANGED)))
    copied = FileOp("copy", CHANGED, (Copy(CHANGED, "/", "/a"), MakeDir("/b"))).output
    merged = MergeOp("merge", (copied, ran.output_of("/m"))).output
    output = DiffOp("diff", IMAGE, merged).output

    diff = rewritten(output, new_for_changed).op
    assert diff.lower is IMAGE
    copy, mount = diff.upper.op.parts
    assert (copy.op.base, copy.op.actions) == (NEW, (Copy(NEW, "/", "/a"), MakeDir("/b")))
    assert (mount.index, mount.op.mounts[1].source) == (1, NEW)


def test_an_operation_is_known_as_it_is_after_the_changes_below_it():
    second = FileOp("then", CHANGED, (MakeDir("/then"),)).output
    seen = []

    def change(op):
        seen.append(op)
        return new_for_changed(op)

    rewritten(second, change)
    assert seen[-1].base is NEW


def test_copies_become_commands_one_after_another():
    op = FileOp(
        "copy",
        IMAGE,
        (
            MakeDir("/opt"),
            Copy(OTHER, "/src", "/opt", contents=True, owner=Owner(1, 2), timestamp=0),
            CopyFile(OTHER, "/f", "/g", mode=0o600),
        ),
    )
    second = as_commands(op, TOOL)
    assert second.op.args[1:4] == ("copy", "/in", "/g")
    assert second.op.args[4] == (
        '{"from": "/from", "source": "/f", "file": true, "mode": 384, "owner": null, '
        '"timestamp": null}'
    )
    [first] = [m.source for m in second.op.mounts if m.dest == "/in"]
    assert first.op.args[1:4] == ("copy", "/in", "/opt")
    assert first.op.args[4] == (
        '{"from": "/from", "source": "/src", "file": false, "mode": null, '
        '"owner": {"user": 1, "group": 2}, "timestamp": 0}'
    )
    [base] = [m.source for m in first.op.mounts if m.dest == "/in"]
    assert (base.op.base, base.op.actions) == (IMAGE, (MakeDir("/opt"),))


def test_what_patterns_leave_is_chosen_before_a_command_copies_it():
    op = FileOp("copy", IMAGE, (Copy(OTHER, "/src", "/opt", contents=True, exclude=("*.md",)),))
    [source] = [m.source for m in as_commands(op, TOOL).op.mounts if m.dest == "/from"]
    assert source.op.actions == (Copy(OTHER, "/src", "/", contents=True, exclude=("*.md",)),)


def test_what_a_command_makes_is_its_one_output():
    asked = TOOL.asked("[internal] tree", "tree", IMAGE, "/src")
    assert asked.op.args == ("/shim/shim", "tree", "/in", "/src", "/out/told")
    assert [output.key for output in asked.op.outputs] == [asked.key]


def test_one_output_of_a_command_is_replaced_and_its_others_stay():
    ran = ExecOp("run", ("true",), "linux/amd64", (BindMount("/", CHANGED), BindMount("/m", None)))
    merged = MergeOp("merge", (ran.output_of("/"), ran.output_of("/m"))).output
    root, mount = replaced(merged, {ran.output_of("/m").key: OTHER}).op.parts
    assert (root.key, mount) == (ran.output_of("/").key, OTHER)
    # what is below it changes too, and the output stays what it was replaced by
    root, mount = replaced(merged, {ran.output_of("/m").key: OTHER, CHANGED.key: NEW}).op.parts
    assert (root.op.mounts[0].source, mount) == (NEW, OTHER)


def test_a_command_in_place_of_another_has_all_its_outputs():
    ran = ExecOp("run", ("true",), "linux/amd64", (BindMount("/", IMAGE), BindMount("/m", None)))
    other = ExecOp("run", ("true",), "linux/arm64", (BindMount("/", IMAGE), BindMount("/m", None)))
    merged = MergeOp("merge", (ran.output_of("/"), ran.output_of("/m"))).output
    parts = rewritten(merged, lambda op: other.output if op is ran else None).op.parts
    assert [part.key for part in parts] == [other.output_of("/").key, other.output_of("/m").key]
