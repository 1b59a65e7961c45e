"""Whole command lines, as processes that signals are sent to."""

from __future__ import annotations

import fcntl
import os
import signal
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from buildkit_engine.buildkit import forkserver, lifecycle
from buildkit_engine.buildkit.scratch import in_memory
from buildkit_engine.buildkit.state import STATE_VARIABLE, State
from engine.tests.listening import LISTENING

SAMPLE = Path(__file__).with_name("sample")
PROGRAM = str(Path(sys.executable).with_name("buildkit-engine"))
_MARK = "BUILDKIT_ENGINE_TEST_MARK"


def until(what: Callable[[], object], seconds: float, why: str) -> None:
    """Waits for it; a test that waits in vain fails with the reason."""
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, why
        time.sleep(0.02)


def running(text: str, *, of: str = "cmdline") -> list[str]:
    """Command lines of this machine's processes that have `text` in them, or in their environment."""
    found = []
    for process in Path("/proc").iterdir():
        try:
            if process.name.isdigit() and text.encode() in (process / of).read_bytes():
                words = (process / "cmdline").read_bytes().split(b"\0")
                found.append(f"{process.name} {b' '.join(words).decode(errors='replace')}".strip())
        except OSError:
            continue  # it has just ended
    return found


def executed(script: str) -> list[str]:
    """Containers' processes that run the script."""
    return [process for process in running(script) if f" sh -c {script}" in process[:200]]


@dataclass
class Call:
    """One command line under way. What it starts inherits its mark."""

    process: subprocess.Popen[str]
    mark: str
    state: State
    before: frozenset[Path]

    def catches(self, number: int) -> bool:
        """Whether the process has a handler for the signal."""
        status = Path(f"/proc/{self.process.pid}/status").read_text()
        caught = next(line for line in status.splitlines() if line.startswith("SigCgt:"))
        return bool(int(caught.split()[1], 16) >> (number - 1) & 1)

    def send(self, number: int) -> None:
        self.process.send_signal(number)

    def ended(self, seconds: float = 30) -> tuple[int, str, str]:
        """Exit code, standard output, standard error."""
        out, error = self.process.communicate(timeout=seconds)
        return self.process.returncode, out, error

    @property
    def processes(self) -> list[str]:
        return running(f"{_MARK}={self.mark}", of="environ")

    def left_nothing(self, seconds: float = 3) -> None:
        until(lambda: not self.processes, seconds, f"still there: {self.processes}")
        until(lambda: not forks(self.state), seconds, f"still there: {forks(self.state)}")
        assert folders(self.state) - self.before == set()
        assert held_locks(self.state) == []


def forks(state: State) -> list[int]:
    """Processes of modules that a fork server has forked: they have its environment, and no mark."""
    ids = {pid for pid, _ in forkserver.running(state.forks)}
    return [pid for pid in ids if parent(pid) in ids]


def parent(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except OSError:
        return 0  # it has just ended


def folders(state: State) -> frozenset[Path]:
    """Those that go with a session: other tests of this process may have one that lives."""
    sessions = (state.root / "sessions").glob("session-*")
    return frozenset((*sessions, *in_memory(state.root).glob("credentials-*")))


def held_locks(state: State) -> list[str]:
    found = []
    for path in (state.root / "locks").glob("*"):
        with path.open() as file:
            try:
                fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                found.append(path.name)
    return found


@pytest.fixture(scope="session")
def state() -> State:
    """The user's engine, running."""
    found = State.of_user()
    lifecycle.up(found)
    return found


@pytest.fixture
def start(state) -> Iterator[Callable[..., Call]]:
    """Starts command lines; those that a test leaves behind are killed."""
    started: list[Call] = []

    def start(*words: str, state: State = state, ignored: int = 0) -> Call:
        mark, before = uuid.uuid4().hex, folders(state)
        signals = [*LISTENING]
        if ignored:
            signals.append(f"--ignore-signal={ignored}")
        process = subprocess.Popen(
            [*signals, PROGRAM, *words],
            env={**os.environ, _MARK: mark, STATE_VARIABLE: str(state.root)},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            # as a shell does for what runs in the foreground
            process_group=0,
        )
        started.append(Call(process, mark, state, before))
        return started[-1]

    yield start
    for call in started:
        if call.process.poll() is None:
            call.send(signal.SIGKILL)
        call.process.communicate()


@pytest.fixture
def call(start) -> Callable[..., Call]:
    """Starts a call of one of the sample module's functions."""

    def call(*words: str, flags: tuple[str, ...] = (), ignored: int = 0) -> Call:
        return start("call", "-m", str(SAMPLE), *flags, *words, ignored=ignored)

    return call
