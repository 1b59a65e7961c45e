"""An output and all that it needs, as the definition that BuildKit solves."""

from __future__ import annotations

from dataclasses import dataclass, field

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.ops import (
    ExecOp,
    HttpSource,
    LayoutSource,
    LocalSource,
    Op,
    Output,
    SecretMount,
    walk,
)


@dataclass(frozen=True)
class Definition:
    """What one solve is given.

    `local_paths` binds the names of local sources to folders of this machine, and `layouts` those
    of images in such folders. `secret_ids` are
    the secrets that its commands may ask for, `ops` are the operations by digest. `insecure` where
    a command is to have all of root's capabilities.
    """

    data: bytes
    local_paths: dict[str, str]
    secret_ids: tuple[str, ...]
    ops: dict[str, Op]
    insecure: bool = False
    layouts: dict[str, str] = field(default_factory=dict)


def marshal(output: Output) -> Definition:
    """The definition that yields `output`."""
    ops = walk([output])
    metadata = {op.digest: pb.OpMetadata(description={"llb.customname": op.title}) for op in ops}
    # the last operation only points at the result
    end = pb.Op(inputs=[pb.Input(digest=output.op.digest, index=output.index)])
    definition = pb.Definition(
        **{"def": [*(op.marshalled for op in ops), end.SerializeToString(deterministic=True)]},
        metadata=metadata,
    )
    return Definition(
        data=definition.SerializeToString(deterministic=True),
        local_paths={op.name: op.path for op in ops if isinstance(op, LocalSource)},
        secret_ids=tuple(dict.fromkeys(id_ for op in ops for id_ in _secrets_of(op))),
        ops={op.digest: op for op in ops},
        insecure=any(isinstance(op, ExecOp) and op.insecure for op in ops),
        layouts={op.name: op.folder for op in ops if isinstance(op, LayoutSource)},
    )


def _secrets_of(op: Op) -> list[str]:
    if isinstance(op, HttpSource):
        return [op.header_secret] if op.header_secret else []
    if isinstance(op, ExecOp):
        mounted = [m.secret_id for m in op.mounts if isinstance(m, SecretMount)]
        return [*mounted, *(secret_id for _, secret_id in op.secret_env)]
    return []
