"""A graph with some of its operations in another form."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit_engine.llb.ops import DiffOp, ExecOp, FileOp, MergeOp, Output, walk

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from buildkit_engine.llb.ops import Op


def replaced(output: Output, others: Mapping[str, Output]) -> Output:
    """`output` of the graph with other outputs in the place of those with the keys of `others`."""
    return _rebuilt(output, lambda _: None, others)


def rewritten(output: Output, change: Callable[[Op], Output | None]) -> Output:
    """`output` of the graph in which `change` has put another output in an operation's place.

    It is asked for each operation as it is after the changes below it, and answers None for one
    that stays. Of an operation with several outputs, an operation of its kind takes the place of
    all.
    """
    return _rebuilt(output, change, {})


def _rebuilt(
    output: Output, change: Callable[[Op], Output | None], others: Mapping[str, Output]
) -> Output:
    made = dict(others)

    def now(source: Output) -> Output:
        return made.get(source.key, source)

    for op in walk([output]):
        current = _over(op, now)
        changed = change(current)
        if changed is not None:
            made[op.output.key] = changed
            if isinstance(changed.op, ExecOp):
                current = changed.op
        if current is not op:
            made |= {
                f"{op.digest}:{index}": Output(current, index)
                for index in _indexes(op)
                if f"{op.digest}:{index}" not in made
            }
    return now(output)


def _indexes(op: Op) -> range:
    return range(len(op.outputs)) if isinstance(op, ExecOp) else range(1)


def _over(op: Op, now: Callable[[Output], Output]) -> Op:
    """The operation with its inputs as they are now; itself where they are as they were."""
    if all(now(source) is source for source in op.inputs):
        return op
    match op:
        case FileOp():
            actions = [
                replace(a, source=now(a.source)) if hasattr(a, "source") else a for a in op.actions
            ]
            return replace(op, base=op.base and now(op.base), actions=tuple(actions))
        case ExecOp():
            mounts = [
                replace(m, source=now(m.source)) if getattr(m, "source", None) else m
                for m in op.mounts
            ]
            return replace(op, mounts=tuple(mounts))
        case MergeOp():
            return replace(op, parts=tuple(now(part) for part in op.parts))
        case DiffOp():
            return replace(op, lower=now(op.lower), upper=now(op.upper))
    raise TypeError(type(op).__name__)
