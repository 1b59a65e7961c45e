"""Keeps the SDK imported between calls, in the module's own interpreter: a script, never imported.

It listens at a socket. For each call it forks a process that has the SDK already, and that goes on
as runtime.py does: in the caller's folder, with the caller's environment and files, and with the
module imported anew. The connection is what the two know of each other: the process writes a line
once it is ready, and ends when the caller is gone.
"""

import contextlib
import gc
import importlib
import importlib.util
import json
import os
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import NoReturn

_IDLE_SECONDS = 300.0
_LOOK_SECONDS = 2.0


def main() -> None:
    folder, name = Path(sys.argv[1]), sys.argv[2]
    os.chdir(folder)
    runtime = sibling("runtime")
    runtime.import_sdk()
    gc.freeze()
    # a fork would be without them
    if threading.active_count() > 1:
        return
    signal.signal(signal.SIGCHLD, take_note_of_ends)
    with socket.socket(socket.AF_UNIX) as listener:
        new = f"{name}.{os.getpid()}"
        # relative: a socket's address is short, and the folder's may be long
        listener.bind(new)
        listener.listen(64)
        listener.settimeout(_LOOK_SECONDS)
        own = Path(new).stat().st_ino
        Path(new).rename(name)
        serve(listener, runtime, lambda: is_at(name, own))
        if is_at(name, own):
            Path(name).unlink()


def sibling(name: str) -> ModuleType:
    """A script beside this one: its folder is no place to import a module's modules from."""
    spec = importlib.util.spec_from_file_location(name, Path(__file__).with_name(f"{name}.py"))
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def is_at(name: str, inode: int) -> bool:
    """Whether the socket is there still, and not removed or another's by now."""
    with contextlib.suppress(FileNotFoundError):
        return Path(name).stat().st_ino == inode
    return False


def serve(listener: socket.socket, runtime: ModuleType, is_known: Callable[[], bool]) -> None:
    """Forks for each caller, until none has come for a while or none can."""
    last = time.monotonic()
    while is_known() and time.monotonic() - last < _IDLE_SECONDS:
        with contextlib.suppress(TimeoutError):
            caller, _ = listener.accept()
            last = time.monotonic()
            if os.fork() == 0:
                listener.close()
                go_on(caller, runtime)
            caller.close()


def take_note_of_ends(*_: object) -> None:
    """So that none stays in the kernel's table; what they took counts as this process's then."""
    with contextlib.suppress(ChildProcessError):
        while os.waitpid(-1, os.WNOHANG)[0]:
            pass


def go_on(caller: socket.socket, runtime: ModuleType) -> NoReturn:
    """Becomes the process of a caller's, which sends its files and then what else it has."""
    os.setsid()
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    caller.settimeout(None)
    _, files, _, _ = socket.recv_fds(caller, 1, 3, socket.MSG_CMSG_CLOEXEC)
    asked = json.loads(caller.makefile().readline())
    given, printed, done = files
    os.dup2(given, 0)
    os.dup2(printed, 1)
    os.dup2(printed, 2)
    os.close(given)
    os.close(printed)
    os.environ.clear()
    os.environ.update(asked["environment"])
    time.tzset()
    os.umask(asked["umask"])
    os.chdir(asked["folder"])
    importlib.invalidate_caches()
    threading.Thread(target=end_with, args=(caller,), daemon=True).start()
    caller.sendall(b"ready\n")
    gc.disable()
    runtime.run_functions(done, asked["mark"])


def end_with(caller: socket.socket) -> NoReturn:
    """Ends this process, and what it has started, once the caller closes the connection."""
    caller.recv(1)
    os.killpg(0, signal.SIGTERM)
    # where a module listens to that signal
    os._exit(1)


if __name__ == "__main__":
    main()
