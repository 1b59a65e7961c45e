"""Background processes: on children that each test starts and ends itself."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from buildkit_engine.buildkit import processes

SLEEP = "import time; print('ready', flush=True); time.sleep(30)"
STUBBORN = f"import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); {SLEEP}"


@pytest.fixture
def start():
    """Starts a Python child that is ready when this returns; ends those that are left."""
    children = []

    def start(code: str = SLEEP) -> subprocess.Popen:
        child = subprocess.Popen([sys.executable, "-SE", "-c", code], stdout=subprocess.PIPE)
        children.append(child)
        assert child.stdout.readline() == b"ready\n"
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stdout.close()


@pytest.fixture
def listening():
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server.getsockname()[1]


def gone() -> int:
    """The id of a process that ended and was waited for."""
    child = subprocess.Popen([sys.executable, "-SE", "-c", ""])
    child.wait()
    return child.pid


def test_a_process_is_alive_until_it_ends(start):
    child = start()
    assert processes.alive(child.pid)
    child.kill()
    # its end is not asked for: it is a zombie now
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)
    assert not processes.alive(child.pid)
    child.wait()
    assert not processes.alive(child.pid)


def test_a_process_runs_its_own_program_and_no_other(start):
    child = start()
    assert processes.runs(child.pid, sys.executable)
    assert not processes.runs(child.pid, "/usr/bin/buildkitd")
    assert not processes.runs(gone(), sys.executable)


def test_end_ends_a_process_of_the_program(start):
    child = start()
    processes.end(child.pid, sys.executable)
    assert child.wait() == -signal.SIGTERM


def test_end_leaves_a_process_of_another_program_alone(start):
    child = start()
    processes.end(child.pid, "/usr/bin/buildkitd")
    assert child.poll() is None


def test_end_kills_a_process_that_does_not_listen(start):
    child = start(STUBBORN)
    processes.end(child.pid, sys.executable, seconds=0.1)
    assert child.wait() == -signal.SIGKILL


def test_end_of_a_process_that_ended_does_nothing():
    processes.end(gone(), sys.executable)


def test_a_started_process_writes_its_log_and_gets_its_environment(tmp_path):
    log = tmp_path / "log"
    code = "import os, sys; print(os.environ['GIVEN'], os.getsid(0) == os.getpid())"
    command = [sys.executable, "-SE", "-c", f"{code}; print('bad', file=sys.stderr)"]
    pid = processes.start(command, log=log, env={"GIVEN": "value"})
    os.waitpid(pid, 0)
    assert sorted(log.read_text().splitlines()) == ["bad", "value True"]


def test_waiting_ends_when_it_is_ready(start):
    answers = iter([False, False, True])
    assert processes.wait_until(lambda: next(answers), pid=start().pid, seconds=60)


def test_waiting_ends_at_once_where_the_process_ended():
    before = time.monotonic()
    assert not processes.wait_until(lambda: False, pid=gone(), seconds=30)
    assert time.monotonic() - before < 5


def test_waiting_ends_when_the_time_is_over(start):
    assert not processes.wait_until(lambda: False, pid=start().pid, seconds=0.1)


def test_the_preferred_port_is_taken_where_it_is_free(listening):
    free = processes.free_port(0)
    assert processes.free_port(free) == free


def test_another_port_is_taken_where_the_preferred_one_is_not_free(listening):
    found = processes.free_port(listening)
    assert found not in (0, listening)


def test_a_tcp_address_answers_where_something_listens(listening):
    assert processes.answers_tcp(f"127.0.0.1:{listening}")
    assert not processes.answers_tcp(f"127.0.0.1:{processes.free_port(0)}")


def test_a_unix_socket_answers_where_something_listens(tmp_path, monkeypatch):
    # by a short relative path: the length of a socket's path is limited
    monkeypatch.chdir(tmp_path)
    path = Path("socket")
    assert not processes.answers_unix(path)
    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        assert processes.answers_unix(path)
    assert not processes.answers_unix(path)
