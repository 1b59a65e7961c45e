"""Operations to build on, and how their bytes are read again."""

from __future__ import annotations

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.ops import ExecOp, ImageSource, Op

IMAGE = ImageSource("from debian", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64")
OTHER = ImageSource("from alpine", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64")


def decoded(op: Op) -> pb.Op:
    return pb.Op.FromString(op.marshalled)


def exec_of(*mounts, **options) -> ExecOp:
    return ExecOp(title="run", args=("true",), on="linux/amd64", mounts=(*mounts,), **options)
