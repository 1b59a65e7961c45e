"""What assembly asks of a toolchain, whichever it is."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from pipeline import images

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagger

    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp

Row = tuple[str, str, str]
"""A setting, its value, and where that came from: for `plan`."""


OUT = "/out/programs"
"""Where builders leave what they have compiled.

Like all that is taken out of a container, in a folder below the root's: to know whether it has
changed, BuildKit first lists what is beside it (contenthash.scanPath), and beside /out are all files
of the compiler's image.
"""


@dataclass(frozen=True)
class Builder:
    """What compiles for a platform: an image, the platform it runs on, the key that overrides it."""

    image: str
    spec: PlatformSpec
    setting: str


@dataclass(frozen=True)
class Runtime:
    """What a toolchain's programs need of a final stage, where pipeline.toml says nothing else.

    `labels` say what the programs were compiled for.
    """

    base: str = images.RUNTIME
    env: Mapping[str, str] = field(default_factory=dict)
    labels: Mapping[str, str] = field(default_factory=dict)


class Toolchain(Protocol):
    """One source, looked at by what builds it; nothing is built before it is asked.

    Recipes are synchronous: they describe containers. What can be known to be wrong was raised
    when the source was looked at.
    """

    @property
    def name(self) -> str:
        """What the source calls itself: the image's name, where pipeline.toml has none."""
        ...

    @property
    def named_by(self) -> str:
        """The file that `name` was read from."""
        ...

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        """What is decided about the compilation, for `plan`; `origins` as of Settings."""
        ...


class Compiler(Toolchain, Protocol):
    """A toolchain that compiles programs, which are then put on a base.

    `builder` and `runtime` raise only for what depends on the platform.
    """

    @property
    def binaries(self) -> tuple[str, ...]:
        """The programs that `compile` makes, by their file names."""
        ...

    def builder(self, spec: PlatformSpec) -> Builder:
        """What compiles for the platform. Raises PipelineError where nothing can."""
        ...

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """The container that compiles for the platform, just before it does."""
        ...

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:
        """What is executed in the build stage, for `plan`."""
        ...

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        """The programs for the platform, without folders."""
        ...

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory | None:
        """What the image gets besides, as it lies below / ; None for nothing.

        Most of all what the programs load and `root`, that of the final stage, has not.
        """
        ...

    def test(self, command: Sequence[str]) -> dagger.Container:
        """The container that has run the project's tests: `command`, else the toolchain's own."""
        ...

    def test_commands(self, command: Sequence[str]) -> list[list[str]]:
        """What `test` executes, for `plan`; nothing where there are no tests."""
        ...

    def runtime(self, spec: PlatformSpec) -> Runtime:
        """What the final stage of the platform has. Raises PipelineError where there is none."""
        ...


def executed(stage: dagger.Container, commands: Sequence[Sequence[str]]) -> dagger.Container:
    """A stage in which commands have run, one after another."""
    for each in commands:
        stage = stage.with_exec(list(each))
    return stage
