"""Prints what is wrong with a root, as JSON: ROOT, the root of its base image, and REQUEST."""

from __future__ import annotations

import hashlib
import json
import os
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from . import command, gpucode, leftovers, needs, programs, scripts
from .image import Image
from .request import Request
from .rootfs import Rootfs


def scan(root: Path, base: Path, request: Request) -> dict[str, Any]:
    """Findings, each with whether it is of the base image or the command; a fingerprint; and what
    the command needs.
    """
    image = Image(Rootfs(root), Rootfs(base), request)
    parts = (programs, gpucode, scripts, command, leftovers)
    found = [f for part in parts for f in part.check(image)]
    of_command = needs.of_command(image)
    return {
        "needs": asdict(of_command) if of_command else None,
        "findings": [
            {
                **{k: _printable(v) if isinstance(v, str) else v for k, v in asdict(f).items()},
                "from_base": image.is_from_base(f.path),
                "is_command": image.is_command(f.path),
            }
            for f in found
        ],
        "fingerprint": _fingerprint(image),
    }


def _printable(text: str) -> str:
    """The text with escapes for what is no UTF-8: file names may be of any bytes."""
    return os.fsencode(text).decode(errors="backslashreplace")


def _fingerprint(image: Image) -> str:
    """What the image's own programs and libraries are; empty where it has none."""
    digest = hashlib.sha256()
    for elf in image.own:
        with image.root.real(elf.path).open("rb") as file:
            digest.update(os.fsencode(elf.path) + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest() if image.own else ""


def main() -> None:
    root, base, request = sys.argv[1:]
    raw = json.loads(request)
    lists = {k: tuple(v) for k, v in raw.items() if isinstance(v, list)}
    print(json.dumps(scan(Path(root), Path(base), Request(**{**raw, **lists}))))


if __name__ == "__main__":
    main()
