"""Compilers on the build host's platform that are told no target."""

from __future__ import annotations

import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.lint import jetson
from pipeline.lint.arguments import declares
from pipeline.lint.copies import copied_out, folder_of
from pipeline.lint.dockerfile import RunsOn
from pipeline.lint.problem import Problem
from pipeline.lint.shell import SHELLS
from pipeline.lint.tools import manages_packages, use_of, uses
from pipeline.platforms import PLATFORMS

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction, Stage
    from pipeline.lint.shell import Command
    from pipeline.lint.tools import Use

_TOLD = {
    "go": re.compile(r"(?<![$\w])GOARCH:?=|\bxx-(?:go\b|info env)"),
    "cargo": re.compile(
        r"--target(?![\w-])|(?<![$\w])CARGO_BUILD_TARGET:?=|\bxx-cargo\b|\bxx-info env"
        r"|\bbuild\.target\b|target\s*="
    ),
}
"""By tool: how it is told the target; a platform argument alone tells it nothing."""
_TOLD_C = re.compile(
    r"-target(?![\w-])|--host=|\bxx-|-linux-(?:gnu|musl)|TOOLCHAIN_FILE|(?<![$\w])(?:CC|CXX):?="
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
_GOARCH = re.compile(r"(?<![$\w])GOARCH=(\S+)")
_OTHER_SYSTEM = re.compile(r"(?<![$\w])GOOS=[\"']?(?!linux\b|\$)\w")
_EXPORTS = frozenset({"export", "declare", "typeset"})
_PASS_ON = frozenset({*_EXPORTS, *SHELLS, "eval"})
"""What they are given as environment is that of compilers that they start."""


@dataclass(frozen=True)
class _Site:
    """One use of a compiler, and where it is."""

    stage: Stage
    instruction: Instruction
    use: Use

    @property
    def form(self) -> re.Pattern[str]:
        """How a tool of its kind is told the target."""
        return _TOLD.get(self.use.label.split()[0], _TOLD_C)


def untargeted_compile(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A compiler on $BUILDPLATFORM that is told no target compiles for the build host."""
    for stage in dockerfile.stages:
        sources = copied_out(dockerfile, stage)
        if stage.runs_on != RunsOn.BUILD or not sources:
            continue
        sites = [_Site(stage, run, use) for run in stage.runs for use in uses(run)]
        told = [site for site in sites if _is_told(site)]
        for site in sites:
            option = _TARGET_OPTION.get(site.use.label)
            if option is None or site in told:
                continue
            # where others are told, one that is not may be for the build host: that is to be seen
            others = [other for other in told if other.form == site.form]
            if _is_copied(site, sources, others):
                yield _untargeted(dockerfile, site, *option)


def _untargeted(
    dockerfile: Dockerfile, site: _Site, arguments: tuple[str, ...], instead: str
) -> Problem:
    label, line = site.use.label, site.use.line
    missing = " ".join(a for a in arguments if not declares(site.stage, a))
    above = f"ARG {missing} below line {site.stage.line}, and " if missing else ""
    if missing and site.instruction.is_triggered:
        above = f"ONBUILD ARG {missing} above it, and "
    before = [u for u in uses(site.instruction) if u.line == line and u.label == label]
    raw = dockerfile.raw(line)
    places = [m.start() for m in re.finditer(rf"(?<![\w-]){re.escape(label)}", raw)]
    number = next(i for i, use in enumerate(before) if use.command is site.use.command)
    if number < len(places):
        at = places[number]
        raw = f"{raw[:at]}{instead}{raw[at + len(label) :]}"
    return Problem(
        "untargeted-compile",
        line,
        f"{label} on $BUILDPLATFORM, told no target",
        "a compiler that is told the target's platform",
        f"Write {above}here: {raw}",
    )


def constant_target(dockerfile: Dockerfile) -> Iterator[Problem]:
    """A stage whose Go compiler is told one architecture by its name is pinned to one platform."""
    if any(jetson.is_l4t(image) for image in dockerfile.final.images):
        return  # Jetson's images are for arm64 only
    for stage in dockerfile.stages:
        sources = copied_out(dockerfile, stage)
        if stage.runs_on != RunsOn.BUILD or not sources:
            continue
        for site in [_Site(stage, run, use) for run in stage.runs for use in uses(run)]:
            value = _constant(site) if site.use.label == "go build" else ""
            if value and value not in _output(site) and _is_copied(site, sources, []):
                yield _pinned(dockerfile, site, value)


def _constant(site: _Site) -> str:
    """The one architecture that Go is told by its name, whatever the target; else empty."""
    earlier = (i for s in site.stage.chain for i in s.instructions if i.name == "ENV")
    texts = [*_settings_beside(site), *(text for env in earlier for text in _settings(env))]
    told = {value.strip("\"'") for text in texts for value in _GOARCH.findall(text)}
    # a name of its own, a question for the target, or another system: it is not for each platform
    is_meant = any(told & set(s.name.split("-")) for s in site.stage.chain) or any(
        "TARGET" in text or _OTHER_SYSTEM.search(text) for text in texts
    )
    is_asked = any(v.name.startswith("TARGET") for v in site.instruction.script.variables)
    known = told & {spec.goarch for spec in PLATFORMS}
    return "".join(known) if len(told) == len(known) == 1 and not (is_meant or is_asked) else ""


def _pinned(dockerfile: Dockerfile, site: _Site, value: str) -> Problem:
    setting = re.compile(rf"GOARCH=([\"']?){value}\1(?!\w)")
    stage, run = site.stage, site.instruction
    holders = [run, *(i for s in stage.chain for i in s.instructions if i.name == "ENV")]
    texts = [text for i in holders for text in (i.text, *(h.text for h in i.heredocs))]
    found = ((t, m) for t in texts if (m := setting.search(t.text)))
    line = next((t.line_at(m.start()) for t, m in found), site.use.line)
    above = "" if declares(stage, "TARGETARCH") else f"ARG TARGETARCH below line {stage.line}, and "
    written = setting.sub("GOARCH=$TARGETARCH", dockerfile.raw(line))
    return Problem(
        "constant-platform",
        line,
        f"GOARCH={value} for every platform",
        "the target's architecture",
        f"Write {above}here: {written}",
    )


def _is_told(site: _Site) -> bool:
    """Whether a compiler is told its target: by its own words, or by what was set before it."""
    for stage in reversed(site.stage.chain):
        for instruction in stage.instructions:
            if instruction is site.instruction:
                return any(site.form.search(t) for t in _settings_beside(site))
            if any(site.form.search(t) for t in _settings(instruction)):
                return True
    return False


def _settings(instruction: Instruction) -> Iterator[str]:
    """What an instruction sets or writes for those after it; an ARG by its name sets nothing."""
    if instruction.is_on_build:
        return
    match instruction.name:
        case "RUN":
            for command, _ in instruction.script.walk():
                # what is exported ends with the RUN
                if command.name not in _EXPORTS:
                    yield from _written(command)
        case "ENV":
            names_values = zip(instruction.args[::3], instruction.args[1::3], strict=True)
            yield from (f"{name}={value}" for name, value in names_values)
        case "ARG":  # ARG GOARCH=$TARGETARCH is in the environment too
            yield from (a for a in instruction.args if re.search(r"=.*\$\{?TARGET", a))
    if instruction.name != "RUN":
        yield from (h.text.text for h in instruction.heredocs)


def _settings_beside(site: _Site) -> Iterator[str]:
    """What the RUN of a compiler tells it: assignments before it, exports, and what is written."""
    for command, _ in site.instruction.script.walk():
        if command is site.use.command or command.name in _PASS_ON or not command.argv:
            yield " ".join(word.text for word in command.words)
        else:
            yield from _written(command)


def _written(command: Command) -> Iterator[str]:
    """What a command may write for others: nothing of its environment, of a tool not even its words."""
    if use_of(command) or manages_packages(command) or command.only_says:
        return
    yield " ".join(command.argv)
    yield from (document.text.text for document in command.documents)


def _is_copied(site: _Site, sources: list[str], others: list[_Site]) -> bool:
    """Whether what a compiler writes is taken into the image, as far as that can be told.

    Where others of its stage are told their target, one that does not say where it writes is judged
    by its tool's habit, and what the stage itself runs is for the build host. Else one that does not
    say it is taken for the one that makes what is copied.
    """
    named = _output(site)
    if not named and not others:
        return True
    name = named or _habit(site)
    if others and _is_run(site.stage, posixpath.basename(name)):
        return False
    output = posixpath.join(folder_of(site.stage, site.instruction), name)
    return bool(name) and any(
        posixpath.basename(source) == posixpath.basename(output)
        or f"{output}/".startswith(f"{source.rstrip('/')}/")
        or f"{source}/".startswith(f"{output}/")
        for source in sources
    )


def _output(site: _Site) -> str:
    """The file or folder that a compiler is told to write."""
    words = site.use.command.argv
    return next((words[i + 1] for i, w in enumerate(words[:-1]) if w == "-o"), "").rstrip("/")


def _is_run(stage: Stage, program: str) -> bool:
    """Whether a stage runs a program itself."""
    return any(c.name == program for run in stage.runs for c, _ in run.script.walk())


def _habit(site: _Site) -> str:
    """Where a compiler writes that is not told: relative to its folder; empty where unknown."""
    words = site.use.command.argv
    match site.use.label:
        case "cargo build":  # with a target it would be target/TRIPLE/release
            return "target/release" if "--target-dir" not in " ".join(words) else ""
        case "go build":
            return posixpath.basename(words[-1]).strip(".") if "/" in words[-1] else ""
    return ""
