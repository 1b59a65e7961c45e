"""Secrets: what names them, and where their values are kept."""

from __future__ import annotations

import hashlib
import os
import secrets as random
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable

_SCRYPT = {"n": 2**11, "r": 8, "p": 1, "dklen": 32}
"""2 MiB and some milliseconds a guess: handles are in the daemon's cache."""
_EXPECTED = "expected env://NAME, file://PATH or cmd://COMMAND"
_SHOWN = 3
"""Letters of a variable's name in an error: what was given may be the value itself."""


@dataclass(frozen=True)
class Secret:
    """A secret by what names it; its value is the session's alone.

    BuildKit knows it by its handle, which is part of what makes a command. That of a secret set by
    name is made of the name: another value does not run the command anew. That of a secret with an
    address is made of its value.
    """

    handle: str
    name: str = ""
    uri: str = ""
    missing: str = ""
    """Why it has no value: said when it is used."""

    def key(self) -> object:
        return [self.handle, self.name, self.uri]


def named(name: str) -> Secret:
    return Secret(_digest("name", name), name=name)


def addressed(
    uri: str, folder: Path, *, salt: bytes, cache_key: str | None = None
) -> tuple[Secret, bytes]:
    """The secret at env://NAME, file://PATH or cmd://COMMAND, and its value.

    Raises RequestError for any other address. A value that cannot be had is no error yet.
    """
    scheme, separator, rest = uri.partition("://")
    if not separator:
        # not repeated: it may be the secret itself
        raise RequestError(f"secret address: malformed id: {_EXPECTED}")
    provider = PROVIDERS.get(scheme)
    if provider is None:
        raise RequestError(f'unsupported secret provider: "{scheme}": {_EXPECTED}')
    try:
        value, missing = provider(rest, folder), ""
    except RequestError as error:
        value, missing = random.token_bytes(), str(error)
    if cache_key is None:
        handle = hashlib.scrypt(value, salt=salt, **_SCRYPT).hex()
    else:
        handle = _digest("key", cache_key)
    return Secret(handle, uri=uri, missing=missing), b"" if missing else value


def _digest(kind: str, text: str) -> str:
    return hashlib.sha256(f"{kind}:{text}".encode()).hexdigest()


def _variable(name: str, folder: Path) -> bytes:  # noqa: ARG001 - a provider's arguments
    value = os.environb.get(os.fsencode(name))
    if value is None:
        shown = f"{name[:_SHOWN]}..." if len(name) > _SHOWN else name
        raise RequestError(f'secret env var not found: "{shown}"')
    return value


def _file(path: str, folder: Path) -> bytes:
    try:
        return Path(folder, Path(path).expanduser()).read_bytes()
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise RequestError(f'failed to read secret file "{path}": {reason}') from None


def _command(command: str, folder: Path) -> bytes:
    done = subprocess.run(["sh", "-c", command], cwd=folder, capture_output=True, check=False)
    if done.returncode:
        raise RequestError(
            f'failed to run secret command "{command}": exit status {done.returncode}'
        )
    return done.stdout


PROVIDERS: dict[str, Callable[[str, Path], bytes]] = {
    "env": _variable,
    "file": _file,
    "cmd": _command,
}
