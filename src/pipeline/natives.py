"""Compilers of several machines: for some platforms on the platform itself, for the rest on the host.

Where each platform has a node of its own, nothing needs to be cross-compiled: a container of a
platform is executed on the node that is of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.settings import ARGUMENT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagger

    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp
    from pipeline.toolchain import Builder, Compiler, Row, Runtime


@dataclass(frozen=True)
class NativeCompilers:
    """One source as a compiler sees it on the host, and as it does `on` each of further platforms."""

    host: Compiler
    on: Mapping[str, Compiler]

    def of(self, spec: PlatformSpec) -> Compiler:
        """What compiles for the platform."""
        return self.on.get(spec.platform, self.host)

    @property
    def name(self) -> str:
        return self.host.name

    @property
    def named_by(self) -> str:
        return self.host.named_by

    @property
    def binaries(self) -> tuple[str, ...]:
        return self.host.binaries

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        return [*self.host.settings(origins), ("native", ", ".join(self.on), ARGUMENT)]

    def builder(self, spec: PlatformSpec) -> Builder:
        return self.of(spec).builder(spec)

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        return self.of(spec).build_stage(spec)

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:
        return self.of(spec).command(spec, stamp)

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        return self.of(spec).compile(spec, stamp)

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory | None:
        return self.of(spec).libraries(spec, stamp, root)

    def test(self, command: Sequence[str]) -> dagger.Container:
        return self.host.test(command)

    def test_commands(self, command: Sequence[str]) -> list[list[str]]:
        return self.host.test_commands(command)

    def runtime(self, spec: PlatformSpec) -> Runtime:
        return self.of(spec).runtime(spec)
