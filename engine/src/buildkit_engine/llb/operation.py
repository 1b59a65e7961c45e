"""LLB operations as immutable values.

An operation knows its inputs and the protobuf message that BuildKit gets. Its digest names what
it does: two operations with equal digests are the same vertex to BuildKit.

Numbers that must be written out (BuildKit reads an unset field as 0): a timestamp of -1 is "now",
a mode of -1 keeps the mode, an input of -1 is scratch, an output of -1 is unused.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from buildkit_engine.llb import llb_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRATCH = -1
UNUSED = -1
KEEP = -1
"""Keeps a copied file's mode, or leaves its time alone."""


@dataclass(frozen=True, eq=False)
class Op:
    """One vertex of the build graph."""

    title: str
    """What progress shows."""

    def __post_init__(self) -> None:
        # known at once, so that a long chain is never digested by recursion
        _ = self.digest, self.has_set_times

    @property
    def inputs(self) -> tuple[Output, ...]:
        """The outputs that this operation reads, in the order its indexes refer to."""
        return ()

    @property
    def platform(self) -> str:
        """The platform that BuildKit resolves or executes this operation for."""
        return ""

    def body(self) -> dict[str, object]:
        """The one field of `pb.Op`'s oneof that says what to do."""
        raise TypeError(type(self).__name__)

    @cached_property
    def marshalled(self) -> bytes:
        """The bytes that BuildKit gets.

        The daemon re-marshals every operation with its oneof last. Writing it last here as well
        makes this digest equal to the one that the daemon's progress reports.
        """
        head = pb.Op(
            inputs=[pb.Input(digest=i.op.digest, index=i.index) for i in self.inputs],
            platform=_platform(self.platform) if self.platform else None,
        )
        return head.SerializeToString(deterministic=True) + pb.Op(
            **self.body()  # type: ignore[arg-type]
        ).SerializeToString(deterministic=True)

    @cached_property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.marshalled).hexdigest()

    @cached_property
    def has_set_times(self) -> bool:
        """Whether someone may have set the times of its files, and asks for what he set."""
        return any(source.op.has_set_times for source in self.inputs)

    @property
    def output(self) -> Output:
        """The first output: the only one of every operation but an exec."""
        return Output(self, 0)


@dataclass(frozen=True, eq=False)
class Output:
    """A filesystem that an operation makes. None, where an Output may be, is an empty one."""

    op: Op
    index: int = 0

    @property
    def key(self) -> str:
        return f"{self.op.digest}:{self.index}"


def _platform(platform: str) -> pb.Platform:
    os_, arch, *variant = platform.split("/")
    return pb.Platform(os=os_, architecture=arch, variant=variant[0] if variant else "")


def walk(outputs: Iterable[Output]) -> list[Op]:
    """Every operation that the outputs need, inputs before those that read them, each once."""
    ordered: dict[str, Op] = {}
    stack: list[tuple[Op, bool]] = [(output.op, False) for output in outputs]
    while stack:
        op, inputs_done = stack.pop()
        if op.digest in ordered:
            continue
        if inputs_done:
            ordered[op.digest] = op
        else:
            stack.append((op, True))
            stack.extend((i.op, False) for i in op.inputs)
    return list(ordered.values())
