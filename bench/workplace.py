"""What a run stands on: an engine of its own, base images in its registry, ko, and folders.

All of it is below one folder and kept for the next run; no other engine's caches are touched.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from bench import GO_TOOLS, ROOT
from bench.cases import ALL_PLATFORMS
from buildkit_engine.buildkit import forkserver, tools
from buildkit_engine.buildkit.state import STATE_VARIABLE, Running, State

BASE = "gcr.io/distroless/static-debian12:nonroot"
_SCANNER = "docker.io/library/python:3.11-slim"
# of another engine's state, what takes long to make and is never written to again
_SHARED = ("tools", "shim", "freeze")


class SetUpError(Exception):
    """Something that the benchmark needs could not be had."""


@dataclass(frozen=True)
class Workplace:
    """Where a run has its things: `state` is its engine's."""

    folder: Path
    state: State
    go: str
    """The version of Go that everybody compiles with, as its image is tagged."""

    @classmethod
    def at(cls, folder: Path) -> Workplace:
        """Below a folder; with the machine's own Go, which is what ko uses."""
        return cls(folder, State(folder / "state"), go_version())

    @property
    def env(self) -> dict[str, str]:
        """What makes commands use this engine and no other."""
        return {STATE_VARIABLE: str(self.state.root), "BUILDKIT_HOST": "", "NO_COLOR": "1"}

    @property
    def engine(self) -> str:
        return str(Path(sys.executable).with_name("buildkit-engine"))

    @property
    def ko(self) -> str:
        return str(self.folder / "go-tools" / "ko")

    @property
    def buildctl(self) -> str:
        return tools.locate(self.state).buildctl

    @property
    def running(self) -> Running:
        """The engine; raises SetUpError where it does not run."""
        found = Running.load(self.state)
        if found is None:
            raise SetUpError("the benchmark's engine does not run")
        return found

    def prepare(self, rivals: Collection[str]) -> None:
        """Makes what takes long and rivals need: tools, ko, base images. Leaves the engine ended."""
        users = State.of_user()
        for name in _SHARED:
            source, target = users.root / name, self.state.root / name
            if source.is_dir() and not target.exists():
                shutil.copytree(source, target, symlinks=True)
        if "ko" in rivals:
            self.run([_go(), "install", "-ldflags=-s -w", "tool"], GO_TOOLS, self._installing)
        compiling = ["linux/amd64", *(["linux/arm64"] if "emulated" in rivals else [])]
        for reference, platforms in (
            (BASE, ALL_PLATFORMS),
            (_SCANNER, ["linux/amd64"]),
            (f"docker.io/library/golang:{self.go}-bookworm", compiling),
        ):
            # one after another: what two need of Debian's packages is fetched once
            self.run_engine("mirror", reference, f"--platforms={','.join(platforms)}")
        self.run_engine("down")

    @property
    def _installing(self) -> dict[str, str]:
        return {
            "GOBIN": str(Path(self.ko).parent),
            "CGO_ENABLED": "0",
            # a patch release that ko asks for comes as a Go module, like ko does
            "GOTOOLCHAIN": "auto",
        }

    def run_engine(self, *words: str) -> None:
        self.run([self.engine, *words], env=self.env)

    def fork_servers(self) -> list[int]:
        """The ids of the processes that calls of the module are forked from."""
        return [pid for pid, _ in forkserver.running(self.state.forks)]

    def forget(self) -> None:
        """Removes all that the daemon has cached: layers, base images, cache volumes."""
        address = self.running.daemon_address(self.state)
        self.run([self.buildctl, f"--addr={address}", "prune", "--all"])

    def run(
        self, command: Sequence[str], folder: Path = ROOT, env: Mapping[str, str] | None = None
    ) -> None:
        """Raises SetUpError with a command's last words where it fails."""
        done = subprocess.run(
            list(command),
            cwd=folder,
            env={**os.environ, **(env or {})},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SetUpError(f"'{' '.join(command)}' failed: {done.stderr.strip()[-2000:]}")


def go_version() -> str:
    """The machine's own Go, which ko compiles with, and so the version of everybody's Go image."""
    done = subprocess.run(
        [_go(), "env", "GOVERSION"],
        env={**os.environ, "GOTOOLCHAIN": "local"},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip().removeprefix("go")


def _go() -> str:
    go = shutil.which("go")
    if go is None:
        raise SetUpError("Go is not installed: ko and the Go image are made with it")
    return go
