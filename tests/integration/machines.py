"""A machine of its own, as far as emulators go: with a binfmt_misc that no other process sees."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

BINFMT = "/proc/sys/fs/binfmt_misc"
# as Debian's qemu-user-static registers it, apart from its flags
QEMU = (
    r":qemu-aarch64:M:0:\x7fELF\x02\x01\x01\x00\x00\x00\x00\x00\x00\x00\x00\x00\x02\x00\xb7\x00:"
    r"\xff\xff\xff\xff\xff\xff\xff\x00\xff\xff\xff\xff\xff\xff\xff\xff\xfe\xff\xff\xff:"
    "/usr/bin/qemu-aarch64-static:OC"
)
_KERNEL_WITH_SEPARATE_REGISTRATIONS = (6, 7)
# of the engine's state, what takes long to make; its files are never written to again
_KEPT = ("registry", "tools", "shim", "schema", "mirror")
_SECONDS = 10


def why_none() -> str:
    """Why there can be no such machine here; empty where there can."""
    release = tuple(int(n) for n in os.uname().release.split("-")[0].split(".")[:2])
    if os.geteuid() != 0:
        return "needs root, who may map users"
    if release < _KERNEL_WITH_SEPARATE_REGISTRATIONS:
        return "before Linux 6.7 all namespaces share the registrations of emulators"
    if os.uname().machine != "x86_64":
        return "linux/arm64 may be native on this machine"
    if shutil.which("qemu-aarch64-static") is None:
        return "qemu-aarch64-static is not installed (apt-get install qemu-user-static)"
    return ""


@dataclass
class Machine:
    """A user and a mount namespace: what is executed in it meets its own emulators alone.

    `state` is where an engine in it keeps what it has; it begins with copies of the tools and
    images of `engine`, the state of another one.
    """

    state: Path
    engine: Path
    _holder: subprocess.Popen[bytes] | None = field(default=None, init=False)

    def __enter__(self) -> Machine:
        for name in _KEPT:
            if (self.engine / name).exists():
                shutil.copytree(
                    self.engine / name, self.state / name, copy_function=os.link, symlinks=True
                )
        self._holder = subprocess.Popen(
            ["unshare", "--user", "--mount", "cat"], stdin=subprocess.PIPE
        )
        process = Path(f"/proc/{self._holder.pid}")
        until = time.monotonic() + _SECONDS
        while (process / "ns/user").readlink() == Path("/proc/self/ns/user").readlink():
            assert time.monotonic() < until, "the namespaces were not made"
            time.sleep(0.01)
        # not all users that there are: runc would take it for no user namespace at all
        (process / "uid_map").write_text("0 0 65536")
        (process / "gid_map").write_text("0 0 65536")
        return self

    def __exit__(self, *_: object) -> None:
        assert self._holder
        self._holder.communicate()

    def run(
        self, command: Sequence[str], cwd: Path, timeout: float = 300
    ) -> subprocess.CompletedProcess[str]:
        """Executes a command as root of the machine, for that many seconds at most."""
        assert self._holder
        enter = ["nsenter", f"--target={self._holder.pid}", "--user", "--mount", f"--wd={cwd}"]
        return subprocess.run(
            [*enter, "--", *command],
            env={**os.environ, "NO_COLOR": "1", "BUILDKIT_ENGINE_STATE": str(self.state)},
            capture_output=True,
            text=True,
            timeout=timeout,
            check=False,
        )
