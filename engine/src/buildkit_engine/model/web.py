"""Files of the web."""

from __future__ import annotations

import posixpath
import re
from urllib.parse import unquote, urlsplit

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import HttpSource
from buildkit_engine.model.files import File

_SCHEMES = ("http", "https")
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")


def web_file(
    url: str,
    *,
    name: str | None = None,
    mode: int = 0o600,
    checksum: str = "",
    header_secret: str = "",
) -> File:
    """The file at an address, by the last part of its path unless it is given another name.

    Raises RequestError for what is no address, name or checksum.
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        raise RequestError(f"invalid address '{url}': expected http://… or https://…") from None
    if parts.scheme not in _SCHEMES or not parts.netloc:
        raise RequestError(
            f"unsupported protocol scheme \"{parts.scheme}\" of '{url}': expected http or https"
        )
    if checksum and not _DIGEST.fullmatch(checksum):
        raise RequestError(
            f'invalid checksum "{checksum}": expected sha256: and 64 hexadecimal digits'
        )
    if name is None:
        name = posixpath.basename(unquote(parts.path).rstrip("/")) or "index"
    if "/" in name:
        raise RequestError(f'file name "{name}" must not contain a directory')
    source = HttpSource(f"get {url}", url, name, mode, checksum, header_secret)
    return File(source.output, f"/{name}")
