"""Commands on their platforms' nodes, with stand-ins for buildctl."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import pytest

from buildkit_engine.buildkit.buildctl import Result
from buildkit_engine.buildkit.daemons import Daemon
from buildkit_engine.buildkit.exporters import LayoutFolder, TarToStdout
from buildkit_engine.buildkit.frontend import DockerBuild, building_on
from buildkit_engine.buildkit.nodes import Node
from buildkit_engine.errors import RequestError, SetupError, SolveError, StoppedError
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    ExecOp,
    FileOp,
    LayoutSource,
    LocalSource,
    MakeDir,
    Output,
    Shim,
)
from buildkit_engine.model.routing import Place, Router
from buildkit_engine.model.solving import Solver

SHIM = LocalSource("shim", "/shims/amd64", "amd64")
DIGEST = "sha256:" + "3" * 64


@dataclass
class FakeBuildctl:
    """Remembers what it solved; fails, or waits, where it is told to."""

    name: str
    error: Exception | None = None
    until: threading.Event | None = None
    program: str = "buildctl"
    solves: list = field(default_factory=list)

    def solve(self, definition, exporter=None, *, secrets=None, write_caches=False):
        self.solves.append((definition, exporter))
        if self.until:
            self.until.wait(10)
        if self.error:
            raise self.error
        digest = DIGEST if isinstance(exporter, LayoutFolder) else "sha256:pushed"
        return Result(metadata={"containerimage.digest": digest}, files=self.name.encode())

    @property
    def executed(self) -> list[tuple[str, str]]:
        """Platform and program of each command of its solves."""
        ops = [op for definition, _ in self.solves for op in definition.ops.values()]
        return list(dict.fromkeys((op.on, op.args[-1]) for op in ops if isinstance(op, ExecOp)))


class FakeChildren:
    def __init__(self):
        self.stopped = threading.Event()

    def stop(self, _how=None):
        self.stopped.set()


@dataclass(frozen=True)
class FakeNode(Node):
    """A node that answers, until it is said to be gone."""

    gone: threading.Event = field(default_factory=threading.Event, compare=False)

    def asked(self, buildctl: str) -> Node:
        if self.gone.is_set():
            raise SetupError(f"{self} of BUILDKIT_HOSTS does not answer: gone")
        return self


@pytest.fixture
def router(tmp_path):
    places = []
    for architecture, also in (("amd64", ("linux/386",)), ("arm64", ())):
        platform = f"linux/{architecture}"
        source = LocalSource("shim", f"/shims/{architecture}", architecture)
        solver = Solver(FakeBuildctl(architecture), Shim(source, platform))
        node = FakeNode(Daemon(f"ssh://{architecture}"), (platform, *also), own=platform)
        places.append(Place(node, solver))
    router = Router(tuple(places), Shim(SHIM, "linux/amd64"), tmp_path, FakeChildren())
    yield router
    router.close()


def buildctl(router: Router, index: int) -> FakeBuildctl:
    return router.places[index].solver.buildctl


def command(platform: str, name: str, *sources: Output) -> Output:
    """What a user's command leaves, which reads the sources."""
    mounts = [BindMount(f"/in{i}", source) for i, source in enumerate(sources)]
    return ExecOp(
        name,
        args=("/shim/shim", "run", "--", name),
        on=platform,
        mounts=(BindMount("/", None), BindMount("/shim", SHIM.output, readonly=True), *mounts),
    ).output


def copied(*sources: Output) -> Output:
    return FileOp("copy", None, tuple(Copy(source, "/", "/") for source in sources)).output


def to_stdout(_output: Output) -> TarToStdout:
    return TarToStdout()


@pytest.mark.parametrize(
    ("platform", "name"),
    [("linux/amd64", b"amd64"), ("linux/386", b"amd64"), ("linux/arm64/v8", b"arm64")],
)
def test_a_command_is_executed_on_its_platforms_node(router, platform, name):
    assert router.export(copied(command(platform, "make")), to_stdout).files == name


def test_what_needs_one_node_is_exported_from_there_whatever_it_is_for(router):
    output = copied(command("linux/amd64", "cross"))
    assert router.export(output, to_stdout, platform="linux/arm64").files == b"amd64"


def test_files_alone_are_put_together_on_the_node_of_the_platform_they_are_for(router):
    files = FileOp("make", None, (MakeDir("/a"),)).output
    assert router.export(files, to_stdout, platform="linux/arm64").files == b"arm64"
    assert router.export(files, to_stdout, platform="linux/riscv64").files == b"amd64"
    assert router.export(files, to_stdout).files == b"amd64"


def test_what_a_command_reads_of_another_nodes_is_carried_to_it(router, tmp_path):
    made = copied(command("linux/arm64", "make"))
    router.build(command("linux/amd64", "check", made))
    assert buildctl(router, 1).executed == [("linux/arm64", "make")]
    assert buildctl(router, 0).executed == [("linux/amd64", "check")]
    carried = buildctl(router, 1).solves[-1][1]
    assert carried == LayoutFolder(
        str(tmp_path / f"carried-{made.key.removeprefix('sha256:')}"),
        {"os": "linux", "architecture": "arm64"},
    )
    definition, _ = buildctl(router, 0).solves[-1]
    assert definition.layouts == {"layout-3333333333333333": carried.dest}
    [source] = [op for op in definition.ops.values() if isinstance(op, LayoutSource)]
    assert source.title == "carry from ssh://arm64 to ssh://amd64"


def test_what_is_carried_is_made_once(router):
    made = copied(command("linux/arm64", "make"))
    for name in ("a", "b"):
        router.build(command("linux/amd64", name, made))
    exports = [e for _, e in buildctl(router, 1).solves if isinstance(e, LayoutFolder)]
    assert len(exports) == 1


def test_files_of_several_nodes_are_put_together_on_the_one_they_are_for(router):
    mixed = copied(command("linux/amd64", "a"), command("linux/arm64", "b"))
    assert router.export(mixed, to_stdout, platform="linux/arm64").files == b"arm64"
    assert buildctl(router, 0).executed == [("linux/amd64", "a")]
    assert buildctl(router, 1).executed == [("linux/arm64", "b")]


def test_each_node_gets_the_program_for_its_machine(router):
    made = router.tool.changed("own", "chown", command("linux/arm64", "make"), "/", {})
    router.export(made, to_stdout)
    definition, _ = buildctl(router, 1).solves[-1]
    assert list(definition.local_paths.values()) == ["/shims/arm64"]
    assert {op.on for op in definition.ops.values() if isinstance(op, ExecOp)} == {"linux/arm64"}


def test_a_platform_without_a_node_is_refused(router):
    with pytest.raises(RequestError) as refused:
        router.build(command("linux/riscv64", "make"))
    assert str(refused.value) == (
        "no node of BUILDKIT_HOSTS executes linux/riscv64: "
        "expected one of linux/amd64, linux/386, linux/arm64"
    )


def test_a_dockerfile_is_built_on_its_platforms_node(router):
    host = (("A", "b"), *building_on("linux/amd64"))
    asked = DockerBuild(platform="linux/arm64", arguments=host)
    found, placed = router.dockerfile(asked, lambda found, placed: (found.name, placed))
    assert found == "arm64"
    # its node is what builds, and not the host that the arguments name
    assert dict(placed.arguments) == {"A": "b", **dict(building_on("linux/arm64"))}


def test_no_cache_is_written(router):
    message = r"^the nodes of BUILDKIT_HOSTS write no cache: each would overwrite the others'$"
    with pytest.raises(RequestError, match=message):
        router.write_caches([])


def test_an_error_that_is_the_nodes_own_names_it(router):
    buildctl(router, 1).error = SolveError("no space left on device")
    with pytest.raises(SolveError) as raised:
        router.build(command("linux/arm64", "make"))
    assert str(raised.value) == "node 'ssh://arm64' (linux/arm64): no space left on device"
    assert not router.children.stopped.is_set()


def test_an_error_of_a_step_is_told_as_it_is(router):
    buildctl(router, 1).error = SolveError("no such file", vertex="sha256:1")
    with pytest.raises(SolveError, match=r"^no such file$"):
        router.build(command("linux/arm64", "make"))


LOST = (
    "node 'ssh://arm64' (linux/arm64) of BUILDKIT_HOSTS does not answer: gone, "
    "and it did when the call began"
)


def test_a_node_that_is_lost_ends_what_is_under_way_everywhere(router):
    # ended like others by the children's end
    waiting = buildctl(router, 0)
    waiting.until, waiting.error = router.children.stopped, SolveError("terminated")
    told = []

    def build() -> None:
        with pytest.raises(SolveError) as raised:
            router.build(command("linux/amd64", "slow"))
        told.append(str(raised.value))

    thread = threading.Thread(target=build)
    thread.start()
    router.places[1].node.gone.set()
    buildctl(router, 1).error = SolveError("connection reset")
    with pytest.raises(SolveError) as raised:
        router.build(command("linux/arm64", "make"))
    thread.join()
    assert [str(raised.value), *told] == [LOST, LOST]
    waiting.error = StoppedError()
    with pytest.raises(SolveError) as raised:
        router.build(command("linux/amd64", "later"))
    assert str(raised.value) == LOST


def test_a_node_that_has_frozen_is_found_while_it_is_busy(router, monkeypatch):
    monkeypatch.setattr("buildkit_engine.model.routing._WATCH_SECONDS", 0.05)
    frozen = buildctl(router, 1)
    frozen.until, frozen.error = router.children.stopped, SolveError("terminated")
    router.places[1].node.gone.set()
    with pytest.raises(SolveError) as raised:
        router.build(command("linux/arm64", "make"))
    assert str(raised.value) == LOST
