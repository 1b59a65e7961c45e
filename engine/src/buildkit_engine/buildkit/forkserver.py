"""A process that stays between calls, and forks one for each that asks: the callers' side of it.

It is found by its socket, and ended by its command line, so no record of it can be lost.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
from dataclasses import dataclass
from pathlib import Path
from typing import IO, TYPE_CHECKING

from buildkit_engine.buildkit import leftovers, processes

if TYPE_CHECKING:
    from collections.abc import Mapping

_ANSWER_SECONDS = 5
"""One that takes longer is not waited for: somebody may have stopped it."""
_LONGEST_ANSWER = 16


@dataclass
class Forked:
    """A process that a server has forked; it ends once the connection does."""

    stdin: IO[bytes]
    stdout: IO[bytes]
    """Its standard output and standard error."""
    done: IO[str]
    """What it writes into the further file that it was given."""
    connection: socket.socket

    def wait(self) -> None:
        """Until it has ended."""
        with contextlib.suppress(OSError):
            self.connection.recv(1)
        self.connection.close()

    def end(self) -> None:
        """Ends it, with what it has started; it may take a moment."""
        with contextlib.suppress(OSError):
            self.connection.shutdown(socket.SHUT_WR)


def fork(server: Path, mark: str, environment: Mapping[str, str]) -> Forked | None:
    """A process in this one's folder, with that environment; None where no server answers.

    `server` is the socket.
    """
    try:
        connection = _connected(server)
    except OSError:
        return None
    (given, stdin), (stdout, printed), (done, told) = (os.pipe() for _ in range(3))
    theirs = [given, printed, told]
    forked = Forked(os.fdopen(stdin, "wb"), os.fdopen(stdout, "rb"), os.fdopen(done), connection)
    umask = os.umask(0o077)
    os.umask(umask)
    try:
        asked = {"mark": mark, "environment": dict(environment), "umask": umask}
        socket.send_fds(connection, [b"\0"], theirs)
        connection.sendall(f"{json.dumps({**asked, 'folder': str(Path.cwd())})}\n".encode())
        answers = connection.recv(_LONGEST_ANSWER) != b""
    except OSError:
        answers = False
    for file in theirs:
        os.close(file)
    if not answers:
        forked.end()
        for stream in (forked.stdin, forked.stdout, forked.done, connection):
            stream.close()
        return None
    connection.settimeout(None)
    return forked


def _connected(server: Path) -> socket.socket:
    folder = os.open(server.parent, os.O_PATH)
    connection = socket.socket(socket.AF_UNIX)
    try:
        connection.settimeout(_ANSWER_SECONDS)
        # a socket's address is short, and the folder's may be long
        connection.connect(f"/proc/self/fd/{folder}/{server.name}")
    except OSError:
        connection.close()
        raise
    finally:
        os.close(folder)
    return connection


def start(
    interpreter: str, script: Path, server: Path, environment: Mapping[str, str], log: Path
) -> int:
    """Starts a server for the next calls, its id; it ends where there are none for a while."""
    command = [interpreter, "-P", str(script), str(server.parent), server.name]
    return processes.start(command, log=log, env=environment, inherits=False)


def running(folder: Path) -> list[tuple[int, str]]:
    """The servers whose sockets are in a folder, and their forks: their ids and their programs."""
    return [
        (pid, argv[0])
        for pid, argv in leftovers.command_lines()
        if str(folder) in argv and argv[1] == "-P"
    ]


def end(folder: Path) -> int:
    """Ends the servers whose sockets are in a folder, and their forks; how many those were."""
    found = running(folder)
    for pid, program in found:
        processes.end(pid, program)
    return len(found)
