"""Those who publish: what each one's command is, and what it must forget to be cold."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from bench import DOCKERFILES, NOTHING, ROOT, emulator
from bench.measuring import Command
from bench.workplace import BASE, Workplace

if TYPE_CHECKING:
    from bench.apps import App

Words = tuple[list[str], dict[str, str]]
"""A command, and what it has in its environment beside this process's."""


@dataclass(frozen=True)
class Rival:
    """One way to publish an application."""

    name: str
    command: Callable[[App, Sequence[str], str], Words]
    """What publishes an application for platforms to an address."""
    forget: Callable[[], None]
    has_daemon: bool
    """Whether the daemon of this benchmark works for it."""
    publishes: bool = True
    """Whether something is in the registry afterwards."""
    helpers: Callable[[], list[int]] = list
    """The ids of processes that its commands rely on beside a daemon."""

    def publish(self, app: App, platforms: Sequence[str], address: str, log: Path) -> Command:
        words, env = self.command(app, platforms, address)
        return Command(words, env, app.folder, log)


def why_not(name: str, dagger_registry: str) -> str:
    """Why a rival cannot be measured on this machine; empty where it can."""
    if name in ("dagger", "dagger-nothing") and shutil.which("dagger") is None:
        return "no `dagger` command on PATH"
    if name == "dagger" and not dagger_registry:
        return "no --dagger-registry was named, to which a Dagger engine can push"
    if name == "emulated" and not emulator.is_registered():
        return f"no emulator for linux/arm64: {emulator.why_none()}"
    return ""


def rival(name: str, place: Workplace) -> Rival:
    """The rival of a name in `cases.RIVALS`."""
    if name in ("pipeline", "pipeline-skip"):
        flags = ["--skip-tests", "--skip-verify"] if name == "pipeline-skip" else []
        start = [place.engine, "call", "--progress=plain"]
        module = _module(start, flags, place.env)
        return Rival(name, module, place.forget, has_daemon=True, helpers=place.fork_servers)
    if name == "dagger":
        start = ["dagger", "--progress=plain", "call"]
        return Rival(name, _module(start, [], {}), _forget_dagger(place), has_daemon=False)
    if name == "dagger-nothing":
        words = ["dagger", "--progress=plain", "call", "--mod", str(NOTHING), "nothing"]
        return Rival(
            name, lambda *_: (words, {}), _forget_dagger(place), has_daemon=False, publishes=False
        )
    if name == "ko":
        return _ko(place)
    return Rival(name, _dockerfile(name, place), place.forget, has_daemon=True)


def _module(
    start: list[str], flags: list[str], env: dict[str, str]
) -> Callable[[App, Sequence[str], str], Words]:
    def command(app: App, platforms: Sequence[str], address: str) -> Words:
        given = [f"--platforms={','.join(platforms)}", f"--address={address}", *flags]
        return [*start, "--mod", str(ROOT), f"--source={app.folder}", "publish", *given], env

    return command


def _forget_dagger(place: Workplace) -> Callable[[], None]:
    return lambda: place.run(["dagger", "core", "engine", "local-cache", "prune"])


def _dockerfile(name: str, place: Workplace) -> Callable[[App, Sequence[str], str], Words]:
    def command(app: App, platforms: Sequence[str], address: str) -> Words:
        words = [
            place.buildctl,
            f"--addr={place.running.daemon_address(place.state)}",
            "build",
            "--progress=plain",
            "--frontend=dockerfile.v0",
            f"--local=context={app.folder}",
            f"--local=dockerfile={DOCKERFILES}",
            f"--opt=filename={name}.Dockerfile",
            f"--opt=platform={','.join(platforms)}",
            f"--opt=build-arg:GO={place.go}",
            f"--output=type=image,name={address},push=true",
        ]
        return words, {}

    return command


def _ko(place: Workplace) -> Rival:
    kept = place.folder / "ko"

    def forget() -> None:
        shutil.rmtree(kept, ignore_errors=True)

    def command(app: App, platforms: Sequence[str], address: str) -> Words:
        repository, _, tag = address.rpartition(":")
        # ko keeps programs by their import path, which is the same for all applications here, and
        # locks nothing: of two at once, one would push what the other is writing
        caches = {
            "GOCACHE": kept / "gocache",
            "GOMODCACHE": kept / "gomodcache",
            "KOCACHE": kept / app.name,
        }
        for folder in caches.values():
            folder.mkdir(parents=True, exist_ok=True)
        registry = place.running.registry
        env = {
            **{name: str(folder) for name, folder in caches.items()},
            "GOTOOLCHAIN": "local",
            "KO_DOCKER_REPO": repository,
            "KO_DEFAULTBASEIMAGE": f"{registry}/{BASE}" if place.running.stand_ins else BASE,
        }
        words = [place.ko, "build", "--bare", "--sbom=none", f"--tags={tag}"]
        return [*words, f"--platform={','.join(platforms)}", "./cmd/server"], env

    return Rival("ko", command, forget, has_daemon=False)
