"""A web server on loopback for a folder of the state; Python's own, in a process that stays.

It is found by its command line, so no record of it can be lost.
"""

from __future__ import annotations

import sys
from pathlib import Path

from buildkit_engine.buildkit import leftovers, processes
from buildkit_engine.errors import SetupError

PREFERRED_PORT = 5051
_HOST = "127.0.0.1"
_READY_SECONDS = 60


def serve(folder: Path, log: Path) -> str:
    """host:port at which the folder is served, by a process that runs already or by a new one.

    The port is the same each time, as long as nobody else has taken it.
    """
    if address := address_of(folder):
        return address
    port = processes.free_port(PREFERRED_PORT)
    command = [sys.executable, "-m", "http.server", "--protocol", "HTTP/1.1", "--bind", _HOST]
    pid = processes.start([*command, "--directory", str(folder), str(port)], log=log)
    address = f"{_HOST}:{port}"
    if not processes.wait_until(
        lambda: processes.answers_tcp(address), pid=pid, seconds=_READY_SECONDS
    ):
        raise SetupError(f"no web server could be started at {address}: see {log}")
    return address


def address_of(folder: Path) -> str:
    """host:port of what serves the folder; "" where nothing does."""
    for _, argv in _running(folder):
        if argv[-2] != str(folder):
            continue
        address = f"{_HOST}:{argv[-1]}"
        if processes.answers_tcp(address):
            return address
    return ""


def end(folder: Path) -> int:
    """Ends what serves the folder, or one below it; how many processes that were."""
    found = _running(folder)
    for pid, argv in found:
        processes.end(pid, argv[0])
    return len(found)


def _running(folder: Path) -> list[tuple[int, list[str]]]:
    """Processes that serve the folder or one below it, with their command lines."""
    found = []
    for pid, argv in leftovers.command_lines():
        match [word for word in argv if word]:
            case [_, "-m", "http.server", *_, "--directory", served, _] as words:
                if Path(served).is_relative_to(folder):
                    found.append((pid, words))
    return found
