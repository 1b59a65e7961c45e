"""The web server on loopback: each test ends what it has started."""

from __future__ import annotations

from urllib.request import urlopen

import pytest

from buildkit_engine.buildkit import webserver
from buildkit_engine.errors import SetupError


@pytest.fixture
def served(tmp_path):
    """A folder to serve, with another beside it; both servers end with the test."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").write_text(name)
    yield tmp_path
    webserver.end(tmp_path)


def read(address: str) -> str:
    with urlopen(f"http://{address}/file") as answer:
        return answer.read().decode()


def test_a_folder_is_served_by_one_process_until_that_is_ended(served):
    assert webserver.address_of(served / "one") == ""
    address = webserver.serve(served / "one", served / "log")
    assert address.startswith("127.0.0.1:")
    assert read(address) == "one"
    assert webserver.serve(served / "one", served / "log") == address
    assert webserver.address_of(served / "one") == address
    assert webserver.end(served / "one") == 1
    assert webserver.address_of(served / "one") == ""
    assert webserver.end(served / "one") == 0


def test_folders_do_not_share_a_server_and_all_below_one_are_ended(served):
    one, other = (webserver.serve(served / name, served / "log") for name in ("one", "other"))
    assert one != other
    assert (read(one), read(other)) == ("one", "other")
    assert webserver.address_of(served) == ""
    assert webserver.end(served) == 2


def test_what_is_put_into_the_place_of_the_folder_is_served_then(served):
    address = webserver.serve(served / "one", served / "log")
    (served / "one").rename(served / "old")
    (served / "other").rename(served / "one")
    assert read(address) == "other"


def test_a_server_that_does_not_start_is_told(served, monkeypatch):
    monkeypatch.setattr(webserver.sys, "executable", "/bin/false")
    message = rf"^no web server could be started at 127\.0\.0\.1:\d+: see {served}/log$"
    with pytest.raises(SetupError, match=message):
        webserver.serve(served / "one", served / "log")
