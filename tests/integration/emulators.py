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
        return [path]
    emulator = _EMULATORS[platform]
    if shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    return [emulator, "-L", str(root), path]
