"""A daemon of the user's own, with a stand-in for buildctl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from buildkit_engine.buildkit import daemons
from buildkit_engine.buildkit.daemons import Daemon, tls_flags
from buildkit_engine.buildkit.state import State
from buildkit_engine.buildkit.tools import Tools
from buildkit_engine.errors import SetupError

STATE = State(Path("/state"))


@pytest.mark.parametrize("address", ["", "unix:///state/buildkitd.sock"])
def test_the_engines_own_daemon_is_used_where_no_other_is_named(monkeypatch, address):
    monkeypatch.setenv("BUILDKIT_HOST", address)
    assert Daemon.chosen(STATE) is None


@pytest.mark.parametrize(
    ("address", "reaches"),
    [
        ("unix:///run/buildkit/buildkitd.sock", True),
        ("tcp://127.0.0.1:1234", True),
        ("tcp://localhost:1234", True),
        ("tcp://[::1]:1234", True),
        ("tcp://builder.lan:1234", False),
        ("docker-container://buildkitd", False),
        ("ssh://me@localhost", False),
    ],
)
def test_a_daemon_at_a_socket_or_loopback_reaches_this_machines_registry(
    monkeypatch, address, reaches
):
    monkeypatch.setenv("BUILDKIT_HOST", address)
    daemon = Daemon.chosen(STATE)
    assert (daemon.address, daemon.reaches_this_machine) == (address, reaches)


@pytest.mark.parametrize("address", ["builder:1234", "http://builder", "unix://", "/run/x.sock"])
def test_what_is_no_address_is_refused(monkeypatch, address):
    monkeypatch.setenv("BUILDKIT_HOST", address)
    with pytest.raises(SetupError) as refused:
        Daemon.chosen(STATE)
    assert str(refused.value) == (
        f"BUILDKIT_HOST '{address}' is no address: expected unix://…, tcp://…, "
        "docker-container://…, podman-container://…, kube-pod://…, ssh://…"
    )


@pytest.fixture
def found(program):
    """Tools whose buildctl is the stand-in."""
    Path(program.here, "buildctl").symlink_to(program.path)
    return Tools(bin=program.here, shim=program.here, freeze=program.here)


def test_a_daemon_that_answers_is_of_this_machines_platform(program, found, monkeypatch):
    monkeypatch.setattr(daemons, "host_platform", lambda: "linux/arm64")
    platforms = [{"os": "linux", "architecture": a} for a in ("arm64", "amd64")]
    program.says(stdout=json.dumps([{"platforms": platforms}]))
    Daemon("tcp://builder:1234").check(found)
    assert program.seen["argv"][:2] == ["--addr", "tcp://builder:1234"]
    monkeypatch.setattr(daemons, "host_platform", lambda: "linux/amd64")
    message = (
        "^the daemon at BUILDKIT_HOST 'tcp://builder:1234' is of linux/arm64: expected one of this "
        "machine's platform, linux/amd64$"
    )
    with pytest.raises(SetupError, match=message):
        Daemon("tcp://builder:1234").check(found)


def test_a_daemon_that_does_not_answer_is_told(program, found):
    program.says(stderr="error: connection refused\n", code=1)
    message = "^no BuildKit daemon answers at BUILDKIT_HOST 'tcp://builder:1': connection refused$"
    with pytest.raises(SetupError, match=message):
        Daemon("tcp://builder:1").check(found)


def test_certificates_are_for_a_daemon_at_tcp_alone(monkeypatch, tmp_path):
    monkeypatch.setenv("BUILDKIT_ENGINE_TLS_DIR", str(tmp_path))
    assert tls_flags("tcp://builder:1234") == ["--tlsdir", str(tmp_path)]
    assert tls_flags("unix:///x") == []


def test_a_folder_of_certificates_that_is_none_is_refused(monkeypatch):
    monkeypatch.setenv("BUILDKIT_ENGINE_TLS_DIR", "/nowhere")
    message = (
        "^BUILDKIT_ENGINE_TLS_DIR '/nowhere' is no folder: expected one with ca.pem, cert.pem and "
        "key.pem$"
    )
    with pytest.raises(SetupError, match=message):
        tls_flags("tcp://builder:1234")


@pytest.mark.parametrize(
    ("machine", "expected"),
    [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("riscv64", "linux/riscv64")],
)
def test_the_hosts_platform_has_its_usual_name(monkeypatch, machine, expected):
    monkeypatch.setattr(daemons.machine, "machine", lambda: machine)
    assert daemons.host_platform() == expected
