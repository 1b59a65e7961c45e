"""The SDK's global client, connected to this engine or to a real Dagger engine."""

from __future__ import annotations

import os
import shutil
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import dagger
import pytest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def connected(engine: str, host_folder: Path) -> AsyncIterator[None]:
    """Connects to `engine`, embedded or dagger; relative host paths start at `host_folder`.

    Skips where there is no `dagger` command to reach a Dagger engine with.
    """
    if engine == "dagger":
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
            environment = server.environment(session.client())
            os.environ.update(environment)
            try:
                async with dagger.connection():
                    yield
            finally:
                # commands that other tests start have a session of their own
                for name in environment:
                    del os.environ[name]
    finally:
        session.close()
