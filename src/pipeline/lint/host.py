"""Stages on the build host's platform that forget which platform they are for."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

from pipeline import platforms
from pipeline.lint.arguments import declares
from pipeline.lint.dockerfile import RunsOn
from pipeline.lint.problem import Problem
from pipeline.lint.shell import SHELLS
from pipeline.lint.tools import DOWNLOADERS, uses
from pipeline.project import DEFAULT_PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage
    from pipeline.lint.shell import Command
    from pipeline.lint.tools import Use
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
_TOLD = {
    "go": re.compile(r"(?<![$\w])GOARCH:?=|\bxx-(?:go\b|info env)"),
    "cargo": re.compile(
        r"--target(?![\w-])|(?<![$\w])CARGO_BUILD_TARGET:?=|\bxx-cargo\b|\bxx-info env"
        r"|\bbuild\.target\b|target\s*="
    ),
}
"""By tool: how a stage tells it the target; a platform argument alone tells it nothing."""
_TOLD_C = re.compile(
    r"-target(?![\w-])|--host=|\bxx-|-linux-(?:gnu|musl)|TOOLCHAIN_FILE|(?<![$\w])(?:CC|CXX):?="
)
_INSTALLERS = frozenset({"apk", "apt", "apt-get", "dnf", "dpkg", "pip", "rpm", "yum", *SHELLS})


def host_architecture(dockerfile: Dockerfile) -> Iterator[Problem]:
    """On $BUILDPLATFORM, `uname -m` and its like name the host's architecture, not the target's."""
    for stage in dockerfile.stages:
        sources = _copied_out(dockerfile, stage)
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


def untargeted_compile(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A compiler on $BUILDPLATFORM that is told no target compiles for the build host."""
    for stage in dockerfile.stages:
        sources = _copied_out(dockerfile, stage)
        if stage.runs_on != RunsOn.BUILD or not sources:
            continue
        for instruction in stage.runs:
            for use in uses(instruction):
                option = _TARGET_OPTION.get(use.label)
                if option is None or not _is_copied(use.command, sources) or _is_told(stage, use):
                    continue
                arguments, instead = option
                missing = [a for a in arguments if not declares(stage, a)]
                above = f"ARG {' '.join(missing)} below line {stage.line}, and " if missing else ""
                raw = dockerfile.raw(use.line)
                yield Problem(
                    "untargeted-compile",
                    use.line,
                    f"{use.label} on $BUILDPLATFORM, told no target",
                    "a compiler that is told the target's platform",
                    f"Write {above}here: {raw.replace(use.label, instead, 1)}",
                )


_TARGET_OPTION = {
    "go build": (("TARGETOS", "TARGETARCH"), "GOOS=$TARGETOS GOARCH=$TARGETARCH go build"),
    "cargo build": (("TARGETPLATFORM",), "xx-cargo build"),
    "gcc": (("TARGETPLATFORM",), "xx-clang"),
    "g++": (("TARGETPLATFORM",), "xx-clang++"),
    "cc": (("TARGETPLATFORM",), "xx-clang"),
    "c++": (("TARGETPLATFORM",), "xx-clang++"),
    "clang": (("TARGETPLATFORM",), "xx-clang"),
    "clang++": (("TARGETPLATFORM",), "xx-clang++"),
}
"""By command: the arguments it takes, and how it is told the target (xx- is tonistiigi/xx)."""


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
    says = outer.name in ("echo", "printf") and not (outer.redirects or outer.piped_to)
    return says and not command.piped_to


def _fetches_a_tool(stage: Stage, instruction: Instruction, sources: list[str]) -> bool:
    """Whether a RUN downloads something that stays in its stage."""
    if not any(command.name in DOWNLOADERS for command, _ in instruction.script.walk()):
        return False
    if not _says_where(instruction):
        folder = _folder(stage, instruction)
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


def _folder(stage: Stage, instruction: Instruction) -> str:
    """The folder that an instruction of a stage runs in, as far as each WORKDIR says it."""
    folder = "/"
    for earlier in reversed(stage.chain):
        for other in earlier.instructions:
            if other is instruction:
                return folder
            if other.name == "WORKDIR" and not other.is_on_build:
                folder = posixpath.normpath(posixpath.join(folder, *other.args))
    return folder


def _copied_out(dockerfile: Dockerfile, stage: Stage) -> list[str]:
    """What the image takes from a stage, or from one that is made from it."""
    heirs = [s for s in dockerfile.stages if stage in s.chain]
    return [
        source.rstrip("/") or "/"
        for heir in heirs
        for other, copy in dockerfile.copies(heir)
        if other.runs_on == RunsOn.TARGET and other in dockerfile.built
        for source in copy.args[:-1]
    ]


def _is_told(stage: Stage, use: Use) -> bool:
    """Whether a stage tells a compiler its target, wherever that is: in a RUN, by ENV, in a file."""
    told = _TOLD.get(use.label.split()[0], _TOLD_C)
    return any(told.search(t) for s in stage.chain for i in s.instructions for t in _settings(i))


def _settings(instruction: Instruction) -> Iterator[str]:
    """What an instruction runs, sets or writes; its mounts, and an ARG by its name, set nothing."""
    match instruction.name:
        case "RUN":
            yield " ".join(instruction.args)
        case "ENV":
            names_values = zip(instruction.args[::3], instruction.args[1::3], strict=True)
            yield from (f"{name}={value}" for name, value in names_values)
        case "ARG":  # ARG GOARCH=$TARGETARCH is in the environment too
            yield from (a for a in instruction.args if re.search(r"=.*\$\{?TARGET", a))
    yield from (h.text.text for h in instruction.heredocs)


def _is_copied(command: Command, sources: list[str]) -> bool:
    """Whether what a compiler writes is copied into another stage, as far as it says."""
    words = command.argv
    output = next((words[i + 1] for i, w in enumerate(words[:-1]) if w == "-o"), "").rstrip("/")
    if not output:
        return True
    name = posixpath.basename(output)
    return any(
        posixpath.basename(source) == name or output.startswith(source.rstrip("/") + "/")
        for source in sources
    )
