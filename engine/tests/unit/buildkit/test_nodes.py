"""BUILDKIT_HOSTS, with a stand-in for buildctl."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from buildkit_engine.buildkit.daemons import Daemon
from buildkit_engine.buildkit.nodes import Node, Nodes
from buildkit_engine.buildkit.tools import Tools
from buildkit_engine.errors import SetupError

JETSON = Node(Daemon("ssh://jetson"), ("linux/arm64",))


@pytest.fixture
def hosts(monkeypatch):
    """Sets BUILDKIT_HOSTS, and reads it."""
    monkeypatch.delenv("BUILDKIT_HOST", raising=False)

    def hosts(text: str) -> Nodes | None:
        monkeypatch.setenv("BUILDKIT_HOSTS", text)
        return Nodes.chosen()

    return hosts


def test_without_names_there_are_no_nodes(hosts):
    assert hosts("") is None


def test_each_node_has_its_platforms_and_its_address(hosts, tmp_path):
    text = (
        "linux/arm64+linux/arm/v7=ssh://me@jetson:2222, "
        f"linux/amd64=tcp://builder:1234?tls={tmp_path},linux/riscv64=unix:///run/riscv.sock"
    )
    assert hosts(text).all == (
        Node(Daemon("ssh://me@jetson:2222"), ("linux/arm64", "linux/arm/v7")),
        Node(Daemon("tcp://builder:1234", tls=str(tmp_path)), ("linux/amd64",)),
        Node(Daemon("unix:///run/riscv.sock"), ("linux/riscv64",)),
    )


FORM = (
    "expected PLATFORM[+PLATFORM…]=ADDRESS, such as linux/arm64=ssh://jetson, separated by commas"
)
KNOWN = (
    "linux/386, linux/amd64, linux/arm/v5, linux/arm/v6, linux/arm/v7, linux/arm64, "
    "linux/ppc64le, linux/riscv64, linux/s390x"
)
SCHEMES = "unix://…, tcp://…, docker-container://…, podman-container://…, kube-pod://…, ssh://…"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (" ", f"BUILDKIT_HOSTS '': {FORM}"),
        ("linux/arm64=ssh://a,", f"BUILDKIT_HOSTS '': {FORM}"),
        ("ssh://a", f"BUILDKIT_HOSTS 'ssh://a': {FORM}"),
        ("=ssh://a", f"BUILDKIT_HOSTS '=ssh://a': {FORM}"),
        ("linux/arm64=", f"BUILDKIT_HOSTS 'linux/arm64=': {FORM}"),
        (
            "linux/arm46=ssh://a",
            "BUILDKIT_HOSTS 'linux/arm46=ssh://a': platform 'linux/arm46': "
            f"expected one of {KNOWN}",
        ),
        (
            "linux/arm64+=ssh://a",
            f"BUILDKIT_HOSTS 'linux/arm64+=ssh://a': platform '': expected one of {KNOWN}",
        ),
        (
            "linux/arm64=http://a",
            f"BUILDKIT_HOSTS 'linux/arm64=http://a': 'http://a' is no address: expected {SCHEMES}",
        ),
        (
            "linux/arm64=tcp://a?tls=/nowhere",
            "BUILDKIT_HOSTS 'linux/arm64=tcp://a?tls=/nowhere': tls '/nowhere' is no folder: "
            "expected one with ca.pem, cert.pem and key.pem",
        ),
        (
            "linux/arm64=ssh://a?tls=/tmp",
            "BUILDKIT_HOSTS 'linux/arm64=ssh://a?tls=/tmp': 'tls': expected nothing after '?' but "
            "tls=FOLDER, and that for tcp:// alone",
        ),
        (
            "linux/arm64=tcp://a?key=b",
            "BUILDKIT_HOSTS 'linux/arm64=tcp://a?key=b': 'key': expected nothing after '?' but "
            "tls=FOLDER, and that for tcp:// alone",
        ),
        (
            "linux/arm64=ssh://a,linux/amd64=ssh://a",
            "BUILDKIT_HOSTS: the address 'ssh://a' is named twice: name each once",
        ),
        (
            "linux/arm64=ssh://a,linux/amd64+linux/arm64=ssh://b",
            "BUILDKIT_HOSTS: the platform 'linux/arm64' is named twice: name each once",
        ),
    ],
)
def test_what_names_no_nodes_is_refused(hosts, text, message):
    with pytest.raises(SetupError) as refused:
        hosts(text)
    assert str(refused.value) == message


def test_one_daemon_and_several_are_not_named_together(hosts, monkeypatch):
    monkeypatch.setenv("BUILDKIT_HOST", "tcp://a")
    with pytest.raises(SetupError, match=r"^BUILDKIT_HOST and BUILDKIT_HOSTS are both set: unset"):
        hosts("linux/arm64=ssh://a")


@pytest.mark.parametrize(
    ("text", "reaches"),
    [
        ("linux/arm64=unix:///a,linux/amd64=tcp://127.0.0.1:1", True),
        ("linux/arm64=unix:///a,linux/amd64=ssh://b", False),
    ],
)
def test_loopback_is_shared_where_each_node_shares_it(hosts, text, reaches):
    assert hosts(text).reaches_this_machine is reaches


@pytest.fixture
def found(program):
    """Tools whose buildctl is the stand-in."""
    Path(program.here, "buildctl").symlink_to(program.path)
    return Tools(bin=program.here, shim=program.here, freeze=program.here)


def workers(*platforms: str) -> str:
    parts = [
        dict(zip(("os", "architecture", "variant"), p.split("/"), strict=False)) for p in platforms
    ]
    return json.dumps([{"platforms": parts}])


def test_a_node_is_asked_for_the_platform_of_its_machine(program, found, tmp_path):
    program.says(stdout=workers("linux/arm64", "linux/arm/v7"))
    daemon = Daemon("tcp://jetson:1234", tls=str(tmp_path))
    node = Node(daemon, ("linux/arm/v7",))
    assert node.asked(found.buildctl) == Node(daemon, ("linux/arm/v7",), own="linux/arm64")
    assert program.seen["argv"] == [
        *("--addr", "tcp://jetson:1234", "--tlsdir", str(tmp_path), "--timeout", "20"),
        *("debug", "workers", "--format", "{{json .}}"),
    ]


def test_a_node_that_does_not_execute_its_platform_is_told(program, found):
    program.says(stdout=workers("linux/amd64", "linux/386"))
    with pytest.raises(SetupError) as refused:
        Nodes((JETSON,)).asked(found)
    assert str(refused.value) == (
        "node 'ssh://jetson' (linux/arm64) of BUILDKIT_HOSTS does not execute linux/arm64: "
        "it executes linux/amd64, linux/386"
    )


@pytest.mark.parametrize(
    ("said", "told"),
    [
        (
            'error: failed to list workers: Unavailable: connection error: desc = "transport: '
            'Error while dialing: dial tcp 127.0.0.1:1: connect: connection refused"',
            "dial tcp 127.0.0.1:1: connect: connection refused",
        ),
        (
            "error: failed to list workers: Unavailable: connection error: desc = "
            '"error reading server preface: command [ssh -- jetson buildctl dial-stdio] has exited '
            "with exit status 255, make sure the URL is valid, and Docker 18.09 or later is "
            "installed on the remote host: stderr=ssh: connect to host jetson port 22: "
            r'Connection refused\r\n"',
            "ssh: connect to host jetson port 22: Connection refused",
        ),
        ("error: something else", "something else"),
        ("", "it said nothing"),
    ],
)
def test_a_node_that_does_not_answer_is_told(program, found, said, told):
    program.says(stderr=f"{said}\n", code=1)
    with pytest.raises(SetupError) as refused:
        JETSON.asked(found.buildctl)
    assert str(refused.value) == (
        f"node 'ssh://jetson' (linux/arm64) of BUILDKIT_HOSTS does not answer: {told}"
    )


def test_a_daemon_that_is_slow_is_waited_for_so_long(tmp_path):
    slow = tmp_path / "buildctl"
    slow.write_text("#!/bin/sh\nsleep 30\n")
    slow.chmod(0o755)
    with pytest.raises(SetupError, match=r"^not within 1 s$"):
        Daemon("ssh://jetson").platforms(str(slow), seconds=1)
