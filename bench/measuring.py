"""One measurement: commands that are started at once, until the last of them has ended."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.processes import Sampler, seconds_used

_LIMIT_SECONDS = 30 * 60
_LAST_LINES = 15


class RivalError(Exception):
    """A rival's command failed: what it said last."""


@dataclass(frozen=True)
class Command:
    """A whole process, with what it has in its environment beside this one's."""

    words: Sequence[str]
    env: Mapping[str, str]
    folder: Path
    log: Path
    """Where all goes that it prints."""


@dataclass(frozen=True)
class Measured:
    """What one run took."""

    seconds: float
    client_cpu: float
    """Processor seconds of the commands and of what they started."""
    daemon_cpu: float | None
    """The same of the daemon; None where there is none to look at."""
    client_memory: int
    """Bytes at the worst moment."""
    daemon_memory: int | None


def measure(
    commands: Sequence[Command], daemon: int | None, helpers: Sequence[int] = ()
) -> Measured:
    """Runs the commands at the same time; `daemon` is the id of the process that they rely on.

    What `helpers` take meanwhile, and what those start, counts as the commands' own.

    Raises RivalError where one fails, or does not end within half an hour.
    """
    before = seconds_used(daemon) if daemon else 0.0
    helped = _used_by(helpers)
    started = time.perf_counter()
    with ExitStack() as stack:
        running = [_start(command, stack) for command in commands]
        for process in running:
            stack.callback(_kill, process)
        limit = threading.Timer(_LIMIT_SECONDS, lambda: [_kill(p) for p in running])
        limit.start()
        stack.callback(limit.cancel)
        clients = [*(process.pid for process in running), *helpers]
        with Sampler(clients, (daemon,) if daemon else ()) as sampler:
            used = sum(_wait(process) for process in running)
            seconds = time.perf_counter() - started
    for command, process in zip(commands, running, strict=True):
        if process.returncode:
            last = "\n".join(command.log.read_text(errors="replace").splitlines()[-_LAST_LINES:])
            shown = " ".join(command.words)
            raise RivalError(f"'{shown}' ended with {process.returncode}:\n{last}")
    return Measured(
        seconds=seconds,
        client_cpu=used + max(0.0, _used_by(helpers) - helped),
        daemon_cpu=seconds_used(daemon) - before if daemon else None,
        client_memory=sampler.client,
        daemon_memory=sampler.daemon if daemon else None,
    )


def _used_by(helpers: Sequence[int]) -> float:
    """The processor seconds of those that still run: nobody keeps them from ending."""
    used = 0.0
    for pid in helpers:
        with suppress(FileNotFoundError):
            used += seconds_used(pid)
    return used


def _start(command: Command, stack: ExitStack) -> subprocess.Popen[bytes]:
    log = stack.enter_context(command.log.open("wb"))
    return subprocess.Popen(
        list(command.words),
        cwd=command.folder,
        env={**os.environ, **command.env},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        start_new_session=True,
    )


def _wait(process: subprocess.Popen[bytes]) -> float:
    """The processor seconds that it and all below it took."""
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    return used.ru_utime + used.ru_stime


def _kill(process: subprocess.Popen[bytes]) -> None:
    if process.returncode is None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
