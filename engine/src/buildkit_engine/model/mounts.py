"""What a command finds in a container beside its image: mounts, secrets, volatile variables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from buildkit_engine.llb.ops import (
    BindMount,
    CacheMount,
    FileOp,
    MakeDir,
    SecretMount,
    TempMount,
)
from buildkit_engine.model.files import Directory, File

if TYPE_CHECKING:
    from buildkit_engine.llb.ops import Mount, Owner
    from buildkit_engine.model.secrets import Secret

_OWNED = "/mounted"
"""Where a copy with another owner is: a filesystem's root has none of its own."""


@dataclass(frozen=True)
class CacheVolume:
    """A folder that outlives builds, named for all of an engine's users."""

    name: str

    def key(self) -> object:
        return self.name


@dataclass(frozen=True, eq=False)
class Mounted:
    """Something mounted at `target` when a command runs; never part of the image."""

    target: str
    directory: Directory | None = None
    """A directory or, with `is_file`, the one file at its path. Writes stay for later commands."""
    is_file: bool = False
    readonly: bool = False
    cache: CacheVolume | None = None
    sharing: Literal["SHARED", "PRIVATE", "LOCKED"] = "SHARED"
    size: int = 0
    """The most bytes that a folder in memory takes; 0 for no limit."""

    def key(self) -> object:
        source = self.directory and self.directory.key()
        cache = self.cache and self.cache.key()
        return [
            self.target,
            source,
            self.is_file,
            self.readonly,
            cache,
            self.sharing,
            self.size,
        ]

    @property
    def is_written(self) -> bool:
        """Whether a command leaves a new state of it."""
        return not (self.directory is None or self.cache or self.readonly)

    def for_exec(self) -> Mount:
        source = self.directory.output if self.directory else None
        selector = self.directory.path if self.directory and self.directory.path != "/" else ""
        if self.cache:
            return CacheMount(self.target, self.cache.name, source, selector, self.sharing)
        if self.directory is None:
            return TempMount(self.target, self.size)
        return BindMount(self.target, source, selector, self.readonly)


@dataclass(frozen=True)
class GivenSecret:
    """A secret that commands find in a variable or, without its name, in a file."""

    secret: Secret
    variable: str = ""
    path: str = ""
    owner: Owner | None = None
    mode: int = 0o400

    def key(self) -> object:
        owner = self.owner and [self.owner.user, self.owner.group]
        return [self.secret.handle, self.variable, self.path, owner, self.mode]

    def for_exec(self) -> SecretMount:
        uid, gid = (self.owner.user, self.owner.group) if self.owner else (0, 0)
        return SecretMount(self.path, self.secret.handle, uid, gid, self.mode)


def volatile_id(name: str) -> str:
    """What BuildKit knows a volatile variable by: its value is no part of what makes a command."""
    return f"volatile:{name}"


def owned_directory(source: Directory | None, owner: Owner | None) -> Directory | None:
    """`source`, or an empty folder, with all that is in it owned by `owner`."""
    if owner is None:
        return source
    if source is None:
        made = FileOp(f"own {_OWNED}", None, (MakeDir(_OWNED, owner=owner),))
        return Directory(made.output, _OWNED)
    return Directory().with_directory(_OWNED, source, owner=owner).directory(_OWNED)


def owned_file(source: File, owner: Owner | None) -> File:
    if owner is None:
        return source
    return Directory().with_file(source.name, source, owner=owner).file(source.name)
