"""Starting and ending the engine's own background processes."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping


def start(
    command: list[str], *, log: Path, env: Mapping[str, str] | None = None, inherits: bool = True
) -> int:
    """Starts a process that outlives this one; returns its id.

    `env` is what it has beside this one's environment; where it `inherits` none, all that it has.
    """
    with log.open("ab") as out:
        process = subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            env={**(os.environ if inherits else {}), **(env or {})},
            start_new_session=True,
        )
    # nobody waits for it: without a return code Python would warn of a process left behind
    process.returncode = 0
    return process.pid


def wait_until(ready: Callable[[], bool], *, pid: int, seconds: float) -> bool:
    """False where the process ended, or was not ready in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if ready():
            return True
        if not alive(pid):
            return False
        time.sleep(0.05)
    return False


def alive(pid: int) -> bool:
    """False for a process that ended, also where its parent has not yet asked for its end."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except (FileNotFoundError, ProcessLookupError, IndexError):
        return False
    return state != "Z"


def runs(pid: int, program: str) -> bool:
    """True where `pid` still is a process of `program`: ids are used again."""
    try:
        argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except (FileNotFoundError, ProcessLookupError):
        return False
    return alive(pid) and argv[0].decode(errors="replace") == program


def end(pid: int, program: str, *, seconds: float = 10) -> None:
    """Ends the process by its id, if it still is the one that was started."""
    if not runs(pid, program):
        return
    os.kill(pid, signal.SIGTERM)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if not alive(pid):
            return
        time.sleep(0.05)
    os.kill(pid, signal.SIGKILL)
    while alive(pid):
        time.sleep(0.05)


def free_port(preferred: int) -> int:
    """`preferred` on loopback, else any that is free."""
    for port in (preferred, 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return int(probe.getsockname()[1])
    raise OSError(f"no free port on loopback, not even another than {preferred}")


def answers_tcp(address: str) -> bool:
    """True where something listens at host:port."""
    host, port = address.rsplit(":", 1)
    try:
        socket.create_connection((host, int(port)), timeout=1).close()
    except OSError:
        return False
    return True


def answers_unix(path: Path) -> bool:
    """True where something listens at the socket."""
    with socket.socket(socket.AF_UNIX) as probe:
        probe.settimeout(1)
        try:
            probe.connect(str(path))
        except OSError:
            return False
    return True
