"""The fork server of an interpreter, with a stand-in for the SDK: each test ends what it has started."""

from __future__ import annotations

import json
import os
import shutil
import socket
import sys
import time
from contextlib import closing
from pathlib import Path

import pytest

from buildkit_engine.buildkit import forkserver, processes
from buildkit_engine.cli import interpreter

FORKS = Path(interpreter.__file__).with_name("forks.py")
# takes the place of what imports the SDK; "done" is what the further file is told
RUNTIME = """
import json, os, sys, time

imported = 0.0

def import_sdk():
    global imported
    imported = time.monotonic()
    {at_import}

def run_functions(done, mark):
    seen = dict(
        pid=os.getpid(), server=os.getppid(), leader=os.getsid(0) == os.getpid(), mark=mark,
        folder=os.getcwd(), umask=os.umask(0), environment=dict(os.environ), imported=imported,
    )
    print(json.dumps(seen), flush=True)
    os.write(done, b"told\\n")
    for line in sys.stdin:
        os.system(line)
    os._exit(0)
"""


@pytest.fixture
def serve(tmp_path):
    """Starts a server, and waits until it listens or has ended."""
    folder = tmp_path / "forks"
    folder.mkdir()
    scripts = tmp_path / "scripts"
    scripts.mkdir()

    def serve(name: str = "one", at_import: str = "pass") -> Path:
        shutil.copy(FORKS, scripts)
        runtime = RUNTIME.format(at_import=at_import).replace("\\\\n", "\\n")
        (scripts / "runtime.py").write_text(runtime)
        server = folder / name
        given = {"LANG": "C.UTF-8"}
        pid = forkserver.start(
            sys.executable, scripts / "forks.py", server, given, tmp_path / "log"
        )
        until(lambda: server.exists() or not processes.alive(pid))
        return server

    yield serve
    forkserver.end(folder)


def until(what) -> None:
    end = time.monotonic() + 30
    while not what():
        assert time.monotonic() < end
        time.sleep(0.02)


def forked(server: Path, environment: dict[str, str] | None = None):
    found = forkserver.fork(server, "mark", environment or {})
    assert found
    return found, json.loads(found.stdout.readline())


def finished(found) -> None:
    found.stdin.close()
    found.wait()
    for stream in (found.stdout, found.done):
        stream.close()


def test_a_fork_has_its_callers_environment_folder_and_files(serve, tmp_path, monkeypatch):
    server = serve()
    monkeypatch.chdir(tmp_path)
    before = os.umask(0o027)
    try:
        found, seen = forked(server, {"A": "b", "NAME": os.fsdecode(b"\xff")})
    finally:
        os.umask(before)
    assert (seen["mark"], seen["folder"], seen["umask"]) == ("mark", str(tmp_path), 0o027)
    assert seen["environment"] == {"A": "b", "NAME": os.fsdecode(b"\xff")}
    assert seen["leader"]
    assert found.done.readline() == "told\n"
    finished(found)
    until(lambda: not processes.alive(seen["pid"]))


def test_what_is_imported_once_is_there_for_all(serve):
    server = serve()
    first, one = forked(server)
    second, other = forked(server)
    assert one["pid"] != other["pid"]
    assert (one["server"], one["imported"]) == (other["server"], other["imported"])
    for each in (first, second):
        finished(each)


def test_a_fork_ends_with_what_it_started_once_its_caller_is_gone(serve, tmp_path):
    found, seen = forked(serve())
    found.stdin.write(f"sleep 600 & echo $! > {tmp_path}/pid; wait\n".encode())
    found.stdin.flush()
    until(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text().strip())
    child = int((tmp_path / "pid").read_text())
    found.connection.close()
    until(lambda: not processes.alive(seen["pid"]) and not processes.alive(child))
    assert processes.alive(seen["server"])
    for stream in (found.stdin, found.stdout, found.done):
        stream.close()


def test_ending_it_is_waited_for(serve):
    found, seen = forked(serve())
    found.stdin.write(b"sleep 600\n")
    found.stdin.flush()
    found.end()
    found.wait()
    until(lambda: not processes.alive(seen["pid"]))
    for stream in (found.stdin, found.stdout, found.done):
        stream.close()


def test_without_a_server_there_is_no_fork(tmp_path):
    assert forkserver.fork(tmp_path / "missing" / "one", "mark", {}) is None
    with closing(socket.socket(socket.AF_UNIX)) as left_behind:
        left_behind.bind(str(tmp_path / "s"))
        assert forkserver.fork(tmp_path / "s", "mark", {}) is None


def test_a_server_that_does_not_answer_is_not_waited_for(tmp_path, monkeypatch):
    monkeypatch.setattr(forkserver, "_ANSWER_SECONDS", 0.1)
    with closing(socket.socket(socket.AF_UNIX)) as silent:
        silent.bind(str(tmp_path / "s"))
        silent.listen()
        assert forkserver.fork(tmp_path / "s", "mark", {}) is None


def test_servers_end_when_they_are_told_to_or_are_not_found_any_more(serve):
    server = serve()
    [(pid, program)] = forkserver.running(server.parent)
    assert (program, processes.alive(pid)) == (sys.executable, True)
    assert forkserver.end(server.parent) == 1
    assert not processes.alive(pid)
    assert forkserver.fork(server, "mark", {}) is None
    serve("other").unlink()
    until(lambda: not forkserver.running(server.parent))


def test_a_later_server_takes_the_place_of_one(serve):
    server = serve()
    inode = server.stat().st_ino
    serve()
    until(lambda: server.stat().st_ino != inode)
    until(lambda: len(forkserver.running(server.parent)) == 1)
    finished(forked(server)[0])


def test_where_threads_were_started_nothing_is_forked(serve):
    at_import = "import threading; threading.Thread(target=time.sleep, args=(1,)).start()"
    server = serve(at_import=at_import)
    assert not server.exists()


def test_a_folder_with_a_long_name_is_no_hindrance(serve):
    server = serve("socket")
    folder = server.parent.with_name("long" * 40)
    server.parent.rename(folder)
    finished(forked(folder / "socket")[0])
    folder.rename(server.parent)
