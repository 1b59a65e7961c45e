"""/etc/ld.so.cache as ldconfig writes it: of both formats."""

from __future__ import annotations

import struct


def new(
    paths: dict[str, str],
    order: str = "<",
    hwcap: int = 0,
    levels: dict[str, dict[str, str]] | None = None,
) -> bytes:
    """The format of today: offsets count from its start.

    `levels` are further paths by the subfolder of glibc-hwcaps that they are in.
    """
    levels = levels or {}
    entries = [(name, path, hwcap) for name, path in paths.items()]
    for number, of_level in enumerate(levels.values()):
        entries += [(name, path, 1 << 62 | number) for name, path in of_level.items()]
    strings, places = _strings([e[:2] for e in entries], 48 + 24 * len(entries))
    names_at = 48 + 24 * len(entries) + len(strings)
    offsets = []
    for name in levels:
        offsets.append(names_at)
        strings += name.encode() + b"\0"
        names_at += len(name) + 1
    strings += b"\0" * (-len(strings) % 4)
    at = 48 + 24 * len(entries) + len(strings)
    packed = [
        struct.pack(f"{order}iIIIQ", 0x0303, k, v, 0, e[2])
        for (k, v), e in zip(places, entries, strict=True)
    ]
    section = struct.pack(f"{order}{len(offsets)}I", *offsets)
    extension = struct.pack(f"{order}IIIIII", 0xEAA42174, 1, 1, 0, at + 24, len(section)) + section
    header = struct.pack(
        f"{order}20sIIII12x",
        b"glibc-ld.so.cache1.1",
        len(entries),
        len(strings),
        0,
        at if levels else 0,
    )
    return header + b"".join(packed) + strings + (extension if levels else b"")


def old(paths: dict[str, str], order: str = "<") -> bytes:
    """The format before: offsets count from its strings."""
    strings, places = _strings(list(paths.items()), 0)
    entries = [struct.pack(f"{order}iII", 3, k, v) for k, v in places]
    header = struct.pack(f"{order}12sI", b"ld.so-1.7.0", len(paths))
    return header + b"".join(entries) + strings


def _strings(paths: list[tuple[str, str]], start: int) -> tuple[bytes, list[tuple[int, int]]]:
    data, places = b"", []
    for name, path in paths:
        key = start + len(data)
        data += name.encode() + b"\0"
        places.append((key, start + len(data)))
        data += path.encode() + b"\0"
    return data, places
