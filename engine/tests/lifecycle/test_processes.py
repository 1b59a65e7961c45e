"""Daemons and registries that are killed, lost sight of, or started twice."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buildkit_engine.buildkit import forkserver, leftovers, processes
from engine.tests.lifecycle.conftest import IMAGE, SDK
from engine.tests.processes.conftest import SAMPLE


def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + 60
    while processes.alive(pid) and time.monotonic() < until:
        time.sleep(0.02)


def taken_by(probe: socket.socket, port: int) -> None:
    """Takes the port as soon as the last thread of the process that had it is gone."""
    until = time.monotonic() + 60
    while True:
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            if time.monotonic() > until:
                raise
            time.sleep(0.02)
        else:
            probe.listen()
            return


def of_state(engine) -> list[str]:
    """The programs that run for the engine's state folder."""
    root = str(engine.state.root)
    return sorted(
        Path(argv[0]).name
        for _, argv in leftovers.command_lines()
        if Path(argv[0]).name in ("buildkitd", "registry")
        and any(root in word for word in argv[1:])
    )


def test_what_runs_is_used_again_and_down_ends_it(engine):
    engine("up")
    first = engine.running
    engine("up")
    assert engine.running == first
    assert engine("down") == "ended\n"
    assert of_state(engine) == []
    assert engine("down") == "nothing ran\n"


def test_what_a_call_leaves_for_the_next_is_told_and_ends_with_the_engine(engine):
    engine("functions", "-m", str(SAMPLE))
    [(pid, _)] = forkserver.running(engine.state.forks)
    assert f"SDK        imported for the next calls (process {pid})" in engine("status")
    assert engine("down") == "ended\n"
    assert not processes.alive(pid)
    assert "SDK  " not in engine("status")


@pytest.mark.parametrize(
    "killed", [("daemon",), ("registry",), ("daemon", "registry")], ids="+".join
)
def test_what_was_killed_is_started_anew_and_the_rest_goes_on(engine, killed):
    engine("up")
    before = engine.running
    for name in killed:
        kill(getattr(before, f"{name}_pid"))
    assert not engine.answers
    engine("up")
    after = engine.running
    assert engine.answers
    assert after.registry == before.registry
    for name in ("daemon", "registry"):
        same = getattr(after, f"{name}_pid") == getattr(before, f"{name}_pid")
        assert same is (name not in killed)
    assert engine.solve("echo works") == "works\n"


@pytest.mark.parametrize(
    "record", ["{", '{"version": 99}', None], ids=["garbage", "another version", "none"]
)
def test_processes_whose_record_is_lost_are_ended_and_not_left_beside_new_ones(engine, record):
    engine("up")
    before = engine.running
    path = engine.state.root / "running.json"
    path.write_text(record) if record else path.unlink()
    engine("up")
    assert engine.answers
    assert of_state(engine) == ["buildkitd", "registry"]
    assert not processes.alive(before.daemon_pid)
    path.write_text(record) if record else path.unlink()
    assert engine("down") == "ended\n"
    assert of_state(engine) == []


def test_two_that_start_at_once_start_one_engine(engine):
    command = [str(Path(sys.executable).with_name("buildkit-engine")), "up"]
    env = {**os.environ, "BUILDKIT_ENGINE_STATE": str(engine.state.root)}
    both = [subprocess.Popen(command, env=env, stdout=subprocess.PIPE) for _ in range(2)]
    said = {process.communicate(timeout=60)[0] for process in both}
    assert len(said) == 1
    assert [process.returncode for process in both] == [0, 0]
    assert of_state(engine) == ["buildkitd", "registry"]


def test_a_port_that_somebody_else_took_is_left_to_them(engine):
    engine("up")
    before = engine.running
    kill(before.registry_pid)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken_by(other, int(before.registry.rpartition(":")[2]))
        engine("up")
    assert engine.running.registry != before.registry
    # the daemon has to know the new address
    assert engine.running.daemon_pid != before.daemon_pid
    assert engine.solve("echo works") == "works\n"


def test_what_a_killed_daemon_was_at_is_ended_and_unmounted(engine):
    engine("up")
    env = {**os.environ, "BUILDKIT_ENGINE_STATE": str(engine.state.root)}
    with subprocess.Popen(
        [sys.executable, str(SDK), IMAGE, "sleep 3654"],
        env=env,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    ) as solving:
        containers = wait_for(lambda: sleeping(3654))
        kill(engine.running.daemon_pid)
        solving.wait(timeout=60)
    assert solving.returncode != 0
    engine("down")
    assert not any(processes.alive(pid) for pid in containers)
    assert str(engine.state.root) not in Path("/proc/self/mountinfo").read_text()
    assert list(engine.state.temporary.iterdir()) == []
    assert list(Path("/sys/fs/cgroup").glob(f"**/{leftovers.cgroup(engine.state)}")) == []


def sleeping(seconds: int) -> list[int]:
    words = ["sleep", str(seconds)]
    return [pid for pid, argv in leftovers.command_lines() if argv[:2] == words]


def wait_for(look) -> list[int]:
    until = time.monotonic() + 30
    while not (found := look()) and time.monotonic() < until:
        time.sleep(0.05)
    assert found
    return found
