"""Directory's and File's fields."""

from __future__ import annotations

import posixpath
import re
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.container import owner_of
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.paths import inside
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
    """`**` is any depth, `*` and `?` stay within a name."""
    parts = re.split(r"(\*\*/|\*\*|\*|\?)", pattern.lstrip("/"))
    forms = {"**/": "(?:.*/)?", "**": ".*", "*": "[^/]*", "?": "[^/]"}
    return re.compile("".join(forms.get(part) or re.escape(part) for part in parts))


@serves("Directory", "exists")
def exists(
    context: Context, directory: Directory, *, path: str, expected_type: str | None = None
) -> bool:
    wanted = {"REGULAR_TYPE": "file", "DIRECTORY_TYPE": "directory", "SYMLINK_TYPE": "symlink"}
    expected = wanted.get(expected_type or "")
    clean = inside(path).lstrip("/")
    if not clean:
        return expected in (None, "directory")
    return any(
        e.path == clean and expected in (None, e.type) for e in context.evaluator.tree(directory)
    )


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
def stat(context: Context, directory: Directory, *, path: str) -> Stat:
    return Stat(context.evaluator.entry(directory.file(path)))


@serves("File", "stat")
def file_stat(context: Context, file: File) -> Stat:
    return Stat(context.evaluator.entry(file))


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
        owner=owner_of(owner or ""),
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
    return parent.with_file(path, source_file, mode=mode, owner=owner_of(owner or ""))


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
    return parent.with_new_directory(path, mode=0o755 if permissions is None else permissions)


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
    target = Path(context.host_folder, path).absolute()
    context.evaluator.export_directory(directory, target)
    return str(target)


@serves("File", "sync")
def file_sync(context: Context, file: File) -> str:
    context.evaluator.entry(file)
    return context.objects.id_of(file)


@serves("File", "contents")
def contents(context: Context, file: File) -> str:
    try:
        return context.evaluator.read(file).decode()
    except UnicodeDecodeError:
        raise RequestError(f"{file.path}: its contents are not text in UTF-8") from None


@serves("File", "size")
def size(context: Context, file: File) -> int:
    return context.evaluator.entry(file).size


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
    target = Path(context.host_folder, path).absolute()
    if allow_parent_dir_path and (target.is_dir() or path.endswith("/")):
        target /= posixpath.basename(file.path)
    elif target.is_dir():
        raise RequestError(f"destination '{path}' is a directory: give the file's name as well")
    context.evaluator.export_file(file, target)
    return str(target)
