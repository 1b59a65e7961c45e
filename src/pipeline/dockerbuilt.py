"""Images that a Dockerfile makes: whole, with what pipeline.toml says of them over them."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import bases, runtimes
from pipeline.builds import Build
from pipeline.builds import Step as Planned
from pipeline.concurrency import concurrently
from pipeline.errors import ConfigError, SourceError
from pipeline.toolchain import Runtime
from pipeline.verification import Linted

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dagger

    from pipeline.fetches import Fetched
    from pipeline.lint.targeted import Root, Step
    from pipeline.platforms import PlatformSpec
    from pipeline.toolchains.dockerfile import Dockerfile
    from pipeline.verification import Checks

_NO_TESTS = (
    "No tests: name a stage of {file} that tests in [dockerfile] test_target, or a command that the "
    "image runs in [test]"
)


@dataclass(frozen=True)
class DockerBuilt(Build):
    """A source with a Dockerfile.

    Raises ConfigError where [runtime] names a base or packages, which are the Dockerfile's own.
    """

    toolchain: Dockerfile

    def __post_init__(self) -> None:
        if self.settings.project.runtime.base:
            msg = (
                f"[runtime] base is given, and {self._file} says what the image stands on: "
                "expected it there alone"
            )
            raise ConfigError(msg)
        if self.settings.project.runtime.packages:
            msg = (
                f"[runtime] packages are given, and {self._file} says what the image is made of: "
                "expected them to be installed there"
            )
            raise ConfigError(msg)

    @property
    def _file(self) -> str:
        return self.toolchain.options.file

    def checks(self, specs: Sequence[PlatformSpec]) -> Checks:
        """How the image is checked, and its Dockerfile with it."""
        of_file = Linted(self._file, self.toolchain.text, self.toolchain.options.target)
        return replace(super().checks(specs), dockerfile=of_file)

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        raise ConfigError(self._has_no("build-stage", spec))

    def runtime_stage(self, spec: PlatformSpec) -> dagger.Container:
        raise ConfigError(self._has_no("runtime-stage", spec))

    def _has_no(self, function: str, spec: PlatformSpec) -> str:
        return (
            f"{function} is for what a toolchain compiles, and {self._file} makes the whole image: "
            f"expected build --platform {spec.platform}"
        )

    def artifacts(self, specs: Sequence[PlatformSpec]) -> dagger.Directory:
        target = self.toolchain.options.artifacts_target
        if not target:
            msg = (
                f"artifacts does not know which files of {self._file} are meant: name a stage that "
                "holds them alone in [dockerfile] artifacts_target, or take the image's root by "
                "build rootfs"
            )
            raise ConfigError(msg)
        collected = dag.directory()
        for spec in specs:
            stage = self.toolchain.build(spec, self.stamp, target)
            collected = collected.with_directory(spec.slug, stage.rootfs())
        return collected

    def compiled(self, specs: Sequence[PlatformSpec]) -> dagger.Directory:
        if not self.toolchain.options.artifacts_target:
            return dag.directory()
        return self.artifacts(specs)

    def base(self, spec: PlatformSpec) -> dagger.Directory:
        root = self.toolchain.base(spec, self.stamp)
        return bases.from_(root.image, root.spec).rootfs() if root else dag.directory()

    def variant(self, spec: PlatformSpec, fetched: Sequence[Fetched]) -> dagger.Container:
        project = self.settings.project
        labels = runtimes.labels(
            project.runtime, project.name, project.publish.source, self.stamp, Runtime()
        )
        image = runtimes.over(project.runtime, self.toolchain.build(spec, self.stamp), labels)
        return runtimes.with_files(image, self.source, self.extras, fetched)

    async def tested(self) -> str:
        """Builds the stage that tests, or runs the command in it, else in the image."""
        target, command = self._test
        if not target and not command:
            return _NO_TESTS.format(file=self._file)
        tested = self.toolchain.build(self.host, self.stamp, target)
        if command:
            return await tested.with_exec(list(command)).stdout()
        await tested.sync()
        return f"{self._file}: stage '{target}' was built for {self.host.platform}"

    @property
    def _test(self) -> tuple[str, Sequence[str]]:
        return self.toolchain.options.test_target, self.settings.project.test.command

    def emulated(self, specs: Sequence[PlatformSpec]) -> str:
        """A line for each RUN that is emulated. Raises SourceError where the project forbids it."""
        found: dict[tuple[int, str], list[str]] = {}
        for spec in specs:
            for step in self._emulated(spec):
                found.setdefault((step.line, step.text), []).append(step.spec.platform)
        if not found:
            return ""
        if self.toolchain.options.emulation == "forbid":
            lines = "; ".join(f"line {line}: {text}" for line, text in found)
            msg = (
                f"{self._file} has steps that would run under emulation, which [dockerfile] "
                f"emulation forbids: {lines}: move them to a stage FROM --platform=$BUILDPLATFORM, "
                "as lint shows"
            )
            raise SourceError(msg)
        return "\n".join(
            [
                "Under emulation, several times as slow as on the build host:",
                *(
                    f"    {self._file}:{line}  {text}  ({', '.join(dict.fromkeys(names))})"
                    for (line, text), names in found.items()
                ),
            ]
        )

    async def require_emulators(self, specs: Sequence[PlatformSpec]) -> None:
        foreign = [step.spec for spec in specs for step in self._foreign(spec)]
        await self.require_machines(foreign)

    async def require_bases(self, specs: Sequence[PlatformSpec]) -> None:
        roots = {
            (root.image, root.spec.platform): root
            for spec in specs
            for root in self.toolchain.roots(spec, self.stamp)
        }
        await concurrently(*(self._require(root) for root in roots.values()))

    async def _require(self, root: Root) -> None:
        await bases.require_platform(
            bases.from_(root.image, root.spec),
            root.spec,
            image=root.image,
            setting=f"the FROM in line {root.line} of {self._file}",
        )

    def _foreign(self, spec: PlatformSpec) -> list[Step]:
        """What the build host does not execute."""
        steps = self.toolchain.steps(spec, self.stamp)
        return [step for step in steps if not self.host.executes(step.spec)]

    def _emulated(self, spec: PlatformSpec) -> list[Step]:
        return [step for step in self._foreign(spec) if step.spec not in self.natives]

    def tests(self) -> Planned:
        target, command = self._test
        runs_in = f"stage {target}" if target else "the image"
        what = " ".join(command) or (f"builds {runs_in}" if target else "none is named")
        where = self.host.platform if target or command else "nowhere"
        return "test", where, "native" if target or command else "-", self._file, what

    def compilation(self, spec: PlatformSpec) -> Planned:
        steps = self.toolchain.steps(spec, self.stamp)
        where = ", ".join(dict.fromkeys(step.spec.platform for step in steps)) or "nowhere"
        how = "files only"
        if self._emulated(spec):
            how = "emulated"
        elif steps:
            how = "native" if all(step.spec == spec for step in steps) else "cross"
        command = self.toolchain.command(spec, self.stamp)
        return f"build {spec.platform}", where, how, self._file, command

    def assembling(self, spec: PlatformSpec) -> Planned:
        root = self.toolchain.base(spec, self.stamp)
        entrypoint = self.settings.project.runtime.entrypoint
        runs = f"runs {' '.join(entrypoint)}" if entrypoint else f"runs what {self._file} says"
        image = root.image if root else "scratch"
        return f"assemble {spec.platform}", "nowhere", "files only", image, runs
