"""/etc/ld.so.cache as ldconfig writes it: of both formats."""

from __future__ import annotations

import struct


def new(paths: dict[str, str], order: str = "<", hwcap: int = 0) -> bytes:
    """The format of today: offsets count from its start."""
    strings, places = _strings(paths, 48 + 24 * len(paths))
    entries = [struct.pack(f"{order}iIIIQ", 0x0303, k, v, 0, hwcap) for k, v in places]
    header = struct.pack(f"{order}20sII20x", b"glibc-ld.so.cache1.1", len(paths), len(strings))
    return header + b"".join(entries) + strings


def old(paths: dict[str, str], order: str = "<") -> bytes:
    """The format before: offsets count from its strings."""
    strings, places = _strings(paths, 0)
    entries = [struct.pack(f"{order}iII", 3, k, v) for k, v in places]
    header = struct.pack(f"{order}12sI", b"ld.so-1.7.0", len(paths))
    return header + b"".join(entries) + strings


def _strings(paths: dict[str, str], start: int) -> tuple[bytes, list[tuple[int, int]]]:
    data, places = b"", []
    for name, path in paths.items():
        key = start + len(data)
        data += name.encode() + b"\0"
        places.append((key, start + len(data)))
        data += path.encode() + b"\0"
    return data, places
