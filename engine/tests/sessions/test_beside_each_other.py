"""Sessions on one daemon, at the same time and one after the other, see each its own files."""

from __future__ import annotations

import json
import os
import subprocess
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from buildkit_engine.llb.marshal import marshal
from buildkit_engine.model.files import Directory
from buildkit_engine.model.hosts import Host

SESSIONS = 8
ROUNDS = 3


def read(session, folder) -> tuple[str, list[str]]:
    """A file of ./src as the daemon has it, by itself and within another directory; its names."""
    source = Host(str(folder), session.snapshots).directory("src")
    alone = session.evaluator.read(source.file("who")).decode()
    within = Directory().with_directory("/in", source).with_new_file("x", b"", mode=0o644)
    assert session.evaluator.read(within.file("in/who")).decode() == alone
    return alone, [entry.path for entry in session.evaluator.tree(source)]


@pytest.fixture
def at_once():
    """Does it for each value, all begun at the same moment."""

    def at_once(do, values):
        barrier = Barrier(len(values))

        def one(value):
            barrier.wait()
            return do(value)

        with ThreadPoolExecutor(len(values)) as pool:
            return list(pool.map(one, values))

    return at_once


def test_folders_of_one_name_do_not_mix(open_session, at_once, tmp_path):
    folders = [tmp_path / str(number) for number in range(SESSIONS)]
    for number, folder in enumerate(folders):
        (folder / "src").mkdir(parents=True)
        (folder / "src" / f"only-{number}").touch()

    for round_ in range(ROUNDS):
        for number, folder in enumerate(folders):
            # of one size and one time: nothing but the folder tells them apart
            (folder / "src" / "who").write_text(f"{number} {round_}")
            os.utime(folder / "src" / "who", (round_, round_))
        sessions = [(open_session(folder), folder) for folder in folders]
        seen = at_once(lambda pair: read(*pair), sessions)
        assert seen == [
            (f"{number} {round_}", [f"only-{number}", "who"]) for number in range(SESSIONS)
        ]


def test_sessions_that_begin_between_two_changes_of_one_folder_do_not_mix(
    open_session, at_once, tmp_path
):
    source = tmp_path / "src"
    source.mkdir()
    sessions = []
    for number in range(SESSIONS):
        for file in source.iterdir():
            file.unlink()
        (source / f"only-{number}").touch()
        (source / "who").write_text(f"as {number} saw it")
        session = open_session(tmp_path)
        Host(str(tmp_path), session.snapshots).directory("src")
        sessions.append(session)

    for _ in range(ROUNDS):
        seen = at_once(lambda session: read(session, tmp_path), sessions)
        assert seen == [
            (f"as {number} saw it", [f"only-{number}", "who"]) for number in range(SESSIONS)
        ]


def test_a_change_is_seen_by_the_next_session(open_session, tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "who").write_text("first")
    before = open_session(tmp_path)
    assert read(before, tmp_path) == ("first", ["who"])
    (tmp_path / "src" / "who").write_text("second")
    (tmp_path / "src" / "new").touch()
    assert read(open_session(tmp_path), tmp_path) == ("second", ["new", "who"])
    assert read(before, tmp_path) == ("first", ["who"])


def test_what_did_not_change_is_not_sent_to_the_daemon_again(engine, open_session, tmp_path):
    state, _, tools = engine
    source = tmp_path / "src"
    source.mkdir()
    (source / "large").write_bytes(os.urandom(2_000_000))
    (source / "large").chmod(0o640)
    os.utime(source / "large", ns=(1, 1_234_567_891))
    (source / "link").symlink_to("large")

    def sent() -> int:
        """The bytes that a new session's first look costs, as buildctl counts them."""
        host = Host(str(tmp_path), open_session(tmp_path).snapshots)
        definition = marshal(host.directory("src").output)
        command = [tools.buildctl, "--addr", f"unix://{state.socket}", "build"]
        command += ["--progress=rawjson"]
        for name, path in definition.local_paths.items():
            command += ["--local", f"{name}={path}"]
        done = subprocess.run(command, input=definition.data, capture_output=True, check=True)
        told = [json.loads(line) for line in done.stderr.splitlines()]
        statuses = [status for line in told for status in line.get("statuses", ())]
        return max(s["current"] for s in statuses if s["id"].startswith("transferring"))

    assert sent() > 2_000_000
    (source / "small").touch()
    assert sent() < 1000
    (source / "large").write_bytes(os.urandom(2_000_000))
    assert sent() > 2_000_000
