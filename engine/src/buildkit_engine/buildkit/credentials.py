"""What a session was given to sign in to registries with, as buildctl and crane read it."""

from __future__ import annotations

import base64
import json
import os
import tempfile
import threading
from pathlib import Path

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.scratch import Scratch, in_memory

_DOCKER_HUB = "https://index.docker.io/v1/"


class Credentials:
    """A folder with a config.json: what was given, over the user's own. Without any, no folder.

    It is in memory where the machine lets that be, else below `otherwise`.
    """

    def __init__(self, otherwise: Path | None = None) -> None:
        self._given: dict[str, str] = {}
        self._otherwise = otherwise or Path(tempfile.gettempdir())
        self._folder: Scratch | None = None
        self._lock = threading.Lock()

    @property
    def environment(self) -> dict[str, str]:
        """What a program needs beside its own environment."""
        with self._lock:
            return {"DOCKER_CONFIG": str(self._folder.folder)} if self._folder else {}

    def add(self, address: str, username: str, password: bytes) -> None:
        auth = base64.b64encode(username.encode() + b":" + password).decode()
        with self._lock:
            self._given[_registry_of(address)] = auth
            self._write()

    def remove(self, address: str) -> None:
        """What was never given is no error."""
        with self._lock:
            if self._given.pop(_registry_of(address), None):
                self._write()

    def close(self) -> None:
        with self._lock:
            if self._folder:
                self._folder.close()
            self._folder = None

    def _write(self) -> None:
        if self._folder is None:
            self._folder = Scratch(in_memory(self._otherwise), "credentials-")
        config = _users_own()
        auths, helpers = dict(config.get("auths") or {}), dict(config.get("credHelpers") or {})
        for registry, auth in self._given.items():
            auths[registry] = {"auth": auth}
            # no helper for this registry: one, or the user's credential store, would win
            helpers[registry] = ""
        written = json.dumps({**config, "auths": auths, "credHelpers": helpers})
        # whole at any time: solves that are under way read it
        new = Path(self._folder.folder, "config.json.new")
        new.touch(mode=0o600)
        new.write_text(written)
        new.rename(new.with_name("config.json"))


def _registry_of(address: str) -> str:
    registry = Reference.parse(address).registry if "/" in address else address
    return _DOCKER_HUB if registry == "docker.io" else registry


def _users_own() -> dict[str, dict[str, object]]:
    folder = os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker"
    try:
        config = json.loads(Path(folder, "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}
