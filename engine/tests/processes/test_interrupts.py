"""Asked to end, a command ends at once, says so in one line, and leaves nothing behind."""

from __future__ import annotations

import json
import signal
import socket
import time
import uuid
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from buildkit_engine.buildkit.state import State
from engine.tests.processes.conftest import executed, forks, until

SOON = 10
"""Seconds: what is called a second on a machine that does nothing else."""


@pytest.fixture
def step() -> str:
    """A script that goes on for long; known among this machine's processes by what it says."""
    return f"echo begun; sleep 600; : {uuid.uuid4().hex}"


@pytest.fixture
def silent_registry() -> Iterator[str]:
    """Takes connections and never answers."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


def interrupted(call, number: int, code: int) -> None:
    since = time.monotonic()
    call.send(number)
    ended, out, error = call.ended()
    assert time.monotonic() - since < SOON
    assert (ended, out) == (code, ""), error
    assert error.splitlines()[-1] == "interrupted"
    assert "Traceback" not in error
    assert "Error" not in error
    call.left_nothing()


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_a_step_that_runs_is_ended_in_its_container_too(call, step, number, code):
    call = call("run", f"--script={step}")
    until(lambda: executed(step), 120, "the step did not start")
    interrupted(call, number, code)
    until(lambda: not executed(step), 30, "the daemon goes on with the step")


def test_a_command_is_interrupted_as_soon_as_it_starts(call, step):
    call = call("run", f"--script={step}")
    until(lambda: call.catches(signal.SIGTERM), 120, "it does not catch signals")
    interrupted(call, signal.SIGINT, 130)


@pytest.mark.parametrize("delay", [0.02, 0.1, 0.2, 0.4, 0.7])
def test_a_command_is_interrupted_whatever_it_does_just_then(call, step, delay):
    call = call("run", f"--script={step}")
    until(lambda: call.catches(signal.SIGTERM), 120, "it does not catch signals")
    time.sleep(delay)
    interrupted(call, signal.SIGINT, 130)


def test_a_function_that_does_not_listen_is_ended(call):
    call = call("think", "--seconds=600")
    time.sleep(2)
    interrupted(call, signal.SIGINT, 130)


def test_a_push_that_hangs_is_ended(call, silent_registry):
    to = f"--to={silent_registry}/x:1"
    call = call("address", "--script=true", "--image=debian:bookworm-slim", to)
    until(lambda: any("push=true" in p for p in call.processes), 120, "nothing is pushed")
    interrupted(call, signal.SIGINT, 130)


def test_a_question_to_a_registry_that_hangs_is_ended(call, silent_registry):
    image = f"--image={silent_registry}/x:1"
    call = call("address", "--script=true", image, f"--to={silent_registry}/y")
    until(lambda: any("crane digest" in p for p in call.processes), 120, "nothing is asked")
    interrupted(call, signal.SIGTERM, 143)


def test_waiting_for_another_process_is_given_up(start, state):
    with state.locked("up"):
        down = start("down")
        until(lambda: down.catches(signal.SIGTERM), 120, "it does not catch signals")
        time.sleep(0.5)
        down.send(signal.SIGINT)
        assert down.ended()[::2] == (130, "interrupted\n")
    down.left_nothing()


def test_a_second_signal_ends_at_once(call):
    call = call("think", "--seconds=600")
    time.sleep(2)
    call.send(signal.SIGINT)
    call.send(signal.SIGINT)
    assert call.ended(SOON)[0] == 130
    call.left_nothing()


def test_a_signal_that_is_ignored_from_the_start_stays_ignored(call):
    call = call("think", "--seconds=2", ignored=signal.SIGHUP)
    time.sleep(1)
    call.send(signal.SIGHUP)
    code, out, _ = call.ended()
    assert (code, out.strip()) == (0, "thought")


def test_what_a_killed_command_leaves_ends_by_itself(call, step):
    killed = call("run", f"--script={step}")
    until(lambda: executed(step), 120, "the step did not start")
    killed.send(signal.SIGKILL)
    assert killed.ended()[0] == -signal.SIGKILL
    until(lambda: not killed.processes, 30, f"still there: {killed.processes}")
    until(lambda: not forks(killed.state), 30, "its function goes on")
    until(lambda: not executed(step), 30, "the daemon goes on with the step")
    next_one = call("run", "--script=echo fine")
    code, out, _ = next_one.ended()
    assert (code, out.strip()) == (0, "fine")
    next_one.left_nothing()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGKILL], ids=["SIGINT", "SIGKILL"])
def test_a_step_that_another_command_waits_for_goes_on(call, number):
    mark = uuid.uuid4().hex
    script = f"sleep 4; echo {mark}"
    first = call("run", f"--script={script}")
    until(lambda: executed(script), 120, "the step did not start")
    second = call("run", f"--script={script}")
    until(lambda: any("buildctl" in p for p in second.processes), 120, "it does not wait")
    time.sleep(0.5)
    first.send(number)
    code, out, _ = second.ended()
    assert (code, out.strip()) == (0, mark)
    first.ended()
    # a killed command's folder is removed by the next one
    call("run", "--script=true").ended()
    second.left_nothing()


# -- an engine that is made anew


@pytest.fixture
def fresh(state, tmp_path) -> State:
    """A state folder of its own, with the tools that are built."""
    fresh = State(tmp_path / "state")
    fresh.folder()
    for name in ("tools", "shim"):
        (fresh.root / name).symlink_to(state.root / name)
    return fresh


@pytest.mark.parametrize("delay", [0.0, 0.1, 0.3])
def test_a_daemon_that_is_being_started_is_recorded_or_ended(start, fresh, delay):
    up = start("up", state=fresh)
    until((fresh.root / "running.json").exists, 120, "nothing was started")
    time.sleep(delay)
    up.send(signal.SIGINT)
    code, _, error = up.ended()
    assert "Traceback" not in error
    if (fresh.root / "running.json").exists():
        recorded = json.loads((fresh.root / "running.json").read_text())
        pids = {str(recorded["daemon_pid"]), str(recorded["registry_pid"])}
        assert {p.split()[0] for p in up.processes} <= pids
        assert start("down", state=fresh).ended()[0] == 0
    else:
        assert code == 130
    up.left_nothing(10)


def test_a_stand_in_that_is_being_made_leaves_no_folder_and_no_mount(start, fresh):
    if start("up", state=fresh).ended(60)[0] or not _has_stand_ins(fresh):
        pytest.skip("the usual registries answer: no stand-ins are made")
    mirror = start("mirror", "debian:bookworm-slim", state=fresh)
    until(lambda: any("mmdebstrap" in p for p in mirror.processes), 120, "none is being made")
    time.sleep(3)
    mirror.send(signal.SIGINT)
    code, _, error = mirror.ended()
    assert (code, error.splitlines()[-1]) == (130, "interrupted")
    mirror.left_nothing(10)
    assert list((fresh.root / "mirror").glob("make-*")) == []
    assert str(fresh.root / "mirror") not in Path("/proc/mounts").read_text()
    assert start("down", state=fresh).ended()[0] == 0


def _has_stand_ins(state: State) -> bool:
    return json.loads((state.root / "running.json").read_text())["stand_ins"]
