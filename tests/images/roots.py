"""Tables of files, written as the root of an image."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from cases import Content, Folder, Link

if TYPE_CHECKING:
    from pathlib import Path

    from cases import Node


def written(folder: Path, files: dict[str, Node]) -> Path:
    """A root filesystem with the files, each with the same time wherever it is written."""
    folder.mkdir(exist_ok=True)
    for path, node in files.items():
        target = folder / path.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        match node:
            case Content(data, mode):
                target.write_bytes(data)
                target.chmod(mode)
                os.utime(target, (0, 0))
            case Link(to):
                target.symlink_to(to)
            case Folder():
                target.mkdir(exist_ok=True)
    for path, node in files.items():
        if isinstance(node, Folder):  # last, since it may forbid to write below it
            (folder / path.lstrip("/")).chmod(node.mode)
    return folder
