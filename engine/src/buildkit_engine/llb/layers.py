"""Whole filesystems, one over the other and one without the other."""

from __future__ import annotations

from dataclasses import dataclass

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.operation import Op, Output


@dataclass(frozen=True, eq=False)
class MergeOp(Op):
    """Several filesystems, one over the other."""

    parts: tuple[Output, ...]

    @property
    def inputs(self) -> tuple[Output, ...]:
        return self.parts

    def body(self) -> dict[str, object]:
        return {
            "merge": pb.MergeOp(inputs=[pb.MergeInput(input=i) for i in range(len(self.parts))])
        }


@dataclass(frozen=True, eq=False)
class DiffOp(Op):
    """What of `upper` is not the same in `lower`."""

    lower: Output
    upper: Output

    @property
    def inputs(self) -> tuple[Output, ...]:
        return (self.lower, self.upper)

    def body(self) -> dict[str, object]:
        lower, upper = pb.LowerDiffInput(input=0), pb.UpperDiffInput(input=1)
        return {"diff": pb.DiffOp(lower=lower, upper=upper)}
