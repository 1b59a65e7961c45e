"""Directory's fields."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.files import Directory, File
from buildkit_engine.schema.globs import glob_matcher
from buildkit_engine.schema.registry import serves
from buildkit_engine.schema.stats import FILE_TYPES, Stat

if TYPE_CHECKING:
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
    matches = glob_matcher(pattern)
    return [
        e.path + ("/" if e.type == "directory" else "")
        for e in context.evaluator.tree(directory)
        if matches(e.path)
    ]


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
    if not path:
        return False
    try:
        found = context.evaluator.entry(directory.file(path), follow=follow)
    except RequestError:
        return False
    return expected_type in (None, FILE_TYPES[found.type])


@serves("Directory", "stat")
def stat(
    context: Context,
    directory: Directory,
    *,
    path: str,
    do_not_follow_symlinks: bool | None = None,
) -> Stat:
    if not path:
        msg = "stat : no such file or directory"
        raise RequestError(msg)
    follow = not do_not_follow_symlinks
    return Stat(context.evaluator.entry(directory.file(path), follow=follow))


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
    gitignore: bool | None = None,
    owner: str | None = None,
    permissions: int | None = None,
) -> Directory:
    copied = context.load(source, Directory)
    if gitignore:
        copied = copied.without_ignored(context.evaluator.tool)
    return parent.with_directory(
        path,
        copied,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        mode=-1 if permissions is None else permissions,
        owner=context.owner(owner, parent.output),
    )


@serves("Directory", "filter")
def filter_(
    context: Context,
    parent: Directory,
    *,
    exclude: list[str] | None = None,
    include: list[str] | None = None,
    gitignore: bool | None = None,
) -> Directory:
    if gitignore:
        parent = parent.without_ignored(context.evaluator.tool)
    return parent.filtered(include=tuple(include or ()), exclude=tuple(exclude or ()))


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


@serves("Directory", "withFiles")
def with_files(
    context: Context,
    parent: Directory,
    *,
    path: str,
    sources: list[str],
    permissions: int | None = None,
) -> Directory:
    mode = -1 if permissions is None else permissions
    return parent.with_files(path, context.load_all(sources, File), mode=mode)


@serves("Directory", "withSymlink")
def with_symlink(_context: Context, parent: Directory, *, target: str, link_name: str) -> Directory:
    return parent.with_symlink(target, link_name)


@serves("Directory", "withNewFile")
def with_new_file(
    _context: Context,
    parent: Directory,
    *,
    path: str,
    contents: str,
    permissions: int | None = None,
) -> Directory:
    # no permissions at all cannot be asked for
    mode = permissions or 0o644
    return parent.with_new_file(path, contents.encode(), mode=mode)


@serves("Directory", "withNewDirectory")
def with_new_directory(
    _context: Context, parent: Directory, *, path: str, permissions: int | None = None
) -> Directory:
    return parent.with_new_directory(
        path, mode=0o644 if permissions is None else permissions or 0o755
    )


@serves("Directory", "withoutDirectory", "withoutFile")
def without(_context: Context, parent: Directory, *, path: str) -> Directory:
    return parent.without(path)


@serves("Directory", "withoutFiles")
def without_files(_context: Context, parent: Directory, *, paths: list[str]) -> Directory:
    return parent.without(*paths)


@serves("Directory", "withTimestamps")
def with_timestamps(_context: Context, parent: Directory, *, timestamp: int) -> Directory:
    return parent.with_timestamps(timestamp)


@serves("Directory", "chown")
def chown(context: Context, parent: Directory, *, path: str, owner: str) -> Directory:
    to = context.owner(owner, parent.output)
    if to is None:
        msg = "chown: an owner is needed, as in 'user', 'user:group' or '1000:1000'"
        raise RequestError(msg)
    return parent.with_owner(path, to, context.evaluator.tool)


@serves("Directory", "diff")
def diff(context: Context, parent: Directory, *, other: str) -> Directory:
    return parent.diff(context.load(other, Directory))


@serves("Directory", "withError")
def with_error(_context: Context, parent: Directory, *, err: str) -> Directory:
    if err:
        raise RequestError(err)
    return parent


# -- what is known of it


@serves("Directory", "name")
def name(context: Context, directory: Directory) -> str:
    """With a slash behind, as Dagger names a folder."""
    found = context.evaluator.entry(directory.file("."))
    if found.type != "directory":
        raise RequestError(f"path {directory.path} is a file, not a directory")
    return posixpath.basename(directory.path) + "/"


@serves("Directory", "digest")
def digest(context: Context, directory: Directory) -> str:
    return context.evaluator.digest(directory.file("."))


@serves("Directory", "findUp")
def find_up(context: Context, directory: Directory, *, name: str, start: str) -> str | None:
    """The path of the first `name` in `start` or a folder that it is in."""
    if not name:
        msg = "name cannot be empty"
        raise RequestError(msg)
    folder = posixpath.normpath(start or ".")
    if folder.startswith("../"):
        raise RequestError(f"cannot search outside parent: {folder}")
    context.evaluator.tree(directory.directory(folder))
    while True:
        if exists(
            context, directory, path=posixpath.join(folder, name), do_not_follow_symlinks=True
        ):
            return posixpath.normpath(posixpath.join(folder, name))
        parent = posixpath.dirname(folder) or "."
        if parent == folder:
            return None
        folder = parent


@serves("Directory", "export")
def export(context: Context, directory: Directory, *, path: str, wipe: bool | None = None) -> str:
    target = context.on_host(path)
    context.evaluator.export_directory(directory, target, wipe=bool(wipe))
    return str(target)
