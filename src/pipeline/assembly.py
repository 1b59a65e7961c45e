"""From a source to an image: the toolchain, the final stages and the platforms put together."""

from __future__ import annotations

import posixpath
import sys
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import (
    emulation,
    fetches,
    images,
    lint,
    platforms,
    publishing,
    runtimes,
    settings,
    verification,
)
from pipeline.builds import checks
from pipeline.compiled import Compiled
from pipeline.concurrency import concurrently
from pipeline.dockerbuilt import DockerBuilt
from pipeline.errors import ConfigError
from pipeline.image import Image
from pipeline.natives import NativeCompilers
from pipeline.project import TOOLCHAINS
from pipeline.stamp import Stamp
from pipeline.toolchains import cmake, command, cuda, dockerfile, go, rust

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.builds import Build
    from pipeline.platforms import PlatformSpec
    from pipeline.report import Report
    from pipeline.settings import Settings
    from pipeline.toolchain import Compiler


async def inspect(
    source: dagger.Directory,
    config: str,
    stamp: Stamp,
    flavor: str = "",
    secrets: Sequence[dagger.Secret] = (),
    native: Sequence[str] = (),
) -> Build:
    """Looks at the source and its configuration, as it is in the flavor.

    native: platforms that are compiled for on themselves, not on the build host.

    Raises PipelineError for whatever can be known to be wrong before anything is built.
    """
    named = platforms.parse_all(native) if native else ()
    found, default = await concurrently(
        settings.load(source, config, flavor), dag.default_platform()
    )
    host, publish = platforms.parse(default), found.project.publish
    stamp = Stamp(
        stamp.version or publish.version, stamp.revision or publish.revision, stamp.created
    )
    natives = tuple(spec for spec in named if spec != host)
    extras = _extras(source, found.project.runtime.files)
    if found.toolchain == "dockerfile":
        options = found.project.dockerfile
        looked_at, files = await concurrently(
            dockerfile.inspect(source, options, host, secrets), extras
        )
        return DockerBuilt(source, found, looked_at, host, files, stamp, natives)
    toolchain, files = await concurrently(_compilers(source, found, host, natives), extras)
    if secrets:
        msg = f"secrets are for Dockerfiles, and this project's toolchain is '{found.toolchain}'"
        raise ConfigError(f"{msg}: expected none")
    return Compiled(source, found, toolchain, host, files, stamp, natives)


async def _compilers(
    source: dagger.Directory,
    found: Settings,
    host: PlatformSpec,
    natives: Sequence[PlatformSpec],
) -> Compiler:
    """What the source is to the toolchain, on the host and on each platform that is native."""
    on_host, *on_natives = await concurrently(
        *(_inspect_compiler(source, found, machine) for machine in (host, *natives))
    )
    if not natives:
        return on_host
    by_platform = {spec.platform: each for spec, each in zip(natives, on_natives, strict=True)}
    return NativeCompilers(on_host, by_platform)


async def _inspect_compiler(
    source: dagger.Directory, found: Settings, machine: PlatformSpec
) -> Compiler:
    """What the source is to the toolchain that compiles it, on a machine of that platform."""
    project, entries = found.project, found.root_entries
    match found.toolchain:
        case "go":
            return await go.inspect(source, project.go, entries, machine)
        case "cuda":
            return await cuda.inspect(source, project.cuda, entries, machine)
        case "rust":
            return await rust.inspect(source, project.rust, entries, machine, project.runtime.base)
        case "cmake":
            return await cmake.inspect(source, project.cmake, entries, machine)
        case "command":
            return command.inspect(source, project.build, machine, project.name)
        case unknown:
            msg = f"toolchain '{unknown}' has no recipes: expected one of {', '.join(TOOLCHAINS)}"
            raise AssertionError(msg)


async def _extras(source: dagger.Directory, files: dict[str, str]) -> tuple[runtimes.Extra, ...]:
    if not files:
        return ()
    await settings.require_files(source, list(files.values()), "[runtime] files")

    async def mode_of(target: str, path: str) -> runtimes.Extra:
        mode = await source.stat(path).permissions()
        return runtimes.Extra(target, path, is_program=bool(mode & 0o100))

    async def look(target: str, path: str) -> list[runtimes.Extra]:
        if await source.stat(path).file_type() != dagger.FileType.DIRECTORY:
            return [await mode_of(target, path)]
        inside = [f for f in await source.directory(path).glob("**/*") if not f.endswith("/")]
        return await concurrently(
            *(mode_of(posixpath.join(target, f), posixpath.join(path, f)) for f in inside)
        )

    found = await concurrently(*(look(target, path) for target, path in files.items()))
    return tuple(extra for extras in found for extra in extras)


async def tested(build: Build) -> str:
    """Runs the project's tests; what they print."""
    with emulation.explained():
        return await build.tested()


async def build_stage(build: Build, platform: str) -> dagger.Container:
    """The container that compiles for a platform."""
    spec = platforms.parse(platform)
    await _require_emulators(build, [spec])
    return build.build_stage(spec)


async def runtime_stage(build: Build, platform: str) -> dagger.Container:
    """The final stage of a platform before the application's files."""
    spec = platforms.parse(platform)
    return (await build.prepared([spec])).runtime_stage(spec)


async def artifacts(build: Build, given: Sequence[str] | None) -> dagger.Directory:
    """The compiled files, one folder a platform."""
    specs, _ = build.settings.platforms(given)
    await _require_emulators(build, specs)
    return build.artifacts(specs)


async def image(build: Build, given: Sequence[str] | None) -> Image:
    """The image of all platforms, each base checked to be of the platform it is for."""
    specs, _ = build.settings.platforms(given)
    roots = [build.base(spec) for spec in specs]
    checked = build.checks(specs)
    await _require_emulators(build, specs)
    fetched, _ = await concurrently(
        fetches.load(build.settings.project.fetch, specs, python=checked.image, host=build.host),
        build.require_bases(specs),
    )
    ready = await build.prepared(specs)
    return Image(
        platforms=[dagger.Platform(spec.platform) for spec in specs],
        variants=[ready.variant(spec, fetched[spec.platform]) for spec in specs],
        bases=roots,
        artifacts=build.compiled(specs),
        checks=checked,
    )


async def container(build: Build, platform: str) -> dagger.Container:
    """The final image of one platform; says at once where it will not start on the build host."""
    if told := not_here(build, [platforms.parse(platform)]):
        print(told, file=sys.stderr)
    return (await image(build, [platform])).container(dagger.Platform(platform))


async def explain(
    source: dagger.Directory, config: str, flavor: str, program: dagger.File, platform: str
) -> str:
    """Why a program does not start on a platform."""
    spec = platforms.parse(platform)
    found, host = await concurrently(
        settings.load(source, config, flavor, needs_toolchain=False), dag.default_platform()
    )
    return await verification.explain(program, spec, checks(found, platforms.parse(host), [spec]))


async def doctor(source: dagger.Directory, config: str, flavor: str) -> str:
    """What the engine runs natively, by emulation, or not at all."""
    found, host = await concurrently(
        settings.load(source, config, flavor, needs_toolchain=False), dag.default_platform()
    )
    image = found.project.verify.image or images.SCANNER
    return await emulation.doctor(platforms.parse(host), image)


async def linted(source: dagger.Directory, config: str, flavor: str, name: str) -> Report:
    """What is wrong with a Dockerfile: the one that is named, else the one of [dockerfile]."""
    if name:
        return await lint.lint_source(source, name)
    found = await settings.load(source, config, flavor, needs_toolchain=False)
    options = found.project.dockerfile
    named = options.file if "file" in options.model_fields_set else ""
    return await lint.lint_source(source, named, options.target)


def destination(build: Build, address: str, tags: Sequence[str] | None) -> publishing.Destination:
    """Where to publish: arguments, then [publish]; the version is the tag where none is given.

    Every tag ends in the flavor's suffix.
    """
    publish = build.settings.project.publish
    has_tag = ":" in (address or publish.address).partition("/")[2]
    # a tag in an address that was given is all that was asked for
    of_file = () if address and has_tag else publish.tags
    wanted = list(tags) if tags is not None else list(of_file)
    address = address or publish.address
    if not wanted and not has_tag and build.stamp.version:
        wanted = [build.stamp.version]
    return publishing.destination(address, wanted, suffix=build.settings.tag_suffix)


async def _require_emulators(build: Build, specs: Sequence[PlatformSpec]) -> None:
    """Says that it will be slow, and raises PlatformError where the engine cannot at all."""
    if told := build.emulated(specs):
        print(told, file=sys.stderr)
    await build.require_emulators(specs)


def not_here(build: Build, specs: Sequence[PlatformSpec]) -> str:
    """A line where images would not start on the build host without an emulator; else empty."""
    foreign = [spec.platform for spec in specs if not build.host.executes(spec)]
    if not foreign:
        return ""
    return (
        f"{', '.join(foreign)}: built here and not executed; to start it on this engine "
        f"({build.host.platform}) takes an emulator: doctor says whether there is one"
    )
