"""What is done to files by the daemon itself, without executing anything."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TypeGuard

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.operation import KEEP, SCRATCH, UNUSED, Op, Output
from buildkit_engine.llb.sources import ImageSource


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
