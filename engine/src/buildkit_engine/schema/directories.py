"""Directory's and File's fields."""

from __future__ import annotations

import posixpath
import re
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.files import Directory, File
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.evaluate import Entry
    from buildkit_engine.schema.context import Context


@serves("Directory", "sync")
def sync(context: Context, directory: Directory) -> str:
    # a directory of a container may be missing although the container can be built
    context.evaluator.tree(directory)
    return context.objects.id_of(directory)


@serves("Directory", "entries")
def entries(context: Context, directory: Directory, *, path: str | None = None) -> list[str]:
    """Names, folders with a slash behind, as Dagger lists them."""
    listed = context.evaluator.tree(directory.directory(path) if path else directory)
    return [e.path + ("/" if e.type == "directory" else "") for e in listed if "/" not in e.path]


@serves("Directory", "glob")
def glob(context: Context, directory: Directory, *, pattern: str) -> list[str]:
    matches = _glob(pattern).fullmatch
    return [
        e.path + ("/" if e.type == "directory" else "")
        for e in context.evaluator.tree(directory)
        if matches(e.path)
    ]


def _glob(pattern: str) -> re.Pattern[str]:
    """`**` is any depth, `*` and `?` stay within a name, [a-c] is one letter of several."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?|\[[^\]]+\]|\\.)", posixpath.normpath(pattern))
    forms = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    texts, wildcards = parts[::2], parts[1::2]
    if any("[" in text for text in texts):
        msg = "failed to create glob pattern matcher: syntax error in pattern"
        raise RequestError(msg)
    return re.compile(
        "".join(
            re.escape(text) + forms.get(wildcard, wildcard)
            for text, wildcard in zip(texts, [*wildcards, ""], strict=True)
        )
    )


@serves("Directory", "exists")
def exists(
    context: Context,
    directory: Directory,
    *,
    path: str,
    expected_type: str | None = None,
    do_not_follow_symlinks: bool | None = None,
) -> bool:
    follow = not do_not_follow_symlinks and expected_type != "SYMLINK_TYPE"
    try:
        found = context.evaluator.entry(directory.file(path), follow=follow)
    except RequestError:
        return False
    return expected_type in (None, _TYPES[found.type])


@dataclass(frozen=True)
class Stat:
    """What is known of a file or folder without its contents."""

    entry: Entry

    def key(self) -> object:
        return asdict(self)


_TYPES = {
    "file": "REGULAR_TYPE",
    "directory": "DIRECTORY_TYPE",
    "symlink": "SYMLINK_TYPE",
    "other": "UNKNOWN",
}


@serves("Directory", "stat")
def stat(
    context: Context,
    directory: Directory,
    *,
    path: str,
    do_not_follow_symlinks: bool | None = None,
) -> Stat:
    follow = not do_not_follow_symlinks
    return Stat(context.evaluator.entry(directory.file(path), follow=follow))


@serves("File", "stat")
def file_stat(context: Context, file: File) -> Stat:
    return Stat(context.evaluator.file_entry(file))


@serves("Stat", "name")
def stat_name(_context: Context, stat: Stat) -> str:
    return posixpath.basename(stat.entry.path)


@serves("Stat", "size")
def stat_size(_context: Context, stat: Stat) -> int:
    return stat.entry.size


@serves("Stat", "fileType")
def stat_type(_context: Context, stat: Stat) -> str:
    return _TYPES[stat.entry.type]


@serves("Stat", "permissions")
def stat_permissions(_context: Context, stat: Stat) -> int:
    return stat.entry.mode


@serves("Directory", "directory")
def directory(_context: Context, parent: Directory, *, path: str) -> Directory:
    return parent.directory(path)


@serves("Directory", "file")
def file(_context: Context, parent: Directory, *, path: str) -> File:
    return parent.file(path)


@serves("Directory", "withDirectory")
def with_directory(
    context: Context,
    parent: Directory,
    *,
    path: str,
    source: str,
    exclude: list[str] | None = None,
    include: list[str] | None = None,
    owner: str | None = None,
) -> Directory:
    return parent.with_directory(
        path,
        context.load(source, Directory),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        owner=context.owner(owner, parent.output),
    )


@serves("Directory", "filter")
def filter_(
    _context: Context,
    parent: Directory,
    *,
    exclude: list[str] | None = None,
    include: list[str] | None = None,
) -> Directory:
    filters = {"include": tuple(include or ()), "exclude": tuple(exclude or ())}
    return Directory().with_directory("/", parent, **filters)


@serves("Directory", "withFile")
def with_file(
    context: Context,
    parent: Directory,
    *,
    path: str,
    source: str,
    permissions: int | None = None,
    owner: str | None = None,
) -> Directory:
    mode = -1 if permissions is None else permissions
    source_file = context.load(source, File)
    return parent.with_file(path, source_file, mode=mode, owner=context.owner(owner, parent.output))


@serves("Directory", "withNewFile")
def with_new_file(
    _context: Context,
    parent: Directory,
    *,
    path: str,
    contents: str,
    permissions: int | None = None,
) -> Directory:
    mode = 0o644 if permissions is None else permissions
    return parent.with_new_file(path, contents.encode(), mode=mode)


@serves("Directory", "withNewDirectory")
def with_new_directory(
    _context: Context, parent: Directory, *, path: str, permissions: int | None = None
) -> Directory:
    return parent.with_new_directory(path, mode=0o644 if permissions is None else permissions)


@serves("Directory", "withoutDirectory", "withoutFile")
def without(_context: Context, parent: Directory, *, path: str) -> Directory:
    return parent.without(path)


@serves("Directory", "withoutFiles")
def without_files(_context: Context, parent: Directory, *, paths: list[str]) -> Directory:
    return parent.without(*paths)


@serves("Directory", "withTimestamps")
def with_timestamps(_context: Context, parent: Directory, *, timestamp: int) -> Directory:
    return parent.with_timestamps(timestamp)


@serves("Directory", "export")
def export(context: Context, directory: Directory, *, path: str) -> str:
    target = context.on_host(path)
    context.evaluator.export_directory(directory, target)
    return str(target)


@serves("File", "sync")
def file_sync(context: Context, file: File) -> str:
    context.evaluator.file_entry(file)
    return context.objects.id_of(file)


@serves("File", "contents")
def contents(context: Context, file: File) -> str:
    return context.evaluator.read(file).decode(errors="replace")


@serves("File", "size")
def size(context: Context, file: File) -> int:
    return context.evaluator.file_entry(file).size


@serves("File", "name")
def name(_context: Context, file: File) -> str:
    return file.name


@serves("File", "withName")
def with_name(_context: Context, file: File, *, name: str) -> File:
    return file.with_name(name)


@serves("File", "withTimestamps")
def file_with_timestamps(_context: Context, file: File, *, timestamp: int) -> File:
    return file.with_timestamps(timestamp)


@serves("File", "export")
def file_export(
    context: Context, file: File, *, path: str, allow_parent_dir_path: bool | None = None
) -> str:
    named = target = context.on_host(path)
    if target.is_dir():
        if not allow_parent_dir_path:
            raise RequestError(
                f'destination "{target}" is a directory; must be a file path unless '
                "allowParentDirPath is set"
            )
        target /= file.name
    context.evaluator.export_file(file, target)
    return str(named)
