"""Any command: a toolchain of the project's own, on the build host's platform."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import bases, builders, images, libraries, packages
from pipeline.errors import ConfigError
from pipeline.toolchain import Builder, Row, Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.command_options import CommandOptions
    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp

SOURCE, OUT = "/src", "/out"
_BIN, _ROOT = "bin", "root"
"""Folders of OUT: programs, and what has a path of its own in the image."""


@dataclass(frozen=True)
class Command:
    """A source that a command builds, and the recipes for it."""

    source: dagger.Directory
    host: PlatformSpec
    options: CommandOptions
    name: str

    named_by = "[build] outputs"

    @property
    def binaries(self) -> tuple[str, ...]:
        """Those that are named one by one: what a folder will hold is not known beforehand."""
        return tuple(posixpath.basename(p) for p in self._programs if not p.endswith("/"))

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        outputs = self.options.outputs
        told = [f"{v} as {k}" for k, v in outputs.items()] if isinstance(outputs, dict) else outputs
        rows = [
            ("toolchain", "command", origins["toolchain"]),
            ("builder", self.options.image, origins["file"]),
            ("outputs", ", ".join(told), origins["file"]),
            ("packages", ", ".join(self.options.packages), origins["file"]),
            ("caches", ", ".join(self.options.caches), origins["file"]),
        ]
        return [row for row in rows if row[1]]

    def builder(self, spec: PlatformSpec) -> Builder:  # noqa: ARG002 - the host's own for all
        return Builder(self.options.image, self.host, "[build] image")

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """The image on the host's own platform, told the platform to build for, and the source."""
        options = self.options
        if options.compilers:
            stage = builders.stage(
                options.image, spec, self.host, tools=options.packages, setting="[build] packages"
            )
        else:
            stage = bases.from_(options.image, self.host)
            if options.packages:
                prepared = packages.prepared(stage, f"pipeline-apt-{self.host.debian_arch}-build")
                stage = packages.finished(packages.installed(prepared, options.packages))
        for name, value in variables(spec, self.host).items():
            stage = stage.with_env_variable(name, value)
        for path in options.caches:
            # of a platform its own: whether the tool tells its targets apart, or locks, is not known
            volume = f"pipeline-build-{self.name}-{_word(path)}-{spec.slug}"
            stage = stage.with_mounted_cache(
                path, dag.cache_volume(volume), sharing=dagger.CacheSharingMode.LOCKED
            )
        return stage.with_workdir(SOURCE).with_directory(SOURCE, self.source)

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:  # noqa: ARG002 - the same for all
        return _shown(self.options.command)

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        return self._built(spec, stamp).directory(f"{OUT}/{_BIN}")

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory | None:
        """What has a path of its own in the image, and libraries that the programs load."""
        built = self._built(spec, stamp)
        if self.options.compilers:
            needed = libraries.needed(built, spec, root, f"{OUT}/{_BIN}")
            return needed.with_directory("/", built.directory(f"{OUT}/{_ROOT}"))
        return built.directory(f"{OUT}/{_ROOT}") if self._files else None

    def test(self, command: Sequence[str] = ()) -> dagger.Container:
        """The container that has run `command`; the toolchain has no tests of its own."""
        stage = self.build_stage(self.host)
        for each in self.test_commands(command):
            stage = stage.with_exec(each)
        return stage

    def test_commands(self, command: Sequence[str] = ()) -> list[list[str]]:
        return [list(command)] if command else []

    def runtime(self, spec: PlatformSpec) -> Runtime:  # noqa: ARG002 - the same everywhere
        return Runtime(images.RUNTIME_CC if self.options.compilers else images.RUNTIME)

    @property
    def _programs(self) -> tuple[str, ...]:
        return () if isinstance(self.options.outputs, dict) else self.options.outputs

    @property
    def _files(self) -> Mapping[str, str]:
        return self.options.outputs if isinstance(self.options.outputs, dict) else {}

    def _built(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        """The build stage with what the command has made taken out."""
        stage = packages.with_step(self.build_stage(spec), "run-build")
        for folder in (_BIN, _ROOT):
            stage = stage.with_directory(f"{OUT}/{folder}", dag.directory())
        for name, value in self.options.env.items():
            filled = stamp.fill(value, platform=spec.platform)
            if filled is not None:
                stage = stage.with_env_variable(name, filled)
        taken = [
            f"{_BIN}/{'' if p.endswith('/') else posixpath.basename(p)}={p}" for p in self._programs
        ]
        taken += [f"{_ROOT}{target}={path}" for target, path in self._files.items()]
        return stage.with_exec(
            [f"{packages.STEPS}/run-build", OUT, *taken, "--", *self.options.command]
        )


def inspect(
    source: dagger.Directory,
    options: CommandOptions,
    host: PlatformSpec,
    name: str = "",
) -> Command:
    """The source as [build] says it; `name` is the project's.

    Raises ConfigError where [build] lacks what there is no default for.
    """
    for key, example in (
        ("command", '["make", "dist"]'),
        ("image", '"docker.io/library/debian:bookworm-slim"'),
        ("outputs", '["dist/app"]'),
    ):
        if not getattr(options, key):
            msg = f"[build] {key} is missing: expected it, as in {key} = {example}"
            raise ConfigError(msg)
    outputs = options.outputs
    first = next(iter(outputs if isinstance(outputs, tuple) else outputs.values()))
    return Command(source, host, options, name or posixpath.basename(first.rstrip("/")))


def variables(spec: PlatformSpec, host: PlatformSpec) -> dict[str, str]:
    """What the command learns of the target and of the host, as a Dockerfile does, and more names."""
    return {
        **spec.named("TARGET"),
        **host.named("BUILD"),
        "GNU_TRIPLE": spec.gnu_triple,
        "RUST_TRIPLE": spec.rust_triple,
        "DEBIAN_ARCH": spec.debian_arch,
        "BUILD_GNU_TRIPLE": host.gnu_triple,
    }


def _shown(command: Sequence[str]) -> str:
    return command[-1] if tuple(command[:2]) == ("sh", "-euc") else " ".join(command)


def _word(path: str) -> str:
    return re.sub(r"[^a-z0-9.]+", "-", path.lower()).strip("-")
