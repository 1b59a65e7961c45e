"""LLB operations as immutable values.

An operation knows its inputs and the protobuf message that BuildKit gets. Its digest names what
it does: two operations with equal digests are the same vertex to BuildKit.

Numbers that must be written out (BuildKit reads an unset field as 0): a timestamp of -1 is "now",
a mode of -1 keeps the mode, an input of -1 is scratch, an output of -1 is unused.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Literal, TypeGuard

from buildkit_engine.llb import llb_pb2 as pb

if TYPE_CHECKING:
    from collections.abc import Iterable

SCRATCH = -1
UNUSED = -1
KEEP = -1
"""Keeps a copied file's mode, or leaves its time alone."""


@dataclass(frozen=True, eq=False)
class Op:
    """One vertex of the build graph."""

    title: str
    """What progress shows."""

    def __post_init__(self) -> None:
        # known at once, so that a long chain is never digested by recursion
        _ = self.digest

    @property
    def inputs(self) -> tuple[Output, ...]:
        """The outputs that this operation reads, in the order its indexes refer to."""
        return ()

    @property
    def platform(self) -> str:
        """The platform that BuildKit resolves or executes this operation for."""
        return ""

    def body(self) -> dict[str, object]:
        """The one field of `pb.Op`'s oneof that says what to do."""
        raise TypeError(type(self).__name__)

    @cached_property
    def marshalled(self) -> bytes:
        """The bytes that BuildKit gets.

        The daemon re-marshals every operation with its oneof last. Writing it last here as well
        makes this digest equal to the one that the daemon's progress reports.
        """
        head = pb.Op(
            inputs=[pb.Input(digest=i.op.digest, index=i.index) for i in self.inputs],
            platform=_platform(self.platform) if self.platform else None,
        )
        return head.SerializeToString(deterministic=True) + pb.Op(
            **self.body()  # type: ignore[arg-type]
        ).SerializeToString(deterministic=True)

    @cached_property
    def digest(self) -> str:
        return "sha256:" + hashlib.sha256(self.marshalled).hexdigest()

    @property
    def output(self) -> Output:
        """The first output: the only one of every operation but an exec."""
        return Output(self, 0)


@dataclass(frozen=True, eq=False)
class Output:
    """A filesystem that an operation makes. None, where an Output may be, is an empty one."""

    op: Op
    index: int = 0

    @property
    def key(self) -> str:
        return f"{self.op.digest}:{self.index}"


def _platform(platform: str) -> pb.Platform:
    os_, arch, *variant = platform.split("/")
    return pb.Platform(os=os_, architecture=arch, variant=variant[0] if variant else "")


@dataclass(frozen=True, eq=False)
class ImageSource(Op):
    """An image's filesystem, by a reference with a digest."""

    ref: str
    for_platform: str

    @property
    def platform(self) -> str:
        return self.for_platform

    def body(self) -> dict[str, object]:
        return {"source": pb.SourceOp(identifier=f"docker-image://{self.ref}")}


@dataclass(frozen=True, eq=False)
class LocalSource(Op):
    """A folder of this machine, sent to the daemon as far as the patterns let it.

    `unique` keeps two sessions apart that send different folders at the same time; the path as
    `sharedkeyhint` keeps the daemon's copy from one session to the next.
    """

    path: str
    unique: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @cached_property
    def name(self) -> str:
        """What the solve binds the folder to."""
        key = json.dumps([self.path, self.include, self.exclude, self.unique])
        return "local-" + hashlib.sha256(key.encode()).hexdigest()[:16]

    def body(self) -> dict[str, object]:
        hint = json.dumps([self.path, self.include, self.exclude])
        attrs = {"local.sharedkeyhint": hint, "local.unique": self.unique}
        if self.include:
            attrs["local.includepattern"] = json.dumps(self.include)
        if self.exclude:
            attrs["local.excludepatterns"] = json.dumps(self.exclude)
        return {"source": pb.SourceOp(identifier=f"local://{self.name}", attrs=attrs)}


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
    """A folder in memory that ends with the command."""

    dest: str


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


@dataclass(frozen=True)
class Owner:
    """The ids of a user and a group."""

    user: int
    group: int


@dataclass(frozen=True)
class Copy:
    """Copies `src` of another filesystem; with `contents`, a folder's entries and not itself.

    Where `src` is a link, what it leads to is copied; links below it stay links.
    """

    source: Output
    src: str
    dest: str
    contents: bool = False
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    mode: int = KEEP
    owner: Owner | None = None
    timestamp: int = KEEP
    """Nanoseconds since 1970."""


@dataclass(frozen=True)
class MakeFile:
    path: str
    data: bytes
    mode: int = 0o644
    owner: Owner | None = None


@dataclass(frozen=True)
class MakeDir:
    path: str
    mode: int = 0o755
    parents: bool = True
    owner: Owner | None = None


@dataclass(frozen=True)
class Remove:
    path: str
    allow_not_found: bool = True
    allow_wildcard: bool = False


@dataclass(frozen=True)
class Symlink:
    target: str
    path: str


FileAction = Copy | MakeFile | MakeDir | Remove | Symlink


@dataclass(frozen=True, eq=False)
class FileOp(Op):
    """File actions, one after another, on `base`; done by the daemon without executing anything."""

    base: Output | None
    actions: tuple[FileAction, ...] = field(default=())

    @cached_property
    def inputs(self) -> tuple[Output, ...]:  # type: ignore[override]
        distinct: dict[str, Output] = {}
        if self.base is not None:
            distinct[self.base.key] = self.base
        for action in self.actions:
            if isinstance(action, Copy):
                distinct.setdefault(action.source.key, action.source)
        return tuple(distinct.values())

    def body(self) -> dict[str, object]:
        index = {source.key: i for i, source in enumerate(self.inputs)}
        base = SCRATCH if self.base is None else index[self.base.key]
        actions = []
        for number, action in enumerate(self.actions):
            # an action reads what the one before it made; results are numbered after the inputs
            previous = base if number == 0 else len(self.inputs) + number - 1
            last = number == len(self.actions) - 1
            secondary = index[action.source.key] if isinstance(action, Copy) else SCRATCH
            actions.append(
                pb.FileAction(
                    input=previous,
                    secondary_input=secondary,
                    output=0 if last else UNUSED,
                    **_action(action),
                )
            )
        return {"file": pb.FileOp(actions=actions)}


def _action(action: FileAction) -> dict[str, object]:
    match action:
        case Copy():
            return {
                "copy": pb.FileActionCopy(
                    src=action.src,
                    dest=action.dest,
                    owner=_chown(action.owner),
                    mode=action.mode,
                    follow_symlink=True,
                    dir_copy_contents=action.contents,
                    create_dest_path=True,
                    timestamp=action.timestamp,
                    include_patterns=action.include,
                    exclude_patterns=action.exclude,
                )
            }
        case MakeFile():
            return {
                "mkfile": pb.FileActionMkFile(
                    path=action.path,
                    mode=action.mode,
                    data=action.data,
                    owner=_chown(action.owner),
                    timestamp=KEEP,
                )
            }
        case MakeDir():
            return {
                "mkdir": pb.FileActionMkDir(
                    path=action.path,
                    mode=action.mode,
                    make_parents=action.parents,
                    owner=_chown(action.owner),
                    timestamp=KEEP,
                )
            }
        case Remove():
            return {
                "rm": pb.FileActionRm(
                    path=action.path,
                    allow_not_found=action.allow_not_found,
                    allow_wildcard=action.allow_wildcard,
                )
            }
        case Symlink():
            return {
                "symlink": pb.FileActionSymlink(
                    oldpath=action.target, newpath=action.path, timestamp=KEEP
                )
            }


def _chown(owner: Owner | None) -> pb.ChownOpt | None:
    if owner is None:
        return None
    return pb.ChownOpt(user=pb.UserOpt(by_id=owner.user), group=pb.UserOpt(by_id=owner.group))


@dataclass(frozen=True, eq=False)
class MergeOp(Op):
    """Several filesystems, one over the other."""

    parts: tuple[Output, ...]

    @property
    def inputs(self) -> tuple[Output, ...]:
        return self.parts

    def body(self) -> dict[str, object]:
        return {
            "merge": pb.MergeOp(inputs=[pb.MergeInput(input=i) for i in range(len(self.parts))])
        }


def has_fixed_times(output: Output | None) -> bool:
    """Whether no entry of the filesystem bears the time at which it was built.

    True of images, and of folders copied whole over a root with a time given, or from a filesystem
    of which it is true: copied folders get their times after what is in them. Whatever else is
    done changes the time of the folder around it.
    """
    # not by recursion: chains can be long
    needed = [output]
    while needed:
        match needed.pop():
            case None | Output(op=ImageSource()):
                pass
            case Output(op=FileOp(base=base, actions=actions)):
                needed.append(base)
                for action in actions:
                    if not _is_whole_copy(action):
                        return False
                    if action.timestamp == KEEP:
                        needed.append(action.source)
            case _:
                return False
    return True


def _is_whole_copy(action: FileAction) -> TypeGuard[Copy]:
    return (
        isinstance(action, Copy)
        and action.contents
        and action.dest == "/"
        and not (action.include or action.exclude)
    )


def walk(outputs: Iterable[Output]) -> list[Op]:
    """Every operation that the outputs need, inputs before those that read them, each once."""
    ordered: dict[str, Op] = {}
    stack: list[tuple[Op, bool]] = [(output.op, False) for output in outputs]
    while stack:
        op, inputs_done = stack.pop()
        if op.digest in ordered:
            continue
        if inputs_done:
            ordered[op.digest] = op
        else:
            stack.append((op, True))
            stack.extend((i.op, False) for i in op.inputs)
    return list(ordered.values())
