"""Runs a command in a container on the engine, and prints what it said.

usage: solve.py IMAGE COMMAND [--cache-to CACHE] [--cache-from CACHE] [--publish ADDRESS]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import anyio
import dagger

from buildkit_engine.buildkit import lifecycle
from buildkit_engine.buildkit.caches import Caches
from buildkit_engine.buildkit.progress import Display
from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import EngineError
from buildkit_engine.server import Server
from buildkit_engine.session import Session


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--cache-to", action="append", default=[])
    parser.add_argument("--cache-from", action="append", default=[])
    parser.add_argument("--publish", action="append", default=[])
    parser.add_argument("image")
    parser.add_argument("command")
    options = parser.parse_args()
    state = State.of_user()
    running, tools = lifecycle.up(state)
    session = Session(
        state,
        running,
        tools,
        display=Display(),
        host_folder=Path.cwd(),
        caches=Caches.parse(options.cache_from, options.cache_to),
    )
    try:
        with Server(session) as server:
            os.environ.update(server.environment(session.client()))
            async with dagger.connection():
                container = dagger.dag.container().from_(options.image)
                container = container.with_exec(["sh", "-c", options.command])
                print(await container.stdout(), end="", flush=True)
                for address in options.publish:
                    print(await container.publish(address))
            session.write_caches()
    except EngineError as error:
        sys.exit(f"Error: {error}")
    finally:
        session.close()


anyio.run(main)
