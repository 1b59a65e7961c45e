"""The root of the API: where containers and folders come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit_engine.model.container import Container
from buildkit_engine.model.files import Directory
from buildkit_engine.model.mounts import CacheVolume
from buildkit_engine.model.platforms import canonical
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.schema.context import Context


@serves("Query", "version")
def version(context: Context, _parent: None) -> str:
    return context.version


@serves("Query", "defaultPlatform")
def default_platform(context: Context, _parent: None) -> str:
    return context.host_platform


@serves("Query", "node")
def node(context: Context, _parent: None, *, id: str) -> Any:  # noqa: A002 - the API's name
    return context.objects.get(id)


@serves("Query", "container")
def container(context: Context, _parent: None, *, platform: str | None = None) -> Container:
    return Container(canonical(platform) if platform else context.host_platform)


@serves("Query", "directory")
def directory(_context: Context, _parent: None) -> Directory:
    return Directory()


@serves("Query", "cacheVolume")
def cache_volume(_context: Context, _parent: None, *, key: str) -> CacheVolume:
    return CacheVolume(key)
