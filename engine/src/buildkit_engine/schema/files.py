"""File's fields."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.files import Directory
from buildkit_engine.schema.registry import serves
from buildkit_engine.schema.stats import Stat

if TYPE_CHECKING:
    from buildkit_engine.model.files import File
    from buildkit_engine.schema.context import Context


@serves("Query", "file")
def new_file(
    _context: Context, _parent: None, *, name: str, contents: str, permissions: int | None = None
) -> File:
    if "/" in name:
        raise RequestError(f'file name "{name}" must not contain a directory')
    made = Directory().with_new_file(name, contents.encode(), mode=permissions or 0o644)
    return made.file(name)


@serves("File", "sync")
def file_sync(context: Context, file: File) -> str:
    context.evaluator.file_entry(file)
    return context.objects.id_of(file)


@serves("File", "stat")
def file_stat(context: Context, file: File) -> Stat:
    return Stat(context.evaluator.file_entry(file))


@serves("File", "contents")
def contents(
    context: Context, file: File, *, offset_lines: int | None = None, limit_lines: int | None = None
) -> str:
    text = context.evaluator.read(file).decode(errors="replace")
    if offset_lines is None and limit_lines is None:
        return text
    # only \n ends a line: str.splitlines knows more
    lines = re.findall(r"[^\n]*\n|[^\n]+", text)[max(offset_lines or 0, 0) :]
    # as on a Dagger engine, a limit below zero is none
    limit = None if limit_lines is None or limit_lines < 0 else limit_lines
    return "".join(lines[:limit])


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


@serves("File", "digest")
def digest(context: Context, file: File, *, exclude_metadata: bool | None = None) -> str:
    context.evaluator.file_entry(file)
    return context.evaluator.digest(file, exclude_metadata=bool(exclude_metadata))


@serves("File", "chown")
def chown(context: Context, file: File, *, owner: str) -> File:
    to = context.owner(owner, file.output)
    if to is None:
        msg = "chown: an owner is needed, as in 'user', 'user:group' or '1000:1000'"
        raise RequestError(msg)
    return file.with_owner(to, context.evaluator.tool)


@serves("File", "withReplaced")
def with_replaced(
    context: Context,
    file: File,
    *,
    search: str,
    replacement: str,
    all: bool | None = None,  # noqa: A002 - the API's name
    first_from: int | None = None,
) -> File:
    tool = context.evaluator.tool
    return file.with_replaced(search, replacement, tool, all_=bool(all), first_from=first_from)


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
