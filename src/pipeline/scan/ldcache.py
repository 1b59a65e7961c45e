"""/etc/ld.so.cache: the libraries that ldconfig found, as glibc's loader reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_OLD = b"ld.so-1.7.0\0"
_NEW = b"glibc-ld.so.cache1.1"
_OLD_HEADER, _NEW_HEADER = 16, 48


def read(data: bytes, *, is_little_endian: bool) -> dict[str, list[str]]:
    """Paths by the name of a library; none where the cache is damaged."""
    try:
        return _by_name(_entries(data, "<" if is_little_endian else ">"))
    except (struct.error, ValueError):
        return {}


def _by_name(entries: Iterator[tuple[str, str]]) -> dict[str, list[str]]:
    paths: dict[str, list[str]] = {}
    for name, path in entries:
        paths.setdefault(name, []).append(path)
    return paths


def _entries(data: bytes, order: str) -> Iterator[tuple[str, str]]:
    # the new format may stand behind the old one, which it replaces
    start = data.find(_NEW)
    if start >= 0:
        (count,) = struct.unpack_from(f"{order}I", data, start + len(_NEW))
        for number in range(count):
            _, key, value, _, hwcap = struct.unpack_from(
                f"{order}iIIIQ", data, start + _NEW_HEADER + 24 * number
            )
            if not hwcap:  # else it is for processors with more than every one has
                yield _string(data, start + key), _string(data, start + value)
    elif data.startswith(_OLD):
        (count,) = struct.unpack_from(f"{order}I", data, len(_OLD))
        strings = _OLD_HEADER + 12 * count
        for number in range(count):
            _, key, value = struct.unpack_from(f"{order}iII", data, _OLD_HEADER + 12 * number)
            yield _string(data, strings + key), _string(data, strings + value)


def _string(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode(errors="surrogateescape")
