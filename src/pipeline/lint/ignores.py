"""Comments that ignore findings: `# pipeline: ignore=RULE[,RULE]`.

Above the first FROM such a comment is for the whole file; elsewhere for the instruction below it, or
around it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.lint.problem import Problem
from pipeline.rules import DOCKERFILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile

_COMMENT = re.compile(r"\s*#\s*pipeline:\s*ignore\s*=(.*)")
_NEVER = ("invalid-dockerfile", "unknown-rule")
ACCEPTED = tuple(rule.id for rule in DOCKERFILE if rule.id not in _NEVER)
"""The rules that can be ignored."""


@dataclass(frozen=True)
class Ignore:
    """One rule that a comment names, and the lines that it is for."""

    rule: str
    line: int
    applies_to: range

    def hides(self, problem: Problem) -> bool:
        return problem.rule == self.rule and problem.line in self.applies_to


def find(dockerfile: Dockerfile) -> list[Ignore]:
    """Every rule that a comment names."""
    return [
        Ignore(rule.strip(), number, _applies_to(dockerfile, number))
        for number, line in enumerate(dockerfile.lines, 1)
        if (match := _COMMENT.fullmatch(line))
        for rule in match[1].split(",")
    ]


def unknown(ignores: list[Ignore]) -> Iterator[Problem]:
    """Rules that do not exist: a misspelt one would ignore nothing, and nobody would know."""
    for ignore in ignores:
        if ignore.rule not in ACCEPTED:
            yield Problem(
                "unknown-rule",
                ignore.line,
                f"ignore={ignore.rule}",
                "the id of a rule",
                f"Write one of {', '.join(ACCEPTED)}.",
            )


def _applies_to(dockerfile: Dockerfile, line: int) -> range:
    if line < dockerfile.first_from:
        return range(len(dockerfile.lines) + 1)
    spans = [range(stage.line, stage.line + 1) for stage in dockerfile.stages]
    spans += [range(i.line, i.end_line + 1) for i in dockerfile.instructions]
    below = line + 1
    while below <= len(dockerfile.lines) and dockerfile.lines[below - 1].lstrip().startswith("#"):
        below += 1
    return next((s for s in spans if line in s or below == s.start), range(0))
