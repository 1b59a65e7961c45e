"""What `status` and `inspect` print, with a stand-in for crane."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field

import pytest

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.state import Running, State
from buildkit_engine.buildkit.tools import buildkit_version
from buildkit_engine.cli import status
from buildkit_engine.errors import RegistryError
from buildkit_engine.mirror.recipes import LABEL

APP = Reference.parse("127.0.0.1:5050/app:v1")
IMAGE = {"config": {"size": 1_000_000}, "layers": [{"size": 2_000_000}, {"size": 500_000}]}


@dataclass
class FakeCrane:
    """Holds manifests and labels by digest; `tag` is the one of the tag."""

    tag: dict
    labels: dict[str, str] = field(default_factory=dict)
    listed: dict[tuple[str, ...], str] = field(default_factory=dict)

    def digest(self, _reference):
        return "sha256:index"

    def manifest(self, reference):
        return IMAGE if reference.digest else self.tag

    def config(self, reference, _platform):
        if reference.digest not in self.labels:
            raise RegistryError("no config")
        return json.dumps(
            {
                "os": "linux",
                "architecture": "s390x",
                "config": {"Labels": {LABEL: self.labels[reference.digest]}},
            }
        ).encode()

    def run(self, *arguments):
        return self.listed[arguments]


def child(digest: str, architecture: str, **more: str) -> dict:
    platform = {"os": "linux", "architecture": architecture, **more}
    return {"digest": digest, "platform": platform}


def test_an_index_is_shown_a_line_a_platform_without_attestations():
    attestation = {
        "digest": "sha256:att",
        "platform": {"os": "unknown", "architecture": "unknown"},
    }
    children = [child("sha256:a", "amd64"), child("sha256:b", "arm", variant="v7"), attestation]
    crane = FakeCrane({"manifests": children}, {"sha256:a": "docker.io/library/debian:12"})
    assert status.index_table(crane, APP).splitlines() == [
        "127.0.0.1:5050/app:v1@sha256:index",
        "PLATFORM      SIZE    DIGEST",
        "linux/amd64   3.5 MB  sha256:a",
        "linux/arm/v7  3.5 MB  sha256:b",
        "base image docker.io/library/debian:12 is a stand-in made on this machine",
    ]


def test_a_plain_image_is_shown_with_the_platform_of_its_own_configuration():
    crane = FakeCrane(IMAGE, {"sha256:index": ""})
    lines = status.index_table(crane, APP).splitlines()
    assert lines[2].split() == ["linux/s390x", "3.5", "MB", "sha256:index"]


def test_of_what_the_registry_holds_only_mirrored_names_are_stand_ins():
    crane = FakeCrane(
        {},
        listed={
            ("catalog", "127.0.0.1:5050"): "app\ndocker.io/library/debian\n",
            ("ls", "127.0.0.1:5050/docker.io/library/debian"): "12\n12-staging\n12-staging-x\n",
        },
    )
    assert list(status.stand_ins(crane, "127.0.0.1:5050")) == ["docker.io/library/debian:12"]


@pytest.fixture(autouse=True)
def no_daemon_of_the_users_own(monkeypatch):
    monkeypatch.delenv("BUILDKIT_HOST", raising=False)


@pytest.mark.parametrize("saved", [False, True], ids=["never started", "ended"])
def test_where_nothing_runs_the_command_to_start_it_is_told(tmp_path, saved):
    state = State(tmp_path / "state")
    if saved:
        Running(2**22 + 1, 2**22 + 2, "127.0.0.1:1", stand_ins=False).save(state)
    lines = status.status(state).splitlines()
    assert lines[0].startswith("version    ")
    assert lines[0].endswith(f", BuildKit {buildkit_version()}")
    assert lines[1] == f"state      {state.root} (0.0 MB)"
    assert lines[-1] == "daemon     does not run: buildkit-engine up"


def test_a_daemon_of_the_users_own_is_told_without_stand_ins(tmp_path, monkeypatch):
    monkeypatch.setenv("BUILDKIT_HOST", "tcp://builder.lan:1234")
    assert status.status(State(tmp_path / "state")).splitlines()[-3:] == [
        "daemon     tcp://builder.lan:1234 (BUILDKIT_HOST)",
        "registry   none: that daemon does not reach this machine's loopback",
        "base images  as that daemon gets them: no stand-ins",
    ]


def test_the_state_is_told_by_its_parts(tmp_path):
    state = State(tmp_path / "state")
    (state.folder("registry") / "blob").write_bytes(b"x" * 2_000_000)
    (state.folder("buildkit") / "cache").write_bytes(b"x" * 3_000_000)
    shown = status.status(state)
    assert re.search(
        r"^  cache    3\.\d MB  \(at most 20GB, 10% of the disk stay free; "
        r"less: buildkit-engine prune\)$",
        shown,
        re.MULTILINE,
    )
    assert re.search(r"^  images   2\.\d MB$", shown, re.MULTILINE)
    assert "  tools" not in shown
