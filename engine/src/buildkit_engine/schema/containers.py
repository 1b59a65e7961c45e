"""Container's fields."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit_engine.model.container import (
    CacheVolume,
    Container,
    Credentials,
    Mounted,
    with_source,
)
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.hosts import Secret
from buildkit_engine.model.image import variants
from buildkit_engine.schema.context import PushOptions
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Expect
    from buildkit_engine.schema.context import Context

_EXPECT: dict[str, Expect] = {"SUCCESS": "success", "FAILURE": "failure", "ANY": "any"}


# -- where it comes from


@serves("Container", "from")
def from_(context: Context, container: Container, *, address: str) -> Container:
    return container.from_(context.images.resolve(address, container.platform))


@serves("Container", "platform")
def platform(_context: Context, container: Container) -> str:
    return container.platform


@serves("Container", "rootfs")
def rootfs(_context: Context, container: Container) -> Directory:
    return container.rootfs


@serves("Container", "withRootfs")
def with_rootfs(context: Context, container: Container, *, directory: str) -> Container:
    return container.with_rootfs(context.load(directory, Directory))


@serves("Container", "sync")
def sync(context: Context, container: Container) -> str:
    context.evaluator.sync(container.fs)
    return context.objects.id_of(container)


# -- files


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


@serves("Container", "withoutDirectory", "withoutFile")
def without_path(_context: Context, container: Container, *, path: str) -> Container:
    return container.edit(path, lambda directory, inner: directory.without(inner))


# -- mounts


@serves("Container", "withMountedDirectory")
def with_mounted_directory(
    context: Context, container: Container, *, path: str, source: str
) -> Container:
    return container.with_mounted(Mounted(path, context.load(source, Directory)))


@serves("Container", "withMountedFile")
def with_mounted_file(
    context: Context, container: Container, *, path: str, source: str
) -> Container:
    mounted = context.load(source, File)
    directory = Directory(mounted.output, mounted.path)
    return container.with_mounted(Mounted(path, directory, is_file=True))


@serves("Container", "withMountedCache")
def with_mounted_cache(
    context: Context,
    container: Container,
    *,
    path: str,
    cache: str,
    source: str | None = None,
    sharing: str | None = None,
) -> Container:
    mounted = Mounted(
        path,
        context.load(source, Directory) if source else None,
        cache=context.load(cache, CacheVolume),
        sharing=sharing or "SHARED",  # type: ignore[arg-type]
    )
    return container.with_mounted(mounted)


@serves("Container", "withMountedTemp")
def with_mounted_temp(_context: Context, container: Container, *, path: str) -> Container:
    return container.with_mounted(Mounted(path))


@serves("Container", "withoutMount")
def without_mount(_context: Context, container: Container, *, path: str) -> Container:
    return container.without_mount(path)


# -- commands


@serves("Container", "withExec")
def with_exec(
    context: Context,
    container: Container,
    *,
    args: list[str],
    use_entrypoint: bool | None = None,
    expect: str | None = None,
    expand: bool | None = None,
    no_init: bool | None = None,  # noqa: ARG001 - the shim is no init: there is none to leave out
) -> Container:
    return container.with_exec(
        tuple(container.expanded(arg, expand=expand) for arg in args),
        shim=context.evaluator.shim,
        use_entrypoint=bool(use_entrypoint),
        expect=_EXPECT[expect or "SUCCESS"],
    )


@serves("Container", "stdout")
def stdout(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("stdout")).decode(errors="replace")


@serves("Container", "stderr")
def stderr(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("stderr")).decode(errors="replace")


@serves("Container", "combinedOutput")
def combined_output(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("combined")).decode(errors="replace")


@serves("Container", "exitCode")
def exit_code(context: Context, container: Container) -> int:
    return int(context.evaluator.read(container.told("exitCode")))


# -- registries


@serves("Container", "withRegistryAuth")
def with_registry_auth(
    context: Context, container: Container, *, address: str, username: str, secret: str
) -> Container:
    added = Credentials(address, username, context.load(secret, Secret).name)
    return replace(container, credentials=(*container.credentials, added))


@serves("Container", "publish")
def publish(
    context: Context,
    container: Container,
    *,
    address: str,
    platform_variants: list[str] | None = None,
    forced_compression: str | None = None,
    media_types: str | None = None,
) -> str:
    images = variants(container, context.load_all(platform_variants, Container))
    options = _push_options(forced_compression, media_types)
    return context.images.publish(address, _with_credentials(container, images), options)


@serves("Container", "asTarball")
def as_tarball(
    context: Context,
    container: Container,
    *,
    platform_variants: list[str] | None = None,
    forced_compression: str | None = None,
    media_types: str | None = None,
) -> File:
    images = variants(container, context.load_all(platform_variants, Container))
    return context.images.tarball(images, _push_options(forced_compression, media_types))


def _with_credentials(container: Container, images: list[Container]) -> list[Container]:
    """The credentials of the container that publishes are everyone's."""
    return [
        replace(i, credentials=tuple(dict.fromkeys((*container.credentials, *i.credentials))))
        for i in images
    ]


def _push_options(forced_compression: str | None, media_types: str | None) -> PushOptions:
    compression = (forced_compression or "").lower()
    return PushOptions(compression, oci=not (media_types or "").upper().startswith("DOCKER"))
