"""All operations: the one door to them."""

from __future__ import annotations

from buildkit_engine.llb.execs import (
    BindMount,
    CacheMount,
    ExecOp,
    Mount,
    SecretMount,
    TempMount,
)
from buildkit_engine.llb.fileops import (
    Copy,
    FileAction,
    FileOp,
    MakeDir,
    MakeFile,
    MergeOp,
    Owner,
    Remove,
    Symlink,
    has_fixed_times,
)
from buildkit_engine.llb.operation import (
    KEEP,
    SCRATCH,
    UNUSED,
    Op,
    Output,
    walk,
)
from buildkit_engine.llb.sources import (
    HttpSource,
    ImageSource,
    LocalSource,
)

__all__ = [
    "KEEP",
    "SCRATCH",
    "UNUSED",
    "BindMount",
    "CacheMount",
    "Copy",
    "ExecOp",
    "FileAction",
    "FileOp",
    "HttpSource",
    "ImageSource",
    "LocalSource",
    "MakeDir",
    "MakeFile",
    "MergeOp",
    "Mount",
    "Op",
    "Output",
    "Owner",
    "Remove",
    "SecretMount",
    "Symlink",
    "TempMount",
    "has_fixed_times",
    "walk",
]
