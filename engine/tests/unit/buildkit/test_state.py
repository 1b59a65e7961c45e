"""The state folder, and what is found in it."""

from __future__ import annotations

import stat
import threading
from dataclasses import replace
from pathlib import Path

import pytest

from buildkit_engine.buildkit.daemons import Daemon
from buildkit_engine.buildkit.nodes import Node
from buildkit_engine.buildkit.state import Running, State

RUNNING = Running(daemon_pid=1, registry_pid=2, registry="127.0.0.1:5050", stand_ins=True)


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "state")


@pytest.mark.parametrize(
    ("variables", "expected"),
    [
        ({"BUILDKIT_ENGINE_STATE": "/chosen", "XDG_STATE_HOME": "/xdg"}, "/chosen"),
        ({"XDG_STATE_HOME": "/xdg"}, "/xdg/buildkit-engine"),
        ({"HOME": "/home/me"}, "/home/me/.local/state/buildkit-engine"),
    ],
)
def test_the_users_state_folder_is_chosen_by_the_environment(monkeypatch, variables, expected):
    for name in ("BUILDKIT_ENGINE_STATE", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert State.of_user() == State(Path(expected))


def test_every_folder_of_the_state_is_the_users_alone(state):
    folder = state.folder("logs")
    assert folder == state.root / "logs"
    assert [path.stat().st_mode & 0o777 for path in (state.root, folder)] == [0o700, 0o700]
    assert state.folder("logs") == folder


def test_what_runs_is_found_again(state):
    RUNNING.save(state)
    assert Running.load(state) == RUNNING
    assert [path.name for path in state.root.iterdir()] == ["running.json"]


def test_saving_again_replaces_what_was_saved(state):
    RUNNING.save(state)
    other = Running(daemon_pid=3, registry_pid=4, registry="127.0.0.1:1", stand_ins=False)
    other.save(state)
    assert Running.load(state) == other


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "null",
        "[]",
        "{}",
        '{"daemon_pid": 1}',
        '{"unknown": 1}',
        "\udcff",
        '{"daemon_pid": "1", "registry_pid": 2, "registry": "127.0.0.1:5050", "stand_ins": true}',
        '{"daemon_pid": 1, "registry_pid": 2, "registry": "elsewhere", "stand_ins": true}',
        '{"daemon_pid": 1, "registry_pid": 2, "registry": 5050, "stand_ins": true}',
    ],
)
def test_a_file_that_cannot_be_read_is_as_if_nothing_ran(state, text):
    (state.folder() / "running.json").write_bytes(text.encode(errors="surrogateescape"))
    assert Running.load(state) is None


def test_nothing_runs_where_there_is_no_state(state):
    assert Running.load(state) is None
    Running.forget(state)


def test_what_ran_can_be_forgotten(state):
    RUNNING.save(state)
    Running.forget(state)
    assert Running.load(state) is None


def test_one_holds_a_lock_at_a_time(state):
    order = []

    def second() -> None:
        with state.locked("up"):
            order.append("second")

    thread = threading.Thread(target=second)
    with state.locked("up"):
        thread.start()
        thread.join(timeout=0.1)
        order.append("first")
    thread.join(timeout=60)
    assert order == ["first", "second"]


def test_locks_of_different_names_do_not_wait_for_each_other(state):
    with state.locked("one"), state.locked("two"):
        assert sorted(p.name for p in (state.root / "locks").iterdir()) == ["one", "two"]


def test_a_daemon_of_the_users_own_is_not_remembered(state):
    RUNNING.save(state)
    theirs = replace(RUNNING, address="tcp://builder:1234")
    assert theirs.daemon_address(state) == "tcp://builder:1234"
    theirs.save(state)
    assert Running.load(state) == RUNNING
    node = Node(Daemon("ssh://jetson"), ("linux/arm64",), own="linux/arm64")
    replace(theirs, nodes=(node,)).save(state)
    assert Running.load(state) == RUNNING
    assert RUNNING.daemon_address(state) == f"unix://{state.root}/buildkitd.sock"


def test_the_salt_of_secrets_is_made_once_and_the_users_alone(tmp_path):
    state, other = State(tmp_path / "a"), State(tmp_path / "b")
    assert len(state.secret_salt) == 32
    assert state.secret_salt == State(tmp_path / "a").secret_salt != other.secret_salt
    assert stat.S_IMODE((tmp_path / "a" / "secret-salt").stat().st_mode) == 0o600
