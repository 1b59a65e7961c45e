"""The engine's own program as a command over filesystems: for what file actions cannot do."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeGuard

from buildkit_engine.llb.execs import BindMount, ExecOp
from buildkit_engine.llb.fileops import FileOp, MakeDir

if TYPE_CHECKING:
    from buildkit_engine.llb.operation import Output
    from buildkit_engine.llb.sources import LocalSource

PROGRAM = "/shim/shim"
SEPARATOR = "--"
"""Between the shim's own arguments and the user's command."""
TOLD = "/told"
"""The file that a question's answer is in."""
_ROOT = FileOp("[internal] root", None, (MakeDir("/shim"),)).output


@dataclass(frozen=True)
class Shim:
    """The program, and the platform it is built for: the daemon's own."""

    source: LocalSource
    platform: str

    def asked(
        self, title: str, verb: str, fs: Output, path: str, options: dict[str, object] | None = None
    ) -> Output:
        """What the shim tells of a path, as one file."""
        exec_ = self._run(
            title,
            (verb, "/in", path, f"/out{TOLD}", *_options(options)),
            BindMount("/in", fs, readonly=True),
            BindMount("/out", None),
        )
        return exec_.output_of("/out")

    def changed(
        self,
        title: str,
        verb: str,
        fs: Output | None,
        path: str,
        options: dict[str, object] | None = None,
        *,
        reading: Output | None = None,
    ) -> Output:
        """The filesystem as the shim leaves it. What it reads, if anything, is at /from."""
        mounts = [BindMount("/in", fs)]
        if reading is not None:
            mounts.append(BindMount("/from", reading, readonly=True))
        exec_ = self._run(title, (verb, "/in", path, *_options(options)), *mounts)
        return exec_.output_of("/in")

    def _run(self, title: str, args: tuple[str, ...], *mounts: BindMount) -> ExecOp:
        return ExecOp(
            title=title,
            args=(PROGRAM, *args),
            on=self.platform,
            mounts=(
                # nothing of the root is kept: what the shim makes is in its mounts
                BindMount("/", _ROOT, readonly=True),
                BindMount("/shim", self.source.output, readonly=True),
                *mounts,
            ),
        )


def is_users_command(op: object) -> TypeGuard[ExecOp]:
    """True for a command of the user's, which the shim runs; false for what it does itself."""
    return isinstance(op, ExecOp) and SEPARATOR in op.args


def _options(options: dict[str, object] | None) -> tuple[str, ...]:
    return () if options is None else (json.dumps(options),)
