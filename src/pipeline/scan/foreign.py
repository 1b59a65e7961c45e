"""Programs of other operating systems, by their first bytes."""

from __future__ import annotations

import struct

_MACH_O = (b"\xfe\xed\xfa\xce", b"\xfe\xed\xfa\xcf", b"\xce\xfa\xed\xfe", b"\xcf\xfa\xed\xfe")
_FAT_MACH_O = b"\xca\xfe\xba\xbe"
_OLDEST_JAVA = 45
"""Java classes begin like fat Mach-O files: their version is where those count architectures."""
_PE = b"MZ"
_COSMOPOLITAN = b"MZqFpD"
"""A shell script as well, by which it runs on Linux."""
_PE_HEADER_AT = 0x3C
_PE_WIDE = 0x20B
HEAD = 1024
"""How much of a file is looked at."""


def is_alike(head: bytes) -> bool:
    """Whether the rest is worth reading."""
    return head.startswith((*_MACH_O, _FAT_MACH_O, _PE))


def system(head: bytes) -> str:
    """What a file that begins so is a program of; empty where it is none, or an interpreter's."""
    if head.startswith(_MACH_O):
        return "a macOS (Mach-O) program"
    if head.startswith(_FAT_MACH_O) and int.from_bytes(head[4:8], "big") < _OLDEST_JAVA:
        return "a macOS (Mach-O) program"
    if head.startswith(_PE) and not head.startswith(_COSMOPOLITAN) and _is_pe(head):
        return "a Windows (PE) program"
    return ""


def _is_pe(head: bytes) -> bool:
    """Whether Windows itself would start it: what is .NET's runs on Linux, executed by dotnet."""
    try:
        (at,) = struct.unpack_from("<I", head, _PE_HEADER_AT)
        is_pe = head[at : at + 4] == b"PE\0\0"
        (magic,) = struct.unpack_from("<H", head, at + 24)
        directories = at + 24 + (112 if magic == _PE_WIDE else 96)
        (dotnet,) = struct.unpack_from("<I", head, directories + 14 * 8)
    except struct.error:
        return False
    return is_pe and not dotnet
