"""Nodes at tcp with certificates, and over ssh."""

from __future__ import annotations

import getpass
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from buildkit_engine.buildkit import processes
from engine.tests.nodes.conftest import hosts, until


def openssl(folder: Path, *words: str) -> None:
    subprocess.run(["openssl", *words], cwd=folder, capture_output=True, check=True)


@pytest.fixture
def certificates(tmp_path):
    """A folder with an authority, and below it one with certificates for each of its two sides."""
    folder = tmp_path / "certificates"
    folder.mkdir()
    new_key = ("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")
    openssl(
        folder, *new_key, "-x509", "-subj", "/CN=authority", "-keyout", "ca.key", "-out", "ca.pem"
    )
    (folder / "san").write_text("subjectAltName=IP:127.0.0.1\n")
    for side in ("daemon", "client"):
        own = folder / side
        own.mkdir()
        request = ("-keyout", f"{side}/key.pem", "-out", f"{side}/csr")
        openssl(folder, *new_key, "-subj", f"/CN={side}", *request)
        signed = ("x509", "-req", "-in", f"{side}/csr", "-CA", "ca.pem", "-CAkey", "ca.key")
        openssl(folder, *signed, "-extfile", "san", "-out", f"{side}/cert.pem")
        shutil.copy(folder / "ca.pem", own)
    return folder


@pytest.fixture
def at_tcp(make_node, certificates):
    """Both nodes, one of which knows by certificate who asks."""
    port = processes.free_port(0)
    found = {
        "amd64": make_node("amd64"),
        "arm64": make_node("arm64", f"tcp://127.0.0.1:{port}"),
    }
    own = certificates / "daemon"
    found["amd64"].start()
    found["arm64"].start(
        f"--tlscacert={own / 'ca.pem'}",
        f"--tlscert={own / 'cert.pem'}",
        f"--tlskey={own / 'key.pem'}",
    )
    found["amd64"].wait()
    found["arm64"].wait(str(certificates / "client"))
    return found


def test_a_node_at_tcp_knows_who_asks_by_his_certificate(at_tcp, certificates, publish):
    code, out, error = publish(f"{hosts(at_tcp)}?tls={certificates / 'client'}").ended()
    assert (code, error) == (0, "")
    assert len(out.splitlines()) == 2


def test_the_certificates_of_the_environment_are_for_all_nodes_at_tcp(
    at_tcp, certificates, publish
):
    folder = str(certificates / "client")
    code, _, error = publish(hosts(at_tcp), BUILDKIT_ENGINE_TLS_DIR=folder).ended()
    assert (code, error) == (0, "")


def test_a_node_at_tcp_refuses_who_has_no_certificate(at_tcp, publish):
    code, _, error = publish(hosts(at_tcp)).ended()
    assert code == 1
    named = f"node '{at_tcp['arm64'].address}' (linux/arm64) of BUILDKIT_HOSTS does not answer: "
    assert error.startswith(f"Error: {named}")


@pytest.fixture
def ssh(tmp_path, engine):
    """An ssh server on loopback for this user: its address, and what ssh is told of it."""
    server = shutil.which("sshd") or "/usr/sbin/sshd"
    if not Path(server).exists():
        pytest.skip("sshd is not installed: apt-get install openssh-server")
    folder = tmp_path / "ssh"
    folder.mkdir(mode=0o700)
    for name in ("host", "user"):
        key = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(folder / name)]
        subprocess.run(key, check=True)
    port = processes.free_port(0)
    # what logs in finds buildctl as on a node: in its path
    buildctl = Path(engine[2].buildctl).parent
    config = {
        "ListenAddress": "127.0.0.1",
        "Port": port,
        "HostKey": folder / "host",
        "AuthorizedKeysFile": folder / "user.pub",
        "PidFile": "none",
        "StrictModes": "no",
        "UsePAM": "no",
        "PermitRootLogin": "yes",
        "SetEnv": f"PATH={buildctl}:{os.environ['PATH']} BUILDKIT_HOST=unix://{tmp_path}/arm64/buildkitd.sock",
    }
    (folder / "sshd_config").write_text("".join(f"{k} {v}\n" for k, v in config.items()))
    Path("/run/sshd").mkdir(exist_ok=True)
    command = [server, "-D", "-e", "-f", str(folder / "sshd_config")]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, stderr=log)
    until(lambda: processes.answers_tcp(f"127.0.0.1:{port}"), 30, (folder / "log").read_text())
    client = folder / "bin" / "ssh"
    client.parent.mkdir()
    options = f"-i {folder / 'user'} -o UserKnownHostsFile={folder / 'known'} -o BatchMode=yes"
    client.write_text(
        f"#!/bin/sh\nexec {shutil.which('ssh')} -F none {options} "
        '-o StrictHostKeyChecking=accept-new "$@"\n'
    )
    client.chmod(0o755)
    path = f"{client.parent}:{os.environ['PATH']}"
    yield f"ssh://{getpass.getuser()}@127.0.0.1:{port}", path, process
    process.terminate()
    process.wait()


def test_a_node_is_reached_over_ssh(nodes, ssh, publish):
    address, path, _ = ssh
    named = f"linux/amd64={nodes['amd64'].address},linux/arm64={address}"
    call = publish(named, "--check", PATH=path)
    code, out, error = call.ended()
    assert (code, error) == (0, "")
    # the registry on loopback is not known to be that of a machine behind ssh
    assert out.splitlines()[1:4] == ["amd64", "arm64", "amd64"]
    assert nodes["arm64"].executed == [f"[linux/arm64] /probe /told-{call.mark} 0s"]
    until(lambda: not call.processes, 30, f"still there: {call.processes}")


def test_a_node_behind_an_ssh_server_that_is_gone_is_told(nodes, ssh, publish):
    address, path, process = ssh
    process.terminate()
    process.wait()
    named = f"linux/amd64={nodes['amd64'].address},linux/arm64={address}"
    code, _, error = publish(named, PATH=path).ended()
    assert code == 1
    assert error == (
        f"Error: node '{address}' (linux/arm64) of BUILDKIT_HOSTS does not answer: "
        f"ssh: connect to host 127.0.0.1 port {address.rpartition(':')[2]}: Connection refused\n"
    )
