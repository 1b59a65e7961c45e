"""Container's fields: registries, tarballs, and what an image is published with."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

from buildkit_engine.buildkit import runtimes
from buildkit_engine.buildkit.placing import placed
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.errors import RequestError
from buildkit_engine.model.container import Container
from buildkit_engine.model.files import File
from buildkit_engine.model.image import variants
from buildkit_engine.schema.context import PushOptions
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.schema.context import Context


@serves("Container", "withRegistryAuth")
def with_registry_auth(
    context: Context, container: Container, *, address: str, username: str, secret: str
) -> Container:
    password = context.evaluator.secrets[context.usable_secret(secret).handle]
    context.credentials.add(address, username, password)
    return container


@serves("Container", "withoutRegistryAuth")
def without_registry_auth(context: Context, container: Container, *, address: str) -> Container:
    context.credentials.remove(address)
    return container


@serves("Container", "withAnnotation")
def with_annotation(_context: Context, container: Container, *, name: str, value: str) -> Container:
    return container.changed(annotations=(*container.annotations, (name, value)))


@serves("Container", "withoutAnnotation")
def without_annotation(_context: Context, container: Container, *, name: str) -> Container:
    kept = list(container.annotations)
    first = next((pair for pair in kept if pair[0] == name), None)
    if first:
        kept.remove(first)
    return container.changed(annotations=tuple(kept))


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
    return context.images.publish(address, images, options)


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


@serves("Container", "export")
def export(
    context: Context,
    container: Container,
    *,
    path: str,
    platform_variants: list[str] | None = None,
    forced_compression: str | None = None,
    media_types: str | None = None,
    expand: bool | None = None,
) -> str:
    images = variants(container, context.load_all(platform_variants, Container))
    target = context.on_host(container.expanded(path, expand=expand))
    if target.is_dir():
        raise RequestError(f'destination "{target}" is a directory; must be a file path')
    packed = context.images.packed(images, _push_options(forced_compression, media_types))
    with placed(target) as whole:
        shutil.copyfile(packed, whole)
    return str(target)


@serves("Container", "exportImage")
def export_image(
    context: Context,
    container: Container,
    *,
    name: str,
    platform_variants: list[str] | None = None,
    forced_compression: str | None = None,
    media_types: str | None = None,
) -> None:
    reference = Reference.parse(name)
    runtime = runtimes.answering(name)
    images = variants(container, context.load_all(platform_variants, Container))
    packed = context.images.packed(images, _push_options(forced_compression, media_types))
    runtimes.load(runtime, packed, str(reference))


@serves("Container", "import")
def import_(
    context: Context, container: Container, *, source: str, tag: str | None = None
) -> Container:
    base = context.images.unpacked(context.load(source, File), container.platform, tag or "")
    return container.from_(base).changed()


def _push_options(forced_compression: str | None, media_types: str | None) -> PushOptions:
    compression = (forced_compression or "").lower()
    return PushOptions(compression, oci=not (media_types or "").upper().startswith("DOCKER"))
