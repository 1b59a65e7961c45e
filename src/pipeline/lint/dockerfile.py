"""A Dockerfile as the rules read it: stages, what they run on, instructions, lines.

The grammar is BuildKit's own, by a parser that is a port of it. Here its instructions get what rules
ask for: the line of every character, the script of a RUN, and the stages that a stage is made from.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from e2b_dockerfile_utils import DockerfileSyntaxError, parse_dockerfile_ast, parse_heredoc

from pipeline.lint import shell
from pipeline.lint.text import Text
from pipeline.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from e2b_dockerfile_utils import DockerfileInstruction

_VALUES = {
    "TARGETARCH": "|".join(sorted({spec.goarch for spec in PLATFORMS})),
    "TARGETOS": "linux",
    "TARGETVARIANT": r"(?:v\d+)?",
}
"""What the platform arguments that choose a stage can be."""
_DEFAULT_SHELL = ("/bin/sh", "-c")
_VARIABLE = re.compile(r"\$\{?[A-Za-z_]")
_SHEBANG = re.compile(r"#!\s*(\S+)(?:\s+(\S+))?")


class InvalidDockerfileError(Exception):
    """A Dockerfile that BuildKit would refuse."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


class RunsOn(Enum):
    """The platform that a stage's commands run on."""

    BUILD = "the build host's"
    TARGET = "the target's"
    CONSTANT = "always the same"
    UNKNOWN = "decided by a build argument"


@dataclass(frozen=True)
class Heredoc:
    name: str
    text: Text
    is_expanded: bool


@dataclass(frozen=True, eq=False)
class Instruction:
    """One instruction; that of an ONBUILD is the one that it holds."""

    name: str
    text: Text
    line: int
    end_line: int
    flags: tuple[str, ...]
    args: tuple[str, ...]
    is_exec: bool
    heredocs: tuple[Heredoc, ...]
    is_on_build: bool
    shell: tuple[str, ...]
    escape: str
    """The character that keeps BuildKit from expanding a variable."""
    is_triggered: bool = False
    """Whether it is an ONBUILD's of the stage that its own is made from."""

    def flag(self, name: str) -> str:
        """The value of `--name=value`, "" without one."""
        return next(iter(self.flag_values(name)), "")

    def flag_values(self, name: str) -> list[str]:
        start = f"--{name}="
        return [f.removeprefix(start) for f in self.flags if f.startswith(start)]

    @property
    def mounts(self) -> list[dict[str, str]]:
        """The options of each --mount."""
        options = (mount.split(",") for mount in self.flag_values("mount"))
        return [{k: v for k, _, v in (o.partition("=") for o in mount)} for mount in options]

    @property
    def sources(self) -> list[str]:
        """The stages, images or named contexts that it takes files from, as they are written."""
        names = [self.flag("from"), *(mount.get("from", "") for mount in self.mounts)]
        return [name for name in names if name]

    @cached_property
    def script(self) -> shell.Script:
        """What a RUN runs; nothing where another shell than sh's kin reads it."""
        if self.name != "RUN" or not self.args:
            return shell.Script()
        if self.is_exec:
            words = tuple(shell.Word(a, self.text.line_of(json.dumps(a))) for a in self.args)
            return shell.of_commands([shell.Command(words)])
        if self.shell[0].rpartition("/")[2] not in shell.SHELLS:
            return shell.Script()
        whole = self.text.text.rstrip()
        header = self.text.after(len(whole) - len(self.args[0]))
        if not self.heredocs:
            return shell.parse(header)
        if parse_heredoc(self.args[0]):  # RUN <<EOF, and nothing else: it is the script itself
            [document] = self.heredocs
            return shell.parse(document.text) if _is_script(document) else shell.Script()
        # else it is the shell that reads them, as BuildKit puts them back together
        pieces = [*header.pieces, (self.line, "\n")]
        for document in self.heredocs:
            pieces += [*document.text.pieces, (self.end_line, f"{document.name}\n")]
        return shell.parse(Text(pieces))


def _is_script(document: Heredoc) -> bool:
    """Whether a here-document is run by a shell, and by no other program that it names."""
    shebang = _SHEBANG.match(document.text.text)
    programs = [p.rpartition("/")[2] for p in shebang.groups(default="")] if shebang else ["sh"]
    return any(program in shell.SHELLS for program in programs)


@dataclass(eq=False)
class Stage:
    """What one FROM begins."""

    line: int
    name: str
    image: str
    platform: str
    parents: tuple[Stage, ...]
    runs_on: RunsOn
    instructions: list[Instruction] = field(default_factory=list)

    @property
    def chain(self) -> list[Stage]:
        """The stage, and the earlier stages that it is made from."""
        return [self, *(stage for parent in self.parents for stage in parent.chain)]

    @property
    def images(self) -> list[str]:
        """The images at the root of the stage: one, but for a choice by $TARGETARCH."""
        return [stage.image for stage in self.chain if not stage.parents]

    @property
    def runs(self) -> list[Instruction]:
        """Its RUN instructions."""
        return [i for i in self.instructions if i.name == "RUN" and not i.is_on_build]


@dataclass(eq=False)
class Dockerfile:
    """A whole file."""

    lines: list[str]
    arguments: list[Instruction]
    """Each ARG before the first FROM."""
    stages: list[Stage]

    @property
    def defaults(self) -> dict[str, str]:
        """The defaults of the arguments that a FROM may use."""
        words = (word.partition("=") for arg in self.arguments for word in arg.args)
        return {name: default.strip("\"'") for name, _, default in words if default}

    @property
    def final(self) -> Stage:
        return self.stages[-1]

    @property
    def first_from(self) -> int:
        return self.stages[0].line

    @property
    def instructions(self) -> Iterator[Instruction]:
        """The instructions of all stages."""
        return (i for stage in self.stages for i in stage.instructions)

    def raw(self, line: int) -> str:
        """A line as it is written, without its indentation."""
        return self.lines[line - 1].strip()

    def stage_named(self, name: str) -> Stage | None:
        """The stage of a name or number, as COPY --from gives it."""
        if name.isdigit() and int(name) < len(self.stages):
            return self.stages[int(name)]
        return next((s for s in self.stages if s.name and s.name == name.lower()), None)

    def up_to(self, target: str) -> Dockerfile | None:
        """The file as it is where a stage is the image; None where it has no such stage."""
        stage = self.stage_named(target)
        if stage is None:
            return None
        return Dockerfile(self.lines, self.arguments, self.stages[: self.stages.index(stage) + 1])

    def copies(self, stage: Stage) -> Iterator[tuple[Stage, Instruction]]:
        """Each COPY from a stage, with the stage that it is in."""
        for other in self.stages:
            for instruction in other.instructions:
                source = instruction.flag("from")
                if instruction.name == "COPY" and source and self.stage_named(source) is stage:
                    yield other, instruction

    def takers(self, stage: Stage) -> Iterator[tuple[Stage, Instruction]]:
        """Each COPY from a stage, and each RUN that mounts it, with the stage that it is in."""
        for other in self.stages:
            for instruction in other.instructions:
                names = [n for n in instruction.sources if self.stage_named(n) is stage]
                if names and not instruction.is_on_build:
                    yield other, instruction

    @cached_property
    def built(self) -> set[Stage]:
        """The stages that the final one needs, and itself; BuildKit leaves the others out."""
        needed: set[Stage] = set()
        pending = [self.final]
        while pending:
            stage = pending.pop()
            if stage in needed:
                continue
            needed.add(stage)
            pending += stage.parents
            for instruction in stage.instructions:
                if not instruction.is_on_build:
                    pending += [s for n in instruction.sources if (s := self.stage_named(n))]
        return needed


def parse(text: str) -> Dockerfile:
    """The Dockerfile of a text. Raises InvalidDockerfileError where it is none."""
    try:
        ast = parse_dockerfile_ast(text)
    except DockerfileSyntaxError as error:
        message = str(error).partition(": ")[2]
        raise InvalidDockerfileError(message, error.line or 1) from None
    lines = text.split("\n")
    dockerfile = Dockerfile(lines, [], [])
    shells: dict[Stage, tuple[str, ...]] = {}
    for parsed in ast.instructions:
        if parsed.name == "FROM":
            stage = _stage(parsed, dockerfile.stages, dockerfile.defaults)
            stage.instructions += [
                replace(instruction, is_on_build=False, is_triggered=True)
                for parent in stage.parents
                for instruction in parent.instructions
                if instruction.is_on_build
            ]
            dockerfile.stages.append(stage)
            continue
        stage = dockerfile.stages[-1] if dockerfile.stages else None
        current = _DEFAULT_SHELL
        if stage:
            known = (shells[s] for s in stage.chain if s in shells)
            current = next(known, _DEFAULT_SHELL)
        instruction = _instruction(parsed, lines, ast.escape_token, current)
        if stage:
            stage.instructions.append(instruction)
        elif parsed.name == "ARG":
            dockerfile.arguments.append(instruction)
        else:
            message = f"{parsed.name} stands before the first FROM"
            raise InvalidDockerfileError(message, parsed.start_line)
        if stage and parsed.name == "SHELL" and parsed.args:
            shells[stage] = tuple(parsed.args)
    if not dockerfile.stages:
        message = "there is no FROM in it"
        raise InvalidDockerfileError(message, 1)
    return dockerfile


def _stage(parsed: DockerfileInstruction, earlier: list[Stage], defaults: dict[str, str]) -> Stage:
    match parsed.args:
        case [image]:
            name = ""
        case [image, keyword, name] if keyword.lower() == "as":
            name = name.lower()
        case _:
            message = f"'{parsed.original}' is no FROM: expected FROM IMAGE, or FROM IMAGE AS NAME"
            raise InvalidDockerfileError(message, parsed.start_line)
    flags = [f.removeprefix("--platform=") for f in parsed.flags if f.startswith("--platform=")]
    platform = flags[-1] if flags else ""
    parents = _parents(image, earlier, defaults)
    # a stage made from another runs where that one does, whatever --platform says
    inherited = {parent.runs_on for parent in parents}
    if len(inherited) == 1:
        runs_on = inherited.pop()
    elif inherited:
        runs_on = RunsOn.TARGET if RunsOn.BUILD not in inherited else RunsOn.UNKNOWN
    else:
        runs_on = _runs_on(platform)
    return Stage(parsed.start_line, name, image, platform, parents, runs_on)


def _parents(image: str, earlier: list[Stage], defaults: dict[str, str]) -> tuple[Stage, ...]:
    """The earlier stage of that name; several where $TARGETARCH or the like chooses among them."""
    pattern = ""
    at = 0
    for variable in re.finditer(r"\$(?:\{(\w+)[^}]*\}|(\w+))", image):
        name = variable[1] or variable[2]
        value = _VALUES.get(name) or re.escape(defaults.get(name, "\0").lower())
        pattern += f"{re.escape(image[at : variable.start()].lower())}(?:{value})"
        at = variable.end()
    pattern += re.escape(image[at:].lower())
    named = {s.name: s for s in earlier if s.name and re.fullmatch(pattern, s.name)}
    return tuple(named.values())


def _runs_on(platform: str) -> RunsOn:
    variables = set(re.findall(r"\$\{?(BUILD|TARGET|\w)", platform))
    if not platform or variables == {"TARGET"}:
        return RunsOn.TARGET
    if not variables:
        return RunsOn.CONSTANT
    return RunsOn.BUILD if variables == {"BUILD"} else RunsOn.UNKNOWN


def is_variable(text: str) -> bool:
    """Whether a build argument decides what a text says."""
    return bool(_VARIABLE.search(text))


def _instruction(
    parsed: DockerfileInstruction, lines: list[str], escape: str, current: tuple[str, ...]
) -> Instruction:
    text = _text(parsed, lines, escape)
    body = parsed.end_line + 1 - sum(h.content.count("\n") + 1 for h in parsed.heredocs)
    heredocs: list[Heredoc] = []
    for heredoc in parsed.heredocs:
        content = re.findall(r".*\n", heredoc.content)
        heredocs.append(Heredoc(heredoc.name, Text(enumerate(content, body)), heredoc.expand))
        body += len(content) + 1
    on_build = parsed.name == "ONBUILD"
    inner = _inner(parsed, escape) if on_build else parsed
    return Instruction(
        name=inner.name,
        text=text,
        line=parsed.start_line,
        end_line=parsed.end_line,
        flags=tuple(inner.flags),
        args=tuple(inner.args),
        is_exec=inner.json,
        heredocs=tuple(heredocs),
        is_on_build=on_build,
        shell=current,
        escape=escape,
    )


def _inner(parsed: DockerfileInstruction, escape: str) -> DockerfileInstruction:
    """The instruction that an ONBUILD holds; the parser leaves it as text."""
    words = parsed.original.split(maxsplit=1)
    if len(words) == 1:
        message = "ONBUILD holds no instruction"
        raise InvalidDockerfileError(message, parsed.start_line)
    try:
        return parse_dockerfile_ast(f"# escape={escape}\n{words[1]}").instructions[0]
    except DockerfileSyntaxError as error:
        message = str(error).partition(": ")[2]
        raise InvalidDockerfileError(message, parsed.start_line) from None


def _text(parsed: DockerfileInstruction, lines: list[str], escape: str) -> Text:
    """The joined text of an instruction: the parser's own, with the line of each piece."""
    pieces: list[tuple[int, str]] = []
    rest = parsed.original
    for number in range(parsed.start_line, parsed.end_line + 1):
        line = lines[number - 1].rstrip("\r\n")
        if not rest or not line.strip() or line.lstrip().startswith("#"):
            continue
        line = line.lstrip() if not pieces else line
        stripped = line.rstrip(" \t")
        piece = line if rest.startswith(line) else stripped.removesuffix(escape)
        pieces.append((number, piece))
        rest = rest[len(piece) :]
    return Text(pieces)
