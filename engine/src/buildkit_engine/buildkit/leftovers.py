"""What a daemon leaves behind that was killed: processes, containers, mounts, control groups.

All of it is found by the state folder that it belongs to, and nothing else is touched.
"""

from __future__ import annotations

import hashlib
import os
import re
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit import processes

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit_engine.buildkit.state import State

_PROC = Path("/proc")
_CGROUPS = Path("/sys/fs/cgroup")
_ESCAPED = re.compile(r"\\([0-7]{3})")
_MOUNT_POINT = 4
"""The field of a line of mountinfo."""
_END_SECONDS = 5


def cgroup(state: State) -> str:
    """The control group of this state folder's containers, by which they are found again."""
    return f"buildkit-engine-{hashlib.sha256(str(state.root).encode()).hexdigest()[:12]}"


def end_services(state: State, keep: int = 0) -> int:
    """Ends daemons and registries of this state folder that no record knows; how many.

    `keep` is the id of one that is known.
    """
    marks = (f"--root={state.root}/buildkit", str(state.root / "registry.yml"))
    found = [
        (pid, argv[0])
        for pid, argv in command_lines()
        if Path(argv[0]).name in ("buildkitd", "registry")
        and any(mark in argv for mark in marks)
        and pid != keep
    ]
    for pid, program in found:
        processes.end(pid, program)
    return len(found)


def remove(state: State) -> None:
    """Ends the containers, and takes away what was mounted for them. No daemon may run."""
    _end_containers(state)
    for point in sorted(_mounts_below(state.root), key=len, reverse=True):
        subprocess.run(["umount", "--lazy", point], capture_output=True, check=False)
    for mounted in state.temporary.glob("buildkit-mount*"):
        # empty, unless it could not be unmounted: then what is in it is the cache's
        with suppress(OSError):
            mounted.rmdir()
    for folder in _CGROUPS.glob(f"*/{cgroup(state)}"):
        _remove_cgroup(folder)
    _remove_cgroup(_CGROUPS / cgroup(state))


def _end_containers(state: State) -> None:
    """Kills the processes whose root folder is one of the daemon's snapshots."""
    found = [pid for pid, _ in command_lines() if _root_is_below(pid, state.root / "buildkit")]
    for pid in found:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    until = time.monotonic() + _END_SECONDS
    while any(processes.alive(pid) for pid in found) and time.monotonic() < until:
        time.sleep(0.05)


def _root_is_below(pid: int, folder: Path) -> bool:
    with suppress(OSError):
        for line in (_PROC / str(pid) / "mountinfo").read_text(errors="replace").splitlines():
            if line.split()[_MOUNT_POINT] == "/":
                return f"{folder}/" in _unescaped(line)
    return False


def _mounts_below(folder: Path) -> Iterator[str]:
    for line in (_PROC / "self" / "mountinfo").read_text(errors="replace").splitlines():
        point = _unescaped(line.split()[_MOUNT_POINT])
        if point.startswith(f"{folder}/"):
            yield point


def command_lines() -> Iterator[tuple[int, list[str]]]:
    for entry in _PROC.iterdir():
        if entry.name.isdigit():
            with suppress(OSError):
                argv = (entry / "cmdline").read_bytes().decode(errors="replace").split("\0")
                yield int(entry.name), argv


def _remove_cgroup(folder: Path) -> None:
    """The group and those below it: they go once they are empty, deepest first."""
    if folder.is_dir():
        for path, _, _ in os.walk(folder, topdown=False):
            with suppress(OSError):
                Path(path).rmdir()


def _unescaped(text: str) -> str:
    """Blanks in mountinfo are written as octal numbers."""
    return _ESCAPED.sub(lambda match: chr(int(match[1], 8)), text)
