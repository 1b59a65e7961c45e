"""File actions and layers as BuildKit reads them: their bytes are decoded again and compared."""

from __future__ import annotations

import pytest

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    CopyFile,
    DiffOp,
    FileOp,
    MakeDir,
    MakeFile,
    MergeOp,
    Owner,
    Remove,
    Symlink,
)
from engine.tests.unit.llb.examples import IMAGE, OTHER, decoded, exec_of

# -- file actions


def test_each_file_action_reads_what_the_one_before_it_made():
    op = FileOp(
        "several",
        IMAGE.output,
        (MakeDir("/app"), Copy(OTHER.output, "/bin/x", "/app/x"), Remove("/etc/motd")),
    )
    found = decoded(op)
    assert [i.digest for i in found.inputs] == [IMAGE.digest, OTHER.digest]
    numbers = [(a.input, a.secondary_input, a.output) for a in found.file.actions]
    # results are numbered after the two inputs; only the last is the operation's output
    assert numbers == [(0, -1, -1), (2, 1, -1), (3, -1, 0)]


def test_the_first_action_on_nothing_reads_scratch():
    [action] = decoded(FileOp("make", None, (MakeDir("/app"),))).file.actions
    assert (action.input, action.secondary_input, action.output) == (-1, -1, 0)


def test_a_copy_within_one_filesystem_has_one_input():
    found = decoded(FileOp("copy", IMAGE.output, (Copy(IMAGE.output, "/a", "/b"),)))
    assert len(found.inputs) == 1
    assert (found.file.actions[0].input, found.file.actions[0].secondary_input) == (0, 0)


def test_a_copy_keeps_mode_and_time_unless_told_otherwise():
    [action] = decoded(FileOp("copy", None, (Copy(IMAGE.output, "/a", "/b"),))).file.actions
    assert action.copy == pb.FileActionCopy(
        src="/a",
        dest="/b",
        mode=-1,
        timestamp=-1,
        follow_symlink=True,
        create_dest_path=True,
    )


def test_a_copy_is_written_with_all_its_options():
    copy = Copy(
        IMAGE.output,
        "/src",
        "/dest",
        contents=True,
        include=("*.py",),
        exclude=("tests",),
        mode=0o750,
        owner=Owner(0, 50),
        timestamp=5,
    )
    [action] = decoded(FileOp("copy", OTHER.output, (copy,))).file.actions
    assert action.copy == pb.FileActionCopy(
        src="/src",
        dest="/dest",
        mode=0o750,
        timestamp=5,
        follow_symlink=True,
        dir_copy_contents=True,
        create_dest_path=True,
        include_patterns=["*.py"],
        exclude_patterns=["tests"],
        owner=pb.ChownOpt(
            user=pb.UserOpt(by_id=0),
            group=pb.UserOpt(by_id=50),
        ),
    )


@pytest.mark.parametrize(
    ("action", "field", "expected"),
    [
        (
            MakeFile("/a", b"\0data", 0o600),
            "mkfile",
            pb.FileActionMkFile(path="/a", mode=0o600, data=b"\0data", timestamp=-1),
        ),
        (
            MakeDir("/d", 0o700, owner=Owner(1, 2)),
            "mkdir",
            pb.FileActionMkDir(
                path="/d",
                mode=0o700,
                make_parents=True,
                timestamp=-1,
                owner=pb.ChownOpt(user=pb.UserOpt(by_id=1), group=pb.UserOpt(by_id=2)),
            ),
        ),
        (
            Remove("/r*", allow_wildcard=True),
            "rm",
            pb.FileActionRm(path="/r*", allow_not_found=True, allow_wildcard=True),
        ),
        (
            Symlink("target", "/link"),
            "symlink",
            pb.FileActionSymlink(oldpath="target", newpath="/link", timestamp=-1),
        ),
    ],
    ids=["file", "folder", "removal", "symlink"],
)
def test_every_kind_of_file_action_is_written(action, field, expected):
    [found] = decoded(FileOp("one", None, (action,))).file.actions
    assert found.WhichOneof("action") == field
    assert getattr(found, field) == expected


def test_a_file_is_copied_where_no_folder_is_and_from_where_none_is():
    op = FileOp("copy", IMAGE.output, (CopyFile(OTHER.output, "/a", "/b", mode=0o755),))
    check, remove, place, copy = decoded(op).file.actions
    # what is made to see whether there is a folder is beside the result
    assert (check.input, check.output, check.mkfile.path) == (0, 1, "/b")
    assert (remove.input, remove.output, remove.rm.path) == (0, -1, "/b")
    assert (place.input, place.output, place.mkfile.path) == (3, -1, "/b")
    assert (copy.input, copy.secondary_input, copy.output) == (4, 1, 0)
    assert (copy.copy.src, copy.copy.dest, copy.copy.mode) == ("/a", "/b", 0o755)


def test_nothing_is_in_the_way_of_a_file_that_is_copied_to_nothing():
    op = FileOp("copy", None, (CopyFile(OTHER.output, "/a", "/b"),))
    place, copy = decoded(op).file.actions
    assert (place.input, place.mkfile.path) == (-1, "/b")
    assert (copy.input, copy.secondary_input, copy.output) == (1, 0, 0)


def test_where_times_were_set_copies_are_not_taken_for_equal_by_their_files():
    set_ = FileOp("times", None, (Copy(OTHER.output, "/", "/", contents=True, timestamp=0),))
    assert (OTHER.has_set_times, set_.has_set_times) == (False, True)
    op = FileOp("copy", IMAGE.output, (Copy(set_.output, "/a", "/b"),))
    between, copy = decoded(op).file.actions
    assert (between.input, between.mkdir.path) == (1, "/")
    assert (copy.input, copy.secondary_input) == (0, 2)
    ran = exec_of(BindMount("/", IMAGE.output), BindMount("/m", op.output))
    assert [m.content_cache for m in decoded(ran).exec.mounts] == [0, pb.MOUNT_CONTENT_CACHE_OFF]
    assert ran.has_set_times


def test_filesystems_are_compared():
    op = DiffOp("diff", IMAGE.output, OTHER.output)
    assert [i.digest for i in decoded(op).inputs] == [IMAGE.digest, OTHER.digest]
    assert (decoded(op).diff.lower.input, decoded(op).diff.upper.input) == (0, 1)


def test_filesystems_are_merged_one_over_the_other():
    op = MergeOp("merge", (IMAGE.output, OTHER.output))
    assert decoded(op) == pb.Op(
        inputs=[pb.Input(digest=source.digest, index=0) for source in (IMAGE, OTHER)],
        merge=pb.MergeOp(inputs=[pb.MergeInput(input=0), pb.MergeInput(input=1)]),
    )
