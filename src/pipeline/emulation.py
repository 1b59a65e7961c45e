"""What an engine can run, measured: natively, by whose emulator, or not at all.

Building needs none of it: everything is compiled on the host's own platform, unless a project asks
for emulation, or a caller for machines of the platform's own. It matters where a container of another platform is started here, or a Dockerfile has
a RUN for one.
"""

from __future__ import annotations

import json
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import bases, causes, probes
from pipeline.binfmt import READ, Binfmt
from pipeline.concurrency import concurrently
from pipeline.errors import PlatformError
from pipeline.platforms import PLATFORMS
from pipeline.verdicts import Measured, Ran, report, verdict

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.platforms import PlatformSpec
    from pipeline.verdicts import Verdict

_TEXT, _FOLDER, _PROBE = "/probes.json", "/out/probes", "/probe"
_UNPACK = f"""\
import json, os
os.makedirs({_FOLDER!r})
with open({_TEXT!r}) as text:
    programs = json.load(text)
for name, program in programs.items():
    with open(f"{_FOLDER}/{{name}}", "xb") as file:
        file.write(bytes.fromhex(program))
"""
_NOW = "PIPELINE_MEASURED"
"""A variable with another value each time: a step that is cached would tell of another time."""


async def doctor(host: PlatformSpec, image: str) -> str:
    """What the engine runs, as a table, and what would make it run the rest."""
    tools, now = bases.from_(image, host), uuid.uuid4().hex
    # made first: where that fails, it says nothing of a platform
    folder = await programs(tools).sync()
    binfmt, *measured = await concurrently(
        _registrations(tools, now), *(_measure(spec, host, folder, now) for spec in PLATFORMS)
    )
    return report(host, measured, binfmt)


async def require(spec: PlatformSpec, host: PlatformSpec, image: str) -> Verdict:
    """How the engine runs the platform. Raises PlatformError where it does not, by whatever emulator."""
    tools, now = bases.from_(image, host), uuid.uuid4().hex
    folder = await programs(tools).sync()
    binfmt, measured = await concurrently(
        _registrations(tools, now), _measure(spec, host, folder, now)
    )
    found = verdict(host, measured, binfmt)
    if not found.runs:
        msg = (
            f"{spec.platform} would be compiled under emulation, and this engine does not run it "
            f"({found.how}): compile it another way, or see `doctor` for what mends it"
        )
        raise PlatformError(msg)
    return found


def programs(tools: dagger.Container) -> dagger.Directory:
    """Each platform's probe. The API takes files as text alone, so they are made in a container."""
    text = json.dumps({spec.slug: probes.probe(spec).hex() for spec in PLATFORMS})
    return tools.with_new_file(_TEXT, text).with_exec(["python3", "-c", _UNPACK]).directory(_FOLDER)


def trial(spec: PlatformSpec, program: dagger.File, now: str) -> dagger.Container:
    """A container of the platform that has executed the program, with nothing else in it."""
    return (
        dag.container(platform=dagger.Platform(spec.platform))
        .with_file(_PROBE, program, permissions=0o755)
        .with_env_variable(_NOW, now)
        .with_exec([_PROBE], expect=dagger.ReturnType.ANY)
    )


def registrations(tools: dagger.Container, now: str) -> dagger.Container:
    """The container that has printed what binfmt_misc of the engine's machine holds."""
    return tools.with_env_variable(_NOW, now).with_exec(
        ["python3", "-c", READ], insecure_root_capabilities=True
    )


async def _measure(
    spec: PlatformSpec, host: PlatformSpec, folder: dagger.Directory, now: str
) -> Measured:
    own, hosts = await concurrently(
        *(_ran(trial(spec, folder.file(program.slug), now)) for program in (spec, host))
    )
    return Measured(spec, own, hosts)


async def _ran(container: dagger.Container) -> Ran:
    try:
        code, said = await concurrently(container.exit_code(), container.stderr())
    except dagger.ExecError as error:
        # ended by a signal, which no expectation lets through
        return Ran(error.exit_code, error.stderr)
    except dagger.QueryError as error:
        # an engine refuses a platform that no emulator of its own can be
        return Ran(None, str(error))
    return Ran(code, said)


async def _registrations(tools: dagger.Container, now: str) -> Binfmt:
    try:
        return Binfmt.parse(await registrations(tools, now).stdout())
    except dagger.QueryError:
        # an engine may refuse such containers: the measurement still shows what runs
        return Binfmt(is_readable=False)


@contextmanager
def explained() -> Iterator[None]:
    """Adds its cause to the message of a command that fails, where its own words show one.

    The error stays the engine's own: with its command, its exit code and what it said.
    """
    try:
        yield
    except dagger.ExecError as error:
        cause = causes.explain(error.exit_code, f"{error.stderr}\n{error.stdout}")
        if cause:
            error.message = error.error.message = f"{error.message}\n{cause}"
        raise
