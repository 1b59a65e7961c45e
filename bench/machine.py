"""On what was measured: the machine, and the version of everything that took part."""

from __future__ import annotations

import importlib.metadata
import os
import platform
import re
import shutil
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench import ROOT, emulator
from buildkit_engine.buildkit import tools

if TYPE_CHECKING:
    from bench.workplace import Workplace


_BUSY = 0.5
"""Processes a core before a run from which the machine counts as busy."""
_WAIT_SECONDS = 240


def facts() -> dict[str, str]:
    """The machine: processor, memory, kernel, distribution."""
    processor = re.search(r"^model name\s*: (.*)$", _read("/proc/cpuinfo"), re.MULTILINE)
    memory = re.search(r"^MemTotal:\s+(\d+) kB$", _read("/proc/meminfo"), re.MULTILINE)
    return {
        "processor": processor[1] if processor else platform.machine(),
        "cores": str(os.cpu_count()),
        "memory": f"{int(memory[1]) / 1024**2:.0f} GiB" if memory else "unknown",
        "kernel": platform.release(),
        "system": platform.freedesktop_os_release().get("PRETTY_NAME", "unknown"),
    }


def versions(place: Workplace) -> dict[str, str]:
    """Of the module, by its commit, and of what it is compared with."""
    found = {
        "this module": _said("git", "-C", str(ROOT), "describe", "--always", "--dirty"),
        "dagger-io": importlib.metadata.version("dagger-io"),
        "Python": platform.python_version(),
        "BuildKit": tools.buildkit_version(),
        "Go": place.go,
    }
    if Path(place.ko).exists():
        found["ko"] = _said(place.ko, "version")
    if emulator.is_registered():
        qemu = re.search(r"version (\S+)", _said("qemu-aarch64-static", "--version"))
        found["QEMU"] = qemu[1] if qemu else "unknown"
    if shutil.which("dagger"):
        # where its engine is stands behind that, and is this machine's own affair
        said = re.search(r"v\d\S*", _said("dagger", "version"))
        found["Dagger"] = said[0] if said else "unknown"
    return found


def is_busy(load: float, cores: int) -> bool:
    """Whether something else wants the processors, by how many processes did before."""
    return load > _BUSY * cores


def load_once_idle(seconds: float = _WAIT_SECONDS) -> float:
    """How many processes wanted a processor, on average of the last minute.

    The benchmark's own set-up is among them for a while: waits for the machine to be idle, for
    `seconds` at most.
    """
    until = time.monotonic() + seconds
    while True:
        load = os.getloadavg()[0]
        if not is_busy(load, os.cpu_count() or 1) or time.monotonic() > until:
            return load
        time.sleep(1)


def _said(*command: str) -> str:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def _read(path: str) -> str:
    return Path(path).read_text()
