"""The schema of the installed client, and a client's view of a session without a daemon."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from buildkit_engine.schema.context import Context, Objects
from buildkit_engine.schema.declared import client_source, sdl
from buildkit_engine.schema.executable import answer, executable


@pytest.fixture(scope="session")
def served_schema():
    _, path = client_source()
    return executable(sdl(path.read_text()))


@pytest.fixture
def context(tmp_path, snapshots):
    return Context(
        objects=Objects(),
        evaluator=SimpleNamespace(secrets={}),
        images=None,
        host_platform="linux/amd64",
        snapshots=snapshots,
        version="v0.0.1",
        host_folder=str(tmp_path),
    )


@pytest.fixture
def ask(served_schema, context):
    """Asks one document; the whole answer."""

    def ask(query: str, **variables) -> dict:
        return answer(served_schema, {"query": query, "variables": variables}, context)

    return ask
