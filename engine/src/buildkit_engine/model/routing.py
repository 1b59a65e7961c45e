"""Solving on several nodes: each command on its platform's, and what it reads carried there."""

from __future__ import annotations

import signal
import threading
from collections import defaultdict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.exporters import LayoutFolder
from buildkit_engine.errors import EngineError, RequestError, SetupError, SolveError
from buildkit_engine.llb.ops import ExecOp, LayoutSource, LocalSource, Output, Shim, walk
from buildkit_engine.llb.rewrite import replaced, rewritten
from buildkit_engine.llb.shims import PROGRAM, is_users_command
from buildkit_engine.model.image import oci_platform
from buildkit_engine.model.platforms import as_published

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path
    from typing import TypeVar

    from buildkit_engine.buildkit.buildctl import Buildctl, Result
    from buildkit_engine.buildkit.children import Children
    from buildkit_engine.buildkit.exporters import Exporter
    from buildkit_engine.buildkit.frontend import DockerBuild
    from buildkit_engine.buildkit.nodes import Node
    from buildkit_engine.llb.ops import Op
    from buildkit_engine.model.solving import Solver

    T = TypeVar("T")

_WATCH_SECONDS = 5


@dataclass(eq=False)
class Place:
    """A node, and what solves there; its solver's tool is the program for the node's machine."""

    node: Node
    solver: Solver
    busy: int = 0
    """How many solves are under way."""

    def adapted(self, output: Output, shim: LocalSource) -> Output:
        """`output` with the program for this node's machine in the place of `shim`."""
        tool = self.solver.tool

        def change(op: Op) -> Output | None:
            if op.digest == shim.digest:
                return tool.source.output
            if isinstance(op, ExecOp) and op.args[0] == PROGRAM:
                return replace(op, on=tool.platform).output
            return None

        return rewritten(output, change)


@dataclass
class Router:
    """All nodes as one solver. Safe to use from several threads.

    Every error of a node's names it. Once a node is lost, all that is under way anywhere ends, and
    nothing more begins.
    """

    places: tuple[Place, ...]
    tool: Shim
    """As operations have it that are not any node's yet."""
    scratch: Path
    children: Children
    """What the solvers run."""
    _layouts: dict[str, Output] = field(default_factory=dict)
    _locks: dict[str, threading.Lock] = field(default_factory=lambda: defaultdict(threading.Lock))
    _guard: threading.Lock = field(default_factory=threading.Lock)
    _lost: SolveError | None = None
    _watching: bool = False
    _closed: threading.Event = field(default_factory=threading.Event)

    @property
    def secrets(self) -> dict[str, bytes]:
        return self.places[0].solver.secrets

    def build(self, output: Output) -> None:
        """Builds it, for its effect and its errors."""
        place = self._place_of(output)
        here = self._brought(output, place)
        self._on(place, lambda solver: solver.build(here))

    def export(
        self, output: Output, exporter: Callable[[Output], Exporter], *, platform: str = ""
    ) -> Result:
        """Builds it and exports it as `exporter` says of what is built, from one node.

        That is the node where all its commands are executed; where that is none or are several,
        the one of `platform`, else the first.
        """
        place = self._place_of(output, platform)
        here = self._brought(output, place)
        return self._on(place, lambda solver: solver.export(here, exporter))

    def dockerfile(self, asked: DockerBuild, build: Callable[[Buildctl, DockerBuild], T]) -> T:
        """What `build` makes of a Dockerfile on the platform's node, all stages there.

        Its node is what builds, whatever the arguments say.
        """
        # whoever builds no Dockerfile does not wait for this to be imported
        from buildkit_engine.buildkit.frontend import building_on

        place = self._place_for(asked.platform)
        arguments = (*asked.arguments, *building_on(place.node.own))
        placed = replace(asked, arguments=arguments)
        return self._on(place, lambda solver: build(solver.buildctl, placed))

    def write_caches(self, _made: Sequence[Output]) -> None:
        """Raises RequestError: one node would overwrite what another has written."""
        msg = "the nodes of BUILDKIT_HOSTS write no cache: each would overwrite the others'"
        raise RequestError(msg)

    def close(self) -> None:
        """Ends what is under way."""
        self._closed.set()
        self.children.stop()

    # -- where

    def _place_of(self, output: Output, platform: str = "") -> Place:
        if is_users_command(output.op):
            return self._place_for(output.op.on)
        homes = self._homes([output])[output.op.digest]
        if len(homes) == 1:
            return next(iter(homes))
        known = [p for place in self.places for p in place.node.platforms]
        return self._place_for(platform) if as_published(platform) in known else self.places[0]

    def _place_for(self, platform: str) -> Place:
        for place in self.places:
            if as_published(platform) in place.node.platforms:
                return place
        named = ", ".join(p for place in self.places for p in place.node.platforms)
        raise RequestError(
            f"no node of BUILDKIT_HOSTS executes {platform}: expected one of {named}"
        )

    def _homes(self, outputs: list[Output]) -> dict[str, frozenset[Place]]:
        """Of each operation, by digest, where the commands are executed that it needs."""
        homes: dict[str, frozenset[Place]] = {}
        for op in walk(outputs):
            own = {self._place_for(op.on)} if is_users_command(op) else set()
            homes[op.digest] = frozenset(own).union(*(homes[i.op.digest] for i in op.inputs))
        return homes

    # -- carrying

    def _brought(self, output: Output, place: Place) -> Output:
        """`output` for a place, with images of what was made elsewhere in place of its making."""
        homes = self._homes([output])

        def is_elsewhere(op: Op) -> bool:
            if is_users_command(op):
                return self._place_for(op.on) is not place
            return bool(homes[op.digest]) and place not in homes[op.digest]

        elsewhere: dict[str, Output] = {}
        seen, needed = set(), [output.op]
        while needed:
            op = needed.pop()
            if op.digest not in seen:
                seen.add(op.digest)
                for source in op.inputs:
                    if is_elsewhere(source.op):
                        elsewhere[source.key] = source
                    else:
                        needed.append(source.op)
        if elsewhere:
            with ThreadPoolExecutor(max_workers=len(elsewhere)) as pool:
                images = pool.map(lambda source: self._carried(source, place), elsewhere.values())
                output = replaced(output, dict(zip(elsewhere, images, strict=True)))
        return place.adapted(output, self.tool.source)

    def _carried(self, source: Output, to: Place) -> Output:
        """An image of it in a folder of this machine; made once a session."""
        with self._guard:
            lock = self._locks[source.key]
        with lock:
            if source.key not in self._layouts:
                node = self._place_of(source).node
                platform = node.platforms[0]
                folder = self.scratch / f"carried-{source.key.removeprefix('sha256:')}"
                exporter = LayoutFolder(str(folder), oci_platform(platform))
                made = self.export(source, lambda _: exporter)
                layout = LayoutSource(
                    f"carry from {node.daemon.address} to {to.node.daemon.address}",
                    str(folder),
                    str(made.metadata["containerimage.digest"]),
                    platform,
                    times_are_set=source.op.has_set_times,
                )
                self._layouts[source.key] = layout.output
            return self._layouts[source.key]

    # -- what becomes of it

    def _on(self, place: Place, solve: Callable[[Solver], T]) -> T:
        self._watch_over(place, 1)
        try:
            return solve(place.solver)
        except EngineError as error:
            if isinstance(error, SolveError) and self._lost is None:
                self._look(place)
            if self._lost:
                raise self._lost from None
            if type(error) is SolveError and not error.vertex:
                raise SolveError(f"{place.node}: {error}", logs=error.logs) from None
            raise
        finally:
            self._watch_over(place, -1)

    def _look(self, place: Place) -> None:
        """Ends all that is under way where the node does not answer."""
        try:
            place.node.asked(place.solver.buildctl.program)
        except SetupError as error:
            with self._guard:
                if self._lost is None:
                    self._lost = SolveError(f"{error}, and it did when the call began")
            # asked to end, they would wait for what their daemons wait for, such as a registry
            self.children.stop(signal.SIGKILL)

    def _watch_over(self, place: Place, more: int) -> None:
        """Has the node asked, while it is busy: one that has frozen does not say so itself."""
        with self._guard:
            place.busy += more
            if not self._watching:
                self._watching = True
                threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while not self._closed.wait(_WATCH_SECONDS):
            for place in self.places:
                if place.busy and self._lost is None:
                    self._look(place)
