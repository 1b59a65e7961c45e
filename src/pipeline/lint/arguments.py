"""BuildKit's platform arguments: each stage has to declare those it uses, and never with a default."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lint.problem import Problem
from pipeline.lint.text import Text
from pipeline.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage

_PARTS = ("PLATFORM", "OS", "ARCH", "VARIANT")
PLATFORM_ARGUMENTS = frozenset(f"{side}{part}" for side in ("BUILD", "TARGET") for part in _PARTS)

_SYSTEMS = frozenset(spec.os for spec in PLATFORMS)
"""As a default, the one system of all platforms changes nothing."""
_EXPANDED = frozenset(
    {"ADD", "COPY", "ENV", "EXPOSE", "LABEL", "STOPSIGNAL", "USER", "VOLUME", "WORKDIR"}
)
"""The instructions, beside RUN and ARG, in which BuildKit expands variables."""
_REFERENCE = re.compile(r"\$\{?([A-Z]+)\b")


def undeclared(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A platform argument without an ARG in its stage is empty there."""
    everywhere = {name for arg in dockerfile.arguments for name, _ in _declarations(arg)}
    for stage in dockerfile.stages:
        known = {name for s in stage.chain[1:] for i in s.instructions for name in _sets(i)}
        for instruction in stage.instructions:
            if instruction.is_on_build:
                continue
            for name, line in dict.fromkeys(_uses(instruction)):
                if name in PLATFORM_ARGUMENTS - known:
                    where = "only above the first FROM" if name in everywhere else "in no ARG"
                    known.add(name)  # told once a stage
                    at = (
                        f"above line {line}: ONBUILD"
                        if instruction.is_triggered
                        else (f"below line {stage.line}:")
                    )
                    yield Problem(
                        "undeclared-platform-arg",
                        line,
                        f"${name}, declared {where}",
                        f"ARG {name} in the same stage, above it",
                        f"Without it the argument is empty in this stage; write {at} ARG {name}",
                    )
            known.update(_sets(instruction))


def defaulted(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A default wins over the value that BuildKit would give, for every platform alike."""
    in_stages = [(i, False) for i in dockerfile.instructions if i.name == "ARG"]
    for instruction, is_global in [*((a, True) for a in dockerfile.arguments), *in_stages]:
        for name, default in _declarations(instruction):
            if name not in PLATFORM_ARGUMENTS or default is None or default in _SYSTEMS:
                continue
            if is_global and re.search(rf"\$\{{?{name}\b", default):
                continue  # ARG TARGETARCH=${TARGETARCH:-amd64}, as older builders want it
            yield Problem(
                "defaulted-platform-arg",
                instruction.text.line_of(f"{name}="),
                f"{name}={default}",
                f"ARG {name} without a default",
                f"With a default it has that value on every platform; write: ARG {name}",
            )


def _declarations(instruction: Instruction) -> list[tuple[str, str | None]]:
    """What an ARG declares: names and their defaults."""
    split = (argument.partition("=") for argument in instruction.args)
    return [(name, default if equals else None) for name, equals, default in split]


def _sets(instruction: Instruction) -> list[str]:
    """The variables that an instruction makes known to those after it."""
    if instruction.is_on_build:
        return []
    match instruction.name:
        case "ARG":
            return [name for name, _ in _declarations(instruction)]
        case "ENV":
            return list(instruction.args[::3])
    return []


def _uses(instruction: Instruction) -> Iterator[tuple[str, int]]:
    if instruction.name == "RUN":
        for flag in instruction.flags:  # --mount=type=cache,id=apt-$TARGETARCH
            line = instruction.text.line_of(flag)
            yield from _references(Text([(line, flag)]), instruction.escape)
        script = instruction.script
        for variable in script.variables:
            if variable.name not in script.assigned:
                yield variable.name, variable.line
    if instruction.name == "ARG":
        own = _sets(instruction)
        used = _references(instruction.text, instruction.escape)
        yield from (use for use in used if use[0] not in own)
    if instruction.name in _EXPANDED:
        yield from _references(instruction.text, instruction.escape)
        for heredoc in instruction.heredocs:
            if heredoc.is_expanded:
                # BuildKit minds no quotes in them, and no other character that escapes
                yield from _references(heredoc.text, "\\", quotes="")


def _references(text: Text, escape: str, quotes: str = "'\"") -> Iterator[tuple[str, int]]:
    """The variables that BuildKit expands in a text, each with its line."""
    quote, at = "", 0
    while at < len(text.text):
        char = text.text[at]
        if char == escape and quote != "'":
            at += 1
        elif char in quotes and quote in ("", char):
            quote = "" if quote else char
        elif char == "$" and quote != "'" and (match := _REFERENCE.match(text.text, at)):
            yield match[1], text.line_at(at)
        at += 1


def declares(stage: Stage, name: str) -> bool:
    """Whether a stage, or one that it is made from, declares an argument."""
    return any(name in _sets(i) for s in stage.chain for i in s.instructions)
