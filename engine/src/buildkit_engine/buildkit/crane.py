"""What is asked of registries directly: digests, configs, indexes, tags. By crane."""

from __future__ import annotations

import hashlib
import json
import os
import re
import uuid
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.children import Children
from buildkit_engine.buildkit.credentials import Credentials
from buildkit_engine.errors import RegistryError, SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.references import Reference

_LOG_LINE = re.compile(r"^\d{4}/\d\d/\d\d \d\d:\d\d:\d\d ")


@dataclass(frozen=True)
class Crane:
    """Runs crane. Safe to use from several threads.

    Every method raises RegistryError with crane's own words where the registry refuses or does
    not answer; SetupError where crane is missing.
    """

    program: str
    credentials: Credentials = field(default_factory=Credentials)
    children: Children = field(default_factory=Children)
    kept: Path | None = None
    """A folder in which configurations are kept from call to call; None where none are."""

    def digest(self, ref: Reference, platform: str = "") -> str:
        """The digest that a tag names now: an index's, where it is one and no platform is asked."""
        of = ["--platform", platform] if platform else []
        return self.run("digest", str(ref), *of).strip()

    def manifest(self, ref: Reference) -> dict[str, object]:
        return json.loads(self.run("manifest", str(ref)))  # type: ignore[no-any-return]

    def config(self, ref: Reference, platform: str, *, is_there: bool = False) -> bytes:
        """One platform's image config; of a plain image its own, whatever its platform is.

        With `is_there`, the registry has just named the digest, which names the same for ever: what
        is kept of it is not asked for again.
        """
        if not (is_there and self.kept):
            return self.run("config", str(ref), "--platform", platform).encode()
        name = hashlib.sha256(f"{ref} {platform}".encode()).hexdigest()
        file = self.kept / f"{name}.json"
        try:
            return file.read_bytes()
        except FileNotFoundError:
            raw = self.config(ref, platform)
        new = file.with_suffix(f".{uuid.uuid4().hex}")
        new.write_bytes(raw)
        new.replace(file)
        return raw

    def run(self, *arguments: str) -> str:
        env = {**os.environ, **self.credentials.environment}
        try:
            done = self.children.run([self.program, *arguments], env=env)
        except FileNotFoundError:
            msg = "crane is not built yet: buildkit-engine up"
            raise SetupError(msg) from None
        if done.returncode:
            raise RegistryError(_words(done.stderr))
        return done.stdout


def _words(stderr: str) -> str:
    lines = [_LOG_LINE.sub("", line) for line in stderr.splitlines() if line.strip()]
    errors = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    return (errors or lines or ["crane ended without a word"])[-1]
