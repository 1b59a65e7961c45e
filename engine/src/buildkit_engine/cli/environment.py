"""The interpreter that a module runs in: the engine's own, or one of a virtual environment.

Both have the SDK in the engine's version. A module's environment is made when it is first needed,
and kept in the state folder for as long as its project says the same.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.cli.source import LOCKS
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from packaging.specifiers import SpecifierSet

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.cli.requirements import Requirements
    from buildkit_engine.cli.source import ModuleSource

_READY = "ready.json"
# the driver of the runtime needs the first; the others are what may be there
_MINORS = range(20, 10, -1)


@dataclass(frozen=True)
class Environment:
    """An interpreter, and what goes on its path before what it has itself."""

    interpreter: str
    path: tuple[Path, ...]

    @classmethod
    def of(cls, source: ModuleSource, state: State, say: Callable[[str], None]) -> Environment:
        """That of a module; made if need be.

        Raises UsageError for a project that is not understood, SetupError where its dependencies
        cannot be installed.
        """
        folder = state.folder("environments") / _key(source)
        interpreter = _made(folder)
        if interpreter is None:
            # two calls at once make it once
            with state.locked(f"environment-{folder.name}"):
                interpreter = _made(folder) or _make(source, folder, say)
        # the module's own entry point comes first, whatever else is installed
        return cls(interpreter, (folder / "metadata", source.import_folder))


def sdk_version() -> str:
    return importlib.metadata.version("dagger-io")


def _key(source: ModuleSource) -> str:
    """What an environment depends on: the project, this interpreter and its packages."""
    installed = Path(sysconfig.get_path("purelib")).stat().st_mtime_ns
    parts = [sys.executable, sys.version, str(installed), sdk_version()]
    parts += [source.project_name, source.entry_point, str(source.code)]
    for name in ("pyproject.toml", *LOCKS):
        path = source.code / name
        parts.append(path.read_text() if path.is_file() else "")
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:24]


def _made(folder: Path) -> str | None:
    try:
        return str(json.loads((folder / _READY).read_text())["interpreter"])
    except (FileNotFoundError, ValueError):
        return None


def _make(source: ModuleSource, folder: Path, say: Callable[[str], None]) -> str:
    from buildkit_engine.cli.requirements import Requirements

    # what an earlier call began and did not finish
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    requirements = Requirements.of(source)
    _write_metadata(source, folder / "metadata")
    here = sys.version.split()[0]
    if requirements.python.contains(here, prereleases=True) and not requirements.missing():
        interpreter = sys.executable
    else:
        wanted = ", ".join(map(str, requirements.direct)) or f"Python {requirements.python}"
        say(f"making a Python environment for module '{source.name}': {wanted}")
        interpreter = _virtual_environment(source, requirements, folder)
    new = folder / "new.json"
    new.write_text(json.dumps({"interpreter": interpreter}))
    new.replace(folder / _READY)
    return interpreter


def _write_metadata(source: ModuleSource, folder: Path) -> None:
    """What an installer would leave of the project: by it the SDK finds the main object."""
    info = folder / f"{source.project_name.replace('-', '_')}-0.dist-info"
    info.mkdir(parents=True)
    version = source.project.get("project", {}).get("version", "0")
    (info / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {source.project_name}\nVersion: {version}\n"
    )
    (info / "entry_points.txt").write_text(f"[dagger.mod]\nmain_object = {source.entry_point}\n")


def _virtual_environment(source: ModuleSource, requirements: Requirements, folder: Path) -> str:
    uv = shutil.which("uv")
    target = folder / "venv"
    interpreter = str(target / "bin" / "python")
    wanted, constraints = folder / "requirements.txt", folder / "constraints.txt"
    lines = [f"dagger-io=={sdk_version()}", *map(str, requirements.direct)]
    wanted.write_text("".join(f"{line}\n" for line in lines))
    constraints.write_text("".join(f"{n}=={v}\n" for n, v in requirements.pins.items()))
    files = ["-r", str(wanted), "-c", str(constraints)]
    if uv:
        python = str(requirements.python) or sys.executable
        _run(source, [uv, "venv", "--quiet", "--python", python, str(target)])
        _run(source, [uv, "pip", "install", "--quiet", "--python", interpreter, *files])
    else:
        python = _interpreter(source, requirements.python)
        _run(source, [python, "-m", "venv", str(target)])
        pip = [interpreter, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        _run(source, [*pip, "--no-input", *files])
    return interpreter


def _run(source: ModuleSource, command: list[str]) -> None:
    done = subprocess.run(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = [line.strip() for line in done.stdout.splitlines() if line.strip()]
        errors = [line for line in lines if line.lower().startswith("error")] or lines
        last = errors[-1] if errors else f"exit code {done.returncode}"
        raise SetupError(f"module '{source.name}': its dependencies cannot be installed: {last}")


def _interpreter(source: ModuleSource, wanted: SpecifierSet) -> str:
    """This one where it fits, else the newest on PATH that does."""
    here = sys.version.split()[0]
    if wanted.contains(here, prereleases=True):
        return sys.executable
    for minor in _MINORS:
        found = shutil.which(f"python3.{minor}")
        if found and wanted.contains(_version(found), prereleases=True):
            return found
    raise SetupError(
        f"module '{source.name}' requires Python {wanted}: found {here} and no other that fits; "
        "install one, or uv"
    )


def _version(interpreter: str) -> str:
    code = "import platform; print(platform.python_version())"
    done = subprocess.run([interpreter, "-c", code], capture_output=True, text=True, check=False)
    # a launcher of a version that is not installed, such as pyenv's, ends with an error
    return done.stdout.strip() or "0"
