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
class CopyFile:
    """Copies one file, in place of a file or a link that is at `dest`.

    Fails where `dest` leads to a folder, or `src` to one: what is to be done then, a file action
    cannot tell (see llb.commands).
    """

    source: Output
    src: str
    dest: str
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


FileAction = Copy | CopyFile | MakeFile | MakeDir | Remove | Symlink


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
            if isinstance(action, Copy | CopyFile):
                distinct.setdefault(action.source.key, action.source)
        return tuple(distinct.values())

    @cached_property
    def has_set_times(self) -> bool:  # type: ignore[override]
        copied = (action for action in self.actions if isinstance(action, Copy | CopyFile))
        return any(a.timestamp != KEEP or a.source.op.has_set_times for a in copied) or (
            self.base is not None and self.base.op.has_set_times
        )

    def body(self) -> dict[str, object]:
        steps = _Steps(self.inputs)
        current = SCRATCH if self.base is None else steps.number_of(self.base)
        for action in self.actions:
            match action:
                case Copy():
                    current = steps.copy(current, action)
                case CopyFile():
                    current = steps.copy_file(current, action)
                case _:
                    current = steps.add(current, **_action(action))
        return {"file": pb.FileOp(actions=steps.ending_with(current))}


class _Steps:
    """BuildKit's own actions: each has a number, counted on from the inputs' numbers."""

    def __init__(self, inputs: tuple[Output, ...]) -> None:
        self._numbers = {source.key: number for number, source in enumerate(inputs)}
        self._made: list[pb.FileAction] = []
        self._checks = 0

    def number_of(self, source: Output) -> int:
        return self._numbers[source.key]

    def add(self, on: int, source: int = SCRATCH, output: int = UNUSED, **what: object) -> int:
        """One action on what number `on` made."""
        step = pb.FileAction(input=on, secondary_input=source, output=output, **what)  # type: ignore[arg-type]
        self._made.append(step)
        return len(self._numbers) + len(self._made) - 1

    def copy(self, on: int, action: Copy) -> int:
        return self.add(on, self._source(action.source), **_action(action))

    def copy_file(self, on: int, action: CopyFile) -> int:
        path, source = action.dest, self._source(action.source)
        # A file cannot be made where there is a folder. Made beside, as a further output: through
        # a link it would change what the link leads to.
        if on != SCRATCH:
            self._checks += 1
            self.add(on, output=self._checks, **_action(MakeFile(path, b"")))
            on = self.add(on, **_action(Remove(path)))
        # nor can a folder be copied where there is a file
        on = self.add(on, **_action(MakeFile(path, b"")))
        copy = Copy(
            action.source,
            action.src,
            path,
            mode=action.mode,
            owner=action.owner,
            timestamp=action.timestamp,
        )
        return self.add(on, source, **_action(copy))

    def ending_with(self, last: int) -> list[pb.FileAction]:
        self._made[last - len(self._numbers)].output = 0
        return self._made

    def _source(self, source: Output) -> int:
        """What is copied from.

        BuildKit takes copies of equal files for equal, whatever the files' times. Of what another
        action made it does not look at the files: where times were set, one that changes nothing
        is put between.
        """
        number = self.number_of(source)
        return self.add(number, **_action(MakeDir("/"))) if source.op.has_set_times else number


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
