"""What is in a folder: its entries, and of a small one the files as well."""

from __future__ import annotations

import io
import os
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit_engine.llb.ops import Copy, FileOp, LocalSource

if TYPE_CHECKING:
    from buildkit_engine.llb.ops import Output

SMALL = 256 * 1024
"""Bytes of all files of a folder that are read together: a solve costs more than they do."""
_OF_AN_ENTRY = 512
"""What a tar takes for each entry beside its bytes."""


@dataclass(frozen=True)
class Entry:
    """One entry of a directory, with its path relative to it; alone, with its name."""

    path: str
    type: str
    """file, directory, symlink or other."""
    mode: int
    size: int
    target: str = ""


def small_source(output: Output | None) -> LocalSource | None:
    """The folder of this machine that `output` is a part of, if all of it is small; else None."""
    match output.op if output else None:
        case FileOp(base=None, actions=(Copy(source=source),)) if isinstance(
            source.op, LocalSource
        ):
            return source.op if _is_small(source.op.path) else None
    return None


def _is_small(folder: str) -> bool:
    left, folders = SMALL, [folder]
    while folders:
        with os.scandir(folders.pop()) as entries:
            for entry in entries:
                left -= _OF_AN_ENTRY + entry.stat(follow_symlinks=False).st_size
                if left < 0:
                    return False
                if entry.is_dir(follow_symlinks=False):
                    folders.append(entry.path)
    return True


def files_of(packed: bytes) -> dict[str, bytes]:
    """The files of a tar by their paths; links are none."""
    with _opened(packed) as tar:
        return {
            member.name: data.read()
            for member in tar
            if not member.issym() and (data := tar.extractfile(member))
        }


def entries_of(packed: bytes, folder_size: int) -> list[Entry]:
    """The entries of a tar in the order of a walk; it does not say what folders take themselves."""
    with _opened(packed) as tar:
        found = [_entry(tar, member, folder_size) for member in tar]
    return sorted((e for e in found if e.path not in ("", ".")), key=lambda e: e.path.split("/"))


def _opened(packed: bytes) -> tarfile.TarFile:
    # names that are no text are told as the shim tells them
    return tarfile.open(fileobj=io.BytesIO(packed), errors="replace")


def _entry(tar: tarfile.TarFile, member: tarfile.TarInfo, folder_size: int) -> Entry:
    path, mode = member.name.strip("/"), member.mode & 0o777
    if member.isdir():
        return Entry(path, "directory", mode, folder_size)
    if member.issym():
        return Entry(path, "symlink", 0o777, len(member.linkname.encode()), member.linkname)
    if member.islnk():
        # a further name of a file before it, which has the size
        return Entry(path, "file", mode, tar.getmember(member.linkname).size)
    return Entry(path, "file" if member.isfile() else "other", mode, member.size)
