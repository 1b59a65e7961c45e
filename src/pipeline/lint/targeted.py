"""A Dockerfile as it is built for one platform: which stages, where each runs, on what it stands.

The rules judge a file for every platform there may be. Here its variables have their values, as
BuildKit fills them in where a FROM has them.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pipeline import platforms
from pipeline.errors import PlatformError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage
    from pipeline.platforms import PlatformSpec

SCRATCH = "scratch"
_VARIABLE = re.compile(
    r"\$(?:\{(?P<braced>\w+)(?::(?P<how>[-+])(?P<word>[^}]*))?\}|(?P<plain>\w+))"
)
_SHOWN = 72


@dataclass(frozen=True)
class Step:
    """A RUN, and the platform that it runs on."""

    line: int
    text: str
    spec: PlatformSpec


@dataclass(frozen=True)
class Root:
    """An image that stages stand on, the platform it is taken for, and the line that names it."""

    image: str
    spec: PlatformSpec
    line: int


@dataclass(frozen=True)
class Targeted:
    """The Dockerfile for a platform, with build arguments."""

    dockerfile: Dockerfile
    host: PlatformSpec
    spec: PlatformSpec
    arguments: Mapping[str, str]

    @cached_property
    def steps(self) -> list[Step]:
        """Each RUN of the stages that are built. Raises PlatformError for a stage of an unknown one."""
        return [
            Step(run.line, _short(run), self._platform(stage))
            for stage in self._built
            for run in stage.runs
        ]

    @property
    def base(self) -> Root | None:
        """The image that the final stage stands on; None for scratch."""
        return self._root(self.dockerfile.final)

    @property
    def roots(self) -> list[Root]:
        """The images that the stages that are built stand on, each once for a platform."""
        found: dict[tuple[str, str], Root] = {}
        for root in (self._root(stage) for stage in self._built):
            if root:
                found.setdefault((root.image, root.spec.platform), root)
        return list(found.values())

    @cached_property
    def _built(self) -> list[Stage]:
        """The stages that the final one needs, and itself, in the order of the file."""
        needed: set[Stage] = set()
        pending = [self.dockerfile.final]
        while pending:
            stage = pending.pop()
            if stage in needed:
                continue
            needed.add(stage)
            if parent := self._parent(stage):
                pending.append(parent)
            for instruction in stage.instructions:
                if not instruction.is_on_build:
                    named = (self.dockerfile.stage_named(name) for name in instruction.sources)
                    pending += [other for other in named if other]
        return [stage for stage in self.dockerfile.stages if stage in needed]

    def _root(self, stage: Stage) -> Root | None:
        while parent := self._parent(stage):
            stage = parent
        image = self._filled(stage.image)
        return None if image == SCRATCH else Root(image, self._platform(stage), stage.line)

    def _parent(self, stage: Stage) -> Stage | None:
        """The earlier stage that one is made from."""
        name = self._filled(stage.image).lower()
        earlier = self.dockerfile.stages[: self.dockerfile.stages.index(stage)]
        return next((other for other in reversed(earlier) if other.name == name), None)

    def _platform(self, stage: Stage) -> PlatformSpec:
        """Where the commands of a stage run: where those of the one run that it is made from."""
        if parent := self._parent(stage):
            return self._platform(parent)
        platform = self._filled(stage.platform)
        try:
            return platforms.parse(platform) if platform else self.spec
        except PlatformError as error:
            msg = f"line {stage.line}: {error}"
            raise PlatformError(msg) from None

    @cached_property
    def _values(self) -> dict[str, str]:
        """What a FROM's variables are: the platforms', then each ARG above the first FROM."""
        values = self.host.named("BUILD") | self.spec.named("TARGET")
        for argument in self.dockerfile.arguments:
            for word in argument.args:
                name, _, default = word.partition("=")
                value = self.arguments.get(name, _filled(default.strip("\"'"), values))
                if value or name not in values:
                    values[name] = value
        return values

    def _filled(self, text: str) -> str:
        return _filled(text, self._values)


def _filled(text: str, values: Mapping[str, str]) -> str:
    """A text with its variables filled in; one that is not known is empty, as for BuildKit."""

    def value(found: re.Match[str]) -> str:
        known = values.get(found["braced"] or found["plain"], "")
        match found["how"]:
            case "-":
                return known or found["word"]
            case "+":
                return found["word"] if known else ""
        return known

    return _VARIABLE.sub(value, text)


def _short(run: Instruction) -> str:
    """A RUN in one line, without its mounts."""
    command = " ".join(part for part in run.args if part) if run.is_exec else run.args[0]
    line = " ".join(command.split())
    return f"RUN {line if len(line) <= _SHOWN else line[:_SHOWN] + '…'}"
