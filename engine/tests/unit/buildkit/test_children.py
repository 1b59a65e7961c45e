"""Processes that end with this one."""

from __future__ import annotations

import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from buildkit_engine.buildkit import processes
from buildkit_engine.buildkit.children import Children
from buildkit_engine.errors import StoppedError


@pytest.fixture
def children():
    made = Children()
    yield made
    made.stop(signal.SIGKILL)


def gone(pid: int) -> bool:
    until = time.monotonic() + 60
    while processes.alive(pid) and time.monotonic() < until:
        time.sleep(0.01)
    return not processes.alive(pid)


def test_what_a_program_says_is_told_when_it_has_ended(children):
    done = children.run(
        ["sh", "-c", "cat; echo $A; echo bad >&2; exit 3"], given="in\n", env={"A": "b"}
    )
    assert (done.returncode, done.stdout, done.stderr) == (3, "in\nb\n", "bad\n")


def test_a_program_is_run_where_it_is_told_to(children, tmp_path):
    assert children.run(["pwd"], cwd=tmp_path).stdout == f"{tmp_path}\n"


@pytest.mark.parametrize("name", ["no-such-program", "/no/such/program"])
def test_a_program_that_is_missing_is_told_as_python_does(children, name):
    with pytest.raises(FileNotFoundError, match=name):
        children.run([name])


def test_stop_ends_a_process_with_what_it_started(children):
    pipe = subprocess.PIPE
    script = "sleep 600 & echo $!; wait"
    with children.start(["sh", "-c", script], stdout=pipe) as process:
        assert process.stdout
        inner = int(process.stdout.readline())
        children.stop()
        assert process.wait(60) == -signal.SIGTERM
    assert gone(inner)


def test_stop_ends_what_other_threads_wait_for(children):
    done: list[int] = []
    thread = threading.Thread(target=lambda: done.append(children.run(["sleep", "600"]).returncode))
    thread.start()
    until = time.monotonic() + 60
    while not children._started and time.monotonic() < until:
        time.sleep(0.01)
    children.stop()
    thread.join(60)
    assert done == [-signal.SIGTERM]


def test_after_stop_nothing_starts(children, tmp_path):
    children.stop()
    with pytest.raises(StoppedError, match=r"^stopped$"):
        children.run(["touch", str(tmp_path / "file")])
    assert not (tmp_path / "file").exists()


def test_one_owners_processes_are_not_anothers(children):
    other = Children()
    with children.start(["sleep", "600"]) as process:
        other.stop()
        time.sleep(0.1)
        assert process.poll() is None
        children.stop()


def test_where_its_parent_is_killed_a_child_ends_by_itself(tmp_path):
    script = (
        "import os, signal\n"
        "from buildkit_engine.buildkit.children import Children\n"
        "print(Children().start(['sleep', '600']).pid, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as parent:
        assert parent.stdout
        pid = int(parent.stdout.readline())
        until = time.monotonic() + 60
        while not processes.runs(pid, "sleep") and time.monotonic() < until:
            time.sleep(0.01)
        assert Path(f"/proc/{pid}/stat").exists()
        parent.kill()
        parent.wait()
    assert gone(pid)
