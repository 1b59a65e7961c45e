"""The process that a module's functions run in: forked where the SDK is imported already, else started.

Importing the SDK takes most of a second. What imported it for one call stays for the next ones, and
forks a process for each: the module itself is imported in each anew.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from buildkit_engine.buildkit import forkserver

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit_engine.buildkit.children import Children
    from buildkit_engine.buildkit.forkserver import Forked
    from buildkit_engine.buildkit.state import State

_RUNTIME, _FORKS = (Path(__file__).with_name(f"{name}.py") for name in ("runtime", "forks"))
# what an interpreter and the SDK read when they begin
_READ = ("PYTHON", "DAGGER_", "OTEL_", "LC_", "LD_")
_READ_TOO = ("HOME", "LANG", "LANGUAGE")


@dataclass(frozen=True)
class Interpreter:
    """A module's interpreter, with the environment that its process gets."""

    program: str
    environment: Mapping[str, str]
    state: State

    def started(
        self, mark: str, children: Children
    ) -> tuple[subprocess.Popen[bytes] | Forked, IO[str]]:
        """A process that runs functions, and what it writes of them: runtime.py says what.

        Standard output has its errors too.
        """
        forked = forkserver.fork(self._server, mark, self.environment)
        if forked:
            children.adopt(forked.end)
            return forked, forked.done
        read, write = os.pipe()
        process = children.start(
            # -P: the driver's own folder is no place to import a module's modules from
            [self.program, "-P", str(_RUNTIME), str(write), mark],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[write],
            env=self.environment,
        )
        os.close(write)
        return process, os.fdopen(read)

    def stay(self) -> None:
        """Has the SDK imported for the next calls, where it can be."""
        # nobody has asked for it: what it lacks is no error of the call's
        with contextlib.suppress(OSError):
            self.state.folder("forks")
            log = self.state.folder("logs") / "forks.log"
            forkserver.start(self.program, _FORKS, self._server, self._read, log)

    @property
    def _read(self) -> dict[str, str]:
        return {
            name: value
            for name, value in self.environment.items()
            if name.startswith(_READ) or name in _READ_TOO
        }

    @property
    def _server(self) -> Path:
        """The socket of the server that has read what a new process would read now."""
        scripts = [script.stat().st_mtime_ns for script in (_RUNTIME, _FORKS)]
        parts = [self.program, sorted(self._read.items()), scripts]
        key = hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]
        return self.state.forks / key
