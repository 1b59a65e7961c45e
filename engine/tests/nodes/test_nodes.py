"""One call on two nodes: each platform on its own, and what comes of a node that is lost."""

from __future__ import annotations

import json
import signal
import socket
import socketserver
import subprocess
import threading
import urllib.error
import urllib.request

import pytest

from buildkit_engine.cli.status import status
from engine.tests.nodes.conftest import hosts, until


def tags(registry: str, repository: str) -> list[str]:
    """What a registry has tags for; [] also where it does not know the repository."""
    try:
        with urllib.request.urlopen(f"http://{registry}/v2/{repository}/tags/list") as answer:
            return json.load(answer)["tags"] or []
    except urllib.error.HTTPError as error:
        if error.code != 404:
            raise
        return []


def platforms(tool: str, reference: str) -> list[str]:
    done = subprocess.run([tool, "manifest", reference], capture_output=True, check=True)
    return [
        f"{each['platform']['os']}/{each['platform']['architecture']}"
        for each in json.loads(done.stdout)["manifests"]
    ]


def test_each_platform_is_built_on_its_node_and_one_index_names_both(engine, nodes, publish):
    _, running, tools = engine
    call = publish(hosts(nodes))
    code, out, error = call.ended()
    assert (code, error) == (0, "")
    default, reference = out.splitlines()
    assert default == "linux/amd64"
    assert platforms(tools.crane, reference) == ["linux/amd64", "linux/arm64"]
    assert tags(running.registry, call.repository) == ["v1"]
    told = f"/told-{call.mark} 0s"
    assert nodes["amd64"].executed == [f"[linux/amd64] /probe {told}"]
    assert nodes["arm64"].executed == [f"[linux/arm64] /probe {told}"]


def test_what_one_node_made_is_read_by_a_command_on_the_other(nodes, publish):
    code, out, error = publish(hosts(nodes), "--check").ended()
    assert (code, error) == (0, "")
    assert out.splitlines()[1:4] == ["amd64", "arm64", "amd64"]


def test_the_first_platform_named_is_the_default(nodes, publish):
    reversed_ = ",".join(reversed(hosts(nodes).split(",")))
    code, out, _ = publish(reversed_).ended()
    assert (code, out.splitlines()[0]) == (0, "linux/arm64")


def test_status_shows_the_nodes(engine, nodes, monkeypatch):
    monkeypatch.setenv("BUILDKIT_HOSTS", f"{hosts(nodes)},linux/riscv64=tcp://127.0.0.1:1")
    monkeypatch.delenv("BUILDKIT_HOST", raising=False)
    lines = status(engine[0]).splitlines()
    shown = [line.split(maxsplit=2) for line in lines if line.startswith("  linux/")]
    assert shown == [
        ["linux/amd64", nodes["amd64"].address, "answers: its machine is linux/amd64"],
        ["linux/arm64", nodes["arm64"].address, "answers: its machine is linux/arm64"],
        [
            "linux/riscv64",
            "tcp://127.0.0.1:1",
            "does not answer: dial tcp 127.0.0.1:1: connect: connection refused",
        ],
    ]


def refused(node) -> str:
    return (
        f"node '{node.address}' (linux/arm64) of BUILDKIT_HOSTS does not answer: "
        f"dial unix {node.state.socket}: connect: "
    )


def left_nothing(engine, call) -> None:
    """No process of the call, nothing that a node which answers executes for it, and no tag."""
    until(lambda: not call.processes, 30, f"still there: {call.processes}")

    def own() -> list[str]:
        return [line for line in call.commands if "aarch64" not in line]

    until(lambda: not own(), 30, f"still executed: {own()}")
    assert tags(engine[1].registry, call.repository) == []


def test_a_node_that_is_down_is_told_before_any_work(engine, nodes, publish):
    nodes["arm64"].send(signal.SIGKILL)
    call = publish(hosts(nodes))
    code, out, error = call.ended()
    assert (code, out) == (1, "")
    assert error.startswith(f"Error: {refused(nodes['arm64'])}")
    assert error.count("\n") == 1
    assert nodes["amd64"].executed == []
    left_nothing(engine, call)


def test_a_node_that_dies_during_the_build_is_told_and_nothing_is_tagged(engine, nodes, publish):
    call = publish(hosts(nodes), "--wait=60s")
    until(lambda: len(call.commands) > 1, 120, "the commands were not begun")
    nodes["arm64"].send(signal.SIGKILL)
    code, _, error = call.ended()
    assert code == 1
    assert refused(nodes["arm64"]) in error
    assert error.endswith(", and it did when the call began\n")
    left_nothing(engine, call)


def test_a_node_that_freezes_is_told_and_nothing_is_tagged(engine, nodes, publish):
    call = publish(hosts(nodes), "--wait=90s")
    until(lambda: len(call.commands) > 1, 120, "the commands were not begun")
    nodes["arm64"].send(signal.SIGSTOP)
    code, _, error = call.ended(80)
    assert code == 1
    assert (
        f"node '{nodes['arm64'].address}' (linux/arm64) of BUILDKIT_HOSTS does not answer: "
        "not within 20 s, and it did when the call began\n"
    ) in error
    left_nothing(engine, call)


@pytest.fixture
def gated(engine):
    """A way to the registry on which uploads wait: its address, and when one has come there."""
    host, _, port = engine[1].registry.partition(":")
    reached, opened = threading.Event(), threading.Event()

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            with socket.create_connection((host, int(port))) as registry:
                back = threading.Thread(target=forward, args=(registry, self.request))
                back.start()
                while data := self.request.recv(65536):
                    if data.startswith(b"POST "):
                        reached.set()
                        opened.wait(60)
                    registry.sendall(data)
                registry.shutdown(socket.SHUT_WR)
                back.join()

    def forward(source: socket.socket, target: socket.socket) -> None:
        try:
            while data := source.recv(65536):
                target.sendall(data)
        except OSError:
            pass  # who asked is gone

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True

        def handle_error(self, request, client_address) -> None:
            """Connections end as they like: nodes are killed."""

    with Server(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"127.0.0.1:{server.server_address[1]}", reached, opened
        opened.set()
        server.shutdown()
        thread.join()


def test_a_node_that_dies_during_the_push_is_told_and_nothing_is_tagged(
    engine, nodes, publish, gated
):
    registry, reached, opened = gated
    call = publish(hosts(nodes), registry=registry)
    assert reached.wait(60)
    nodes["arm64"].send(signal.SIGKILL)
    code, _, error = call.ended()
    opened.set()
    assert code == 1
    assert refused(nodes["arm64"]) in error
    left_nothing(engine, call)
