"""Commands, and what is mounted into their roots."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.operation import SCRATCH, UNUSED, Op, Output


@dataclass(frozen=True)
class BindMount:
    """A filesystem inside a command's root. Writes to it are a further output of the command."""

    dest: str
    source: Output | None
    selector: str = ""
    readonly: bool = False


@dataclass(frozen=True)
class CacheMount:
    """A folder that outlives builds; `source` is what it holds at first."""

    dest: str
    cache_id: str
    source: Output | None = None
    selector: str = ""
    sharing: Literal["SHARED", "PRIVATE", "LOCKED"] = "SHARED"


@dataclass(frozen=True)
class SecretMount:
    """A secret as a file, never part of a layer."""

    dest: str
    secret_id: str
    uid: int = 0
    gid: int = 0
    mode: int = 0o400


@dataclass(frozen=True)
class TempMount:
    """A folder in memory that ends with the command; of `size` bytes at most, unless that is 0."""

    dest: str
    size: int = 0


Mount = BindMount | CacheMount | SecretMount | TempMount


@dataclass(frozen=True, eq=False)
class ExecOp(Op):
    """A command. Output i is what it left of the i-th writable bind mount; 0 is the root's."""

    args: tuple[str, ...]
    on: str
    """The platform it executes on."""
    mounts: tuple[Mount, ...]
    """The first one is the root, at /."""
    env: tuple[str, ...] = ()
    cwd: str = "/"
    user: str = ""
    secret_env: tuple[tuple[str, str], ...] = ()
    """Variable name, secret id."""
    insecure: bool = False

    @property
    def platform(self) -> str:
        return self.on

    @cached_property
    def inputs(self) -> tuple[Output, ...]:  # type: ignore[override]
        distinct: dict[str, Output] = {}
        for mount in self.mounts:
            source = getattr(mount, "source", None)
            if source is not None:
                distinct.setdefault(source.key, source)
        return tuple(distinct.values())

    def output_of(self, dest: str) -> Output:
        """What the command left at the writable bind mount `dest`."""
        return Output(self, self._output_indexes[dest])

    @property
    def outputs(self) -> tuple[Output, ...]:
        """All that it leaves behind."""
        return tuple(Output(self, index) for index in self._output_indexes.values())

    @cached_property
    def _output_indexes(self) -> dict[str, int]:
        writable = [m for m in self.mounts if isinstance(m, BindMount) and not m.readonly]
        return {mount.dest: index for index, mount in enumerate(writable)}

    def body(self) -> dict[str, object]:
        index = {source.key: i for i, source in enumerate(self.inputs)}

        def input_of(source: Output | None) -> int:
            return SCRATCH if source is None else index[source.key]

        mounts = []
        for mount in self.mounts:
            match mount:
                case BindMount():
                    mounts.append(
                        pb.Mount(
                            input=input_of(mount.source),
                            selector=mount.selector,
                            dest=mount.dest,
                            output=self._output_indexes.get(mount.dest, UNUSED),
                            readonly=mount.readonly,
                            content_cache=_content_cache(mount.source),
                        )
                    )
                case CacheMount():
                    sharing = pb.CacheSharing.Value(f"CACHE_SHARING_{mount.sharing}")
                    mounts.append(
                        pb.Mount(
                            input=input_of(mount.source),
                            selector=mount.selector,
                            dest=mount.dest,
                            output=UNUSED,
                            mount_type=pb.MOUNT_TYPE_CACHE,
                            cache_opt=pb.CacheOpt(id=mount.cache_id, sharing=sharing),
                        )
                    )
                case SecretMount():
                    mounts.append(
                        pb.Mount(
                            input=SCRATCH,
                            dest=mount.dest,
                            output=UNUSED,
                            mount_type=pb.MOUNT_TYPE_SECRET,
                            secret_opt=pb.SecretOpt(
                                id=mount.secret_id, uid=mount.uid, gid=mount.gid, mode=mount.mode
                            ),
                        )
                    )
                case TempMount():
                    mounts.append(
                        pb.Mount(
                            input=SCRATCH,
                            dest=mount.dest,
                            output=UNUSED,
                            mount_type=pb.MOUNT_TYPE_TMPFS,
                            tmpfs_opt=pb.TmpfsOpt(size=mount.size) if mount.size else None,
                        )
                    )
        return {
            "exec": pb.ExecOp(
                meta=pb.Meta(
                    args=self.args,
                    env=self.env,
                    cwd=self.cwd,
                    user=self.user,
                    remove_mount_stubs_recursive=True,
                ),
                mounts=mounts,
                secretenv=[pb.SecretEnv(name=n, id=i) for n, i in self.secret_env],
                security=pb.SECURITY_MODE_INSECURE if self.insecure else pb.SECURITY_MODE_SANDBOX,
            )
        }


def _content_cache(source: Output | None) -> pb.MountContentCache:
    """BuildKit takes equal files for equal, whatever their times: not where those were set."""
    if source is not None and source.op.has_set_times:
        return pb.MOUNT_CONTENT_CACHE_OFF
    return pb.MOUNT_CONTENT_CACHE_DEFAULT
