"""How much the engine keeps, and how it is made less."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from buildkit_engine.buildkit import lifecycle, processes
from buildkit_engine.buildkit.daemons import tls_flags
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.state import Running, State
    from buildkit_engine.buildkit.tools import Tools

STORE = "buildkit-engine/store"
"""The repository of the loopback registry in which images pass through on their way to a file."""
_TOTAL = re.compile(r"^Total:\s+([\d.]+)([kMGT]?)B$", re.MULTILINE)
_UNITS = {"": 1, "k": 10**3, "M": 10**6, "G": 10**9, "T": 10**12}


def cache_size(state: State, running: Running, found: Tools) -> int:
    """What the daemon itself says that its cache takes: bytes.

    Raises SetupError where it does not say.
    """
    total = _TOTAL.search(_buildctl(state, running, found, "du"))
    return int(float(total[1]) * _UNITS[total[2]]) if total else 0


def folder_size(folder: Path) -> int:
    """What a folder takes on the disk: bytes. Asked of `du`, which is quick with many files."""
    done = subprocess.run(
        ["du", "--summarize", "--one-file-system", "--block-size=1", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    # files that go while it counts are no matter
    return int(done.stdout.split()[0]) if done.stdout else 0


def prune(state: State, running: Running, found: Tools) -> None:
    """Removes the build cache that no build is using, images that were only on their way to a
    file, packages that were downloaded for stand-ins, and what is known of base images. Images
    under tags stay.
    """
    if running.address:
        raise SetupError(
            f"the daemon at '{running.address}' is your own, and others may use its cache: "
            f"'buildctl --addr {running.address} prune' removes it"
        )
    _buildctl(state, running, found, "prune", "--all")
    repositories = state.folder("registry") / "docker" / "registry" / "v2" / "repositories"
    shutil.rmtree(repositories / STORE, ignore_errors=True)
    shutil.rmtree(state.folder("mirror") / "apt", ignore_errors=True)
    for config in state.folder("configs").glob("*.json"):
        config.unlink(missing_ok=True)
    # the registry must not take anything while it looks for what nothing refers to
    with state.locked("up"):
        processes.end(running.registry_pid, found.registry)
        subprocess.run(
            [found.registry, "garbage-collect", str(state.root / "registry.yml")],
            capture_output=True,
            check=False,
        )
    lifecycle.up(state)


def _buildctl(state: State, running: Running, found: Tools, *words: str) -> str:
    address = running.daemon_address(state)
    command = [found.buildctl, "--addr", address, *tls_flags(address), *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SetupError(f"buildctl {words[0]} failed: {done.stderr.strip()[-500:]}")
    return done.stdout
