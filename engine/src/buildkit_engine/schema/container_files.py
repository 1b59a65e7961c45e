"""Container's fields: what is in it, and what is put into it or taken out of it."""

from __future__ import annotations

import posixpath
from typing import TYPE_CHECKING

from buildkit_engine.model.container import with_source
from buildkit_engine.model.files import Directory, File
from buildkit_engine.schema import directories
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context


@serves("Container", "directory")
def directory(
    _context: Context, container: Container, *, path: str, expand: bool | None = None
) -> Directory:
    return container.directory(container.expanded(path, expand=expand))


@serves("Container", "file")
def file(_context: Context, container: Container, *, path: str, expand: bool | None = None) -> File:
    return container.file(container.expanded(path, expand=expand))


@serves("Container", "withDirectory")
def with_directory(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    exclude: list[str] | None = None,
    include: list[str] | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    return with_source(
        container,
        container.expanded(path, expand=expand),
        context.load(source, Directory),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        owner=context.owner(owner, container.fs),
    )


@serves("Container", "withFile")
def with_file(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    permissions: int | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    return with_source(
        container,
        container.expanded(path, expand=expand),
        context.load(source, File),
        mode=-1 if permissions is None else permissions,
        owner=context.owner(owner, container.fs),
    )


@serves("Container", "withNewFile")
def with_new_file(
    context: Context,
    container: Container,
    *,
    path: str,
    contents: str,
    permissions: int | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    mode = 0o644 if permissions is None else permissions

    def change(directory: Directory, inner: str) -> Directory:
        return directory.with_new_file(
            inner, contents.encode(), mode=mode, owner=context.owner(owner, container.fs)
        )

    return container.edit(container.expanded(path, expand=expand), change)


@serves("Container", "withFiles")
def with_files(
    context: Context,
    container: Container,
    *,
    path: str,
    sources: list[str],
    permissions: int | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    folder = container.expanded(path, expand=expand)
    mode = -1 if permissions is None else permissions
    owned_by = context.owner(owner, container.fs)
    for source in context.load_all(sources, File):
        target = posixpath.join(folder, source.name)
        container = with_source(container, target, source, mode=mode, owner=owned_by)
    return container


@serves("Container", "withSymlink")
def with_symlink(
    _context: Context,
    container: Container,
    *,
    target: str,
    link_name: str,
    expand: bool | None = None,
) -> Container:
    leads_to = container.expanded(target, expand=expand)
    path = container.expanded(link_name, expand=expand)
    return container.edit(path, lambda directory, inner: directory.with_symlink(leads_to, inner))


@serves("Container", "withoutDirectory", "withoutFile")
def without_path(
    _context: Context, container: Container, *, path: str, expand: bool | None = None
) -> Container:
    return container.without_path(container.expanded(path, expand=expand))


@serves("Container", "withoutFiles")
def without_files(
    _context: Context, container: Container, *, paths: list[str], expand: bool | None = None
) -> Container:
    for path in [container.expanded(path, expand=expand) for path in paths]:
        container = container.without_path(path)
    return container


@serves("Container", "exists")
def exists(
    context: Context,
    container: Container,
    *,
    path: str,
    expected_type: str | None = None,
    do_not_follow_symlinks: bool | None = None,
    expand: bool | None = None,
) -> bool:
    found = container.file(container.expanded(path, expand=expand))
    return directories.exists(
        context,
        Directory(found.output),
        path=found.path,
        expected_type=expected_type,
        do_not_follow_symlinks=do_not_follow_symlinks,
    )


@serves("Container", "stat")
def stat(
    context: Context,
    container: Container,
    *,
    path: str,
    do_not_follow_symlinks: bool | None = None,
) -> directories.Stat:
    found = container.file(path)
    return directories.stat(
        context,
        Directory(found.output),
        path=found.path,
        do_not_follow_symlinks=do_not_follow_symlinks,
    )
