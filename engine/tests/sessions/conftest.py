"""Sessions of this engine beside each other, and the programs that they run, without a client."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit import lifecycle
from buildkit_engine.buildkit.progress import Display
from buildkit_engine.buildkit.state import State
from buildkit_engine.session import Session


@pytest.fixture(scope="session", autouse=True)
def this_engine(request):
    if request.config.getoption("--engine") == "dagger":
        pytest.skip("these are the insides of this engine")


@pytest.fixture(scope="session")
def engine(this_engine):
    """The state, the daemon that runs in it, and the tools."""
    state = State.of_user()
    return state, *lifecycle.up(state)


@pytest.fixture
def open_session(engine):
    """Opens a session whose paths start at a folder; all are closed at the end."""
    opened = []

    def open_session(folder) -> Session:
        session = Session(*engine, display=Display(), host_folder=folder)
        opened.append(session)
        return session

    yield open_session
    for session in opened:
        session.close()
