"""ELF files: what the kernel and the dynamic loader would read of them."""

from __future__ import annotations

import struct
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import IO, Any

from . import gpucode

MAGIC = b"\x7fELF"
HEADER_SIZE = 20
"""e_ident, e_type and e_machine."""
_EXECUTED_TYPES = ("ET_EXEC", "ET_DYN")
# code for what is no processor of the host: none at all, GPUs, the kernel's own virtual machine,
# network cards
_OTHER_PROCESSORS = ("EM_NONE", "EM_BPF", "EM_CUDA", "EM_AMDGPU", "EM_INTELGT", "EM_LANAI")
_BASE = 1
"""VER_FLG_BASE: the library's own name, no version of a symbol."""
_WEAK = 2
"""VER_FLG_WEAK of <elf.h>."""
_SMALLEST_HEADER = 32
"""Of a segment of 32 bits; those of sections and of 64 bits are larger."""
_SMALLEST_VERSION = 16
"""Bytes of an entry of .gnu.version_r or .gnu.version_d."""
_ARM_ATTRIBUTES = ".ARM.attributes"


class CorruptError(Exception):
    """The file begins like an ELF file and is none."""


@dataclass(frozen=True)
class Header:
    """What an ELF file is for."""

    path: str
    machine: str
    """By the name in <elf.h>: EM_AARCH64."""
    bits: int
    is_little_endian: bool


@dataclass(frozen=True)
class Elf(Header):
    """One program or shared library."""

    interpreter: str = ""
    """The dynamic loader that it asks for; empty for static programs and most libraries."""
    needed: tuple[str, ...] = ()
    soname: str = ""
    rpath: tuple[str, ...] = ()
    """Folders of DT_RPATH, which the loader also searches for what the libraries need."""
    runpath: tuple[str, ...] = ()
    """Folders of DT_RUNPATH, for this file's own libraries."""
    needs_versions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """By library: the symbol versions that it must define."""
    defines_versions: tuple[str, ...] = ()
    arm_version: int = 0
    """The ARM architecture that its code is for, where the file says."""
    sass: frozenset[int] = frozenset()
    """GPUs that its code is compiled for, by their compute capability."""
    ptx: frozenset[int] = frozenset()
    """GPUs from which on a driver can compile its code."""


def read_header(path: str, head: bytes) -> Header | None:
    """What the first HEADER_SIZE bytes tell; None where no processor of the host executes it."""
    from elftools.elf.enums import ENUM_E_MACHINE, ENUM_E_TYPE

    if len(head) < HEADER_SIZE:
        return None
    is_little_endian = head[5] == 1
    type_, number = struct.unpack_from("<HH" if is_little_endian else ">HH", head, 16)
    machine = next((n for n, value in ENUM_E_MACHINE.items() if value == number), f"EM_{number}")
    if machine in _OTHER_PROCESSORS or type_ not in (ENUM_E_TYPE[t] for t in _EXECUTED_TYPES):
        return None
    return Header(path, machine, 64 if head[4] == 2 else 32, is_little_endian)  # noqa: PLR2004 - ELFCLASS64


def read(path: str, file: IO[bytes]) -> Elf | None:
    """The ELF file at `path`; None for one that no processor of the host executes.

    Raises CorruptError where it is cut off, or its headers contradict themselves.
    """
    # imported when there is one: a root of scripts needs none of it
    from elftools.elf.elffile import ELFFile

    size = file.seek(0, 2)
    file.seek(0)
    try:
        elf = ELFFile(file)
        if elf["e_type"] not in _EXECUTED_TYPES or elf["e_machine"] in _OTHER_PROCESSORS:
            return None
        _require_whole(elf, size)
        return _read(path, elf, size)
    except CorruptError:
        raise
    except Exception as error:
        # whatever reading it fails with: one file must not keep the others from being looked at
        reason = str(error) if " " in str(error) else "headers that contradict themselves"
        raise CorruptError(reason) from error


def _require_whole(elf: Any, size: int) -> None:
    if max(elf.num_segments(), elf.num_sections()) > size // _SMALLEST_HEADER:
        raise CorruptError("more headers than it has room for")
    segments = list(elf.iter_segments())
    if not segments:
        raise CorruptError("no program headers")
    for segment in segments:
        end = segment["p_offset"] + segment["p_filesz"]
        if segment["p_type"] == "PT_LOAD" and end > size:
            raise CorruptError(f"{size} bytes of {end}")


def _read(path: str, elf: Any, size: int) -> Elf:
    interpreter, tags = "", []
    for segment in elf.iter_segments():
        if segment["p_type"] == "PT_INTERP":
            interpreter = segment.get_interp_name()
        elif segment["p_type"] == "PT_DYNAMIC":
            tags = list(segment.iter_tags())

    def strings(tag: str, name: str) -> tuple[str, ...]:
        return tuple(getattr(t, name) for t in tags if t.entry.d_tag == tag)

    def folders(tag: str, name: str) -> tuple[str, ...]:
        return tuple(f for text in strings(tag, name) for f in text.split(":"))

    needs, defines = _versions(elf, size)
    sass, ptx = _gpu_code(elf)
    return Elf(
        path=path,
        machine=str(elf["e_machine"]),
        bits=elf.elfclass,
        is_little_endian=elf.little_endian,
        interpreter=interpreter,
        needed=strings("DT_NEEDED", "needed"),
        soname="".join(strings("DT_SONAME", "soname")[:1]),
        rpath=folders("DT_RPATH", "rpath"),
        runpath=folders("DT_RUNPATH", "runpath"),
        needs_versions=needs,
        defines_versions=defines,
        arm_version=_arm_version(elf),
        sass=sass,
        ptx=ptx,
    )


def _bounded(entries: Iterable[Any], room: Iterator[int]) -> Iterator[Any]:
    """The entries, of which a damaged file may claim more than their section has room for."""
    for entry in entries:
        if next(room, None) is None:
            raise CorruptError("more versions than it has room for")
        yield entry


def _versions(elf: Any, size: int) -> tuple[dict[str, tuple[str, ...]], tuple[str, ...]]:
    """Symbol versions needed by library, and those defined (stripped files keep both)."""
    from elftools.elf.gnuversions import GNUVerDefSection, GNUVerNeedSection

    needs: dict[str, tuple[str, ...]] = {}
    defines: list[str] = []
    for section in elf.iter_sections():
        room = iter(range(min(section["sh_size"], size) // _SMALLEST_VERSION))
        if isinstance(section, GNUVerNeedSection):
            for library, versions in _bounded(section.iter_versions(), room):
                # a weak reference is no need: the program asks whether it is there
                needs[str(library.name)] = tuple(
                    v.name for v in _bounded(versions, room) if not v["vna_flags"] & _WEAK
                )
        elif isinstance(section, GNUVerDefSection):
            for version, names in _bounded(section.iter_versions(), room):
                if not version["vd_flags"] & _BASE:
                    defines += [next(iter(names)).name]
    return needs, tuple(defines)


# by Tag_CPU_arch: "Addenda to, and Errata in, the ABI for the Arm Architecture", section 3.3.5
_ARM_VERSIONS = (3, 4, 4, 5, 5, 5, 6, 6, 6, 6, 7, 6, 6, 7, 8)


def _arm_version(elf: Any) -> int:
    section = elf.get_section_by_name(_ARM_ATTRIBUTES) if elf["e_machine"] == "EM_ARM" else None
    if section is None:
        return 0
    for subsection in section.iter_subsections():
        for of_file in subsection.iter_subsubsections():
            for attribute in of_file.iter_attributes("TAG_CPU_ARCH"):
                return _ARM_VERSIONS[min(attribute.value, len(_ARM_VERSIONS) - 1)]
    return 0


def _gpu_code(elf: Any) -> tuple[frozenset[int], frozenset[int]]:
    section = elf.get_section_by_name(gpucode.SECTION)
    return gpucode.read(section.data()) if section is not None else (frozenset(), frozenset())
