"""Stages on the build host's platform that ask it for its own architecture."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from pipeline import platforms
from pipeline.lint.arguments import declares
from pipeline.lint.copies import copied_out, folder_of
from pipeline.lint.dockerfile import RunsOn
from pipeline.lint.problem import Problem
from pipeline.lint.shell import SHELLS
from pipeline.lint.tools import DOWNLOADERS
from pipeline.project import DEFAULT_PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage
    from pipeline.lint.shell import Command
    from pipeline.platforms import PlatformSpec

# how the host's architecture is asked for, and the column of the table of platforms that answers
# for the target
_QUESTIONS: tuple[tuple[str, Callable[[PlatformSpec], str]], ...] = (
    (r"uname (-m|-p|-i|--machine)", lambda spec: spec.cmake_processor),
    (r"arch", lambda spec: spec.cmake_processor),
    (r"apk --print-arch", lambda spec: spec.cmake_processor),
    (r"dpkg --print-architecture", lambda spec: spec.debian_arch),
    (r"dpkg-architecture -q ?DEB_(BUILD|HOST)_ARCH", lambda spec: spec.debian_arch),
    (r"go env GOARCH", lambda spec: spec.goarch),
    (r"rustc (-vV|-Vv|--version --verbose|-v -V)", lambda spec: spec.rust_triple),
    (r"(gcc|cc|g\+\+|clang) -dumpmachine", lambda spec: spec.gnu_triple),
)
_INSTALLERS = frozenset({"apk", "apt", "apt-get", "dnf", "dpkg", "pip", "rpm", "yum", *SHELLS})


def host_architecture(dockerfile: Dockerfile) -> Iterator[Problem]:
    """On $BUILDPLATFORM, `uname -m` and its like name the host's architecture, not the target's."""
    for stage in dockerfile.stages:
        sources = copied_out(dockerfile, stage)
        if stage.runs_on != RunsOn.BUILD or not sources:
            continue
        for instruction in stage.runs:
            tool = _fetches_a_tool(stage, instruction, sources)
            for command, outer in instruction.script.walk():
                column = _question(command)
                if column is None or outer is None or tool or _is_meant(outer, command):
                    continue
                asked = " ".join(command.argv)
                written, answer = _answer(dockerfile.raw(command.line), asked, column)
                above = "" if declares(stage, "TARGETARCH") else "ARG TARGETARCH above it, and "
                yield Problem(
                    "host-architecture",
                    command.line,
                    f"{asked} on $BUILDPLATFORM: the build host's architecture",
                    f"the target's, {answer}",
                    f"Use $BUILDARCH for a tool that runs in this stage; else write {above}"
                    f"here: {written}",
                )


def _question(command: Command) -> Callable[[PlatformSpec], str] | None:
    asked = " ".join(command.argv)
    return next((column for form, column in _QUESTIONS if re.fullmatch(form, asked)), None)


def _answer(raw: str, asked: str, column: Callable[[PlatformSpec], str]) -> tuple[str, str]:
    """The line with the target's name instead of the host's, and that name."""
    specs = [platforms.parse(p) for p in DEFAULT_PLATFORMS]
    names = [column(spec) for spec in specs]
    answer = "$TARGETARCH"
    instead = answer
    if names != [spec.goarch for spec in specs]:
        answer = f"{' or '.join(names)} by $TARGETARCH"
        pairs = " ".join(f"{s.goarch}) echo {n} ;;" for s, n in zip(specs, names, strict=True))
        instead = f"$(case $TARGETARCH in {pairs} esac)"
    form = re.compile(rf"\$\({re.escape(asked)}[^()]*\)|`{re.escape(asked)}[^`]*`")
    return form.sub(lambda _: instead, raw), answer


def _is_meant(outer: Command, command: Command) -> bool:
    """Whether a command wants the host's own architecture."""
    text = " ".join(word.text for word in outer.words)
    if re.search(r"\[[^\]]*arch=", text):
        return True  # a source of apt for the packages of this very stage
    if outer.name in ("[", "[[", "test", "case") and "TARGET" in text:
        return True  # asks whether it is a cross build
    return outer.only_says and not command.piped_to


def _fetches_a_tool(stage: Stage, instruction: Instruction, sources: list[str]) -> bool:
    """Whether a RUN downloads something that stays in its stage."""
    if not any(command.name in DOWNLOADERS for command, _ in instruction.script.walk()):
        return False
    if not _says_where(instruction):
        folder = folder_of(stage, instruction)
        if any(f"{folder}/".startswith(f"{source}/") for source in sources):
            return False
    texts = [instruction.text.text, *(h.text.text for h in instruction.heredocs)]
    return not any(
        source in text or re.search(rf"\b{re.escape(posixpath.basename(source))}\b", text)
        for source in sources
        for text in texts
    )


def _says_where(instruction: Instruction) -> bool:
    """Whether a RUN names a folder for what it downloads, or hands it to an installer."""
    commands = [command for command, _ in instruction.script.walk()]
    places = (p for c in commands for p in (*c.argv[1:], *c.redirects) if p != "/dev/null")
    return any(re.match(r"(?:-\w|--[\w-]+=)?/", place) for place in places) or any(
        c.name in _INSTALLERS for c in commands
    )
