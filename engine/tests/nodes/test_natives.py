"""The module on nodes of each platform, which compile for their own, in one call."""

from __future__ import annotations

import io
import os
import subprocess
import sys
import tarfile
import uuid
from pathlib import Path

import pytest

from engine.tests.nodes.conftest import hosts

ROOT = Path(__file__).parents[3]
CLI = str(Path(sys.executable).with_name("buildkit-engine"))
PLATFORMS = "linux/amd64,linux/arm64"
DEBIAN, PYTHON = "docker.io/library/debian:bookworm-slim", "docker.io/library/python:3.11-slim"
# how the title of a step of [build] begins: with what the command is told of the target
COMPILES = "] TARGETOS="
# e_machine of ELF
MACHINES = {"linux/amd64": 62, "linux/arm64": 183}


def run(engine, *words: str, **env: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [CLI, *words],
        cwd=ROOT,
        env={**os.environ, "BUILDKIT_ENGINE_STATE": str(engine[0].root), **env},
        capture_output=True,
        text=True,
        timeout=600,
        check=False,
    )


@pytest.fixture(scope="module")
def images(engine) -> dict[str, str]:
    """Addresses of base images that nodes read: those of the engine's registry."""
    made = run(engine, "mirror", DEBIAN, PYTHON, f"--platforms={PLATFORMS}")
    assert made.returncode == 0, made.stderr
    return {image: f"{engine[1].registry}/{image}" for image in (DEBIAN, PYTHON)}


@pytest.fixture
def app(images, tmp_path):
    """A project whose program is one of the machine that built it, and the program's name."""
    program = f"app-{uuid.uuid4().hex[:8]}"
    source = tmp_path / "app"
    source.mkdir()
    (source / "pipeline.toml").write_text(
        f"""\
name = "app"
[build]
command = ["cp", "/usr/bin/true", "{program}"]
image = "{images[DEBIAN]}"
outputs = ["{program}"]
[runtime]
base = "{images[DEBIAN]}"
[verify]
image = "{images[PYTHON]}"
"""
    )
    return source, program


@pytest.fixture
def dockerfile(images, tmp_path):
    """A project with a Dockerfile whose RUN makes such a program, and the program's name."""
    program = f"app-{uuid.uuid4().hex[:8]}"
    source = tmp_path / "dockerfile"
    source.mkdir()
    (source / "Dockerfile").write_text(
        f"FROM {images[DEBIAN]}\nRUN cp /usr/bin/true /usr/local/bin/{program}\n"
        f'USER nobody\nENTRYPOINT ["/usr/local/bin/{program}"]\n'
    )
    (source / "pipeline.toml").write_text(
        f'[dockerfile]\nemulation = "forbid"\n[verify]\nimage = "{images[PYTHON]}"\n'
    )
    return source, program


def machine(crane: str, reference: str, platform: str, name: str) -> int:
    """What the program of a platform's image is for."""
    command = [crane, "export", f"--platform={platform}", reference, "-"]
    root = subprocess.run(command, capture_output=True, check=True).stdout
    with tarfile.open(fileobj=io.BytesIO(root)) as files:
        program = files.extractfile(f"usr/local/bin/{name}")
        assert program
        return int.from_bytes(program.read(20)[18:20], "little")


def call(engine, nodes, source, *words: str) -> subprocess.CompletedProcess[str]:
    start = ["call", "--mod", str(ROOT), f"--source={source}", *words]
    return run(engine, *start, BUILDKIT_HOSTS=hosts(nodes), NO_COLOR="1")


@pytest.mark.long
def test_each_platform_is_compiled_on_its_own_node(engine, nodes, app):
    source, program = app
    address = f"{engine[1].registry}/nodes/{source.parent.name}:v1"
    done = call(
        engine, nodes, source,
        "--native=linux/arm64", "publish", f"--platforms={PLATFORMS}", f"--address={address}",
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    # the kernel's emulator is the second machine here, and that is what is said of it
    assert "linux/arm64: built on itself, as --native asks" in done.stderr
    found = {p: machine(engine[2].crane, address, p, program) for p in MACHINES}
    assert found == MACHINES
    for architecture, node in nodes.items():
        commands = node.told(COMPILES)
        assert commands, f"nothing was compiled on {architecture}"
        assert all(line.startswith(f"[linux/{architecture}]") for line in commands), commands


@pytest.mark.long
def test_without_it_all_is_compiled_on_the_first_node_and_what_is_not_for_its_platform_is_refused(
    engine, nodes, app
):
    source, program = app
    address = f"{engine[1].registry}/nodes/{source.parent.name}:v1"
    done = call(
        engine, nodes, source, "publish", f"--platforms={PLATFORMS}", f"--address={address}"
    )
    assert done.returncode == 1
    assert "linux/arm64" in done.stderr
    assert f"/usr/local/bin/{program}" in done.stderr
    assert nodes["amd64"].told(COMPILES)
    assert nodes["arm64"].told(COMPILES) == []


@pytest.mark.long
def test_each_platform_of_a_dockerfile_is_made_on_its_own_node(engine, nodes, dockerfile):
    source, program = dockerfile
    address = f"{engine[1].registry}/nodes/{source.parent.name}:v1"
    publish = ("publish", f"--platforms={PLATFORMS}", f"--address={address}", "--skip-tests")
    done = call(engine, nodes, source, *publish)
    assert done.returncode == 1
    assert "steps that would run under emulation" in done.stderr
    done = call(engine, nodes, source, "--native=linux/arm64", *publish)
    assert done.returncode == 0, done.stderr
    found = {p: machine(engine[2].crane, address, p, program) for p in MACHINES}
    assert found == MACHINES
    for architecture, node in nodes.items():
        other = next(each for each in nodes if each != architecture)
        made = node.told(f"RUN cp /usr/bin/true /usr/local/bin/{program}")
        assert made, f"nothing was made on {architecture}"
        assert not [line for line in made if line.startswith(f"[linux/{other}")], made


def test_the_plan_shows_the_nodes_platforms(engine, nodes, app):
    done = call(engine, nodes, app[0], "--native=linux/arm64", "plan", f"--platforms={PLATFORMS}")
    assert done.returncode == 0, done.stderr
    rows = {" ".join(line.split()[:4]) for line in done.stdout.splitlines()}
    assert {
        "compile linux/amd64 linux/amd64 native",
        "compile linux/arm64 linux/arm64 native",
    } <= rows


def test_doctor_is_asked_of_all_nodes(engine, nodes, app):
    done = call(engine, nodes, app[0], "doctor")
    assert done.returncode == 0, done.stderr
    found = {
        line.split()[0]: line.split()[1] for line in done.stdout.splitlines() if line[:5] == "linux"
    }
    assert (found["linux/amd64"], found["linux/arm64"]) == ("yes", "yes")
    # each platform's own program was executed by its own node
    for architecture, node in nodes.items():
        assert any(line.startswith(f"[linux/{architecture}]") for line in node.told(" /probe"))
