"""Packages by apt in a container that compiles: from sources whose keys are checked first.

What each step does is a script of steps/, which is executed in the container.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import dagger
from dagger import dag

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.crosscompile import Compilers
    from pipeline.jetpack import AptSource
    from pipeline.platforms import PlatformSpec

STEPS = "/opt/pipeline"
_SCRIPTS = Path(__file__).with_name("steps")
_ARCHIVES = "/var/cache/apt/pipeline"
_DOWNLOADS = "/var/cache/pipeline/downloads"
_KEYRINGS = "/usr/share/keyrings"
# images delete what apt keeps in its usual folder
_SETTINGS = f'Dir::Cache::archives "{_ARCHIVES}/";\nAPT::Install-Recommends "false";\n'


def with_step(container: dagger.Container, name: str) -> dagger.Container:
    """The container with a script of steps/ in it, executable."""
    text = (_SCRIPTS / name).read_text()
    return container.with_new_file(f"{STEPS}/{name}", text, permissions=0o755)


def prepared(container: dagger.Container, volume: str) -> dagger.Container:
    """A container in which apt asks nothing, and keeps what it fetches in a cache volume.

    Sources of NVIDIA's that an image has are taken out: some need certificates that it has not,
    others are signed with a key that is no longer used.
    """
    cache = dag.cache_volume(volume)
    return (
        with_step(container, "apt-install")
        .with_user("root")
        .with_env_variable("DEBIAN_FRONTEND", "noninteractive")
        .with_new_file("/etc/apt/apt.conf.d/99pipeline", _SETTINGS)
        .with_mounted_cache(_ARCHIVES, cache, sharing=dagger.CacheSharingMode.LOCKED)
        .with_exec(["find", "/etc/apt/sources.list.d", "(", "-name", "*nvidia*", "-o", "-name", "cuda*", ")", "-delete"])
    )  # fmt: skip


def installed(container: dagger.Container, packages: Sequence[str]) -> dagger.Container:
    """The container with packages, by whatever sources it has."""
    if not packages:
        return container
    return container.with_exec([f"{STEPS}/apt-install", *packages])


def installed_for(
    container: dagger.Container, spec: PlatformSpec, packages: Sequence[str], setting: str
) -> dagger.Container:
    """The container with a platform's packages beside its own, as Debian's multi-arch has it.

    Its step fails, and names `setting`, where one does not exist for the platform.
    """
    if not packages:
        return container
    arguments = [spec.platform, spec.debian_arch, setting, *packages]
    return with_step(container, "apt-target").with_exec([f"{STEPS}/apt-target", *arguments])


def taken_programs(
    folder: str,
    out: str,
    programs: Sequence[str],
    *,
    compilers: Compilers,
    setting: str,
    ignored: str,
    keeps_symbols: bool = False,
) -> list[str]:
    """What takes programs out of the folder that they were built in, with the step take-programs.

    It fails, and names `setting`, where one is not there; and where one is for another machine than
    that of the compilers, for which `ignored` says why that is and what to do.
    """
    strip = "" if keeps_symbols else compilers.strip
    checks = [strip, compilers.c, setting, ignored]
    return [f"{STEPS}/take-programs", folder, out, *checks, *programs]


def finished(container: dagger.Container) -> dagger.Container:
    """The prepared container without apt's cache volume, for which one step waits for another."""
    return container.without_mount(_ARCHIVES)


def trusted(
    container: dagger.Container, source: AptSource, key: dagger.File, name: str
) -> dagger.Container:
    """The container with the source's key; its step fails where the fingerprint is another."""
    path = f"{STEPS}/{name}.key"
    return (
        with_step(container, "apt-trust")
        .with_file(path, key)
        .with_exec([f"{STEPS}/apt-trust", path, source.fingerprint, _keyring(name), source.key_url])
    )


def with_source(
    container: dagger.Container, source: AptSource, key: dagger.File, name: str
) -> dagger.Container:
    """The container with one more source of packages for its own machine."""
    return trusted(container, source, key, name).with_new_file(
        f"/etc/apt/sources.list.d/{name}.list", source.line(_keyring(name)) + "\n"
    )


def unpacked(
    container: dagger.Container,
    source: AptSource,
    key: dagger.File,
    name: str,
    *,
    packages: Sequence[str],
    folders: Sequence[str],
    volume: str,
) -> dagger.Container:
    """The container with folders of another machine's packages, and of those they depend on.

    apt fetches and checks them by the source alone; nothing of them is executed.
    """
    sources, cache = f"{STEPS}/{name}.list", dag.cache_volume(volume)
    return (
        with_step(trusted(container, source, key, name), "apt-unpack")
        .with_new_file(sources, source.line(_keyring(name)) + "\n")
        .with_mounted_cache(_DOWNLOADS, cache, sharing=dagger.CacheSharingMode.LOCKED)
        .with_exec(
            [
                f"{STEPS}/apt-unpack",
                sources,
                source.architecture,
                _DOWNLOADS,
                ":".join(folders),
                *packages,
            ]
        )
        .without_mount(_DOWNLOADS)
    )


def _keyring(name: str) -> str:
    return f"{_KEYRINGS}/{name}.gpg"
