"""Two daemons on this machine, each for a platform: the kernel's emulator is the foreign processor."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from buildkit_engine.buildkit import leftovers, lifecycle, processes
from buildkit_engine.buildkit.daemons import Daemon
from buildkit_engine.buildkit.state import Running, State
from engine.tests.listening import LISTENING

if TYPE_CHECKING:
    from buildkit_engine.buildkit.tools import Tools

HERE = Path(__file__).parent
ARCHITECTURES = ("amd64", "arm64")
_MARK = "BUILDKIT_ENGINE_TEST_MARK"


def until(what: Callable[[], object], seconds: float, why: str | Callable[[], str]) -> None:
    """Waits for it; a test that waits in vain fails with the reason."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why if isinstance(why, str) else why()
        time.sleep(0.05)


def marked(mark: str, of: str) -> list[str]:
    """Command lines of processes with the mark in their command line, or in their environment."""
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if mark.encode() in (process / of).read_bytes():
                words = (process / "cmdline").read_bytes().replace(b"\0", b" ")
                found.append(words.decode(errors="replace"))
        except OSError:
            continue  # it has just ended
    return [line for line in found if line]


@dataclass
class NodeDaemon:
    """A daemon whose machine says that it is of a platform."""

    found: Tools
    state: State
    platform: str
    address: str
    pid: int = 0

    def start(self, *flags: str) -> None:
        config = self.state.folder() / "buildkitd.toml"
        config.write_text(lifecycle.daemon_config(self.state, "127.0.0.1:1", stand_ins=False))
        command = [self.found.buildkitd, f"--addr={self.address}", *flags]
        command += [f"--root={self.state.folder('buildkit')}", f"--config={config}"]
        command += ["--containerd-worker=false", f"--oci-worker-platform={self.platform}"]
        log = self.state.folder("logs") / "buildkitd.log"
        self.pid = processes.start(command, log=log, env={"TMPDIR": str(self.state.temporary)})

    def wait(self, tls: str = "") -> None:
        def answers() -> bool:
            try:
                return bool(Daemon(self.address, tls).platforms(self.found.buildctl, seconds=30))
            except lifecycle.SetupError:
                return False

        def why() -> str:
            log = self.state.folder("logs") / "buildkitd.log"
            return f"{self.address} did not start: {log.read_text()[-2000:]}"

        # its folder is new, and a disk under load takes its time
        until(answers, 120, why)

    def send(self, number: int) -> None:
        os.kill(self.pid, number)

    @property
    def executed(self) -> list[str]:
        """The commands of `publish` that its history has, by what progress calls them."""
        return self.told("] /probe /told")

    def told(self, part: str) -> list[str]:
        """The commands with that in them that its history has, by what progress calls them."""
        refs = self._debug("histories", "--format", "{{.Record.Ref}}").split()
        logs = "\n".join(self._debug("logs", ref) for ref in refs)
        titles = [line.partition(" ")[2] for line in logs.splitlines() if part in line]
        return list(dict.fromkeys(titles))

    def _debug(self, *words: str) -> str:
        command = [self.found.buildctl, "--addr", self.address, "debug", *words]
        done = subprocess.run(command, capture_output=True, text=True, check=True)
        # the progress of what was built is told as progress
        return done.stdout + done.stderr

    def end(self) -> None:
        if processes.alive(self.pid):
            self.send(signal.SIGCONT)
        processes.end(self.pid, self.found.buildkitd)
        leftovers.remove(self.state)
        shutil.rmtree(self.state.root)


@dataclass
class Call:
    """A publication under way; what it starts, and what is executed for it, has its mark."""

    process: subprocess.Popen[str]
    mark: str
    repository: str

    def ended(self, seconds: float = 180) -> tuple[int, str, str]:
        out, error = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, error

    @property
    def commands(self) -> list[str]:
        """What nodes execute for it, with the emulator where there is one."""
        return [line for line in marked(self.mark, "cmdline") if "/probe /told" in line]

    @property
    def processes(self) -> list[str]:
        return marked(f"{_MARK}={self.mark}", "environ")


@pytest.fixture(scope="session")
def engine(request) -> tuple[State, Running, Tools]:
    """The user's engine: its tools, and its registry."""
    if request.config.getoption("--engine") == "dagger":
        pytest.skip("a Dagger engine has no nodes")
    if not Path("/proc/sys/fs/binfmt_misc/qemu-aarch64").exists():
        pytest.skip("no emulator for linux/arm64 is registered with the kernel")
    state = State.of_user()
    return state, *lifecycle.up(state)


@pytest.fixture(scope="session")
def probes(engine, tmp_path_factory) -> Path:
    """A folder with a program for each platform, which says what it was built for."""
    folder = tmp_path_factory.mktemp("probes")
    for architecture in ARCHITECTURES:
        subprocess.run(
            ["go", "build", "-ldflags=-s -w", "-o", str(folder / f"probe-{architecture}"), "."],
            cwd=HERE / "probe",
            env={**os.environ, "GOARCH": architecture, "CGO_ENABLED": "0"},
            check=True,
        )
    return folder


@pytest.fixture
def make_node(engine, tmp_path) -> Iterator[Callable[..., NodeDaemon]]:
    """Makes daemons that are not started yet; they end with the test."""
    nodes = []

    def make_node(architecture: str, address: str = "") -> NodeDaemon:
        state = State(tmp_path / architecture)
        state.folder()
        address = address or f"unix://{state.socket}"
        nodes.append(NodeDaemon(engine[2], state, f"linux/{architecture}", address))
        return nodes[-1]

    yield make_node
    for node in nodes:
        node.end()


@pytest.fixture
def nodes(make_node) -> dict[str, NodeDaemon]:
    """One a platform, at sockets, by architecture."""
    found = {architecture: make_node(architecture) for architecture in ARCHITECTURES}
    for node in found.values():
        node.start()
    for node in found.values():
        node.wait()
    return found


def hosts(nodes: dict[str, NodeDaemon]) -> str:
    """BUILDKIT_HOSTS for them."""
    return ",".join(f"{node.platform}={node.address}" for node in nodes.values())


@pytest.fixture
def publish(engine, probes) -> Iterator[Callable[..., Call]]:
    """Starts publications; those that a test leaves behind are killed."""
    state, running, _ = engine
    started: list[Call] = []

    def publish(hosts: str, *flags: str, registry: str = running.registry, **env: str) -> Call:
        mark = uuid.uuid4().hex
        repository = f"nodes/{mark}"
        words = [str(HERE / "publish.py"), *flags, str(probes), f"{registry}/{repository}:v1"]
        process = subprocess.Popen(
            [*LISTENING, sys.executable, *words, f"/told-{mark}"],
            env={
                **os.environ,
                "BUILDKIT_ENGINE_STATE": str(state.root),
                "BUILDKIT_HOSTS": hosts,
                _MARK: mark,
                **env,
            },
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        started.append(Call(process, mark, repository))
        return started[-1]

    yield publish
    for call in started:
        if call.process.poll() is None:
            call.process.kill()
        call.process.communicate()
