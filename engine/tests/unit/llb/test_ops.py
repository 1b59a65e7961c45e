"""Operations as BuildKit reads them: their bytes are decoded again and compared."""

from __future__ import annotations

import hashlib

import pytest

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.ops import (
    BindMount,
    CacheMount,
    Copy,
    CopyFile,
    DiffOp,
    ExecOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    MakeFile,
    MergeOp,
    Op,
    Output,
    Owner,
    Remove,
    SecretMount,
    Symlink,
    TempMount,
    walk,
)

IMAGE = ImageSource("from debian", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64")
OTHER = ImageSource("from alpine", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64")


def decoded(op: Op) -> pb.Op:
    return pb.Op.FromString(op.marshalled)


def exec_of(*mounts, **options) -> ExecOp:
    return ExecOp(title="run", args=("true",), on="linux/amd64", mounts=(*mounts,), **options)


# -- digests


def test_operations_that_do_the_same_have_the_same_digest():
    again = ImageSource("another title", IMAGE.ref, "linux/amd64")
    assert again.digest == IMAGE.digest


@pytest.mark.parametrize(
    "other",
    [
        ImageSource("from debian", OTHER.ref, "linux/amd64"),
        ImageSource("from debian", IMAGE.ref, "linux/arm64"),
    ],
    ids=["reference", "platform"],
)
def test_what_an_image_source_does_is_in_its_digest(other):
    assert other.digest != IMAGE.digest


def test_an_operation_differs_where_its_input_differs():
    actions = (MakeDir("/app"),)
    first, second = (FileOp("make", op.output, actions) for op in (IMAGE, OTHER))
    assert first.digest != second.digest


def test_the_digest_is_of_the_bytes_that_buildkit_gets():
    assert IMAGE.digest == "sha256:" + hashlib.sha256(IMAGE.marshalled).hexdigest()


@pytest.mark.parametrize(
    "op",
    [
        IMAGE,
        FileOp("make", IMAGE.output, (MakeDir("/app"),)),
        exec_of(BindMount("/", IMAGE.output)),
    ],
    ids=["source", "file", "exec"],
)
def test_what_an_operation_does_is_written_last(op):
    whole = decoded(op)
    body = whole.WhichOneof("op")
    last = pb.Op(**{body: getattr(whole, body)}).SerializeToString(deterministic=True)
    whole.ClearField(body)
    assert op.marshalled == whole.SerializeToString(deterministic=True) + last


def test_an_operation_without_a_body_is_refused():
    with pytest.raises(TypeError, match=r"^Op$"):
        Op("nothing")


# -- sources


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux/amd64", pb.Platform(os="linux", architecture="amd64")),
        ("linux/arm/v7", pb.Platform(os="linux", architecture="arm", variant="v7")),
    ],
)
def test_a_platform_is_written_in_its_parts(platform, expected):
    source = ImageSource("from", IMAGE.ref, platform)
    assert decoded(source) == pb.Op(
        platform=expected, source=pb.SourceOp(identifier=f"docker-image://{IMAGE.ref}")
    )


def test_a_local_source_is_known_by_its_folder_and_kept_apart_by_its_session():
    source = LocalSource("load", "/src", "session")
    found = decoded(source).source
    assert found.identifier == f"local://{source.name}"
    assert dict(found.attrs) == {"local.unique": "session", "local.sharedkeyhint": "/src"}


def test_a_copy_is_known_by_what_it_is_a_copy_of():
    copy = LocalSource("load", "/scratch/1", "session", origin="/src")
    assert copy.digest == LocalSource("load", "/src", "session").digest
    another = LocalSource("load", "/scratch/2", "another", origin="/src")
    assert another.name == copy.name
    assert another.digest != copy.digest
    assert LocalSource("load", "/scratch/1", "session", origin="/other").name != copy.name


# -- commands


def test_a_command_is_written_with_all_that_it_runs_with():
    op = ExecOp(
        title="run",
        args=("sh", "-c", "true"),
        on="linux/arm64",
        mounts=(BindMount("/", IMAGE.output),),
        env=("A=1", "B=2"),
        cwd="/src",
        user="1000:1000",
        secret_env=(("TOKEN", "secret-id"),),
        insecure=True,
    )
    assert decoded(op) == pb.Op(
        inputs=[pb.Input(digest=IMAGE.digest, index=0)],
        platform=pb.Platform(os="linux", architecture="arm64"),
        exec=pb.ExecOp(
            meta=pb.Meta(
                args=["sh", "-c", "true"],
                env=["A=1", "B=2"],
                cwd="/src",
                user="1000:1000",
                remove_mount_stubs_recursive=True,
            ),
            mounts=[pb.Mount(input=0, dest="/", output=0)],
            secretenv=[pb.SecretEnv(name="TOKEN", id="secret-id")],
            security=pb.SECURITY_MODE_INSECURE,
        ),
    )


def test_every_kind_of_mount_is_written_with_the_numbers_that_must_not_be_left_out():
    op = exec_of(
        BindMount("/", IMAGE.output),
        BindMount("/in", OTHER.output, selector="/sub", readonly=True),
        BindMount("/out", None),
        CacheMount("/cache", "cache-id", sharing="LOCKED"),
        CacheMount("/seeded", "other-id", OTHER.output, "/seed"),
        SecretMount("/run/secret", "secret-id", uid=1, gid=2, mode=0o440),
        TempMount("/memory"),
    )
    locked, shared = pb.CACHE_SHARING_LOCKED, pb.CACHE_SHARING_SHARED
    assert list(decoded(op).exec.mounts) == [
        pb.Mount(input=0, dest="/", output=0),
        pb.Mount(input=1, selector="/sub", dest="/in", output=-1, readonly=True),
        pb.Mount(input=-1, dest="/out", output=1),
        pb.Mount(
            input=-1,
            dest="/cache",
            output=-1,
            mount_type=pb.MOUNT_TYPE_CACHE,
            cache_opt=pb.CacheOpt(id="cache-id", sharing=locked),
        ),
        pb.Mount(
            input=1,
            selector="/seed",
            dest="/seeded",
            output=-1,
            mount_type=pb.MOUNT_TYPE_CACHE,
            cache_opt=pb.CacheOpt(id="other-id", sharing=shared),
        ),
        pb.Mount(
            input=-1,
            dest="/run/secret",
            output=-1,
            mount_type=pb.MOUNT_TYPE_SECRET,
            secret_opt=pb.SecretOpt(id="secret-id", uid=1, gid=2, mode=0o440),
        ),
        pb.Mount(input=-1, dest="/memory", output=-1, mount_type=pb.MOUNT_TYPE_TMPFS),
    ]


def test_a_filesystem_that_is_mounted_twice_is_one_input():
    op = exec_of(BindMount("/", IMAGE.output), BindMount("/again", Output(IMAGE, 0)))
    assert list(decoded(op).inputs) == [pb.Input(digest=IMAGE.digest, index=0)]
    assert [m.input for m in decoded(op).exec.mounts] == [0, 0]


def test_two_outputs_of_one_command_are_two_inputs():
    first = exec_of(BindMount("/", IMAGE.output), BindMount("/out", None))
    op = exec_of(BindMount("/", first.output_of("/")), BindMount("/x", first.output_of("/out")))
    assert list(decoded(op).inputs) == [
        pb.Input(digest=first.digest, index=0),
        pb.Input(digest=first.digest, index=1),
    ]


def test_outputs_are_numbered_by_writable_bind_mounts_alone():
    op = exec_of(
        BindMount("/", IMAGE.output),
        BindMount("/in", OTHER.output, readonly=True),
        CacheMount("/cache", "id"),
        BindMount("/first", None),
        BindMount("/second", OTHER.output),
    )
    assert [op.output_of(d).index for d in ("/", "/first", "/second")] == [0, 1, 2]
    assert [output.index for output in op.outputs] == [0, 1, 2]
    with pytest.raises(KeyError, match="/in"):
        op.output_of("/in")


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


# -- order


def test_walk_gives_inputs_before_those_that_read_them_and_each_once():
    both = FileOp("both", IMAGE.output, (Copy(OTHER.output, "/a", "/b"),))
    last = exec_of(BindMount("/", both.output), BindMount("/again", IMAGE.output))
    ordered = walk([last.output, both.output])
    place = {op.digest: number for number, op in enumerate(ordered)}
    assert len(ordered) == len(place) == 4
    assert place[last.digest] == 3
    assert place[both.digest] == 2


def test_a_chain_of_thousands_is_walked_without_recursion():
    output = IMAGE.output
    for number in range(3000):
        output = FileOp("make", output, (MakeDir(f"/{number}"),)).output
    assert len(walk([output])) == 3001
