"""Other people's sources, by the machine's own package clients, for tests that build them as they are."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from buildkit_engine.mirror import apt

_SUITE = "bookworm"
_SECONDS = 300


def debian(package: str, folder: Path) -> Path:
    """A source package of Debian's with its patches, unpacked in the folder; apt verifies it."""
    if shutil.which("dpkg-source") is None:
        pytest.skip("dpkg-source is not installed (apt-get install dpkg-dev)")
    lists = folder / "lists"
    (lists / "partial").mkdir(parents=True, exist_ok=True)
    sources = folder / "sources.list"
    lines = apt.sources(_SUITE).splitlines()
    sources.write_text("".join(f"deb-src {line.removeprefix('deb ')}\n" for line in lines))
    options = {
        "APT::Sandbox::User": "root",
        "Dir::Etc::sourcelist": sources,
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": lists,
        "Dir::Cache::pkgcache": "",
        "Dir::Cache::srcpkgcache": "",
    }
    command = ["apt-get", "-q", *(f"-o{name}={value}" for name, value in options.items())]
    if not any(lists.glob("*_Sources*")):
        _run([*command, "update"], folder)
    before = set(folder.iterdir())
    done = _ended([*command, "source", package], folder)
    if missing := re.findall(r"^E: (Failed to fetch .*)", done.stderr, re.MULTILINE):
        pytest.skip(f"the mirror of Debian has not what its lists name: {missing[0]}")
    assert done.returncode == 0, done.stderr
    [unpacked] = [path for path in set(folder.iterdir()) - before if path.is_dir()]
    return unpacked


def go_module(module: str, version: str, folder: Path) -> Path:
    """A Go module as it was published, copied into the folder; Go verifies it."""
    folder.mkdir(parents=True, exist_ok=True)
    told = json.loads(
        _ended(["go", "mod", "download", "-json", f"{module}@{version}"], folder).stdout
    )
    if "Error" in told:
        pytest.skip(f"the module cannot be had: {told['Error']}")
    copied = folder / module.replace("/", "_")
    shutil.copytree(told["Dir"], copied)
    # Go's cache of modules may not be written to
    for path in (copied, *copied.rglob("*")):
        path.chmod(path.stat().st_mode | 0o200)
    return copied


def _run(command: list[str], folder: Path) -> str:
    done = _ended(command, folder)
    assert done.returncode == 0, done.stderr
    return done.stdout


def _ended(command: list[str], folder: Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        command, cwd=folder, capture_output=True, text=True, timeout=_SECONDS, check=False
    )
