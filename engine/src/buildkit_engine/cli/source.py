"""A Dagger module on this machine: where it is, and what its configuration says."""

from __future__ import annotations

import hashlib
import json
import os
import re
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from buildkit_engine.cli import names
from buildkit_engine.errors import UsageError

CONFIG = "dagger.json"
_PROJECT = "pyproject.toml"
LOCKS = ("requirements.lock", "uv.lock")
_REMOTE = re.compile(r"[a-z+]+://|git@|[\w-]+(\.[\w-]+)*\.[a-z]{2,}/")
_VERSION = re.compile(r"v?(\d+)\.(\d+)\.(\d+)")
# what is in a module's folder and no part of it: Dagger leaves .venv and sdk out as well
_NOT_SOURCE = ("sdk", "node_modules", "__pycache__")


@dataclass(frozen=True)
class ModuleSource:
    """A folder with a dagger.json.

    `context` is the root of the repository it is in, which default paths start from.
    """

    root: Path
    context: Path
    name: str
    config: dict[str, Any] = field(default_factory=dict, hash=False, compare=False)

    @classmethod
    def named(cls, text: str) -> ModuleSource:
        """The module that `-m` names: a folder of this machine."""
        start = Path(text.removeprefix("file://"))
        if not start.exists():
            if _REMOTE.match(text):
                raise UsageError(
                    f"'{text}' is not on this machine: this engine runs modules of local folders, "
                    "clone it and use -m PATH"
                )
            raise UsageError(f'local path "{text}" does not exist')
        return cls.find(start.absolute())

    @classmethod
    def find(cls, start: Path) -> ModuleSource:
        """The module of `start`, or of the nearest folder above it that has one."""
        start = Path(os.path.normpath(start))
        for folder in (start, *start.parents):
            if (folder / CONFIG).is_file():
                return cls._read(folder)
        raise UsageError(
            f"no {CONFIG} in {start} or above it: expected a Dagger module; use -m PATH"
        )

    @classmethod
    def _read(cls, root: Path) -> ModuleSource:
        try:
            config = json.loads((root / CONFIG).read_text())
            name = config["name"]
        except (ValueError, KeyError, TypeError) as error:
            raise UsageError(
                f"{root / CONFIG} is not a module's configuration: {error!r}"
            ) from None
        context = next((f for f in (root, *root.parents) if (f / ".git").exists()), root)
        return cls(root, context, name, config)

    def check(self, version: str) -> None:
        """Raises UsageError for a module that this engine, of Dagger's `version`, cannot run."""
        sdk = self.config.get("sdk")
        sdk = sdk.get("source") if isinstance(sdk, dict) else sdk
        if sdk != "python":
            what = f"is written for the SDK '{sdk}'" if sdk else "has no SDK"
            raise UsageError(
                f"module '{self.name}' {what}: this engine runs modules of the SDK 'python'"
            )
        for key in ("dependencies", "toolchains", "blueprint"):
            if others := self.config.get(key):
                others = [others] if isinstance(others, dict) else others
                listed = ", ".join(str(o.get("name") or o.get("source")) for o in others)
                raise UsageError(
                    f"module '{self.name}' uses other modules ({key}: {listed}): "
                    "this engine runs modules that use none, run it with a Dagger engine"
                )
        wanted = str(self.config.get("engineVersion") or "")
        if _numbers(wanted) > _numbers(version):
            raise UsageError(f"module requires dagger {wanted}, but you have {version}")
        if not self.code.is_dir():
            raise UsageError(f"{self.root / CONFIG}: source '{self.config['source']}' is no folder")

    @property
    def main_object(self) -> str:
        """The name of the module as that of a class."""
        return names.camel(self.name)

    @property
    def code(self) -> Path:
        """The folder of its implementation."""
        return self.root / (self.config.get("source") or ".")

    @cached_property
    def project(self) -> dict[str, Any]:
        """Its pyproject.toml; raises UsageError for one that cannot be read."""
        path = self.code / _PROJECT
        try:
            return tomllib.loads(path.read_text())
        except FileNotFoundError:
            return {}
        except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise UsageError(f"{path}: {error}") from None

    @property
    def project_name(self) -> str:
        return self.project.get("project", {}).get("name") or names.project(self.name)

    @property
    def entry_point(self) -> str:
        """`package:Class` of its main object.

        As with Dagger: what the entry point of its project says, else the class that is named
        like the module, in the package that is named like the project, else in `main`.
        """
        declared = self.project.get("project", {}).get("entry-points", {}).get("dagger.mod", {})
        if entry := declared.get("main_object"):
            return str(entry)
        package = names.package(self.project_name)
        for name in (package, "main"):
            if any(_has_module(folder, name) for folder in self._layouts()):
                return f"{name}:{self.main_object}"
        raise UsageError(
            f"module '{self.name}' has no code: expected a Python package '{package}' or 'main' "
            f"in {self.code / 'src'} or {self.code}"
        )

    @property
    def import_folder(self) -> Path:
        """The folder that its main object's package is in."""
        top = self.entry_point.partition(":")[0].partition(".")[0]
        found = (folder for folder in self._layouts() if _has_module(folder, top))
        return next(found, self.code)

    def _layouts(self) -> list[Path]:
        """Where packages may be: below src or beside pyproject.toml, if it does not say."""
        backend = self.project.get("tool", {}).get("uv", {}).get("build-backend", {})
        chosen = backend.get("module-root")
        return [self.code / f for f in ([chosen] if chosen is not None else ["src", "."])]

    def fingerprint(self, interpreter: str) -> str:
        """What its registration depends on: its Python source, configuration and interpreter."""
        digest = hashlib.sha256(f"{interpreter}\0".encode())
        files = {self.root / CONFIG, *self.code.glob("*.toml"), *self.code.glob("*.lock")}
        files.update(_python_files(self.import_folder))
        for path in sorted(files):
            digest.update(str(path).encode() + b"\0" + path.read_bytes())
        return digest.hexdigest()[:24]


def _has_module(folder: Path, name: str) -> bool:
    return (folder / name).is_dir() or (folder / f"{name}.py").is_file()


def _python_files(folder: Path) -> Iterator[Path]:
    for parent, folders, files in os.walk(folder):
        folders[:] = [f for f in folders if f not in _NOT_SOURCE and not f.startswith(".")]
        yield from (Path(parent, file) for file in files if file.endswith(".py"))


def _numbers(version: str) -> tuple[int, ...]:
    match = _VERSION.match(version)
    return tuple(int(part) for part in match.groups()) if match else ()
