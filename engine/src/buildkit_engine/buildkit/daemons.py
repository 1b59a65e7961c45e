"""A BuildKit daemon of the user's own, in place of the one that the engine starts."""

from __future__ import annotations

import ipaddress
import json
import os
import platform as machine
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.buildkit.tools import Tools

HOST_VARIABLE = "BUILDKIT_HOST"
"""As for buildctl: the address of a daemon."""
TLS_VARIABLE = "BUILDKIT_ENGINE_TLS_DIR"
"""A folder with ca.pem, cert.pem and key.pem, for a daemon that listens at tcp://."""
_HOST_PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}
_SCHEMES = ("unix", "tcp", "docker-container", "podman-container", "kube-pod", "ssh")


@dataclass(frozen=True)
class Daemon:
    """Where it listens."""

    address: str

    @classmethod
    def chosen(cls, state: State) -> Daemon | None:
        """The daemon that BUILDKIT_HOST names; None where it names none, or the engine's own.

        Raises SetupError for an address that buildctl would not know either.
        """
        address = os.environ.get(HOST_VARIABLE, "")
        if address in ("", f"unix://{state.socket}"):
            return None
        parts = urlsplit(address)
        if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
            accepted = ", ".join(f"{scheme}://…" for scheme in _SCHEMES)
            raise SetupError(f"{HOST_VARIABLE} '{address}' is no address: expected {accepted}")
        return cls(address)

    @property
    def reaches_this_machine(self) -> bool:
        """Whether loopback is the same to the daemon: one at a socket, or at loopback itself.

        Others, those in containers among them, have a loopback of their own.
        """
        parts = urlsplit(self.address)
        if parts.scheme == "unix":
            return True
        host = parts.hostname or ""
        try:
            return parts.scheme == "tcp" and (
                host == "localhost" or ipaddress.ip_address(host).is_loopback
            )
        except ValueError:
            return False

    def check(self, found: Tools) -> None:
        """Raises SetupError where it does not answer, or is of another platform."""
        command = [found.buildctl, "--addr", self.address, *tls_flags()]
        command += ["debug", "workers", "--format", "{{json .}}"]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            words = done.stderr.strip().splitlines() or ["it said nothing"]
            raise SetupError(
                f"no BuildKit daemon answers at {HOST_VARIABLE} '{self.address}': "
                f"{words[-1].removeprefix('error: ')}"
            )
        [first, *_] = json.loads(done.stdout)[0]["platforms"]
        own = f"{first['os']}/{first['architecture']}"
        if own != host_platform():
            # the shim, which is mounted into every step, is built for this machine
            raise SetupError(
                f"the daemon at {HOST_VARIABLE} '{self.address}' is of {own}: "
                f"expected one of this machine's platform, {host_platform()}"
            )


def host_platform() -> str:
    """This machine's own platform."""
    name = machine.machine()
    return _HOST_PLATFORMS.get(name, f"linux/{name}")


def tls_flags() -> list[str]:
    """What buildctl is told of certificates.

    Raises SetupError where the folder that the environment names is none.
    """
    folder = os.environ.get(TLS_VARIABLE, "")
    if not folder or not os.environ.get(HOST_VARIABLE, "").startswith("tcp://"):
        return []
    if not Path(folder).is_dir():
        raise SetupError(
            f"{TLS_VARIABLE} '{folder}' is no folder: expected one with ca.pem, cert.pem and key.pem"
        )
    return ["--tlsdir", folder]
