"""Making stand-ins, with a stand-in for crane that remembers what it was asked."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import RegistryError, RequestError
from buildkit_engine.mirror import build
from buildkit_engine.mirror.build import Mirror
from buildkit_engine.mirror.recipes import LABEL, recipe_for

DEBIAN = Reference.parse("debian:bookworm-slim")
DISTROLESS = Reference.parse("gcr.io/distroless/static-debian12:nonroot")


class FakeCrane:
    def __init__(self) -> None:
        self.held: set[str] = set()
        self.ran: list[tuple[str, ...]] = []

    def digest(self, reference):
        if str(reference) not in self.held:
            raise RegistryError("MANIFEST_UNKNOWN")
        return "sha256:ab"

    def run(self, *arguments):
        self.ran.append(arguments)
        if arguments[:3] == ("index", "append", "--tag"):
            self.held.add(arguments[3])
        return f"digest-{len(self.ran)}\n"


@pytest.fixture
def crane():
    return FakeCrane()


@pytest.fixture
def said():
    return []


@pytest.fixture
def mirror(tmp_path, crane, said, monkeypatch):
    monkeypatch.setattr(build.roots, "bootstrapped", lambda *_: None)
    monkeypatch.setattr(build.roots, "unpacked", lambda *_: None)
    monkeypatch.setattr(build.platform, "machine", lambda: "aarch64")
    return Mirror(State(tmp_path / "state"), crane, "127.0.0.1:5050", said.append)


def test_a_stand_in_is_made_once(mirror, crane, said):
    mirror.provide(DEBIAN)
    mirror.provide(DEBIAN)
    assert said == ["making a stand-in for docker.io/library/debian:bookworm-slim"]
    assert "127.0.0.1:5050/docker.io/library/debian:bookworm-slim" in crane.held


def test_a_stand_in_bears_a_label_and_the_hosts_platform(mirror, crane):
    mirror.provide(DEBIAN)
    [append, mutate, index] = crane.ran
    staging = "127.0.0.1:5050/docker.io/library/debian:bookworm-slim-staging"
    assert append[:4] == ("append", "--oci-empty-base", "--new_tag", staging)
    assert mutate[:4] == ("mutate", staging, "--set-platform", "linux/arm64")
    assert f"{LABEL}=docker.io/library/debian:bookworm-slim" in mutate
    assert mutate[-4:] == ("--cmd", "bash", "--tag", f"{staging}-linux-arm64")
    assert index[-2:] == ("--manifest", "digest-2")


def test_a_stand_in_for_several_platforms_is_one_index(mirror, crane):
    mirror.provide(DISTROLESS)
    platforms = [a[3] for a in crane.ran if a[0] == "mutate"]
    assert platforms == list(recipe_for(DISTROLESS).platforms)
    assert crane.ran[-1].count("--manifest") == len(platforms)
    mutate = next(a for a in crane.ran if a[0] == "mutate")
    assert mutate[mutate.index("--user") + 1] == "65532"


def test_several_are_made_together(mirror, crane):
    mirror.provide_all([DEBIAN, DISTROLESS])
    assert len(crane.held) == 2


def test_what_cannot_be_stood_in_for_is_refused_with_what_can(mirror):
    message = (
        "^no stand-in for 'docker.io/library/alpine:3', and its registry does not answer from "
        "here: expected one of docker.io/library/golang:VERSION-bookworm, "
    )
    with pytest.raises(RequestError, match=message):
        mirror.provide(Reference.parse("alpine:3"))


@pytest.mark.parametrize(
    ("machine", "expected"),
    [("x86_64", "linux/amd64"), ("aarch64", "linux/arm64"), ("riscv64", "linux/riscv64")],
)
def test_the_hosts_platform_has_its_usual_name(monkeypatch, machine, expected):
    monkeypatch.setattr(build.platform, "machine", lambda: machine)
    assert build.host_platform() == expected


def test_a_recipe_is_made_into_a_scratch_folder_that_is_removed(mirror, tmp_path):
    mirror.provide(DEBIAN)
    assert list((tmp_path / "state" / "mirror").iterdir()) == []
    assert re.search("mirror-docker.io_library_debian", str(list((tmp_path / "state").rglob("*"))))
