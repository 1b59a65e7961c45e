"""Programs of any platform started by the tests: foreign ones under QEMU, with their image's libraries."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

_EMULATORS = {"linux/arm64": "qemu-aarch64-static", "linux/arm/v7": "qemu-arm-static"}


def starting(platform: str, root: Path, program: str) -> list[str]:
    """What starts a program of an image's root on this machine; skips the test where nothing does."""
    path = str(root / program.lstrip("/"))
    if platform == "linux/amd64":
        # by its own loader: this machine may have the libraries, or others of their names
        folder = root / "lib" / "x86_64-linux-gnu"
        found_in = f"{root}/usr/lib/x86_64-linux-gnu:{folder}"
        return [str(folder / "ld-linux-x86-64.so.2"), "--library-path", found_in, path]
    emulator = _EMULATORS[platform]
    if shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    return [emulator, "-L", str(root), path]
