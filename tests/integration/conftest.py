"""Integration tests drive the command line, `buildkit-engine call` or `dagger call`, as a user does."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from buildkit_engine.buildkit import lifecycle
from buildkit_engine.buildkit.state import State
from tests.integration.registries import Registry, free_port

ROOT = Path(__file__).parents[2]
GO_APP = ROOT / "examples" / "go-app"
SECONDS = 300
"""How long a call may take on the embedded engine."""
_DAGGERS_SHARE = 4
"""How much longer on a Dagger engine, which builds the module itself as well."""


@dataclass(frozen=True)
class Ran:
    """How a command line ended; `error` is what it said on standard error, without colours."""

    code: int
    out: str
    error: str

    @property
    def refusal(self) -> str:
        """The line that says what was wrong, without what Dagger's command line puts around it."""
        lines = [line for line in self.error.splitlines() if line.startswith("Error: ")]
        said = lines[-1].removeprefix("Error: ").removeprefix("FunctionError: ") if lines else ""
        return re.sub(r" \[traceparent:[0-9a-f-]+\]$", "", said)


@dataclass(frozen=True)
class CommandLine:
    """The command under test: calls functions of this repository's module, or of another one."""

    engine: str
    module: Path = ROOT

    @property
    def embedded(self) -> bool:
        return self.engine == "embedded"

    def command(self, *words: str, source: Path | None = None) -> list[str]:
        start = (
            [str(Path(sys.executable).with_name("buildkit-engine")), "call"]
            if self.embedded
            else ["dagger", "--progress=plain", "call"]
        )
        given = [f"--source={source}"] if source else []
        return [*start, "--mod", str(self.module), *given, *words]

    def __call__(
        self,
        *words: str,
        source: Path | None = None,
        cwd: Path = ROOT,
        env: dict[str, str] | None = None,
        timeout: float = SECONDS,
    ) -> Ran:
        done = subprocess.run(
            self.command(*words, source=source),
            cwd=cwd,
            env={**os.environ, "NO_COLOR": "1", **(env or {})},
            capture_output=True,
            text=True,
            timeout=timeout if self.embedded else _DAGGERS_SHARE * timeout,
            check=False,
        )
        return Ran(done.returncode, done.stdout.strip(), done.stderr)


def errors(text: str) -> list[tuple[str, str, str]]:
    """Rule, platform and path of each error of a table of findings.

    Dagger's progress may show the table once more, with a time before each row.
    """
    rows = re.findall(r"\berror  +([a-z-]+) +(\S+) +(\S+)", text)
    return list(dict.fromkeys(rows))


@pytest.fixture(scope="session")
def engine(request: pytest.FixtureRequest) -> str:
    return request.config.getoption("--engine")


@pytest.fixture(scope="session")
def call(engine: str) -> CommandLine:
    if engine == "dagger" and shutil.which("dagger") is None:
        pytest.skip("no 'dagger' command on PATH")
    return CommandLine(engine)


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(GO_APP, tmp_path / "app"))


@pytest.fixture(scope="session")
def start_registry(
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Callable[..., Registry]]:
    """Starts registries on loopback; each ends with the tests."""
    _, tools = lifecycle.up(State.of_user())
    started: list[Registry] = []

    def start(**options: str) -> Registry:
        folder = tmp_path_factory.mktemp("registry")
        registry = Registry(tools.registry, tools.crane, folder, free_port(), **options)
        registry.start()
        started.append(registry)
        return registry

    yield start
    for registry in started:
        registry.stop()


@pytest.fixture(scope="session")
def registry(start_registry: Callable[..., Registry]) -> Registry:
    """A registry that all tests share; each takes a repository of its own."""
    return start_registry()


@pytest.fixture
def repository(registry: Registry, request: pytest.FixtureRequest) -> str:
    """An address that no other test pushes to."""
    name = "".join(c if c.isalnum() else "-" for c in request.node.name.lower()).strip("-")
    return f"{registry.address}/{'-'.join(filter(None, name.split('-')))}"
