"""Operations as BuildKit reads them: their bytes are decoded again and compared."""

from __future__ import annotations

import hashlib

import pytest

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.ops import (
    BindMount,
    CacheMount,
    Copy,
    ExecOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    Op,
    Output,
    SecretMount,
    TempMount,
    walk,
)
from engine.tests.unit.llb.examples import IMAGE, OTHER, decoded, exec_of

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
