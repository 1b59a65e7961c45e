"""Container's fields: what is mounted when a command runs."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.mounts import CacheVolume, Mounted, owned_directory, owned_file
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context


@serves("Container", "mounts")
def mounts(_context: Context, container: Container) -> list[str]:
    return [mounted.target for mounted in container.mounts]


@serves("Container", "withMountedDirectory")
def with_mounted_directory(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    owner: str | None = None,
    read_only: bool | None = None,
    expand: bool | None = None,
) -> Container:
    directory = owned_directory(context.load(source, Directory), context.owner(owner, container.fs))
    target = container.expanded(path, expand=expand)
    return container.with_mounted(Mounted(target, directory, readonly=bool(read_only)))


@serves("Container", "withMountedFile")
def with_mounted_file(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    file = owned_file(context.load(source, File), context.owner(owner, container.fs))
    directory = Directory(file.output, file.path)
    target = container.expanded(path, expand=expand)
    return container.with_mounted(Mounted(target, directory, is_file=True))


@serves("Container", "withMountedCache")
def with_mounted_cache(
    context: Context,
    container: Container,
    *,
    path: str,
    cache: str,
    source: str | None = None,
    sharing: str | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    first = context.load(source, Directory) if source else None
    mounted = Mounted(
        container.expanded(path, expand=expand),
        owned_directory(first, context.owner(owner, container.fs)),
        cache=context.load(cache, CacheVolume),
        sharing=sharing or "SHARED",  # type: ignore[arg-type]
    )
    return container.with_mounted(mounted)


@serves("Container", "withMountedTemp")
def with_mounted_temp(
    _context: Context,
    container: Container,
    *,
    path: str,
    size: int | None = None,
    expand: bool | None = None,
) -> Container:
    target = container.expanded(path, expand=expand)
    return container.with_mounted(Mounted(target, size=size or 0))


@serves("Container", "withoutMount")
def without_mount(
    _context: Context, container: Container, *, path: str, expand: bool | None = None
) -> Container:
    return container.without_mount(container.expanded(path, expand=expand))
