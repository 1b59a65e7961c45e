"""Copies onto something of another kind, which the daemon refuses: known once they have failed."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit_engine.errors import SolveError
from buildkit_engine.llb.commands import as_commands, copies
from buildkit_engine.llb.ops import FileOp, walk
from buildkit_engine.llb.rewrite import rewritten

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import TypeVar

    from buildkit_engine.llb.ops import Op, Output, Shim

    T = TypeVar("T")

_CONFLICT = re.compile(
    r"cannot copy to non-directory|cannot replace to directory|file exists|^open .*: no such file"
    # of what is copied, and not of where it comes from
    r"|^(?!lstat ).*(?:not a directory|is a directory)"
)


@dataclass
class Conflicts:
    """Those of a session, by the operations that failed. Safe to use from several threads."""

    _failed: set[str] = field(default_factory=set)

    def solved(self, output: Output, shim: Shim, solve: Callable[[Output], T]) -> T:
        """What `solve` makes of the output, with commands in place of copies that conflict."""
        while True:
            current = self._without(output, shim)
            try:
                return solve(current)
            except SolveError as error:
                failed = {op.digest: op for op in walk([current])}.get(error.vertex)
                # once: what fails in the place of another is no conflict that can be mended
                if error.vertex in self._failed or not self._is_conflict(failed, error):
                    raise
                self._failed.add(error.vertex)

    def _is_conflict(self, op: Op | None, error: SolveError) -> bool:
        return isinstance(op, FileOp) and copies(op) and bool(_CONFLICT.search(str(error)))

    def _without(self, output: Output, shim: Shim) -> Output:
        if not self._failed:
            return output

        def change(op: Op) -> Output | None:
            if op.digest in self._failed and isinstance(op, FileOp):
                return as_commands(op, shim)
            return None

        return rewritten(output, change)
