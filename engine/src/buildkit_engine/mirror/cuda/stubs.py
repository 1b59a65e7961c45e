"""A library to link against in place of the driver's, made from the driver's header.

NVIDIA's packages have one too: libcuda.so is part of the driver, which build hosts do not have.
It is never loaded: programs ask for libcuda.so.1.
"""

from __future__ import annotations

import re
import struct

SONAME = "libcuda.so.1"
_MACHINES = {"amd64": 62, "arm64": 183}
"""ELF's numbers of them, by Debian's names."""
_DECLARED = re.compile(r"\bCUDAAPI\s+(cu[A-Z]\w*)\s*\(")
_RENAMED = re.compile(r"^\s*#\s*define\s+(cu[A-Z]\w*)\s+(cu[A-Z]\w*)\s*$", re.MULTILINE)
_PER_THREAD = re.compile(r"\b__CUDA_API_(PTDS|PTSZ)\((cu[A-Z]\w*)\)")
_HEADER, _PROGRAM, _SECTION, _SYMBOL, _ENTRY = 64, 56, 64, 24, 16
"""Sizes of ELF's own structures, in bytes."""
_ALIGNMENT = 16


def functions(header: str) -> tuple[str, ...]:
    """The functions that the driver has by cuda.h, under all of their names."""
    found = set(_DECLARED.findall(header))
    for pair in _RENAMED.findall(header):
        found.update(pair)
    found.update(f"{name}_{kind.lower()}" for kind, name in _PER_THREAD.findall(header))
    return tuple(sorted(found))


def library(machine: str, names: tuple[str, ...]) -> bytes:
    """A shared library that defines the functions, with nothing in them that could be executed."""
    strings = _Strings()
    soname = strings.add(SONAME)
    offsets = [strings.add(name) for name in names]
    # a table with one chain that holds every symbol
    count = len(names) + 1
    table = [1, count, 1 if names else 0, 0, *range(2, count), 0][: count + 3]
    blobs = {
        ".hash": struct.pack(f"<{len(table)}I", *table),
        ".dynsym": b"\0" * _SYMBOL * count,
        ".dynstr": strings.data,
        ".text": b"\0" * _ALIGNMENT,
        ".dynamic": b"\0" * _ENTRY * 7,
    }
    # sizes are known, and so are places; what refers to them is filled in
    places, end = _placed(blobs)
    text, index = places[".text"], list(blobs).index(".text") + 1
    # global functions
    symbols = [struct.pack("<IBBHQQ", name, 0x12, 0, index, text, _ALIGNMENT) for name in offsets]
    blobs[".dynsym"] = b"\0" * _SYMBOL + b"".join(symbols)
    dynamic = (
        (14, soname),
        (4, places[".hash"]),
        (5, places[".dynstr"]),
        (6, places[".dynsym"]),
        (10, len(strings.data)),
        (11, _SYMBOL),
    )
    blobs[".dynamic"] = b"".join(struct.pack("<QQ", *pair) for pair in (*dynamic, (0, 0)))
    return _image(_MACHINES[machine], blobs, places, end)


class _Strings:
    def __init__(self) -> None:
        self.data = b"\0"

    def add(self, text: str) -> int:
        offset = len(self.data)
        self.data += text.encode() + b"\0"
        return offset


def _placed(blobs: dict[str, bytes]) -> tuple[dict[str, int], int]:
    """Where each is in the file, and where all end."""
    places, at = {}, _HEADER + 2 * _PROGRAM
    for name, data in blobs.items():
        at = -(-at // _ALIGNMENT) * _ALIGNMENT
        places[name] = at
        at += len(data)
    return places, at


def _image(machine: int, blobs: dict[str, bytes], places: dict[str, int], end: int) -> bytes:
    names = _Strings()
    # type, flags, the section it refers to, its info, the size of an entry
    kinds = {
        ".hash": (5, 2, 2, 0, 4),
        ".dynsym": (11, 2, 3, 1, _SYMBOL),
        ".dynstr": (3, 2, 0, 0, 0),
        ".text": (1, 6, 0, 0, 0),
        ".dynamic": (6, 3, 3, 0, _ENTRY),
    }
    sections = [b"\0" * _SECTION]
    for name, data in blobs.items():
        kind, flags, link, info, size = kinds[name]
        at = places[name]
        fields = (names.add(name), kind, flags, at, at, len(data), link, info, _ALIGNMENT, size)
        sections.append(struct.pack("<IIQQQQIIQQ", *fields))
    own = names.add(".shstrtab")
    fields = (own, 3, 0, 0, end, len(names.data), 0, 0, 1, 0)
    sections.append(struct.pack("<IIQQQQIIQQ", *fields))
    table = -(-(end + len(names.data)) // _ALIGNMENT) * _ALIGNMENT
    dynamic, size = places[".dynamic"], len(blobs[".dynamic"])
    header = struct.pack(
        "<16sHHIQQQIHHHHHH",
        b"\x7fELF\x02\x01\x01",
        3,  # a shared library
        machine,
        1,
        0,
        _HEADER,
        table,
        0,
        _HEADER,
        _PROGRAM,
        2,
        _SECTION,
        len(sections),
        len(sections) - 1,
    )
    programs = struct.pack("<IIQQQQQQ", 1, 5, 0, 0, 0, end, end, 0x10000)
    programs += struct.pack("<IIQQQQQQ", 2, 6, dynamic, dynamic, dynamic, size, size, 8)
    image = bytearray(table)
    image[: len(header + programs)] = header + programs
    for name, data in blobs.items():
        image[places[name] : places[name] + len(data)] = data
    image[end : end + len(names.data)] = names.data
    return bytes(image) + b"".join(sections)
