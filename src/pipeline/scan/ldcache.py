"""/etc/ld.so.cache: the libraries that ldconfig found, as glibc's loader reads them."""

from __future__ import annotations

import struct
from collections.abc import Iterator

_OLD = b"ld.so-1.7.0\0"
_NEW = b"glibc-ld.so.cache1.1"
_OLD_HEADER, _NEW_HEADER = 16, 48
_EXTENSION_AT = 32
"""Of the new header: where its extensions are."""
_EXTENSIONS = 0xEAA42174
_HWCAPS_TAG = 1
_OF_A_LEVEL = 1 << 30
"""The upper half of an entry's hwcap, where the lower is the number of a subfolder's name."""


def read(data: bytes, *, is_little_endian: bool) -> dict[str, list[tuple[str, str]]]:
    """Paths by the name of a library, none where the cache is damaged.

    Each with the subfolder of glibc-hwcaps that it is for, or "".
    """
    order = "<" if is_little_endian else ">"
    try:
        return _by_name(_entries(data, order))
    except (struct.error, ValueError, IndexError):
        return {}


def _by_name(entries: Iterator[tuple[str, str, str]]) -> dict[str, list[tuple[str, str]]]:
    paths: dict[str, list[tuple[str, str]]] = {}
    for name, path, level in entries:
        paths.setdefault(name, []).append((path, level))
    return paths


def _entries(data: bytes, order: str) -> Iterator[tuple[str, str, str]]:
    # the new format may stand behind the old one, which it replaces
    start = data.find(_NEW)
    if start >= 0:
        (count,) = struct.unpack_from(f"{order}I", data, start + len(_NEW))
        levels = _levels(data, start, order)
        for number in range(count):
            _, key, value, _, hwcap = struct.unpack_from(
                f"{order}iIIIQ", data, start + _NEW_HEADER + 24 * number
            )
            if hwcap >> 32 == _OF_A_LEVEL:
                level = levels[hwcap & 0xFFFFFFFF]
            elif hwcap:
                continue  # as loaders before 2.33 told processors apart
            else:
                level = ""
            yield _string(data, start + key), _string(data, start + value), level
    elif data.startswith(_OLD):
        (count,) = struct.unpack_from(f"{order}I", data, len(_OLD))
        strings = _OLD_HEADER + 12 * count
        for number in range(count):
            _, key, value = struct.unpack_from(f"{order}iII", data, _OLD_HEADER + 12 * number)
            yield _string(data, strings + key), _string(data, strings + value), ""


def _levels(data: bytes, start: int, order: str) -> list[str]:
    """The subfolders of glibc-hwcaps that entries name by their numbers."""
    (at,) = struct.unpack_from(f"{order}I", data, start + _EXTENSION_AT)
    if not at:
        return []
    magic, count = struct.unpack_from(f"{order}II", data, at)  # from the start of the whole file
    if magic != _EXTENSIONS:
        return []
    for number in range(count):
        tag, _, place, size = struct.unpack_from(f"{order}IIII", data, at + 8 + 16 * number)
        if tag == _HWCAPS_TAG:
            offsets = struct.unpack_from(f"{order}{size // 4}I", data, place)
            return [_string(data, start + offset) for offset in offsets]
    return []


def _string(data: bytes, at: int) -> str:
    return data[at : data.index(b"\0", at)].decode(errors="surrogateescape")
