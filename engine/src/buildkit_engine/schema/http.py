"""Files of the web."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.model.web import web_file
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.files import File
    from buildkit_engine.schema.context import Context


@serves("Query", "http")
def http(
    context: Context,
    _parent: None,
    *,
    url: str,
    name: str | None = None,
    permissions: int | None = None,
    checksum: str | None = None,
    auth_header: str | None = None,
) -> File:
    return web_file(
        url,
        name=name,
        mode=0o600 if permissions is None else permissions,
        checksum=checksum or "",
        header_secret=context.usable_secret(auth_header).handle if auth_header else "",
    )
