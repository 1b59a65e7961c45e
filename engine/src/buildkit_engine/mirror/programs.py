"""Running the machine's own programs, and their failures as one line."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.children import Children
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping
    from pathlib import Path

_NO_SPACE = ("no space left on device", "don't have enough free space")
_ERRORS = ("E: ", "ERROR: ")
_NO_NETWORK = (
    "temporary failure resolving",
    "could not resolve",
    "could not connect",
    "no such host",
    "network is unreachable",
    "connection refused",
    "i/o timeout",
)


def run(
    command: list[str],
    env: Mapping[str, str] | None = None,
    *,
    cwd: Path | None = None,
    given: str | None = None,
    prefix: tuple[str, ...] = (),
) -> str:
    """What the program prints; raises SetupError where it is missing or fails.

    `prefix` is a program that starts it.
    """
    done = attempt(command, env, cwd=cwd, given=given, prefix=prefix)
    if done.returncode:
        raise SetupError(explained(command[0], done.stderr))
    return done.stdout


def attempt(
    command: list[str],
    env: Mapping[str, str] | None = None,
    *,
    cwd: Path | None = None,
    given: str | None = None,
    prefix: tuple[str, ...] = (),
) -> subprocess.CompletedProcess[str]:
    """How the program ended; raises SetupError where it is missing."""
    try:
        return Children().run(
            [*prefix, *command],
            # the words of its errors are looked for
            env={**os.environ, "LC_ALL": "C.UTF-8", **(env or {})},
            cwd=cwd or "/",
            given=given,
        )
    except FileNotFoundError:
        msg = f"{command[0]} is not installed: stand-ins are made with it"
        raise SetupError(msg) from None


def explained(program: str, stderr: str) -> str:
    """One line: what went wrong, and what to do where that is known."""
    words = stderr.lower()
    if any(phrase in words for phrase in _NO_SPACE):
        return (
            f"{program}: {os.strerror(errno.ENOSPC)} while a stand-in was made: free some "
            "space, or choose another folder with BUILDKIT_ENGINE_STATE"
        )
    failed = f"{program} failed while a stand-in was made"
    if any(phrase in words for phrase in _NO_NETWORK):
        return f"{failed}, no network: {_last_error(stderr)}"
    return f"{failed}: {_last_error(stderr)}"


def _last_error(stderr: str) -> str:
    """The program's last error, else its last words."""
    lines = [line.strip() for line in stderr.splitlines() if line.strip()]
    # apt and pip sum up in their last lines; the first error says what it was
    errors = [line for line in lines if line.startswith(_ERRORS)]
    last = (errors[:1] or lines[-1:] or ["it ended without a word"])[0]
    return last.removeprefix("E: ").removeprefix("ERROR: ")
