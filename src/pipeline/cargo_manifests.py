"""What the Cargo.toml files of a source say: packages, their programs, features and profiles.

As cargo reads them, doc.rust-lang.org/cargo/reference: "Cargo Targets", "Features", "Workspaces".
"""

from __future__ import annotations

import posixpath
import tomllib
from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

from pipeline.errors import SourceError

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

FILE = "Cargo.toml"
_PROFILES = ("dev", "release", "test", "bench")
_DEPENDENCIES = ("dependencies", "dev-dependencies", "build-dependencies")
_WITHOUT_DISCOVERY = "2015"


@dataclass(frozen=True)
class Program:
    """A binary of a package; it is only compiled where all features that it requires are enabled."""

    name: str
    package: str
    requires: tuple[str, ...] = ()


@dataclass(frozen=True)
class Package:
    """A package of the source; `features` are those that can be named, with what each enables."""

    name: str
    programs: tuple[Program, ...]
    features: Mapping[str, tuple[str, ...]]
    dependencies: tuple[str, ...] = ()

    def enabled(self, features: Sequence[str], *, default: bool) -> set[str]:
        """The features that are enabled where these are asked for."""
        enabled: set[str] = set()
        queue = [*features, *(["default"] if default else [])]
        while queue:
            name = queue.pop().removeprefix(f"{self.name}/")
            if name not in enabled:
                enabled.add(name)
                queue += self.features.get(name, ())
        return enabled


@dataclass(frozen=True)
class Workspace:
    """All packages of a source, and those of them that cargo takes where none is named."""

    packages: tuple[Package, ...]
    defaults: tuple[Package, ...]
    profiles: tuple[str, ...]
    rust_version: str = ""
    """The oldest Rust that it is for; "" where it says nothing."""


def parse(text: str, path: str = FILE) -> dict[str, Any]:
    """A manifest as a table. Raises SourceError where it is no TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{path}: not valid TOML: {error}"
        raise SourceError(msg) from None


def members(root: Mapping[str, Any], folders: Collection[str]) -> list[str]:
    """The folders with packages of the workspace, "." for the root's own.

    folders: all that have a manifest.
    """
    workspace = root.get("workspace", {})
    excluded = [posixpath.normpath(each) for each in workspace.get("exclude", ())]
    known = [
        folder
        for folder in sorted(folders)
        if not any(folder == each or folder.startswith(f"{each}/") for each in excluded)
    ]
    own = ["."] if "package" in root else []
    return list(dict.fromkeys([*own, *_matching(known, workspace.get("members", ()))]))


def default_members(root: Mapping[str, Any], folders: Sequence[str]) -> list[str]:
    """Those of the workspace's folders that cargo takes where none is named."""
    chosen = root.get("workspace", {}).get("default-members")
    if chosen is not None:
        return list(dict.fromkeys(_matching(folders, chosen)))
    return ["."] if "package" in root else list(folders)


def read(manifests: Mapping[str, Mapping[str, Any]], files: Collection[str]) -> Workspace:
    """The workspace of manifests by their folders, as `members` has them; the root's is ".".

    files: the .rs files of the source. Raises SourceError for a package without a name.
    """
    root = manifests["."]
    workspace = root.get("workspace", {}).get("package", {})
    folders = members(root, manifests)
    packages = {each: _package(each, manifests[each], workspace, files) for each in folders}
    return Workspace(
        packages=tuple(packages.values()),
        defaults=tuple(packages[each] for each in default_members(root, folders)),
        profiles=tuple(dict.fromkeys((*_PROFILES, *root.get("profile", ())))),
        rust_version=_inherited(root.get("package", workspace), workspace, "rust-version"),
    )


def _matching(folders: Sequence[str], patterns: Sequence[str]) -> list[str]:
    """The folders that patterns name, in the patterns' order."""
    return [
        folder
        for pattern in patterns
        for folder in folders
        if _matches(folder.split("/"), posixpath.normpath(pattern).split("/"))
    ]


def _matches(parts: Sequence[str], patterns: Sequence[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_matches(parts[i:], patterns[1:]) for i in range(len(parts) + 1))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _matches(parts[1:], patterns[1:])


def _inherited(package: Mapping[str, Any], workspace: Mapping[str, Any], key: str) -> str:
    value = package.get(key, "")
    return workspace.get(key, "") if isinstance(value, dict) else value


def _package(
    folder: str, manifest: Mapping[str, Any], inherited: Mapping[str, Any], files: Collection[str]
) -> Package:
    package = manifest.get("package", {})
    if not isinstance(name := package.get("name"), str):
        path = posixpath.normpath(f"{folder}/{FILE}")
        msg = (
            f"{path} names no package: expected [package] with a name, or [workspace] with members"
        )
        raise SourceError(msg)
    programs = tuple(
        Program(each, name, tuple(requires))
        for each, requires in _programs(folder, manifest, inherited, files).items()
    )
    tables = [manifest, *manifest.get("target", {}).values()]
    dependencies = {k: v for t in tables for kind in _DEPENDENCIES for k, v in t.get(kind, {}).items()}  # fmt: skip
    features = {k: tuple(v) for k, v in manifest.get("features", {}).items()}
    # an optional dependency is a feature of its name, unless it is only spoken of as dep:NAME
    hidden = {each.removeprefix("dep:") for v in features.values() for each in v if each.startswith("dep:")}  # fmt: skip
    optional = {
        k: ()
        for k, v in dependencies.items()
        if isinstance(v, dict) and v.get("optional") and k not in hidden
    }
    return Package(name, programs, {"default": (), **optional, **features}, tuple(dependencies))


def _programs(
    folder: str, manifest: Mapping[str, Any], inherited: Mapping[str, Any], files: Collection[str]
) -> dict[str, Sequence[str]]:
    """The programs of a package by name, with the features that each requires."""
    package, listed = manifest["package"], manifest.get("bin", [])
    lies_in = "" if folder == "." else f"{folder}/"
    inside = [f.removeprefix(lies_in) for f in files if f.startswith(lies_in)]
    found = {package["name"]: "src/main.rs"} if "src/main.rs" in inside else {}
    for file in sorted(inside):
        match file.split("/"):
            case ["src", "bin", name] if name.endswith(".rs"):
                found[name.removesuffix(".rs")] = file
            case ["src", "bin", name, "main.rs"]:
                found[name] = file
            case _:
                pass
    old = bool(listed) and (_inherited(package, inherited, "edition") or _WITHOUT_DISCOVERY) == (
        _WITHOUT_DISCOVERY
    )
    paths = [each.get("path") for each in listed]
    named = {each["name"]: each.get("required-features", ()) for each in listed if "name" in each}
    if not package.get("autobins", not old):
        found = {}
    return {**{n: () for n, path in found.items() if path not in paths}, **named}
