"""The README's first command from a fresh clone, with an engine that has nothing yet."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT

pytestmark = pytest.mark.long
SET_UP_SECONDS = 5 * 60


@pytest.fixture
def fresh(tmp_path):
    """Environment with a state folder of its own; what was started there ends with the test."""
    state = tmp_path / "state"
    clones: list[Path] = []

    def clone(name: str) -> Path:
        target = tmp_path / name
        subprocess.run(["git", "clone", "--quiet", str(ROOT), str(target)], check=True)
        clones.append(target)
        return target

    env = {**os.environ, "BUILDKIT_ENGINE_STATE": str(state)}
    yield clone, env
    for last in clones[-1:]:
        subprocess.run(["make", "clean"], cwd=last, env=env, check=True)
        assert not state.exists()


def publish(folder: Path, env: dict[str, str]) -> tuple[str, str]:
    """The digest of the index, and all that was printed."""
    done = subprocess.run(
        ["make", "publish"], cwd=folder, env=env, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr[-4000:]
    found = re.search(r"/go-app:latest@(sha256:[0-9a-f]{64})\n", done.stdout)
    assert found, done.stdout
    return found[1], done.stdout


def test_two_clones_at_two_times_with_the_state_wiped_between_give_one_digest(fresh):
    if shutil.which("runc") is None:
        pytest.skip("runc is not installed")
    clone, env = fresh
    first, started = clone("first"), time.monotonic()
    subprocess.run(["make", "setup", "up"], cwd=first, env=env, check=True)
    set_up = time.monotonic() - started
    assert set_up < SET_UP_SECONDS, f"setting up took {set_up:.0f} s"
    for code in (first / "src", first / "engine" / "src"):
        assert list(code.rglob("*.pyc")), f"nothing of {code} is compiled before it is called"

    digest, shown = publish(first, env)
    for platform in ("linux/amd64", "linux/arm64"):
        assert re.search(rf"^{platform}  +\d+\.\d MB  sha256:[0-9a-f]{{64}}$", shown, re.MULTILINE)

    state = Path(env["BUILDKIT_ENGINE_STATE"])
    subprocess.run(["make", "down"], cwd=first, env=env, check=True)
    for kept in state.iterdir():
        # all but the tools, which are the same programs however often they are built
        if kept.name not in ("tools", "shim"):
            shutil.rmtree(kept) if kept.is_dir() else kept.unlink()
    again, _ = publish(clone("second"), env)
    assert again == digest
