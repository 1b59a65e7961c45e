"""Compilers and package managers: which command is which, and what each keeps that is worth caching."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from pipeline.lint.dockerfile import Instruction
    from pipeline.lint.shell import Command


class Work(Enum):
    """What kind of work a command is, as far as its platform matters."""

    CROSS = "compiles, for any platform it is told"
    NATIVE = "compiles, and needs a cross compiler to do it for another platform"
    INSTALL = "installs packages, and runs or compiles some of their code"
    FETCH = "downloads, tests or looks: cheap, or wanted where it is"


@dataclass(frozen=True)
class Use:
    """One use of a tool."""

    command: Command
    label: str
    work: Work
    caches: tuple[str, ...] = ()
    """The folders that are worth a cache mount, with further options of the mount."""

    @property
    def line(self) -> int:
        return self.command.line


DOWNLOADERS = frozenset({"curl", "wget"})

_GO = ("/go/pkg/mod", "/root/.cache/go-build")
_CARGO = ("/usr/local/cargo/registry", "/usr/local/cargo/git")
_APT = ("/var/cache/apt,sharing=locked", "/var/lib/apt,sharing=locked")
_COMPILERS = re.compile(
    r"(?:[\w.]+-)*(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+)(?:-[\d.]+)?|nvcc|rustc"
)
_ASKS = re.compile(r"--?(?:version|help|dump\w+|print-.*|v|V|vV)")

# packages that only a compiler has a use for, as Debian, Alpine and NVIDIA name them
_BUILD_PACKAGE = re.compile(
    r"build-essential|build-base|(?:gcc|g\+\+|clang|golang|rustc)(?:-[\w.+]+)?|make|cmake|cargo"
    r"|ninja-build|meson|.+-dev(?:-\d[\w-]*)?|.+-devel|cuda-(?:toolkit|nvcc|compiler|minimal-build).*"
)
_BUILD_IMAGE = re.compile(
    r"(?:.*/)?(?:golang|rust|gcc|maven|gradle|buildpack-deps|dotnet/sdk)(?:[:@].*)?"
    r"|(?:.*/)?[^/:@]+:[^/@]*devel.*"
)


def uses(instruction: Instruction) -> list[Use]:
    """The tools that a RUN uses, in their order."""
    found = (use_of(command) for command, _ in instruction.script.walk())
    return [use for use in found if use]


def use_of(command: Command) -> Use | None:
    """What a command does, where it is a tool's."""
    if not command.argv or any(_ASKS.fullmatch(a) for a in command.argv[1:2]):
        return None
    name, *arguments = command.argv
    if re.fullmatch(r"python[\d.]*", name) and arguments[:1] == ["-m"]:
        name, *arguments = arguments[1:] or [""]
    name = re.sub(r"^(pip|npm|pnpm|yarn)[\d.]*$", r"\1", name)
    if _COMPILERS.fullmatch(name):
        return Use(command, name, Work.NATIVE)
    words = [a for a in arguments if not a.startswith(("-", "+"))]
    reader = _TOOLS.get(name)
    return reader(command, name, words) if reader else None


def manages_packages(command: Command) -> bool:
    """Whether a command is a package manager of the system, whatever it does."""
    return command.name in {*_PACKAGE_MANAGERS, "apk"}


def build_packages(command: Command) -> list[str]:
    """The compilers and development packages that a command installs."""
    arguments = command.argv[1:]
    if not manages_packages(command) or not {"install", "add"} & set(arguments):
        return []
    packages = [re.split("[=/:]", a)[0] for a in arguments if not a.startswith("-")]
    return [p for p in packages if _BUILD_PACKAGE.fullmatch(p)]


def is_build_image(image: str) -> bool:
    """Whether an image is made to compile in."""
    return bool(_BUILD_IMAGE.fullmatch(image))


def _go(command: Command, name: str, words: list[str]) -> Use | None:
    # xx-go and its like are the same tools, told the platform
    match words:
        case ["build" | "install", *_]:
            return Use(command, f"{name} {words[0]}", Work.CROSS, _GO)
        case ["test" | "run" | "vet" | "get", *_]:
            return Use(command, f"{name} {words[0]}", Work.FETCH, _GO)
        case ["mod", "download", *_]:
            return Use(command, f"{name} mod download", Work.FETCH, _GO[:1])
    return None


def _cargo(command: Command, name: str, words: list[str]) -> Use | None:
    match words:
        case ["build" | "b" | "install" | "rustc" | "zigbuild" | "chef", *_]:
            return Use(command, f"{name} {words[0]}", Work.CROSS, _CARGO)
        case ["fetch" | "test" | "check" | "clippy", *_]:
            return Use(command, f"{name} {words[0]}", Work.FETCH, _CARGO)
    return None


def _node(*caches: str) -> Callable[[Command, str, list[str]], Use | None]:
    def read(command: Command, name: str, words: list[str]) -> Use | None:
        match words:
            case ["ci" | "install" | "i", *_]:
                return Use(command, f"{name} {words[0]}", Work.INSTALL, caches)
            case [] if name == "yarn" and "--version" not in command.argv:
                return Use(command, "yarn", Work.INSTALL, caches)
            case ["run" | "run-script", "build", *_]:
                return Use(command, f"{name} run build", Work.CROSS)
            case ["build", *_] if name != "npm":
                return Use(command, f"{name} build", Work.CROSS)
        return None

    return read


def _pip(command: Command, _name: str, words: list[str]) -> Use | None:
    if words[:1] not in (["install"], ["wheel"]):
        return None
    # with wheels only, nothing is compiled
    wheels = any(a.startswith(("--only-binary", "--no-build")) for a in command.argv)
    work = Work.FETCH if wheels else Work.INSTALL
    return Use(command, f"pip {words[0]}", work, ("/root/.cache/pip",))


def _uv(command: Command, _name: str, words: list[str]) -> Use | None:
    if words[:1] != ["sync"] and words[:2] not in (["pip", "install"], ["pip", "sync"]):
        return None
    wheels = any(a.startswith(("--only-binary", "--no-build")) for a in command.argv)
    label = " ".join(["uv", *words[: 1 + (words[0] == "pip")]])
    return Use(command, label, Work.FETCH if wheels else Work.INSTALL, ("/root/.cache/uv",))


def _packages(*caches: str) -> Callable[[Command, str, list[str]], Use | None]:
    def read(command: Command, name: str, words: list[str]) -> Use | None:
        if words[:1] not in (["install"], ["upgrade"], ["dist-upgrade"], ["build-dep"]):
            return None
        return Use(command, f"{name} {words[0]}", Work.INSTALL, caches)

    return read


def _compiles(work: Work, *goals: str) -> Callable[[Command, str, list[str]], Use | None]:
    """A tool that compiles where one of the goals is named, or always without any."""

    def read(command: Command, name: str, words: list[str]) -> Use | None:
        goal = next((w for w in words if w in goals), "")
        if goals and not goal:
            return None
        return Use(command, f"{name} {goal}".rstrip(), work)

    return read


def _cmake(command: Command, name: str, _words: list[str]) -> Use | None:
    if {"-E", "-P", "--install"} & set(command.argv):
        return None
    return Use(command, name, Work.NATIVE)


_MAVEN = _compiles(Work.CROSS, "package", "install", "verify", "compile", "deploy")
_GRADLE = _compiles(Work.CROSS, "build", "assemble", "jar", "bootJar", "shadowJar", "installDist")
_PACKAGE_MANAGERS = {
    "apt-get": _packages(*_APT),
    "apt": _packages(*_APT),
    "dnf": _packages(),
    "yum": _packages(),
    "microdnf": _packages(),
    "zypper": _packages(),
}
_TOOLS: dict[str, Callable[[Command, str, list[str]], Use | None]] = {
    **_PACKAGE_MANAGERS,
    "go": _go,
    "xx-go": _go,
    "cargo": _cargo,
    "xx-cargo": _cargo,
    "npm": _node("/root/.npm"),
    "yarn": _node("/usr/local/share/.cache/yarn"),
    "pnpm": _node("/root/.local/share/pnpm/store"),
    "pip": _pip,
    "uv": _uv,
    "mvn": _MAVEN,
    "mvnw": _MAVEN,
    "gradle": _GRADLE,
    "gradlew": _GRADLE,
    "dotnet": _compiles(Work.CROSS, "build", "publish"),
    "make": _compiles(Work.NATIVE),
    "ninja": _compiles(Work.NATIVE),
    "meson": _compiles(Work.NATIVE, "compile"),
    "cmake": _cmake,
}
