"""Secrets: what names them, and where their values come from."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.model.secrets import Secret, addressed, named

SALT = b"salt"


@pytest.fixture
def read(tmp_path):
    def read(uri: str, **options) -> tuple[Secret, bytes]:
        return addressed(uri, tmp_path, salt=SALT, **options)

    return read


def test_a_secret_set_by_name_is_the_same_whatever_its_value():
    assert named("a") == named("a")
    assert named("a").handle != named("b").handle
    assert named("a").name == "a"


@pytest.mark.parametrize(
    ("uri", "value"),
    [
        ("env://TOKEN", b"v\n"),
        ("file://token", b"\0v"),
        ("cmd://printf v; cat token", b"v\0v"),
    ],
)
def test_a_secret_has_the_value_at_its_address(read, tmp_path, monkeypatch, uri, value):
    monkeypatch.setenv("TOKEN", "v\n")
    (tmp_path / "token").write_bytes(b"\0v")
    secret, found = read(uri)
    assert (secret.uri, secret.name, secret.missing, found) == (uri, "", "", value)


def test_a_secret_with_an_address_is_another_with_another_value(read, tmp_path):
    token = tmp_path / "token"
    token.write_text("1")
    first = read("file://token")[0]
    assert read("file://token")[0] == first
    assert read(f"file://{token}")[0].handle == first.handle
    token.write_text("2")
    assert read("file://token")[0].handle != first.handle


def test_the_handle_of_a_value_is_this_state_folders_own(read, tmp_path):
    secret, _ = read("cmd://echo v")
    assert addressed("cmd://echo v", tmp_path, salt=b"other")[0].handle != secret.handle


def test_a_cache_key_names_a_secret_in_place_of_its_value(read):
    first = read("cmd://echo 1", cache_key="k")[0].handle
    assert read("cmd://echo 2", cache_key="k")[0].handle == first
    assert first != named("k").handle


@pytest.mark.parametrize(
    ("uri", "reason"),
    [
        ("env://NONESUCH", 'secret env var not found: "NON..."'),
        ("env://NO", 'secret env var not found: "NO"'),
        ("file://none", 'failed to read secret file "none": no such file or directory'),
        ("cmd://exit 3", 'failed to run secret command "exit 3": exit status 3'),
    ],
)
def test_a_value_that_cannot_be_had_is_known_and_never_the_same(read, monkeypatch, uri, reason):
    monkeypatch.delenv("NONESUCH", raising=False)
    monkeypatch.delenv("NO", raising=False)
    secret, value = read(uri)
    assert (secret.missing, value) == (reason, b"")
    assert read(uri)[0].handle != secret.handle


@pytest.mark.parametrize(
    ("uri", "message"),
    [
        ("hunter2", "secret address: malformed id: "),
        ("vault://x", 'unsupported secret provider: "vault": '),
    ],
)
def test_other_addresses_are_refused(read, uri, message):
    expected = "expected env://NAME, file://PATH or cmd://COMMAND"
    with pytest.raises(RequestError, match=f"^{re.escape(message + expected)}$"):
        read(uri)
