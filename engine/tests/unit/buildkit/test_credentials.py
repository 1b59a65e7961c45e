"""What registries are signed in to with."""

from __future__ import annotations

import base64
import json
import stat
from pathlib import Path

import pytest

from buildkit_engine.buildkit.credentials import Credentials

HUB = "https://index.docker.io/v1/"
AUTH = {"auth": base64.b64encode(b"me:s3cret").decode()}


@pytest.fixture(autouse=True)
def users_own(tmp_path, monkeypatch):
    """The user's own configuration."""
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    return tmp_path / "config.json"


@pytest.fixture
def credentials():
    given = Credentials()
    yield given
    given.close()


def written(credentials: Credentials) -> Path:
    return Path(credentials.environment["DOCKER_CONFIG"], "config.json")


def test_without_credentials_the_users_own_are_left_alone(credentials):
    assert credentials.environment == {}


def test_credentials_are_in_a_folder_of_the_users_alone(credentials):
    credentials.add("ghcr.io/o/r", "me", b"s3cret")
    path = written(credentials)
    assert [stat.S_IMODE(p.stat().st_mode) for p in (path, path.parent)] == [0o600, 0o700]


def test_credentials_are_beside_the_users_own_and_win_over_a_credential_store(
    credentials, users_own
):
    own = {"auths": {"quay.io": {"auth": "own"}}, "credsStore": "desktop"}
    users_own.write_text(json.dumps(own))
    credentials.add("ghcr.io/o/r:tag", "me", b"s3cret")
    credentials.add("docker.io", "me", b"s3cret")
    assert json.loads(written(credentials).read_text()) == {
        "auths": {"quay.io": {"auth": "own"}, "ghcr.io": AUTH, HUB: AUTH},
        "credsStore": "desktop",
        "credHelpers": {"ghcr.io": "", HUB: ""},
    }


def test_credentials_can_be_taken_back(credentials):
    credentials.add("ghcr.io", "me", b"s3cret")
    credentials.remove("quay.io")
    credentials.remove("ghcr.io/o/r")
    assert json.loads(written(credentials).read_text())["auths"] == {}


@pytest.mark.parametrize("text", ["{", "[]"])
def test_without_a_readable_configuration_only_the_given_credentials_are_used(
    credentials, users_own, text
):
    users_own.write_text(text)
    credentials.add("ghcr.io", "me", b"s3cret")
    assert json.loads(written(credentials).read_text())["auths"] == {"ghcr.io": AUTH}


def test_nothing_stays_of_what_was_given(credentials):
    credentials.add("ghcr.io", "me", b"s3cret")
    folder = written(credentials).parent
    credentials.close()
    assert not folder.exists()
