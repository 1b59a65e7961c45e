"""What is asked of registries, by a program that stands in for crane."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.buildkit.crane import Crane
from buildkit_engine.buildkit.credentials import Credentials
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.errors import RegistryError, SetupError

DEBIAN = Reference.parse("debian:12")
PINNED = DEBIAN.at("sha256:" + "1" * 64)


@pytest.mark.parametrize(
    ("ask", "stdout", "expected", "argv"),
    [
        (
            lambda crane: crane.digest(DEBIAN),
            "sha256:ab\n",
            "sha256:ab",
            ["digest", "docker.io/library/debian:12"],
        ),
        (
            lambda crane: crane.manifest(DEBIAN),
            '{"layers": []}',
            {"layers": []},
            ["manifest", "docker.io/library/debian:12"],
        ),
        (
            lambda crane: crane.config(DEBIAN, "linux/arm64"),
            '{"os": "linux"}',
            b'{"os": "linux"}',
            ["config", "docker.io/library/debian:12", "--platform", "linux/arm64"],
        ),
        (
            lambda crane: crane.run("ls", "127.0.0.1:5050/app"),
            "a\nb\n",
            "a\nb\n",
            ["ls", "127.0.0.1:5050/app"],
        ),
    ],
    ids=["digest", "manifest", "config", "run"],
)
def test_crane_is_asked_and_its_answer_read(program, ask, stdout, expected, argv):
    program.says(stdout=stdout)
    assert ask(Crane(program.path)) == expected
    assert program.seen["argv"] == argv


def test_the_configuration_of_a_digest_that_was_just_named_is_asked_for_once(program, tmp_path):
    crane = Crane(program.path, kept=tmp_path)
    program.says(stdout='{"os": "linux"}')
    assert crane.config(PINNED, "linux/arm64", is_there=True) == b'{"os": "linux"}'
    program.says(stderr="Error: not asked\n", code=1)
    assert crane.config(PINNED, "linux/arm64", is_there=True) == b'{"os": "linux"}'
    with pytest.raises(RegistryError, match=r"^not asked$"):
        crane.config(PINNED, "linux/amd64", is_there=True)
    with pytest.raises(RegistryError, match=r"^not asked$"):
        crane.config(PINNED, "linux/arm64")


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        ("Error: fetching manifest: UNAUTHORIZED\n", "fetching manifest: UNAUTHORIZED"),
        ("2026/01/02 03:04:05 pushing\nError: last word\nhint\n", "last word"),
        ("2026/01/02 03:04:05 connection refused\n", "connection refused"),
        ("", "crane ended without a word"),
    ],
)
def test_a_refusal_is_told_in_cranes_own_words(program, stderr, expected):
    program.says(stderr=stderr, code=1)
    with pytest.raises(RegistryError, match=f"^{re.escape(expected)}$"):
        Crane(program.path).digest(DEBIAN)


def test_credentials_are_the_users_unless_others_are_given(program, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", "of the user")
    credentials = Credentials()
    crane = Crane(program.path, credentials)
    crane.run("catalog")
    assert program.seen["env"]["DOCKER_CONFIG"] == "of the user"
    credentials.add("ghcr.io", "me", b"password")
    crane.run("catalog")
    assert program.seen["env"]["DOCKER_CONFIG"] == credentials.environment["DOCKER_CONFIG"]
    credentials.close()


def test_a_crane_that_is_not_built_yet_is_told_with_the_next_step(tmp_path):
    with pytest.raises(SetupError, match=r"^crane is not built yet: buildkit-engine up$"):
        Crane(str(tmp_path / "crane")).digest(DEBIAN)
