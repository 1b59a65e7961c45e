"""Engines of their own: a state folder for each test, with tools that were built before."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from buildkit_engine.buildkit import lifecycle, tools
from buildkit_engine.buildkit.crane import Crane
from buildkit_engine.buildkit.daemons import host_platform
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.state import Running, State
from buildkit_engine.mirror.build import Mirror

IMAGE = "docker.io/library/debian:bookworm-slim"
SDK = Path(__file__).with_name("solve.py")


@dataclass
class Engine:
    """The command line with a state folder of its own."""

    state: State
    env: dict[str, str] = field(default_factory=dict)

    def __call__(self, *words: str, code: int | None = 0) -> str:
        """What a command printed, its errors too; it must end with `code`."""
        return self.run([str(Path(sys.executable).with_name("buildkit-engine")), *words], code)

    def solve(self, *words: str, code: int | None = 0) -> str:
        """Runs a command in a container, by the SDK: see solve.py."""
        return self.solve_in(IMAGE, *words, code=code)

    def solve_in(self, image: str, *words: str, code: int | None = 0) -> str:
        return self.run([sys.executable, str(SDK), image, *words], code)

    def run(self, command: list[str], code: int | None) -> str:
        done = subprocess.run(
            command,
            env={**os.environ, "BUILDKIT_ENGINE_STATE": str(self.state.root), **self.env},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        said = done.stdout + done.stderr
        assert code is None or done.returncode == code, said
        assert "Traceback" not in said
        return said

    @property
    def running(self) -> Running:
        found = Running.load(self.state)
        assert found
        return found

    @property
    def answers(self) -> bool:
        running = Running.load(self.state)
        return running is not None and lifecycle.answers(
            self.state, running, tools.locate(self.state)
        )


@pytest.fixture(scope="session", autouse=True)
def this_engine(request):
    if request.config.getoption("--engine") == "dagger":
        pytest.skip("a Dagger engine has a life of its own")


@pytest.fixture(scope="session")
def built(this_engine) -> State:
    """The user's state: with tools, and with the image that tests run commands in."""
    state = State.of_user()
    running, found = lifecycle.up(state)
    if running.stand_ins:
        mirror = Mirror(state, Crane(found.crane), running.registry, print)
        mirror.provide(Reference.parse(IMAGE), host_platform())
    return state


def with_tools(state: State, built: State) -> None:
    """Puts what took minutes to make into a state folder, and what was decided once."""
    for name in ("tools", "shim"):
        (state.folder() / name).symlink_to(built.root / name)
    running = Running.load(built)
    Running(0, 0, "127.0.0.1:0", stand_ins=running.stand_ins).save(state)


def with_image(state: State, built: State) -> None:
    """The image as well. Large files are links: they are named by what is in them."""
    kept = Path("docker/registry/v2")
    for folder in (kept / "blobs", kept / "repositories" / "docker.io"):
        if (built.root / "registry" / folder).exists():
            shutil.copytree(
                built.root / "registry" / folder,
                state.folder("registry") / folder,
                copy_function=link,
            )


def link(source: str, target: str) -> None:
    large = Path(source).stat().st_size > 4096
    (os.link if large else shutil.copy2)(source, target)


@pytest.fixture
def start(tmp_path, built):
    """Makes engines by name; what they started ends with the test."""
    engines = []

    def start(name: str = "state") -> Engine:
        engine = Engine(State(tmp_path / name))
        with_tools(engine.state, built)
        with_image(engine.state, built)
        engines.append(engine)
        return engine

    yield start
    for engine in engines:
        engine.env.clear()
        engine("clean")
        assert not engine.state.root.exists()


@pytest.fixture
def engine(start):
    return start()
