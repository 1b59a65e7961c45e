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
    CopyFile,
    FileAction,
    FileOp,
    MakeDir,
    MakeFile,
    Owner,
    Remove,
    Symlink,
    has_fixed_times,
)
from buildkit_engine.llb.layers import DiffOp, MergeOp
from buildkit_engine.llb.operation import (
    KEEP,
    SCRATCH,
    UNUSED,
    Op,
    Output,
    walk,
)
from buildkit_engine.llb.shims import Shim
from buildkit_engine.llb.sources import (
    HttpSource,
    ImageSource,
    LayoutSource,
    LocalSource,
)

__all__ = [
    "KEEP",
    "SCRATCH",
    "UNUSED",
    "BindMount",
    "CacheMount",
    "Copy",
    "CopyFile",
    "DiffOp",
    "ExecOp",
    "FileAction",
    "FileOp",
    "HttpSource",
    "ImageSource",
    "LayoutSource",
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
    "Shim",
    "Symlink",
    "TempMount",
    "has_fixed_times",
    "walk",
]
