"""Debian's packages of one release and architecture, fetched and verified by the machine's own apt.

apt works in a folder of the state instead of the machine's: nothing is installed, the machine's
lists stay as they are, and what was downloaded is found again by the next run.
"""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.programs import attempt, explained, run

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildkit_engine.buildkit.state import State

_DEBIAN_SUITE = re.compile(r"(?P<release>[a-z]+)(?P<part>|-updates|-security)")
_FRESH_SECONDS = 15 * 60
"""How long lists are taken to be up to date: several images are made in a row."""
_QUIET = ("-qq", "--assume-yes", "--no-install-recommends")


@dataclass(frozen=True)
class Archive:
    """The packages of `suite` for Debian's `architecture`."""

    state: State
    suite: str
    architecture: str
    say: Callable[[str], None]

    @property
    def folder(self) -> Path:
        return self.state.folder("mirror", "apt", f"{self.suite}-{self.architecture}")

    def with_dependencies(self, packages: tuple[str, ...]) -> list[Path]:
        """The .deb files of packages and all that they depend on."""
        return self._fetch("install", "--download-only", *packages)

    def alone(self, packages: tuple[str, ...]) -> list[Path]:
        """The .deb files of exactly these packages."""
        return self._fetch("download", *packages)

    def _fetch(self, *command: str) -> list[Path]:
        # apt refuses to run twice in a folder, it does not wait
        with self.state.locked(f"apt-{self.suite}-{self.architecture}"):
            return self._fetch_alone(*command)

    def _fetch_alone(self, *command: str) -> list[Path]:
        self._update()
        debs, nothing = self.folder / "debs", self.folder / "nothing"
        # what is there already would not be listed
        ask = ["--print-uris", "-o", f"Dir::Cache::archives={nothing}"]
        listed = run([*self._apt, *ask, *command], cwd=nothing).splitlines()
        # 'address' name size hash
        files = [debs / line.split()[1] for line in listed if line.startswith("'")]
        if not all(file.exists() for file in files):
            # apt moves a file here once its hash is right: what exists is whole
            run([*self._apt, *command], cwd=debs)
        return sorted(files)

    def _update(self) -> None:
        """Brings the lists up to date; without a network, those of the last time are used."""
        for name in ("lists/partial", "debs/partial", "nothing/partial"):
            (self.folder / name).mkdir(parents=True, exist_ok=True)
        lines = sources(self.suite)
        if not lines:
            raise SetupError(
                f"this machine's apt has no source of Debian packages to take '{self.suite}' from: "
                "add one to /etc/apt/sources.list.d, then apt-get update"
            )
        updated = self.folder / "updated"
        if updated.exists() and time.time() - updated.stat().st_mtime < _FRESH_SECONDS:
            return
        (self.folder / "sources.list").write_text(lines)
        (self.folder / "status").touch()
        update = attempt([*self._apt, "update"])
        # of these, apt removes what it could not verify
        if not any((self.folder / "lists").glob(f"*_{self.suite}_main_*Packages*")):
            raise SetupError(explained("apt-get update", update.stderr))
        if update.returncode or "Failed to fetch" in update.stderr:
            self.say(
                f"Debian {self.suite} for {self.architecture}: not all package lists could be "
                "brought up to date, security fixes may be missing"
            )
        updated.touch()

    @property
    def _apt(self) -> list[str]:
        here = self.folder
        options = {
            "APT::Architecture": self.architecture,
            "APT::Architectures": self.architecture,
            "APT::Sandbox::User": "root",
            "Acquire::Languages": "none",
            "Acquire::Retries": "2",
            "Dir::Cache": here,
            "Dir::Cache::archives": here / "debs",
            "Dir::Etc::preferences": "/dev/null",
            "Dir::Etc::preferencesparts": "/dev/null",
            "Dir::Etc::sourcelist": here / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State": here,
            "Dir::State::lists": here / "lists",
            "Dir::State::status": here / "status",
        }
        return ["apt-get", *_QUIET, *(w for k, v in options.items() for w in ("-o", f"{k}={v}"))]


def sources(suite: str) -> str:
    """The machine's own apt sources of a Debian release, its updates and its security fixes.

    A machine of another Debian release has the same mirrors: they are asked for `suite`. "" where
    apt knows no Debian mirror. apt verifies what they say by its own keys.
    """
    form = "$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)"
    # --no-release-info: also where apt-get update was not run yet
    command = ["apt-get", "indextargets", "--no-release-info", "--format", form]
    own, others = set(), set()
    for target in run(command).splitlines():
        kind, uri, release, component, key = target.split("|")
        match = _DEBIAN_SUITE.fullmatch(release)
        if kind != "Packages" or component != "main" or not match:
            continue
        options = f"[signed-by={key}] " if key.startswith("/") else ""
        line = f"deb {options}{uri} {suite}{match['part']} main\n"
        if match["release"] == suite:
            own.add(line)
        elif "debian" in uri:
            others.add(line)
    return "".join(sorted(own or others))
