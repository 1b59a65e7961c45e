"""What is known of a file or folder without its contents."""

from __future__ import annotations

import posixpath
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.folders import Entry
    from buildkit_engine.schema.context import Context

FILE_TYPES = {
    "file": "REGULAR_TYPE",
    "directory": "DIRECTORY_TYPE",
    "symlink": "SYMLINK_TYPE",
    "other": "UNKNOWN",
}


@dataclass(frozen=True)
class Stat:
    entry: Entry

    def key(self) -> object:
        return asdict(self)


@serves("Stat", "name")
def stat_name(_context: Context, stat: Stat) -> str:
    return posixpath.basename(stat.entry.path)


@serves("Stat", "size")
def stat_size(_context: Context, stat: Stat) -> int:
    return stat.entry.size


@serves("Stat", "fileType")
def stat_type(_context: Context, stat: Stat) -> str:
    return FILE_TYPES[stat.entry.type]


@serves("Stat", "permissions")
def stat_permissions(_context: Context, stat: Stat) -> int:
    return stat.entry.mode
