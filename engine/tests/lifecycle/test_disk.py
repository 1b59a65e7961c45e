"""State folders on disks that are full, or not to be written."""

from __future__ import annotations

import os
import subprocess

import pytest

from buildkit_engine.buildkit.state import State
from engine.tests.lifecycle.conftest import Engine, with_tools


@pytest.fixture
def small_disk(tmp_path, built):
    """An engine whose state folder is a disk of 4 MB."""
    state = State(tmp_path / "state")
    state.folder()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", str(state.root)], check=False
    )
    if mounted.returncode:
        pytest.skip("a small disk cannot be mounted here")
    with_tools(state, built)
    engine = Engine(state)
    yield engine
    subprocess.run(["mount", "-o", "remount,rw", str(state.root)], check=True)
    engine("down")
    subprocess.run(["umount", str(state.root)], check=True)


def only_error(said: str) -> str:
    [line] = said.splitlines()
    assert line.startswith("Error: ")
    return line


def test_a_disk_that_is_full_is_told_in_one_line(small_disk):
    with (small_disk.state.root / "sessions").open("wb") as filler:
        while True:
            try:
                os.write(filler.fileno(), b"x" * 65536)
            except OSError:
                break
    said = only_error(small_disk("up", code=1))
    assert "no space left on device" in said.lower()
    (small_disk.state.root / "sessions").unlink()
    small_disk("status")


def test_a_disk_that_cannot_be_written_is_told_in_one_line(small_disk):
    subprocess.run(["mount", "-o", "remount,ro", str(small_disk.state.root)], check=True)
    said = only_error(small_disk("up", code=1))
    assert f"cannot write '{small_disk.state.root}/" in said
    assert ": Read-only file system: free some space or mend its permissions" in said
