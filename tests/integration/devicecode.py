"""What code for GPUs a program holds, read from the program itself."""

from __future__ import annotations

import io
import struct
from collections.abc import Iterator

from elftools.elf.elffile import ELFFile

_SECTION = ".nv_fatbin"
# a container: magic, version, size of this header, size of what follows it
_CONTAINER = struct.Struct("<IHHQ")
_MAGIC = 0xBA55ED50
# an entry in it: kind, version, size of this header, size of what follows it, four words, sm
_ENTRY = struct.Struct("<HHIQIIHHI")
_KINDS = {1: "ptx", 2: "sass"}


def device_code(program: bytes) -> set[tuple[str, int]]:
    """Each kind of code, ptx or sass, with the compute capability that it is for: ("sass", 87)."""
    section = ELFFile(io.BytesIO(program)).get_section_by_name(_SECTION)
    assert section is not None, f"no section {_SECTION}: no code for GPUs is in it"
    return set(_entries(section.data()))


def _entries(data: bytes) -> Iterator[tuple[str, int]]:
    at = 0
    while at + _CONTAINER.size <= len(data):
        magic, _, header, size = _CONTAINER.unpack_from(data, at)
        if magic != _MAGIC:
            # between containers there is padding
            at += 8
            continue
        at += header
        end = at + size
        while at < end:
            kind, _, header, size, *_, sm = _ENTRY.unpack_from(data, at)
            yield _KINDS[kind], sm
            at += header + size
        at = end
