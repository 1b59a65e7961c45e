"""Images of programs that a toolchain compiles: put on a base, without executing anything there."""

from __future__ import annotations

import sys
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import bases, runtime_packages, runtimes
from pipeline.builds import Build, Step
from pipeline.concurrency import concurrently

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Self

    import dagger

    from pipeline.fetches import Fetched
    from pipeline.platforms import PlatformSpec
    from pipeline.toolchain import Builder, Compiler


@dataclass(frozen=True)
class Compiled(Build):
    """A source that a toolchain compiles. Raises ConfigError where no program is the image's.

    `prepared` fills in `stages`: the final stages with packages, by platform.
    """

    toolchain: Compiler
    stages: Mapping[str, dagger.Container] = field(default_factory=dict)

    def __post_init__(self) -> None:
        _ = self.entrypoint

    @property
    def entrypoint(self) -> list[str]:
        """The image's command."""
        runtime = self.settings.project.runtime
        return runtimes.entrypoint(runtime, self.name, self.toolchain.binaries)

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        return self.toolchain.build_stage(spec)

    def runtime_stage(self, spec: PlatformSpec) -> dagger.Container:
        return self.stages.get(spec.platform) or self._stage(spec)

    def _stage(self, spec: PlatformSpec) -> dagger.Container:
        """The final stage as it is without packages."""
        project, runtime = self.settings.project, self.toolchain.runtime(spec)
        return runtimes.stage(
            project.runtime,
            spec,
            runtime,
            command=self.entrypoint,
            image_labels=runtimes.labels(
                project.runtime, self.name, project.publish.source, self.stamp, runtime
            ),
        )

    def artifacts(self, specs: Sequence[PlatformSpec]) -> dagger.Directory:
        collected = dag.directory()
        for spec in specs:
            compiled = self.toolchain.compile(spec, self.stamp)
            collected = collected.with_directory(spec.slug, compiled)
        return collected

    def base(self, spec: PlatformSpec) -> dagger.Directory:
        # without the packages: what they bring is added like all else, and is proven like it
        return self._stage(spec).rootfs()

    def variant(self, spec: PlatformSpec, fetched: Sequence[Fetched]) -> dagger.Container:
        stage = self.runtime_stage(spec)
        return runtimes.final(
            stage,
            self.toolchain.compile(spec, self.stamp),
            self.source,
            self.extras,
            fetched,
            # with its packages: what they bring, dpkg there knows of
            self.toolchain.libraries(spec, self.stamp, stage.rootfs()),
        )

    async def tested(self) -> str:
        command = self.settings.project.test.command
        if not self.toolchain.test_commands(command):
            return "No tests: name a command that tests the source in [test]"
        return await self.toolchain.test(command).stdout()

    def emulated(self, specs: Sequence[PlatformSpec]) -> str:
        builders = {spec.platform: self.toolchain.builder(spec).spec for spec in specs}
        slow = [
            platform
            for platform, runs_on in builders.items()
            if not self.host.executes(runs_on) and runs_on not in self.natives
        ]
        if not slow:
            return ""
        return (
            f"{', '.join(slow)}: compiled under emulation, as pipeline.toml asks: expect it to take "
            "several times as long as a cross build"
        )

    async def require_emulators(self, specs: Sequence[PlatformSpec]) -> None:
        builders = [self.toolchain.builder(spec).spec for spec in specs]
        await self.require_machines(spec for spec in builders if not self.host.executes(spec))

    async def require_bases(self, specs: Sequence[PlatformSpec]) -> None:
        stages = [self._stage(spec) for spec in specs]
        builders = dict.fromkeys(self.toolchain.builder(spec) for spec in specs)
        await concurrently(
            *(
                bases.require_platform(
                    bases.from_(builder.image, builder.spec),
                    builder.spec,
                    image=builder.image,
                    setting=builder.setting,
                )
                for builder in builders
            ),
            *(
                bases.require_platform(
                    stage, spec, image=self._base_of(spec), setting="[runtime] base"
                )
                for stage, spec in zip(stages, specs, strict=True)
            ),
        )

    async def prepared(self, specs: Sequence[PlatformSpec]) -> Self:
        options = self.settings.project.runtime
        if not options.packages:
            return self
        added = await concurrently(
            *(
                runtime_packages.add(
                    self._stage(spec), options, spec, base=self._base_of(spec), host=self.host
                )
                for spec in specs
            )
        )
        for spec, each in zip(specs, added, strict=True):
            if told := runtime_packages.told(spec.platform, each.scripts):
                print(told, file=sys.stderr)
        of = zip(specs, added, strict=True)
        return replace(self, stages={spec.platform: each.stage for spec, each in of})

    def preparation(self, spec: PlatformSpec) -> list[Step]:
        options = self.settings.project.runtime
        if not options.packages:
            return []
        image = options.packages_image or f"apt of the release of {self._base_of(spec)}"
        command = f"unpacks {' '.join(options.packages)}, executes no script of theirs"
        return [(f"packages {spec.platform}", self.host.platform, "unpacked", image, command)]

    def tests(self) -> Step:
        commands = self.toolchain.test_commands(self.settings.project.test.command)
        command = " && ".join(" ".join(words) for words in commands) or "none is named"
        tester = self.toolchain.builder(self.host)
        return "test", tester.spec.platform, "native", tester.image, command

    def compilation(self, spec: PlatformSpec) -> Step:
        builder = self.toolchain.builder(spec)
        command = self.toolchain.command(spec, self.stamp)
        how = self._how(builder, spec)
        return f"compile {spec.platform}", builder.spec.platform, how, builder.image, command

    def assembling(self, spec: PlatformSpec) -> Step:
        runs = f"runs {' '.join(self.entrypoint)}"
        return f"assemble {spec.platform}", "nowhere", "files only", self._base_of(spec), runs

    def _base_of(self, spec: PlatformSpec) -> str:
        """The image that the final stage of a platform stands on."""
        runtime = self.toolchain.runtime(spec)
        return runtimes.base_of(self.settings.project.runtime, spec, runtime)

    def _how(self, builder: Builder, spec: PlatformSpec) -> str:
        if builder.spec != self.host:
            return "native" if builder.spec in self.natives else "emulated"
        return "native" if spec == self.host else "cross"
