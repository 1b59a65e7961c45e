"""One connection for all contract tests: to this engine, or to a real Dagger engine."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import dagger
import pytest

DEBIAN = "debian:bookworm-slim"
"""The one image that contract tests stand on: on both engines with a shell and coreutils."""


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
    if request.config.getoption("--engine") == "dagger":
        program = shutil.which("dagger")
        if program is None:
            pytest.skip("no 'dagger' command on PATH")
        os.environ["_EXPERIMENTAL_DAGGER_CLI_BIN"] = program
        async with dagger.connection():
            yield
        return

    from buildkit_engine.buildkit import lifecycle
    from buildkit_engine.buildkit.progress import Display
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.server import Server
    from buildkit_engine.session import Session

    state = State.of_user()
    running, tools = lifecycle.up(state)
    session = Session(state, running, tools, display=Display(), host_folder=host_folder)
    try:
        with Server(session) as server:
            os.environ.update(server.environment(session.client()))
            async with dagger.connection():
                yield
    finally:
        session.close()


@pytest.fixture(scope="session")
def debian(connection):
    return dagger.dag.container().from_(DEBIAN)


@pytest.fixture(scope="session")
def registry(request, connection):
    """host:port of a registry on loopback that takes whatever is pushed."""
    if request.config.getoption("--engine") == "dagger":
        address = os.environ.get("TEST_REGISTRY", "")
        if not address:
            pytest.skip("TEST_REGISTRY names no registry on loopback for the Dagger engine")
        return address
    from buildkit_engine.buildkit.state import Running, State

    return Running.load(State.of_user()).registry
