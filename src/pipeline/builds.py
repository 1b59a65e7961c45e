"""A source that was looked at, and how the variants of its image come about."""

from __future__ import annotations

import sys
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import emulation, images, verification
from pipeline.concurrency import concurrently

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Self

    import dagger

    from pipeline.fetches import Fetched
    from pipeline.platforms import PlatformSpec
    from pipeline.runtimes import Extra
    from pipeline.settings import Settings
    from pipeline.stamp import Stamp
    from pipeline.toolchain import Toolchain

Step = tuple[str, str, str, str, str]
"""What a step does, the platform it runs on, how, in which image, by which command: for `plan`."""


@dataclass(frozen=True)
class Build(ABC):
    """All that the recipes need, and nothing built yet.

    natives: platforms other than the host's that the caller says the engine has machines of.
    """

    source: dagger.Directory
    settings: Settings
    toolchain: Toolchain
    host: PlatformSpec
    extras: tuple[Extra, ...]
    stamp: Stamp
    natives: tuple[PlatformSpec, ...] = ()

    @property
    def name(self) -> str:
        return self.settings.project.name or self.toolchain.name

    def checks(self, specs: Sequence[PlatformSpec]) -> verification.Checks:
        """How the image is checked, by [verify]."""
        return checks(self.settings, self.host, specs)

    @abstractmethod
    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """The container that compiles for the platform."""

    @abstractmethod
    def runtime_stage(self, spec: PlatformSpec) -> dagger.Container:
        """The final stage of the platform before the application's files."""

    @abstractmethod
    def artifacts(self, specs: Sequence[PlatformSpec]) -> dagger.Directory:
        """The compiled files, one folder a platform. Raises ConfigError where it is unknown which."""

    def compiled(self, specs: Sequence[PlatformSpec]) -> dagger.Directory:
        """The same; empty where it is unknown which files they are."""
        return self.artifacts(specs)

    @abstractmethod
    def base(self, spec: PlatformSpec) -> dagger.Directory:
        """The root of what the variant stands on; empty where it is not known."""

    @abstractmethod
    def variant(self, spec: PlatformSpec, fetched: Sequence[Fetched]) -> dagger.Container:
        """The image of the platform."""

    @abstractmethod
    async def tested(self) -> str:
        """Runs the project's tests on the build host's platform; what they print."""

    @abstractmethod
    def emulated(self, specs: Sequence[PlatformSpec]) -> str:
        """What is said where something would run under emulation; else empty.

        Raises SourceError where the project forbids it.
        """

    @abstractmethod
    async def require_emulators(self, specs: Sequence[PlatformSpec]) -> None:
        """Raises PlatformError where something has to be emulated and the engine cannot."""

    async def require_machines(self, foreign: Iterable[PlatformSpec]) -> None:
        """Raises PlatformError where the engine does not run one of the platforms, by whatever means.

        Says so where one that is native would be emulated.
        """
        image = self.checks(()).image
        required = (emulation.require(spec, self.host, image) for spec in dict.fromkeys(foreign))
        for verdict in await concurrently(*required):
            if verdict.spec in self.natives and not verdict.is_native:
                told = (
                    f"{verdict.spec.platform}: built on itself, as --native asks, and this engine has no "
                    f"machine of it ({verdict.how}): expect it to take several times as long"
                )
                print(told, file=sys.stderr)

    @abstractmethod
    async def require_bases(self, specs: Sequence[PlatformSpec]) -> None:
        """Raises PlatformError where an image that is built on is of another platform."""

    async def prepared(self, _specs: Sequence[PlatformSpec]) -> Self:
        """The build with all that its final stages need to be looked up beforehand.

        Raises PipelineError where some of it cannot be had.
        """
        return self

    def preparation(self, _spec: PlatformSpec) -> list[Step]:
        """How that is had, for the platform."""
        return []

    @abstractmethod
    def tests(self) -> Step:
        """How the project's tests run."""

    @abstractmethod
    def compilation(self, spec: PlatformSpec) -> Step:
        """How what the image of the platform is made of is compiled."""

    @abstractmethod
    def assembling(self, spec: PlatformSpec) -> Step:
        """How the image of the platform is put together."""


def checks(
    settings: Settings, host: PlatformSpec, specs: Sequence[PlatformSpec]
) -> verification.Checks:
    """How images of the platforms are checked, by [verify]."""
    options = settings.project.verify
    budgets = {spec.platform: options.budget(spec.platform) for spec in specs}
    return verification.Checks(
        image=options.image or images.SCANNER,
        host=host.platform,
        ignored=list(options.ignore),
        budgets={platform: size for platform, size in budgets.items() if size},
    )
