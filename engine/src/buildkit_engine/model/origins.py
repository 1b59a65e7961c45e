"""Which images a filesystem's own files come from."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    CopyFile,
    DiffOp,
    ExecOp,
    FileOp,
    ImageSource,
)
from buildkit_engine.llb.shims import PROGRAM

if TYPE_CHECKING:
    from buildkit_engine.llb.ops import Output


def images_within(output: Output | None) -> set[str]:
    """The references of images whose files are in it, as far as they were only copied.

    What a command made is its own: of its root, only a copy of the whole counts, since a single
    file may be what was compiled there.
    """
    found: set[str] = set()
    seen: set[tuple[str, bool]] = set()
    stack = [(output, True)] if output else []
    while stack:
        source, whole = stack.pop()
        if (source.key, whole) in seen:
            continue
        seen.add((source.key, whole))
        op = source.op
        if isinstance(op, ImageSource):
            found.add(op.ref)
        elif isinstance(op, ExecOp):
            # the engine's own commands change files that are there, and make none
            is_own = op.args[0] == PROGRAM
            stack += [(kept, whole) for kept in _kept_by(op, source) if whole or is_own]
        elif isinstance(op, FileOp):
            stack += [(op.base, whole)] if op.base else []
            copies = (a for a in op.actions if isinstance(a, Copy | CopyFile))
            stack += [(a.source, a.src == "/") for a in copies]
        elif isinstance(op, DiffOp):
            # what is below is what is left out
            stack += [(op.upper, whole)] if op.upper else []
        else:
            stack += [(each, whole) for each in op.inputs]
    return found


def _kept_by(op: ExecOp, output: Output) -> list[Output]:
    """What the mount held, before the command, of which this is an output."""
    writable = [m for m in op.mounts if isinstance(m, BindMount) and not m.readonly]
    before = writable[output.index].source
    return [before] if before else []
