"""One connection for all contract tests: to this engine, or to a real Dagger engine."""

from __future__ import annotations

import http.client
import json
import os
import uuid
from contextlib import closing
from dataclasses import dataclass
from email.message import Message
from importlib.metadata import version
from pathlib import Path
from typing import Any

import dagger
import pytest

from engine.tests.connecting import connected
from engine.tests.contract.asking import Asked, listen

DEBIAN = "debian:bookworm-slim"
"""The image that most contract tests stand on: on both engines with a shell and coreutils."""
STATIC = "gcr.io/distroless/static-debian12:nonroot"
"""An image for linux/amd64 and linux/arm64, with a user of its own and without a shell."""
VERIFIED = Path(__file__).with_name("verified.json")
"""The fields whose tests passed on a Dagger engine: `make verified` writes it."""
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.oci.image.manifest.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.docker.distribution.manifest.v2+json",
)


ASKED = Asked()
EVERY_FIELD = "test_every_field_that_is_served_is_asked_for"


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The test that looks back at the others comes after them."""
    items.sort(key=lambda item: item.name == EVERY_FIELD)


def pytest_runtest_setup() -> None:
    ASKED.start()


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    if report.when == "call" and report.passed:
        ASKED.keep()


def pytest_sessionfinish(session: pytest.Session) -> None:
    if session.config.getoption("--save-verified") and session.exitstatus == pytest.ExitCode.OK:
        ASKED.save(VERIFIED, version("dagger-io"))


@pytest.fixture(scope="session")
def host_folder(tmp_path_factory):
    """Where relative host paths start on both engines: the folder the tests run in."""
    folder = tmp_path_factory.mktemp("host")
    before = Path.cwd()
    os.chdir(folder)
    yield folder
    os.chdir(before)


@pytest.fixture(scope="session", autouse=True)
async def connection(request, host_folder):
    """Connects the SDK's global client."""
    listen(ASKED)
    async with connected(request.config.getoption("--engine"), host_folder):
        yield


@pytest.fixture(scope="session")
def asked(connection):
    """Type and name of each field that a test which passed has asked for."""
    return ASKED.passed


@pytest.fixture(scope="session")
def debian(connection):
    return dagger.dag.container().from_(DEBIAN)


@pytest.fixture(scope="session")
def static(connection):
    """The static image of a platform; nothing of it is executed."""

    def of(platform: str) -> dagger.Container:
        return dagger.dag.container(platform=dagger.Platform(platform)).from_(STATIC)

    return of


@pytest.fixture
def files(connection):
    """A folder that has something of everything."""
    return (
        dagger.dag.directory()
        .with_new_file("a.txt", "A")
        .with_new_file("sub/b.txt", "B")
        .with_new_file("sub/deep/c.go", "C")
        .with_new_file(".hidden", "H")
    )


@pytest.fixture
def links(debian):
    """A folder with links: to a folder, to a file, to a path of the root, and to nothing."""
    script = "mkdir real; echo x > real/f; ln -s real dir; ln -s real/f file"
    script += "; ln -s /w/real/f absolute; ln -s nowhere broken"
    return debian.with_workdir("/w").with_exec(["sh", "-c", script]).directory("/w")


@pytest.fixture
def folder(host_folder):
    """A folder of this test alone, below the one where relative paths start."""
    made = Path(host_folder, str(uuid.uuid4()))
    made.mkdir()
    return made


@pytest.fixture
def source(folder):
    (folder / "sub/empty").mkdir(parents=True)
    (folder / "a.txt").write_text("A")
    (folder / "sub/run.sh").write_text("#!/bin/sh\n")
    (folder / "sub/run.sh").chmod(0o750)
    (folder / "link").symlink_to("a.txt")
    return folder


@pytest.fixture
def this_engine_only(request):
    if request.config.getoption("--engine") == "dagger":
        pytest.skip("a Dagger engine serves all of its API")


@dataclass(frozen=True)
class Registry:
    """A registry on loopback, and what can be read from it over plain HTTP."""

    address: str

    def manifest(self, ref: str) -> dict[str, Any]:
        """The manifest or index that registry/repository[:tag]@digest names."""
        return self._get(ref, "manifests", ref.partition("@")[2])

    def config(self, ref: str) -> dict[str, Any]:
        """The configuration of a plain image."""
        return self._get(ref, "blobs", self.manifest(ref)["config"]["digest"])

    def digest_of_tag(self, ref: str) -> str:
        """What the registry itself says that registry/repository:tag names."""
        repository, _, tag = ref.removeprefix(f"{self.address}/").partition("@")[0].partition(":")
        return self._answer(repository, "manifests", tag)[0]["Docker-Content-Digest"]

    def tags(self, repository: str) -> list[str]:
        return json.loads(self._answer(repository, "tags", "list")[1])["tags"] or []

    def _get(self, ref: str, kind: str, digest: str) -> dict[str, Any]:
        repository = ref.removeprefix(f"{self.address}/").partition("@")[0].partition(":")[0]
        return json.loads(self._answer(repository, kind, digest)[1])

    def _answer(self, repository: str, kind: str, name: str) -> tuple[Message, bytes]:
        with closing(http.client.HTTPConnection(self.address, timeout=60)) as connection:
            connection.request(
                "GET", f"/v2/{repository}/{kind}/{name}", headers={"Accept": ", ".join(_MANIFESTS)}
            )
            answer = connection.getresponse()
            body = answer.read()
        assert answer.status == http.client.OK, (name, answer.status, body)
        return answer.headers, body


@pytest.fixture(scope="session")
def registry(request, connection):
    """A registry on loopback that takes whatever is pushed."""
    if request.config.getoption("--engine") == "dagger":
        address = os.environ.get("TEST_REGISTRY", "")
        if not address:
            pytest.skip("TEST_REGISTRY names no registry on loopback for the Dagger engine")
        return Registry(address)
    from buildkit_engine.buildkit.state import Running, State

    running = Running.load(State.of_user())
    assert running
    return Registry(running.registry)
