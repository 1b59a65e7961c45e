"""A key that signs one repository and is gone with the process: gpg's, as apt verifies it."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.mirror.programs import attempt, run

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

_OWNER = "buildkit-engine, stand-ins for packages"


class Signer:
    """A new key. A context manager: afterwards nobody can sign with it."""

    def __enter__(self) -> Self:
        # gpg's agent listens at a socket in it: its path has to be short
        self._home = tempfile.TemporaryDirectory(prefix="gpg-")
        self._gpg("--quick-generate-key", _OWNER, "ed25519", "sign", "never")
        listed = self._gpg("--with-colons", "--list-keys")
        self.fingerprint = next(
            line.split(":")[9] for line in listed.splitlines() if line.startswith("fpr:")
        )
        """Of the key, in hexadecimal digits."""
        self.key = self._gpg("--armor", "--export", self.fingerprint)
        """The public key, as text."""
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        attempt(["gpgconf", "--homedir", self._home.name, "--kill", "gpg-agent"])
        self._home.cleanup()

    def signed(self, text: str) -> str:
        """The text with a signature around it."""
        source = Path(self._home.name) / "text"
        source.write_text(text)
        return self._gpg("--clear-sign", "--output", "-", str(source))

    def _gpg(self, *words: str) -> str:
        command = ["gpg", "--homedir", self._home.name, "--batch", "--quiet", "--no-tty"]
        return run([*command, "--pinentry-mode", "loopback", "--passphrase", "", *words])
