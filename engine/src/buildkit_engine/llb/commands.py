"""Copies as commands: slower than file actions, and able to do what those refuse.

BuildKit refuses to copy a folder over a file or a link, and a file over a folder. A Dagger engine
replaces what is in the way, and copies into the folder that a link leads to.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING

from buildkit_engine.llb.ops import KEEP, Copy, CopyFile, FileOp

if TYPE_CHECKING:
    from buildkit_engine.llb.ops import Output, Shim


def copies(op: FileOp) -> bool:
    return any(isinstance(action, Copy | CopyFile) for action in op.actions)


def as_commands(op: FileOp, shim: Shim) -> Output:
    """What the operation makes, its copies done by the shim."""
    current = op.base
    for action in op.actions:
        if isinstance(action, Copy | CopyFile):
            current = _copied(op.title, current, action, shim)
        else:
            current = FileOp(op.title, current, (action,)).output
    assert current
    return current


def _copied(title: str, base: Output | None, action: Copy | CopyFile, shim: Shim) -> Output:
    source, src = action.source, action.src
    if isinstance(action, Copy) and (action.include or action.exclude):
        chosen = Copy(
            source, src, "/", contents=True, include=action.include, exclude=action.exclude
        )
        source, src = FileOp(f"{title}: what is copied", None, (chosen,)).output, "/"
    options: dict[str, object] = {
        "from": "/from",
        "source": src,
        "file": isinstance(action, CopyFile),
        "mode": None if action.mode == KEEP else action.mode,
        "owner": asdict(action.owner) if action.owner else None,
        "timestamp": None if action.timestamp == KEEP else action.timestamp,
    }
    return shim.changed(title, "copy", base, action.dest, options, reading=source)
