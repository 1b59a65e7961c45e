"""Solving on one daemon, so that each command runs once."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit_engine.llb.marshal import marshal
from buildkit_engine.llb.ops import ExecOp, MergeOp, walk
from buildkit_engine.llb.shims import is_users_command
from buildkit_engine.model.conflicts import Conflicts

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import TypeVar

    from buildkit_engine.buildkit.buildctl import Buildctl, Result
    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.buildkit.frontend import DockerBuild
    from buildkit_engine.llb.ops import Output, Shim

    T = TypeVar("T")

INTERNAL = "[internal] "


@dataclass
class Solver:
    """One daemon, and what it was asked to keep. Safe to use from several threads."""

    buildctl: Buildctl
    tool: Shim
    """The engine's own program, as the daemon executes it."""
    secrets: dict[str, bytes] = field(default_factory=dict)
    _kept: dict[str, ExecOp] = field(default_factory=dict)
    _conflicts: Conflicts = field(default_factory=Conflicts)

    def build(self, output: Output) -> None:
        """Builds it, for its effect and its errors."""
        self._conflicts.solved(
            output, self.tool, lambda current: self._keep(current, also=(current,))
        )

    def export(
        self,
        output: Output,
        exporter: Callable[[Output], Exporter],
        *,
        platform: str = "",  # noqa: ARG002 - the same for all
    ) -> Result:
        """Builds it and exports it as `exporter` says of what is built.

        `platform` is what it is for: a daemon that is alone builds it whatever that is.
        """

        def solve(current: Output) -> Result:
            self._keep(current)
            return self.buildctl.solve(marshal(current), exporter(current), secrets=self.secrets)

        return self._conflicts.solved(output, self.tool, solve)

    def dockerfile(self, asked: DockerBuild, build: Callable[[Buildctl, DockerBuild], T]) -> T:
        """What `build` makes of a Dockerfile."""
        return build(self.buildctl, asked)

    def write_caches(self, made: Sequence[Output]) -> None:
        """Writes the cache of all that was made, by one solve: several would overwrite each other.

        All of it is in the daemon's own cache by now. Raises SolveError where it cannot be written.
        """
        # also what commands left beside their files: another engine asks for it first
        parts = (*_left_by(list(self._kept.values())), *made)
        if parts:
            self._conflicts.solved(
                _together(f"{INTERNAL}write the cache", parts),
                self.tool,
                lambda current: self.buildctl.solve(
                    marshal(current), secrets=self.secrets, write_caches=True
                ),
            )

    def close(self) -> None:
        """Ends what is under way."""
        self.buildctl.children.stop()

    def _keep(self, output: Output, also: tuple[Output, ...] = ()) -> None:
        """Makes sure that a command runs once, whatever is asked of it later; builds `also`, too.

        Of what a command leaves behind, a solve keeps what the solve asked for: without this, its
        stdout and its files would come from two runs. A merge asks for all of it.
        """
        new = [op for op in _commands((output,)) if op.digest not in self._kept]
        parts = (*_left_by(new), *also)
        if parts:
            self.buildctl.solve(marshal(_together(f"{INTERNAL}keep", parts)), secrets=self.secrets)
            self._kept.update((op.digest, op) for op in new)


def _commands(outputs: tuple[Output, ...]) -> list[ExecOp]:
    """The user's commands that the outputs need."""
    return [op for op in walk(outputs) if is_users_command(op)]


def _left_by(commands: list[ExecOp]) -> tuple[Output, ...]:
    return tuple(output for op in commands for output in op.outputs)


def _together(title: str, outputs: tuple[Output, ...]) -> Output:
    """One output that needs all of these, each once."""
    whole, *more = {output.key: output for output in outputs}.values()
    return MergeOp(title, (whole, *more)).output if more else whole
