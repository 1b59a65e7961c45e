"""A BuildKit daemon of the user's own, in place of the one that the engine starts."""

from __future__ import annotations

import ipaddress
import json
import os
import platform as machine
import re
import signal
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from buildkit_engine.buildkit.children import Children
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.buildkit.tools import Tools

HOST_VARIABLE = "BUILDKIT_HOST"
"""As for buildctl: the address of a daemon."""
TLS_VARIABLE = "BUILDKIT_ENGINE_TLS_DIR"
"""A folder with ca.pem, cert.pem and key.pem, for a daemon that listens at tcp://."""
_HOST_PLATFORMS = {"x86_64": "linux/amd64", "aarch64": "linux/arm64"}
_CAUSE = re.compile(r'(?:while dialing: |stderr=)(.+?)(?:\\r|\\n|")*$')
"""Of an error that tells first who could not do what because of it."""
_SECONDS = 20
"""How long a daemon may take to answer; one at the end of an ssh connection takes some."""
_SCHEMES = ("unix", "tcp", "docker-container", "podman-container", "kube-pod", "ssh")


@dataclass(frozen=True)
class Daemon:
    """Where it listens; `tls` is its folder of certificates, where it has one of its own."""

    address: str
    tls: str = ""

    @classmethod
    def chosen(cls, state: State) -> Daemon | None:
        """The daemon that BUILDKIT_HOST names; None where it names none, or the engine's own.

        Raises SetupError for an address that buildctl would not know either.
        """
        address = os.environ.get(HOST_VARIABLE, "")
        if address in ("", f"unix://{state.socket}"):
            return None
        require_address(f"{HOST_VARIABLE} '{address}'", address)
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
        try:
            own, *_ = self.platforms(found.buildctl)
        except SetupError as error:
            msg = f"no BuildKit daemon answers at {HOST_VARIABLE} '{self.address}': {error}"
            raise SetupError(msg) from None
        if own != host_platform():
            # the shim, which is mounted into every step, is built for this machine
            raise SetupError(
                f"the daemon at {HOST_VARIABLE} '{self.address}' is of {own}: "
                f"expected one of this machine's platform, {host_platform()}"
            )

    def platforms(self, buildctl: str, *, seconds: int = _SECONDS) -> list[str]:
        """What it executes, the platform of its own machine first.

        Raises SetupError with what buildctl says of a daemon that does not answer, or not in time.
        """
        command = [buildctl, "--addr", self.address, *tls_flags(self.address, self.tls)]
        command += ["--timeout", str(seconds), "debug", "workers", "--format", "{{json .}}"]
        # a group of its own: with buildctl ends the ssh that it has started
        asking = Children()
        process = asking.start(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        with process:
            try:
                said, words = process.communicate(timeout=seconds)
            except subprocess.TimeoutExpired:
                raise SetupError(f"not within {seconds} s") from None
            finally:
                asking.stop(signal.SIGKILL)
        if process.returncode:
            lines = words.decode(errors="replace").strip().splitlines() or ["it said nothing"]
            cause = _CAUSE.search(lines[-1])
            raise SetupError(cause[1] if cause else lines[-1].removeprefix("error: "))
        return [
            "/".join(filter(None, (p["os"], p["architecture"], p.get("variant"))))
            for p in json.loads(said)[0]["platforms"]
        ]


def require_address(what: str, address: str) -> None:
    """Raises SetupError, which begins with `what`, for what buildctl would not know either."""
    parts = urlsplit(address)
    if parts.scheme not in _SCHEMES or not (parts.netloc or parts.path):
        accepted = ", ".join(f"{scheme}://…" for scheme in _SCHEMES)
        raise SetupError(f"{what} is no address: expected {accepted}")


def host_platform() -> str:
    """This machine's own platform."""
    name = machine.machine()
    return _HOST_PLATFORMS.get(name, f"linux/{name}")


def tls_flags(address: str, folder: str = "") -> list[str]:
    """What buildctl is told of certificates: those in `folder`, else where the environment says.

    Raises SetupError where that is no folder.
    """
    if not address.startswith("tcp://"):
        return []
    named_by = "tls" if folder else TLS_VARIABLE
    folder = folder or os.environ.get(TLS_VARIABLE, "")
    if not folder:
        return []
    if not Path(folder).is_dir():
        raise SetupError(
            f"{named_by} '{folder}' is no folder: expected one with ca.pem, cert.pem and key.pem"
        )
    return ["--tlsdir", folder]
