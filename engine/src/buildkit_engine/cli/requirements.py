"""What a module's Python project needs, and whether this interpreter has it."""

from __future__ import annotations

import importlib.metadata
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from buildkit_engine.errors import UsageError

if TYPE_CHECKING:
    from buildkit_engine.cli.source import ModuleSource

SDK = "dagger-io"


@dataclass(frozen=True)
class Requirements:
    """A project's requirements, without the SDK: its version is the engine's."""

    python: SpecifierSet
    direct: tuple[Requirement, ...]
    pins: dict[str, str]
    """Versions by name, as the lock file chose them."""

    @classmethod
    def of(cls, source: ModuleSource) -> Requirements:
        """Raises UsageError where pyproject.toml says it in a way that is not understood."""
        project = source.project.get("project", {})
        where = source.code / "pyproject.toml"
        poetry = "poetry" in source.project.get("tool", {}) and "dependencies" not in project
        if "dependencies" in project.get("dynamic", ()) or poetry:
            raise UsageError(f"{where}: expected dependencies as a list in [project]")
        try:
            given = [Requirement(text) for text in project.get("dependencies", ())]
            python = SpecifierSet(project.get("requires-python", ""))
        except (InvalidRequirement, InvalidSpecifier) as error:
            raise UsageError(f"{where}: {error}") from None
        sources = source.project.get("tool", {}).get("uv", {}).get("sources", {})
        direct = [r for r in given if canonicalize_name(r.name) != SDK]
        for requirement in direct:
            if found := sources.get(requirement.name):
                requirement.url = _local_url(source, requirement.name, found)
        return cls(python, tuple(direct), _pins(source))

    def missing(self) -> list[str]:
        """What this interpreter does not have, or has in another version."""
        seen: set[tuple[str, frozenset[str]]] = set()
        return list(self._missing((*self.direct, Requirement(SDK)), "", seen))

    def _missing(
        self,
        requirements: tuple[Requirement, ...],
        extra: str,
        seen: set[tuple[str, frozenset[str]]],
    ) -> Iterator[str]:
        for requirement in requirements:
            if requirement.marker and not requirement.marker.evaluate({"extra": extra}):
                continue
            name = canonicalize_name(requirement.name)
            key = (name, frozenset(requirement.extras))
            if key in seen:
                continue
            seen.add(key)
            try:
                found = importlib.metadata.distribution(name)
            except importlib.metadata.PackageNotFoundError:
                yield str(requirement)
                continue
            fits = requirement.specifier.contains(found.version, prereleases=True)
            # what is taken from a folder is never what happens to be installed
            if not fits or requirement.url or self.pins.get(name, found.version) != found.version:
                yield str(requirement)
                continue
            needed = tuple(Requirement(text) for text in found.requires or ())
            for wanted in ("", *requirement.extras):
                yield from self._missing(needed, wanted, seen)


def _local_url(source: ModuleSource, name: str, found: Any) -> str:
    """What [tool.uv.sources] says of a package: of its kinds, a folder is understood."""
    path = found.get("path") if isinstance(found, dict) else None
    if path is None:
        raise UsageError(
            f"{source.code / 'pyproject.toml'}: [tool.uv.sources] {name}: expected a path"
        )
    return (source.code / path).resolve().as_uri()


def _pins(source: ModuleSource) -> dict[str, str]:
    """Of uv.lock, which wins as with Dagger, or of requirements.lock."""
    uv_lock, lock = source.code / "uv.lock", source.code / "requirements.lock"
    if uv_lock.is_file():
        packages = tomllib.loads(uv_lock.read_text()).get("package", ())
        pinned = [(p["name"], p["version"]) for p in packages if "registry" in p.get("source", {})]
    elif lock.is_file():
        pinned = list(_locked(lock.read_text()))
    else:
        return {}
    names = [name for name, _ in pinned]
    # a name with several versions is one for several environments: the resolver chooses
    return {name: version for name, version in pinned if names.count(name) == 1 and name != SDK}


def _locked(text: str) -> Iterator[tuple[str, str]]:
    for line in text.replace("\\\n", " ").splitlines():
        words = line.partition("#")[0].partition("--hash")[0].strip()
        if not words or words.startswith(("-", ".", "/")):
            continue
        try:
            requirement = Requirement(words)
        except InvalidRequirement:
            continue  # a folder or an option: what it names is not pinned
        versions = [s.version for s in requirement.specifier if s.operator == "=="]
        if versions and (requirement.marker is None or requirement.marker.evaluate()):
            yield canonicalize_name(requirement.name), versions[0]
