"""The golden rules of multi-platform Dockerfiles, for those who stay with a Dockerfile.

The rules and their parser are imported when they are asked for: an engine imports the module twice
in every call, whatever is called.
"""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

import dagger

from pipeline.errors import SourceError
from pipeline.report import Finding, Report, report
from pipeline.rules import RULES

if TYPE_CHECKING:
    from pipeline.lint.problem import Problem

DEFAULT = "Dockerfile"


def lint(text: str, name: str, target: str = "") -> list[Finding]:
    """What is wrong with the text of a Dockerfile, by its lines; where it is built to a target."""
    from pipeline.lint import checks

    return [_finding(problem, name) for problem in checks.problems(text, target)]


async def lint_source(source: dagger.Directory, dockerfile: str, target: str = "") -> Report:
    """What is wrong with a Dockerfile of the source.

    Without a name it is `Dockerfile`, and where there is none nothing is wrong. Raises SourceError
    where one that was named is missing.
    """
    if not dockerfile and not await source.exists(DEFAULT):
        return report(f"no {DEFAULT} in the source", [])
    dockerfile = dockerfile or DEFAULT
    text = await read(source, dockerfile, "name one with --dockerfile")
    return report(dockerfile, lint(text, dockerfile, target))


async def read(source: dagger.Directory, dockerfile: str, remedy: str) -> str:
    """The text of a Dockerfile; raises SourceError where it is missing, with those that are there."""
    if not await source.exists(dockerfile, expected_type=dagger.ExistsType.REGULAR_TYPE):
        listed = ", ".join(await _dockerfiles(source)) or "no file of that kind"
        msg = f"Dockerfile '{dockerfile}' is not in the source, which has {listed}: {remedy}"
        raise SourceError(msg)
    return await source.file(dockerfile).contents()


async def _dockerfiles(source: dagger.Directory) -> list[str]:
    """The files of the source that are called like Dockerfiles."""
    found = [*await source.glob("**/*ockerfile*"), *await source.glob("**/Containerfile*")]
    return sorted(path for path in found if _is_dockerfile(posixpath.basename(path)))


def _is_dockerfile(name: str) -> bool:
    stem = name.lower()
    return stem.startswith(("dockerfile", "containerfile")) or stem.endswith(".dockerfile")


def _finding(problem: Problem, name: str) -> Finding:
    return Finding(
        rule=problem.rule,
        severity=RULES[problem.rule].severity,
        path=name,
        line=problem.line,
        seen=problem.seen,
        expected=problem.expected,
        remedy=problem.remedy,
    )
