"""Publishes an image for two platforms, each with a file that a command of its own has written.

usage: publish.py PROBES ADDRESS FILE [--wait DURATION] [--check]
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

import anyio
import dagger

from buildkit_engine.buildkit import interrupts, lifecycle
from buildkit_engine.buildkit.progress import Display
from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import EngineError
from buildkit_engine.server import Server
from buildkit_engine.session import Session

ARCHITECTURES = ("amd64", "arm64")


def variant(architecture: str, options: argparse.Namespace) -> dagger.Container:
    probes = dagger.dag.host().directory(options.probes)
    return (
        dagger.dag.container(platform=dagger.Platform(f"linux/{architecture}"))
        .with_file("/probe", probes.file(f"probe-{architecture}"))
        .with_exec(["/probe", options.file, options.wait])
    )


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--wait", default="0s")
    parser.add_argument("--check", action="store_true")
    parser.add_argument("probes")
    parser.add_argument("address")
    parser.add_argument("file")
    options = parser.parse_args()
    state = State.of_user()
    session = None
    try:
        running, tools = lifecycle.up(state)
        session = Session(state, running, tools, display=Display(), host_folder=Path.cwd())
        with Server(session) as server:
            os.environ.update(server.environment(session.client()))
            async with dagger.connection():
                print(await dagger.dag.default_platform())
                variants = [variant(architecture, options) for architecture in ARCHITECTURES]
                if options.check:
                    # one command on the default platform reads what was made on each
                    checker = variants[0]
                    for architecture, each in zip(ARCHITECTURES, variants, strict=True):
                        checker = checker.with_mounted_directory(f"/{architecture}", each.rootfs())
                    checker = checker.with_exec(["/probe", "/checked", "0s"])
                    for architecture in ARCHITECTURES:
                        print(await checker.file(f"/{architecture}{options.file}").contents())
                    print(await checker.stdout(), end="")
                empty = dagger.dag.container()
                print(await empty.publish(options.address, platform_variants=variants), flush=True)
    except (EngineError, dagger.QueryError) as error:
        sys.exit(f"Error: {error}")
    finally:
        if session:
            session.close()


interrupts.catch()
anyio.run(main)
