"""The programs that the engine runs: built once from pinned Go modules, kept in the state folder."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.children import Children
from buildkit_engine.buildkit.daemons import host_platform
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit_engine.buildkit.state import State

_HERE = Path(__file__).parent
GO_TOOLS = ("buildkitd", "buildctl", "crane", "registry")


@dataclass(frozen=True)
class Tools:
    """Absolute paths of what the engine runs."""

    bin: Path
    shim: Path
    """The folder with the program that goes into containers, and nothing else in it."""
    freeze: Path

    def shim_for(self, platform: str) -> Path:
        """The folder with the program for a platform, once it is built."""
        if platform == host_platform():
            return self.shim
        return self.shim.with_name(f"{self.shim.name}-{platform.replace('/', '-')}")

    @property
    def buildkitd(self) -> str:
        return str(self.bin / "buildkitd")

    @property
    def buildctl(self) -> str:
        return str(self.bin / "buildctl")

    @property
    def crane(self) -> str:
        return str(self.bin / "crane")

    @property
    def registry(self) -> str:
        return str(self.bin / "registry")


def built(tools: Tools) -> bool:
    programs = (*(tools.bin / name for name in GO_TOOLS), tools.shim / "shim", tools.freeze)
    return all(program.exists() for program in programs)


def locate(state: State) -> Tools:
    """Where the tools of this version of the engine are, or will be."""
    tools = state.root / "tools"
    return Tools(
        bin=tools / _fingerprint(_HERE / "tools"),
        shim=state.root / "shim" / _fingerprint(_HERE / "shim"),
        freeze=state.root / "freeze" / _fingerprint(_HERE / "freeze") / "freeze",
    )


def buildkit_version() -> str:
    """The version of BuildKit that the tools are built from."""
    requires = (_HERE / "tools" / "go.mod").read_text()
    return re.search(r"github\.com/moby/buildkit (v\S+)", requires)[1]  # type: ignore[index]


def ensure(state: State, *, for_containers: bool = True) -> Tools:
    """The tools, built if this version's are missing (about 100 s on two cores).

    Without `for_containers`, runc may be missing: a daemon elsewhere has its own.
    Raises SetupError where Go or runc is missing, or a build fails.
    """
    tools = locate(state)
    with state.locked("tools"):
        if not all((tools.bin / name).exists() for name in GO_TOOLS):
            with _whole(tools.bin) as new:
                _go(["install", "-ldflags=-s -w", "tool"], _HERE / "tools", new)
        for program in (tools.shim / "shim", tools.freeze):
            if not program.exists():
                with _whole(program.parent) as new:
                    _build(program.name, new)
    if for_containers and shutil.which("runc") is None:
        msg = "runc is not installed: BuildKit starts containers with it (apt-get install runc)"
        raise SetupError(msg)
    return tools


def ensure_shim(state: State, platform: str) -> None:
    """Builds the program that goes into containers for a platform, if it is missing.

    Raises SetupError where Go is missing, or the build fails.
    """
    target = locate(state).shim_for(platform)
    if not (target / "shim").exists():
        with state.locked("tools"), _whole(target) as new:
            _build("shim", new, **_goenv(platform))


def _goenv(platform: str) -> dict[str, str]:
    """How Go calls a platform."""
    os_, architecture, *variant = platform.split("/")
    goarm = {"GOARM": variant[0].removeprefix("v")} if architecture == "arm" and variant else {}
    return {"GOOS": os_, "GOARCH": architecture, **goarm}


def _build(name: str, folder: Path, **env: str) -> None:
    """Builds one of the engine's own programs into a folder."""
    _go(["build", "-ldflags=-s -w", "-o", str(folder / name), "."], _HERE / name, folder, **env)


def _fingerprint(folder: Path) -> str:
    digest = hashlib.sha256()
    for path in sorted(folder.iterdir()):
        if path.is_file():
            digest.update(path.name.encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:16]


@contextmanager
def _whole(target: Path) -> Iterator[Path]:
    """A new folder that becomes `target` when all is in it: a build may be interrupted."""
    new = target.with_name(f"{target.name}.new")
    shutil.rmtree(new, ignore_errors=True)
    new.mkdir(parents=True)
    try:
        yield new
        shutil.rmtree(target, ignore_errors=True)
        new.rename(target)
    finally:
        shutil.rmtree(new, ignore_errors=True)


def _go(args: list[str], source: Path, target: Path, **env: str) -> None:
    go = shutil.which("go")
    if go is None:
        msg = "Go is not installed: the engine's tools are built with Go 1.26 or later"
        raise SetupError(msg)
    scratch = target / "scratch"
    scratch.mkdir()
    done = Children().run(
        [go, *args],
        cwd=source,
        env={
            **os.environ,
            "CGO_ENABLED": "0",
            "GOFLAGS": "-trimpath -buildvcs=false",
            # a patch release that the tools ask for comes as a Go module, like they do
            "GOTOOLCHAIN": "auto",
            "GOBIN": str(target),
            # its own temporary folder stays behind where it is ended
            "GOTMPDIR": str(scratch),
            **env,
        },
    )
    shutil.rmtree(scratch, ignore_errors=True)
    if done.returncode:
        msg = f"go {' '.join(args)} failed in {source}: {done.stderr.strip()[-2000:]}"
        raise SetupError(msg)
