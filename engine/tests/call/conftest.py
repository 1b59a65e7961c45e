"""Modules in Python, called as a user calls them: by `buildkit-engine` or by `dagger`."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_TRACE = re.compile(r" \[traceparent:[0-9a-f-]+\]$")
_MODULES = Path(__file__).with_name("modules")


@dataclass(frozen=True)
class Ran:
    """How a command line ended."""

    code: int
    out: str
    error: str

    @property
    def refusal(self) -> str:
        """The line that says what was wrong, as far as it is the same with both engines.

        This one adds what would have been accepted; Dagger adds the error's class and a trace.
        """
        lines = [line for line in self.error.splitlines() if line.startswith("Error: ")]
        assert lines, self.error
        said = lines[-1].removeprefix("Error: ").removeprefix("FunctionError: ")
        return _TRACE.sub("", said).partition(": expected one of ")[0]

    @property
    def help(self) -> dict[str, list[str]]:
        """The lines of each section of a help text; of an argument all that is said in one.

        Dagger breaks what a module says of its arguments at other places.
        """
        sections: dict[str, list[str]] = {"": []}
        name = ""
        for line in self.out.splitlines():
            if line.isupper() and not line.startswith(" "):
                name = line
                sections[name] = []
            elif name == "ARGUMENTS" and sections[name] and not line.lstrip().startswith("--"):
                sections[name][-1] = " ".join(f"{sections[name][-1]} {line.strip()}".split())
            elif line:
                sections[name].append(" ".join(line.split()))
        return sections


@dataclass(frozen=True)
class CommandLine:
    """Calls a module from a folder that is not its own. Its texts are read with Dagger's name."""

    engine: str
    module: Path
    folder: Path

    def __call__(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        return self._run("call", "--mod", str(self.module), *words, env=env)

    def functions(self, *words: str) -> Ran:
        return self._run("functions", "--mod", str(self.module), *words)

    def _run(self, *words: str, env: dict[str, str] | None = None) -> Ran:
        embedded = str(Path(sys.executable).with_name("buildkit-engine"))
        start = [embedded] if self.engine == "embedded" else ["dagger", "--progress=plain"]
        done = subprocess.run(
            [*start, *words],
            cwd=self.folder,
            env={**os.environ, "NO_COLOR": "1", **(env or {})},
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
        texts = (_COLOUR.sub("", text) for text in (done.stdout, done.stderr))
        return Ran(done.returncode, *(t.replace("buildkit-engine ", "dagger ") for t in texts))


@pytest.fixture
def module(request, tmp_path):
    """The command line of one of the modules here."""
    engine = request.config.getoption("--engine")
    if engine == "dagger" and shutil.which("dagger") is None:
        pytest.skip("no 'dagger' command on PATH")
    return lambda name: CommandLine(engine, _MODULES / name, tmp_path)
