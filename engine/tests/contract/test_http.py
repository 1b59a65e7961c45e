"""Query.http: files of the web."""

from __future__ import annotations

import hashlib
import os
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import dagger
import pytest
from dagger import dag


class _Site(BaseHTTPRequestHandler):
    """Serves its own path to everyone, and what is below /private to whoever knows the word."""

    def do_GET(self) -> None:
        if self.path.startswith("/none"):
            self.send_error(404)
            return
        if self.path.startswith("/private") and self.headers["Authorization"] != "Bearer word":
            self.send_error(401)
            return
        body = self.path.encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(body)

    do_HEAD = do_GET  # noqa: N815 - the base's name

    def log_message(self, *_args) -> None:
        """Nobody reads it."""


@pytest.fixture(scope="session")
def site(request):
    """The address of a site on this machine's loopback, for engines that can reach it."""
    # a Dagger engine has a loopback of its own, unless it reaches a registry on this one
    if request.config.getoption("--engine") == "dagger" and not os.environ.get("TEST_REGISTRY"):
        pytest.skip("TEST_REGISTRY names no registry on loopback that the Dagger engine shares")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Site) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture
def page(site):
    """A page that nobody has asked for before."""
    return f"/{uuid.uuid4()}/page.txt"


async def test_a_file_has_what_the_address_answers(site, page):
    assert await dag.http(site + page).contents() == page


@pytest.mark.parametrize(
    ("path", "name"),
    [
        ("/a/page.txt", "page.txt"),
        ("/a/page.txt?q=1/2", "page.txt"),
        ("/a/", "a"),
        ("/a%20b", "a b"),
        ("/", "index"),
        ("", "index"),
    ],
)
async def test_a_file_is_named_after_its_address(site, path, name):
    assert await dag.http(site + path).name() == name


async def test_a_file_can_be_given_a_name(site, page):
    file = dag.http(site + page, name="Other.md.x")
    assert await file.name() == "Other.md.x"
    assert await dag.directory().with_file("/", file).entries() == ["Other.md.x"]


async def test_a_file_is_its_owners_alone_unless_told_otherwise(site, page):
    assert await dag.http(site + page).stat().permissions() == 0o600
    assert await dag.http(site + page, permissions=0o764).stat().permissions() == 0o764


async def test_a_checksum_is_compared(site, page):
    right = "sha256:" + hashlib.sha256(page.encode()).hexdigest()
    wrong = "sha256:" + "0" * 64
    assert await dag.http(site + page, checksum=right).contents() == page
    with pytest.raises(dagger.QueryError, match=f"http checksum mismatch: expected {wrong}"):
        await dag.http(site + page, checksum=wrong).contents()


async def test_a_header_signs_in(site, page):
    address = f"{site}/private{page}"
    with pytest.raises(dagger.QueryError, match="invalid response status 401"):
        await dag.http(address).contents()
    header = dag.set_secret(f"contract-{uuid.uuid4()}", "Bearer word")
    assert await dag.http(address, auth_header=header).contents() == f"/private{page}"


async def test_a_page_that_does_not_exist_is_an_error(site):
    with pytest.raises(dagger.QueryError, match="invalid response status 404"):
        await dag.http(f"{site}/none").contents()


async def test_what_is_no_address_of_the_web_is_refused(connection):
    with pytest.raises(dagger.QueryError, match='unsupported protocol scheme "ftp"'):
        await dag.http("ftp://example.com/f").contents()


async def test_what_is_no_checksum_is_refused(connection):
    with pytest.raises(dagger.QueryError, match='invalid checksum "not-a-digest"'):
        await dag.http("https://example.com", checksum="not-a-digest").contents()
