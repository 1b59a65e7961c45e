"""Many calls at once on one engine, some of them killed: all others get what they asked for."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from buildkit_engine.buildkit.state import Running, State
from engine.tests.processes.conftest import held_locks, until

CALLS = int(os.environ.get("BUILDKIT_ENGINE_STRESS_CALLS", "200"))
AT_A_TIME = 8
KILLED = max(2, CALLS // 20)
SEED = 20
PATIENCE = 120
"""Seconds after which a call hangs."""


_STARTED = 0.5
"""Seconds after which a call has begun, also where it is one of many."""


@dataclass(frozen=True)
class Plan:
    """One call: what it says, how long that takes, and how it is killed, if it is."""

    says: str
    seconds: float = 0
    signal: int = 0
    after: float = 0

    @property
    def script(self) -> str:
        return f"sleep {self.seconds}; echo {self.says}"


def plans() -> list[Plan]:
    dice = random.Random(SEED)  # noqa: S311 - the same every time
    killed = set(dice.sample(range(CALLS), KILLED))
    run = uuid.uuid4().hex[:8]
    made = []
    for number in range(CALLS):
        if number in killed:
            how = (signal.SIGKILL, signal.SIGINT)[len(made) % 2]
            # some share their step with calls that live on
            says = f"{run}-shared-{number % 3}" if dice.random() < 0.5 else f"{run}-{number}"
            made.append(Plan(says, 1, how, dice.uniform(0, 3)))
        elif dice.random() < 0.2:
            made.append(Plan(f"{run}-shared-{number % 3}", 1))
        elif dice.random() < 0.5:
            made.append(Plan(f"cached-{number % 5}"))
        else:
            made.append(Plan(f"{run}-{number}"))
    return made


@dataclass(frozen=True)
class Figures:
    """What the engine takes of the machine."""

    memory: dict[str, int]
    disk: str
    mounts: int

    @classmethod
    def of(cls, state: State) -> Figures:
        running = Running.load(state)
        assert running
        pids = {"daemon": running.daemon_pid, "registry": running.registry_pid}
        memory = {name: _resident(pid) for name, pid in pids.items()}
        disk = subprocess.run(
            ["du", "--summarize", "--one-file-system", "--block-size=M", str(state.root)],
            capture_output=True,
            text=True,
            check=False,  # files come and go meanwhile
        )
        mounts = Path("/proc/mounts").read_text().count(f"{state.root}/")
        return cls(memory, disk.stdout.split()[0], mounts)

    def __str__(self) -> str:
        memory = ", ".join(f"{name} {size} MiB" for name, size in self.memory.items())
        return f"memory: {memory}; disk: {self.disk}; mounts: {self.mounts}"


def _resident(pid: int) -> int:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS:"))
    return int(line.split()[1]) // 1024


@pytest.mark.long
def test_many_calls_at_once_get_what_they_ask_for_and_leave_nothing(call, state, capsys):
    call("run", "--script=echo first").ended(PATIENCE)
    before = Figures.of(state)
    started = []

    def run(plan: Plan) -> str:
        """What was wrong with the call, if anything was."""
        this = call("run", f"--script={plan.script}")
        started.append(this)
        if plan.signal:
            time.sleep(plan.after)
            if this.process.poll() is None:
                this.send(plan.signal)
        code, out, error = this.ended(PATIENCE)
        if code == 0 and out.strip() == plan.says:
            return ""
        if plan.signal == signal.SIGINT and out == "" and plan.after < _STARTED:
            # before the program's first line, it is Python's own to tell
            return ""
        if plan.signal and out == "" and code in (-plan.signal, 128 + plan.signal):
            return error if "Traceback" in error else ""
        return f"{plan}: exit code {code}, said {out!r}, {error[-500:]}"

    since = time.monotonic()
    with ThreadPoolExecutor(AT_A_TIME) as pool:
        wrong = [found for found in pool.map(run, plans()) if found]
    seconds = time.monotonic() - since

    last = call("run", "--script=echo last")
    assert last.ended(PATIENCE)[1].strip() == "last"
    last.left_nothing()
    left = [process for each in started for process in each.processes]
    until(lambda: Figures.of(state).mounts <= before.mounts, 15, "mounts are left")
    after = Figures.of(state)
    with capsys.disabled():
        print(
            f"\n{CALLS} calls, {KILLED} killed, {seconds:.0f} s\nbefore: {before}\nafter:  {after}"
        )
    assert wrong == []
    assert left == []
    assert held_locks(state) == []
