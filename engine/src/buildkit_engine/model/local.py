"""A folder of this machine that the daemon is sent: looked into where it is, without the daemon.

What links lead to is the daemon's to tell: there they do not lead out of the folder.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.llb.ops import LocalSource
from buildkit_engine.model.folders import Entry

if TYPE_CHECKING:
    from buildkit_engine.llb.ops import Output

_TYPES = {stat.S_IFDIR: "directory", stat.S_IFREG: "file", stat.S_IFLNK: "symlink"}


def look(verb: str, output: Output | None, path: str) -> list[Entry] | None:
    """What the shim would tell, by "tree", "stat" or "lstat"; None where the daemon is to be asked."""
    found = _local(output, path)
    if found is None:
        return None
    try:
        name = "/" if path == "/" else _text(found.name)
        entry = _entry("." if verb == "tree" else name, found)
    except FileNotFoundError:
        return []
    except NotADirectoryError:
        return None
    is_listed = verb == "tree" and entry.type == "directory"
    return [entry, *(_below(found) if is_listed else ())]


def read(output: Output | None, path: str) -> bytes | None:
    """A file's bytes; None where the daemon is to be asked."""
    found = _local(output, path)
    return found.read_bytes() if found and found.is_file() else None


def _local(output: Output | None, path: str) -> Path | None:
    """Where on this machine a path is; None where it is not, or where links are on the way."""
    op = output.op if output else None
    if not isinstance(op, LocalSource):
        return None
    inside = path.strip("/")
    found = Path(op.path, inside)
    is_itself = found.resolve() == Path(op.path).resolve() / inside
    return found if is_itself else None


def _below(folder: Path) -> list[Entry]:
    """Every entry below the folder, in the order of a walk; no link is followed."""
    found, left = [], [("", folder)]
    while left:
        above, inside = left.pop()
        with os.scandir(inside) as entries:
            for each in entries:
                entry = _entry(above + _text(each.name), Path(each.path))
                found.append(entry)
                if entry.type == "directory":
                    left.append((f"{entry.path}/", Path(each.path)))
    return sorted(found, key=lambda entry: entry.path.split("/"))


def _entry(name: str, path: Path) -> Entry:
    told = path.lstat()
    type_ = _TYPES.get(stat.S_IFMT(told.st_mode), "other")
    target = _text(os.readlink(path)) if type_ == "symlink" else ""  # noqa: PTH115 - word for word
    return Entry(name, type_, told.st_mode & 0o777, told.st_size, target)


def _text(name: str) -> str:
    """A name as the shim tells it, also where it is no text."""
    return os.fsencode(name).decode(errors="replace")
