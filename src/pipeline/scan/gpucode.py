"""Code for NVIDIA's GPUs: whether a program holds what each GPU of the platform executes.

nvcc puts it into a section of the program: containers one after another, in them an entry for each
compute capability. The layout was read from programs of CUDA 11.8 to 13.2.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .found import Found

if TYPE_CHECKING:
    from .elf import Elf
    from .image import Image

SECTION = ".nv_fatbin"
# a container: magic, version, size of this header, size of what follows it
_CONTAINER = struct.Struct("<IHHQ")
_MAGIC = 0xBA55ED50
_ALIGNMENT = 8
# an entry in it: kind, version, size of this header, size of what follows it, four words, sm
_ENTRY = struct.Struct("<HHIQIIHHI")
_PTX, _SASS = 1, 2


def read(section: bytes) -> tuple[frozenset[int], frozenset[int]]:
    """The compute capabilities of what is compiled to the end, and of PTX: 87 for sm_87."""
    found: dict[int, set[int]] = {_PTX: set(), _SASS: set()}
    for kind, sm in _entries(section):
        found.setdefault(kind, set()).add(sm)
    return frozenset(found[_SASS]), frozenset(found[_PTX])


def _entries(data: bytes) -> Iterator[tuple[int, int]]:
    at = 0
    while at + _CONTAINER.size <= len(data):
        magic, _, header, size = _CONTAINER.unpack_from(data, at)
        if magic != _MAGIC:
            at += _ALIGNMENT
            continue
        # a damaged one must not be read for ever
        at += max(header, _CONTAINER.size)
        end = min(at + size, len(data))
        while at + _ENTRY.size <= end:
            kind, _, header, size, *_, sm = _ENTRY.unpack_from(data, at)
            yield kind, sm
            at += max(header + size, _ENTRY.size)
        # between containers there is padding
        at = -(-end // _ALIGNMENT) * _ALIGNMENT


def check(image: Image) -> Iterator[Found]:
    """Of the image's own programs that hold code for GPUs: is each GPU's among it?

    What libraries hold is their makers' business: NVIDIA's own are for many.
    """
    for elf in image.own:
        if elf.interpreter and not elf.soname and (elf.sass or elf.ptx):
            yield from _missing(image, elf)


def _missing(image: Image, elf: Elf) -> Iterator[Found]:
    # the driver compiles PTX of an older GPU for a newer one
    lacking = [
        sm for sm in image.request.gpus if sm not in elf.sass and not any(p <= sm for p in elf.ptx)
    ]
    if lacking:
        has = sorted({f"sm_{sm}" for sm in elf.sass} | {f"compute_{sm}" for sm in elf.ptx})
        wanted = ", ".join(f"sm_{sm}" for sm in lacking)
        yield Found(
            "missing-gpu-code",
            elf.path,
            f"code for {', '.join(has)}",
            f"code for {wanted} too, as the image's label says",
            "Take CMAKE_CUDA_ARCHITECTURES and -gencode out of the project: the pipeline sets them.",
        )
