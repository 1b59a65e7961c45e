"""Programs of any platform started by the tests: foreign ones under QEMU, with their image's libraries."""

from __future__ import annotations

import shutil
import subprocess
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import pytest

_EMULATORS = {
    "linux/arm64": ("qemu-aarch64-static", "aarch64-linux-gnu"),
    "linux/arm/v7": ("qemu-arm-static", "arm-linux-gnueabihf"),
}


def starting(platform: str, root: Path, program: str) -> list[str]:
    """What starts a program of an image's root on this machine; skips the test where nothing does."""
    path = str(root / program.lstrip("/"))
    if platform == "linux/amd64":
        # by its own loader: this machine may have the libraries, or others of their names
        folder = root / "lib" / "x86_64-linux-gnu"
        found_in = f"{root}/usr/lib/x86_64-linux-gnu:{folder}"
        return [str(folder / "ld-linux-x86-64.so.2"), "--library-path", found_in, path]
    emulator, triple = _EMULATORS[platform]
    if shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    # told by paths of this machine: a loader asks whether a folder is there, and of those below -L
    # QEMU 7.2 denies it to 32-bit programs
    folders = ":".join(f"{root}/{lib}/{triple}" for lib in ("lib", "usr/lib"))
    return [emulator, "-L", str(root), "-E", f"LD_LIBRARY_PATH={folders}", path]


def started(
    root: Path,
    platform: str,
    program: str,
    *words: str,
    given: bytes = b"",
    cwd: Path | None = None,
) -> subprocess.CompletedProcess[bytes]:
    """How a program of an image's root ended."""
    return subprocess.run(
        [*starting(platform, root, program), *words],
        input=given, cwd=cwd, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


@contextmanager
def serving(command: Sequence[str], port: int) -> Iterator[subprocess.Popen[bytes]]:
    """A program that serves HTTP at the port that PORT says, once it answers; it ends with the test."""
    process = subprocess.Popen(command, env={"PORT": str(port)}, stderr=subprocess.PIPE)
    try:
        for _ in range(400):
            try:
                urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz").close()
                break
            except urllib.error.URLError:
                time.sleep(0.05)
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()
