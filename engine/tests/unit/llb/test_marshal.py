"""Definitions: what one solve is given."""

from __future__ import annotations

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.marshal import marshal
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    ExecOp,
    FileOp,
    ImageSource,
    LayoutSource,
    LocalSource,
    SecretMount,
)

IMAGE = ImageSource("from debian", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64")
SOURCE = LocalSource("load src", "/src", "session")


def exec_on(output, **options) -> ExecOp:
    mounts = (BindMount("/", output), BindMount("/out", None), *options.pop("more", ()))
    return ExecOp(title="run true", args=("true",), on="linux/amd64", mounts=mounts, **options)


def test_operations_come_in_topological_order_and_the_last_only_points_at_the_result():
    copied = FileOp("copy", IMAGE.output, (Copy(SOURCE.output, "/", "/src"),))
    ran = exec_on(copied.output)
    definition = pb.Definition.FromString(marshal(ran.output_of("/out")).data)
    *operations, end = getattr(definition, "def")
    assert set(operations[:2]) == {IMAGE.marshalled, SOURCE.marshalled}
    assert operations[2:] == [copied.marshalled, ran.marshalled]
    assert pb.Op.FromString(end) == pb.Op(inputs=[pb.Input(digest=ran.digest, index=1)])


def test_titles_are_kept_beside_the_operations_by_digest():
    definition = pb.Definition.FromString(marshal(IMAGE.output).data)
    assert dict(definition.metadata) == {
        IMAGE.digest: pb.OpMetadata(description={"llb.customname": "from debian"})
    }


def test_the_same_output_gives_the_same_bytes():
    assert marshal(exec_on(IMAGE.output).output).data == marshal(exec_on(IMAGE.output).output).data


def test_local_sources_are_bound_to_their_folders():
    copied = FileOp("copy", IMAGE.output, (Copy(SOURCE.output, "/", "/src"),))
    assert marshal(copied.output).local_paths == {SOURCE.name: "/src"}
    assert marshal(IMAGE.output).local_paths == {}


def test_images_in_folders_are_bound_to_them_and_found_by_their_digests():
    digest = "sha256:" + "3" * 64
    carried = LayoutSource("carry", "/carried", digest, "linux/arm64")
    assert marshal(carried.output).layouts == {"layout-3333333333333333": "/carried"}
    assert pb.Op.FromString(carried.marshalled) == pb.Op(
        source=pb.SourceOp(
            identifier=f"oci-layout://buildkit-engine/carried@{digest}",
            attrs={"oci.store": "layout-3333333333333333"},
        ),
        platform=pb.Platform(os="linux", architecture="arm64"),
    )
    assert not carried.has_set_times
    assert LayoutSource("carry", "/c", digest, "linux/arm64", times_are_set=True).has_set_times


def test_secrets_of_mounts_and_variables_are_asked_for_once():
    first = exec_on(IMAGE.output, secret_env=(("TOKEN", "token"), ("SAME", "token")))
    second = exec_on(first.output, more=(SecretMount("/run/key", "key"),))
    third = exec_on(second.output, more=(SecretMount("/run/token", "token"),))
    assert marshal(third.output).secret_ids == ("token", "key")
    assert marshal(IMAGE.output).secret_ids == ()


def test_operations_are_found_by_the_digests_that_progress_reports():
    ran = exec_on(IMAGE.output)
    assert marshal(ran.output).ops == {IMAGE.digest: IMAGE, ran.digest: ran}
