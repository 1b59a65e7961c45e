"""QEMU for linux/arm64: the machine's own, or one that this process and its children alone see."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

BINFMT = Path("/proc/sys/fs/binfmt_misc")
_ENTRY = "qemu-aarch64"
_PROGRAM = "qemu-aarch64-static"
# as Debian's qemu-user-static registers it
_RULE = (
    rf":{_ENTRY}:M:0:\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
    r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
)
_KERNEL_WITH_SEPARATE_REGISTRATIONS = (6, 7)
_INSIDE = "PIPELINE_BENCH_IN_NAMESPACE"
_SECONDS = 10


def is_registered() -> bool:
    """Whether the kernel starts programs for arm64 in containers."""
    entry = BINFMT / _ENTRY
    if not entry.exists():
        return False
    lines = entry.read_text().splitlines()
    flags = next((line.partition(" ")[2] for line in lines if line.startswith("flags:")), "")
    return "enabled" in lines and "F" in flags


def is_own() -> bool:
    """Whether this process is in namespaces that `run_inside` made."""
    return _INSIDE in os.environ


def why_none() -> str:
    """Why this process cannot register one for itself; empty where it can."""
    release = tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2])
    if os.uname().machine != "x86_64":
        return "linux/arm64 may be native on this machine"
    if shutil.which(_PROGRAM) is None:
        return f"{_PROGRAM} is not installed (apt-get install qemu-user-static)"
    if os.geteuid() != 0:
        return "registering one needs root"
    if release < _KERNEL_WITH_SEPARATE_REGISTRATIONS:
        return "before Linux 6.7 it would be registered for the whole machine"
    return ""


def run_inside(command: Sequence[str]) -> int:
    """Runs a command in a user and a mount namespace with QEMU registered; its exit code.

    The registration ends with the command, and no other process meets it.
    """
    script = (
        f"read -r _ && mount -t binfmt_misc binfmt_misc {BINFMT} && "
        f'printf "%s" "$0" > {BINFMT}/register && exec "$@" < /dev/null'
    )
    rule = f"{_RULE}{shutil.which(_PROGRAM)}:OCF"
    process = subprocess.Popen(
        ["unshare", "--user", "--mount", "sh", "-c", script, rule, *command],
        stdin=subprocess.PIPE,
        env={**os.environ, _INSIDE: "1"},
    )
    try:
        _map_users(process.pid)
        process.communicate(b"go\n")
    except BaseException:
        # it ends its own daemon first
        process.terminate()
        process.wait()
        raise
    return process.returncode


def _map_users(pid: int) -> None:
    """Every user is the same one inside."""
    proc = Path(f"/proc/{pid}")
    until = time.monotonic() + _SECONDS
    while (proc / "ns/user").readlink() == Path("/proc/self/ns/user").readlink():
        if time.monotonic() > until:
            sys.exit("bench: the namespaces for an emulator were not made")
        time.sleep(0.01)
    # not all users that there are: runc would take it for no user namespace at all
    (proc / "uid_map").write_text("0 0 65536")
    (proc / "gid_map").write_text("0 0 65536")
