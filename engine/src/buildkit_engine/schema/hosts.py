"""Query.host and what is read of this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.model.hosts import Host
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.files import Directory, File
    from buildkit_engine.schema.context import Context


@serves("Query", "host")
def host(context: Context, _parent: None) -> Host:
    return Host(context.host_folder, context.snapshots)


@serves("Host", "directory")
def directory(
    _context: Context,
    host: Host,
    *,
    path: str,
    exclude: list[str] | None = None,
    include: list[str] | None = None,
    no_cache: bool | None = None,
    gitignore: bool | None = None,
) -> Directory:
    return host.directory(
        path,
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        gitignore=bool(gitignore),
        fresh=bool(no_cache),
    )


@serves("Host", "file")
def file(_context: Context, host: Host, *, path: str, no_cache: bool | None = None) -> File:
    return host.file(path, fresh=bool(no_cache))


@serves("Host", "findUp")
def find_up(
    _context: Context, host: Host, *, name: str, no_cache: bool | None = None
) -> str | None:
    return host.find_up(name, fresh=bool(no_cache))
