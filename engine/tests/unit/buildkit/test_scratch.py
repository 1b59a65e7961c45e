"""A session's folder goes with it, or with the next session where it was killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from buildkit_engine.buildkit.scratch import Scratch, remove_abandoned
from buildkit_engine.buildkit.state import State

SESSION = """
import sys
from pathlib import Path
from buildkit_engine.buildkit.scratch import Scratch
from buildkit_engine.buildkit.state import State
print(Scratch(State(Path(sys.argv[1]))).folder, flush=True)
input()
"""


@pytest.fixture
def state(tmp_path):
    return State(tmp_path)


@pytest.fixture
def another(tmp_path):
    """A session of another process, and its folder."""
    command = [sys.executable, "-c", SESSION, str(tmp_path)]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process, tmp_path / process.stdout.readline().strip()
        process.kill()


def test_a_folder_goes_with_its_session(state):
    scratch = Scratch(state)
    (scratch.folder / "host").mkdir()
    (scratch.folder / "host" / "file").touch()
    (scratch.folder / "host").chmod(0o500)
    scratch.close()
    assert not scratch.folder.exists()


def test_what_a_link_leads_to_stays(state, tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o500)
    scratch = Scratch(state)
    (scratch.folder / "link").symlink_to(tmp_path / "elsewhere")
    scratch.close()
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o500


@pytest.mark.parametrize("begin", [Scratch, remove_abandoned])
def test_the_folder_of_a_session_that_lives_stays(state, another, begin):
    _, folder = another
    begin(state)
    assert folder.exists()


@pytest.mark.parametrize("begin", [Scratch, remove_abandoned])
def test_the_folder_of_a_killed_session_is_removed(state, another, begin):
    process, folder = another
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    begin(state)
    assert not folder.exists()
