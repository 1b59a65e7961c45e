"""The processes that this one starts and waits for: they end with it, whatever ends it."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from functools import cache
from typing import TYPE_CHECKING, Any
from weakref import WeakSet

from buildkit_engine.buildkit import interrupts
from buildkit_engine.errors import StoppedError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path


class Children:
    """What one owner has started. Safe to use from several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._started: list[subprocess.Popen[bytes]] = []
        self._adopted: list[Callable[[], None]] = []
        self._stopped = False
        _everyones.add(self)

    def start(self, command: list[str], **options: Any) -> subprocess.Popen[bytes]:
        """A process in a group of its own: Ctrl-C reaches this process alone, which ends them all.

        It is waited for by the thread that starts it. Raises StoppedError after `stop`, and where
        this process was asked to end.
        """
        with interrupts.held(), self._lock:
            if self._stopped or interrupts.received():
                raise StoppedError
            self._started = [p for p in self._started if p.returncode is None]
            process = subprocess.Popen(
                [*_bound_to_this_process(), *command], start_new_session=True, **options
            )
            self._started.append(process)
        return process

    def adopt(self, end: Callable[[], None]) -> None:
        """Has `end` called for what another process has started in this one's stead.

        Raises StoppedError like `start`; it is called then, too.
        """
        with interrupts.held(), self._lock:
            self._adopted.append(end)
            if not (self._stopped or interrupts.received()):
                return
        end()
        raise StoppedError

    def run(
        self,
        command: list[str],
        *,
        env: Mapping[str, str] | None = None,
        cwd: Path | str | None = None,
        given: str | None = None,
    ) -> subprocess.CompletedProcess[str]:
        """What a program says, once it has ended; raises FileNotFoundError where there is none."""
        program = _found(command[0])
        if program is None:
            raise FileNotFoundError(command[0])
        process = self.start(
            [program, *command[1:]],
            env=env,
            cwd=cwd,
            stdin=subprocess.DEVNULL if given is None else subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        with process:
            try:
                out, error = process.communicate(None if given is None else given.encode())
            except BaseException:
                _signal(process, signal.SIGTERM)
                raise
        return subprocess.CompletedProcess(
            command,
            process.returncode,
            out.decode(errors="replace"),
            error.decode(errors="replace"),
        )

    def stop(self, how: int = signal.SIGTERM) -> None:
        """Ends all that still run, with what they started in turn; none may start after that."""
        with self._lock:
            self._stopped = True
            for process in self._started:
                _signal(process, how)
            for end in self._adopted:
                end()


_everyones: WeakSet[Children] = WeakSet()


def _stop_everyones(how: int = signal.SIGTERM) -> None:
    for children in tuple(_everyones):
        children.stop(how)


interrupts.on_interrupt(_stop_everyones)
interrupts.at_end(lambda: _stop_everyones(signal.SIGKILL))


def _signal(process: subprocess.Popen[bytes], how: int) -> None:
    if process.poll() is None:
        try:
            os.killpg(process.pid, how)
        except ProcessLookupError:
            pass  # it has ended, and nobody has waited for it yet


def _found(program: str) -> str | None:
    """Where a program is; not by `shutil`, since a module's process waits for what is imported."""
    if "/" in program:
        return program if os.access(program, os.X_OK) else None
    places = (f"{folder}/{program}" for folder in os.get_exec_path())
    return next((place for place in places if os.access(place, os.X_OK)), None)


@cache
def _bound_to_this_process() -> tuple[str, ...]:
    """A prefix by which the kernel ends a command when the thread that started it is gone.

    That is for a process that is killed outright: any other ends its children itself.
    """
    setpriv = _found("setpriv")
    return (setpriv, "--pdeathsig", "KILL", "--") if setpriv else ()
