"""The configurations that the daemon and the registry are started with."""

from __future__ import annotations

import io
import json
import re
import subprocess
import tomllib
from email.message import Message
from pathlib import Path
from urllib.error import HTTPError, URLError

import pytest

from buildkit_engine.buildkit import leftovers, lifecycle, processes
from buildkit_engine.buildkit.state import Running, State
from buildkit_engine.buildkit.tools import Tools
from buildkit_engine.errors import SetupError


def test_the_registry_listens_where_it_is_told_and_keeps_images_in_the_state():
    config = json.loads(lifecycle.registry_config("127.0.0.1:5050", Path("/state/registry")))
    assert config == {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": "/state/registry"},
            "delete": {"enabled": True},
        },
        "http": {"addr": "127.0.0.1:5050"},
    }


def daemon_config(*, stand_ins: bool) -> dict:
    state = State(Path("/state"))
    return tomllib.loads(lifecycle.daemon_config(state, "127.0.0.1:5050", stand_ins=stand_ins))


def test_the_daemon_speaks_plain_http_to_the_registry_on_loopback_alone():
    registries = daemon_config(stand_ins=False)["registry"]
    assert registries == {"127.0.0.1:5050": {"http": True, "insecure": True}}


def test_with_stand_ins_the_mirror_stands_in_front_of_the_usual_registries():
    hosts = ["docker.io", "gcr.io", "nvcr.io", "ghcr.io", "quay.io", "public.ecr.aws"]
    assert daemon_config(stand_ins=True)["registry"] == {
        "127.0.0.1:5050": {"http": True, "insecure": True},
        **{host: {"mirrors": [f"127.0.0.1:5050/{host}"]} for host in hosts},
    }


def test_the_cache_has_a_limit_and_containers_a_control_group_of_their_own():
    worker = daemon_config(stand_ins=False)["worker"]["oci"]
    sources, rest = worker["gcpolicy"]
    assert worker["gc"] is True
    assert worker["defaultCgroupParent"] == leftovers.cgroup(State(Path("/state")))
    assert sources["filters"] == ["type==source.local", "type==source.git.checkout"]
    assert rest == {
        "all": True,
        "reservedSpace": "2GB",
        "maxUsedSpace": "20GB",
        "minFreeSpace": "10%",
    }


def test_daemons_of_two_states_share_no_socket():
    assert daemon_config(stand_ins=False)["otel"] == {"socketPath": "/state/traces.sock"}


@pytest.fixture(autouse=True)
def no_daemon_of_the_users_own(monkeypatch):
    monkeypatch.delenv("BUILDKIT_HOST", raising=False)


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "state")


def test_nothing_is_ended_where_nothing_ran(state):
    assert lifecycle.down(state) is False


def test_down_forgets_processes_that_are_no_longer_the_engines_own(state):
    # an id that cannot be: no process is touched
    Running(2**22 + 1, 2**22 + 2, "127.0.0.1:5050", stand_ins=False).save(state)
    assert lifecycle.down(state) is True
    assert Running.load(state) is None


def test_clean_removes_the_state(state):
    state.folder("logs")
    lifecycle.clean(state)
    assert not state.root.exists()
    lifecycle.clean(state)


def test_what_does_not_run_does_not_answer(state):
    running = Running(2**22 + 1, 2**22 + 2, "127.0.0.1:1", stand_ins=False)
    tools = Tools(bin=state.root / "bin", shim=state.root / "shim", freeze=state.root / "freeze")
    assert not lifecycle.answers(state, running, tools)


# -- what can be had


def answering(**answers):
    """Stands in for urlopen: what each host does, None for an answer."""

    def urlopen(url, timeout):
        assert timeout <= 2
        error = answers[url.split("/")[2].replace(".", "_").replace("-", "_")]
        if error:
            raise error
        return io.BytesIO()

    return urlopen


UNAUTHORIZED = HTTPError("", 401, "Unauthorized", Message(), None)


@pytest.mark.parametrize(
    ("hub", "gcr", "expected"),
    [
        (None, None, True),
        (UNAUTHORIZED, UNAUTHORIZED, True),
        (None, URLError("no route"), False),
        (TimeoutError(), None, False),
    ],
    ids=["both answer", "both refuse", "no route", "no answer in time"],
)
def test_the_usual_registries_answer_where_both_say_anything(monkeypatch, hub, gcr, expected):
    monkeypatch.setattr(lifecycle, "urlopen", answering(registry_1_docker_io=hub, gcr_io=gcr))
    assert lifecycle.usual_registries_answer() is expected


def test_a_folder_that_holds_more_than_the_engines_files_is_not_removed(tmp_path):
    state = State(tmp_path / "home")
    state.folder("tools")
    (state.root / "thesis.txt").write_text("years of work")
    with pytest.raises(SetupError, match=r"holds what is not the engine's \(thesis\.txt\)"):
        lifecycle.clean(state)
    assert (state.root / "thesis.txt").exists()
    (state.root / "thesis.txt").unlink()
    lifecycle.clean(state)
    assert not state.root.exists()


def test_what_another_version_started_is_ended_by_its_own_program(tmp_path):
    state = State(tmp_path / "state")
    with subprocess.Popen(["sleep", "60"]) as child:
        # a process that has only just become another program does not show its name yet
        assert processes.wait_until(
            lambda: processes.runs(child.pid, "sleep"), pid=child.pid, seconds=60
        )
        Running(
            child.pid,
            2**22 + 1,
            "127.0.0.1:1",
            stand_ins=False,
            daemon="sleep",
            registry_program="registry",
        ).save(state)
        assert lifecycle.down(state)
        assert child.wait(timeout=60) == -15
    assert Running.load(state) is None


def test_only_root_can_start_the_daemon(state, monkeypatch):
    monkeypatch.setattr(lifecycle.os, "geteuid", lambda: 1000)
    monkeypatch.setattr(lifecycle.tools, "ensure", lambda _state, **_: None)
    message = (
        "^BuildKit's daemon needs root: run buildkit-engine as root, or name a daemon of your own "
        "with BUILDKIT_HOST$"
    )
    with pytest.raises(SetupError, match=message):
        lifecycle.up(state)


def test_a_folder_that_cannot_be_written_is_told_with_what_to_do(tmp_path):
    (tmp_path / "file").write_text("")
    message = (
        r"^cannot write '.*/file/state/running.json': Not a directory: free some space or mend its permissions, "
        r"or choose another folder with BUILDKIT_ENGINE_STATE$"
    )
    with pytest.raises(SetupError, match=message):
        lifecycle.up(State(tmp_path / "file" / "state"))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ('time="x" level=fatal msg="no space left on device"', "no space left on device"),
        ("buildkitd: could not lock /x", "could not lock /x"),
        ("", "it said nothing"),
    ],
)
def test_a_program_that_did_not_start_is_told_by_its_last_line(tmp_path, line, expected):
    (tmp_path / "log").write_text(f"an earlier start\n{line}\n" if line else "")
    assert lifecycle._last_words(tmp_path / "log") == expected


def test_every_folder_that_the_engine_makes_in_its_state_is_its_own():
    source = Path(lifecycle.__file__).parents[1]
    asked = re.compile(r'\bstate\.folder\("([a-z-]+)"')
    made = {name for path in source.rglob("*.py") for name in asked.findall(path.read_text())}
    assert {"environments", "mirror", "sessions"} <= made
    assert made <= lifecycle._OWN
