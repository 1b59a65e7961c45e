"""A key that signs one set of repositories, and then is gone: gpg's, as apt verifies it."""

from __future__ import annotations

import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.mirror.programs import attempt, run

if TYPE_CHECKING:
    from collections.abc import Iterator

_OWNER = "buildkit-engine, stand-ins for packages"


@dataclass(frozen=True)
class Signer:
    """A key, as long as its folder is there."""

    home: Path
    fingerprint: str
    """In hexadecimal digits."""
    key: str
    """The public key, as text."""

    def signed(self, text: str) -> str:
        """The text with a signature around it."""
        source = self.home / "text"
        source.write_text(text)
        return _gpg(self.home, "--clear-sign", "--output", "-", str(source))


@contextmanager
def new_signer() -> Iterator[Signer]:
    """A new key; afterwards nobody can sign with it. Raises SetupError where gpg is missing."""
    # gpg's agent listens at a socket in it: its path has to be short
    with tempfile.TemporaryDirectory(prefix="gpg-") as folder:
        home = Path(folder)
        _gpg(home, "--quick-generate-key", _OWNER, "ed25519", "sign", "never")
        try:
            listed = _gpg(home, "--with-colons", "--list-keys").splitlines()
            fingerprint = next(line.split(":")[9] for line in listed if line.startswith("fpr:"))
            yield Signer(home, fingerprint, _gpg(home, "--armor", "--export", fingerprint))
        finally:
            attempt(["gpgconf", "--homedir", folder, "--kill", "gpg-agent"])


def _gpg(home: Path, *words: str) -> str:
    command = ["gpg", "--homedir", str(home), "--batch", "--quiet", "--no-tty"]
    return run([*command, "--pinentry-mode", "loopback", "--passphrase", "", *words])
