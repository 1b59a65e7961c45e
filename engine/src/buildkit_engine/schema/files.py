"""File's fields."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.schema.registry import serves
from buildkit_engine.schema.stats import Stat

if TYPE_CHECKING:
    from buildkit_engine.model.files import File
    from buildkit_engine.schema.context import Context


@serves("File", "sync")
def file_sync(context: Context, file: File) -> str:
    context.evaluator.file_entry(file)
    return context.objects.id_of(file)


@serves("File", "stat")
def file_stat(context: Context, file: File) -> Stat:
    return Stat(context.evaluator.file_entry(file))


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
