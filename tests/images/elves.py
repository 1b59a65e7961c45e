"""ELF files as small as the kernel and the loader would read them, written byte by byte.

No compiler of any platform is needed, and any fault can be put into them.
Layouts: System V ABI, "Object Files", and gABI's "Dynamic Section"; versions as in the
Linux Standard Base, "Symbol Versioning".
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field

MACHINES = {"386": 3, "ppc64": 21, "s390": 22, "arm": 40, "amd64": 62, "arm64": 183, "riscv64": 243}
BPF, CUDA = 247, 190

_PT_LOAD, _PT_DYNAMIC, _PT_INTERP = 1, 2, 3
_DT_NEEDED, _DT_STRTAB, _DT_SONAME, _DT_RPATH, _DT_STRSZ, _DT_RUNPATH = 1, 5, 14, 15, 10, 29
_SHT_PROGBITS, _SHT_STRTAB, _SHT_DYNAMIC, _SHT_VERDEF, _SHT_VERNEED, _SHT_ATTRIBUTES = (
    1,
    3,
    6,
    0x6FFFFFFD,
    0x6FFFFFFE,
    0x70000003,
)
_EXEC, _DYN = 2, 3


@dataclass(frozen=True)
class ElfFile:
    """What is to be written."""

    machine: str = "amd64"
    bits: int = 64
    little: bool = True
    interpreter: str = ""
    needed: tuple[str, ...] = ()
    soname: str = ""
    rpath: str = ""
    runpath: str = ""
    needs: dict[str, tuple[str, ...]] = field(default_factory=dict)
    """Symbol versions by library."""
    defines: tuple[str, ...] = ()
    arm_version_tag: int | None = None
    """Tag_CPU_arch of .ARM.attributes."""
    number: int | None = None
    """e_machine, instead of the machine's."""
    padding: bytes = b""
    versions_count: int = 0
    """How many libraries .gnu.version_r claims to list, instead of those that it does."""
    sass: tuple[int, ...] = ()
    """Compute capabilities of its code for GPUs."""
    ptx: tuple[int, ...] = ()
    type_: int | None = None
    """e_type, instead of what fits."""

    def bytes(self) -> bytes:
        return _Writer(self).file()


def program(machine: str = "amd64", **more: object) -> bytes:
    """A static program, unless more is said."""
    return ElfFile(machine, **more).bytes()  # type: ignore[arg-type]


class _Writer:
    """Header, one PT_LOAD over the whole file, the segments asked for, then sections."""

    def __init__(self, elf: ElfFile) -> None:
        self.elf = elf
        self.order = "<" if elf.little else ">"
        self.wide = elf.bits == 64
        self.strings = b"\0"

    def pack(self, form: str, *values: int) -> bytes:
        return struct.pack(self.order + form, *values)

    def string(self, text: str) -> int:
        offset = len(self.strings)
        self.strings += text.encode() + b"\0"
        return offset

    def file(self) -> bytes:
        elf = self.elf
        interpreter = elf.interpreter.encode() + b"\0" if elf.interpreter else b""
        tags = [(_DT_NEEDED, self.string(n)) for n in elf.needed]
        for tag, text in (
            (_DT_SONAME, elf.soname),
            (_DT_RPATH, elf.rpath),
            (_DT_RUNPATH, elf.runpath),
        ):
            if text:
                tags.append((tag, self.string(text)))
        verneed = self._verneed()
        verdef = self._verdef()
        attributes = self._attributes()
        is_dynamic = bool(tags or interpreter or elf.defines)
        segments = 1 + bool(interpreter) + is_dynamic
        head, entry = (64, 56) if self.wide else (52, 32)
        word = 8 if self.wide else 4
        start = head + segments * entry
        strings_at = start + len(interpreter)
        dynamic_at = -(-(strings_at + len(self.strings)) // 8) * 8
        dynamic = b""
        if is_dynamic:
            all_tags = [
                *tags,
                (_DT_STRTAB, strings_at),
                (_DT_STRSZ, len(self.strings)),
                (0, 0),
            ]
            dynamic = b"".join(self.pack("qq" if self.wide else "ii", t, v) for t, v in all_tags)
        body = interpreter + self.strings
        body += b"\0" * (dynamic_at - start - len(body)) + dynamic
        sections: list[tuple[str, int, bytes, int, int]] = []  # name, type, data, link, info
        if is_dynamic:
            sections.append((".dynstr", _SHT_STRTAB, self.strings, 0, 0))
            sections.append((".dynamic", _SHT_DYNAMIC, dynamic, 1, 0))
        if verneed:
            sections.append(
                (".gnu.version_r", _SHT_VERNEED, verneed, 1, elf.versions_count or len(elf.needs))
            )
        if verdef:
            sections.append((".gnu.version_d", _SHT_VERDEF, verdef, 1, len(elf.defines)))
        if attributes:
            sections.append((".ARM.attributes", _SHT_ATTRIBUTES, attributes, 0, 0))
        if elf.sass or elf.ptx:
            sections.append((".nv_fatbin", _SHT_PROGBITS, self._fatbin(), 0, 0))
        return self._assembled(head, entry, word, body, start, sections, dynamic_at, interpreter)

    def _assembled(
        self, head, entry, word, body, start, sections, dynamic_at, interpreter
    ) -> bytes:
        elf = self.elf
        names = b"\0"
        data = body + elf.padding
        places = []
        for name, type_, content, link, info in [*sections, (".shstrtab", _SHT_STRTAB, b"", 0, 0)]:
            name_at = len(names)
            names += name.encode() + b"\0"
            places.append([name_at, type_, content, link, info])
        places[-1][2] = names
        headers = [(0, 0, 0, 0, 0, 0)]
        for name_at, type_, content, link, info in places:
            data += b"\0" * (-(start + len(data)) % 8)
            headers.append((name_at, type_, start + len(data), len(content), link, info))
            data += content
        data += b"\0" * (-(start + len(data)) % 8)
        table_at = start + len(data)
        form = "IIQQQQIIQQ" if self.wide else "IIIIIIIIII"
        table = b"".join(
            self.pack(
                form,
                n,
                t,
                0,
                0,
                at,
                size,
                link,
                info,
                1,
                16 if t == _SHT_DYNAMIC and self.wide else 0,
            )
            for n, t, at, size, link, info in headers
        )
        whole = start + len(data) + len(table)
        loads = [(_PT_LOAD, 0, whole)]
        if interpreter:
            loads.append((_PT_INTERP, start, len(interpreter)))
        if any(type_ == _SHT_DYNAMIC for _, type_, *_ in sections):
            size = len(next(c for _, t, c, _, _ in sections if t == _SHT_DYNAMIC))
            loads.append((_PT_DYNAMIC, dynamic_at, size))
        segments = b"".join(self._segment(*load) for load in loads)
        ident = b"\x7fELF" + bytes([2 if self.wide else 1, 1 if elf.little else 2, 1]) + bytes(9)
        number = MACHINES[elf.machine] if elf.number is None else elf.number
        type_ = elf.type_ or (_DYN if elf.soname or elf.interpreter else _EXEC)
        header = ident + self.pack(
            "HHIQQQIHHHHHH" if self.wide else "HHIIIIIHHHHHH",
            type_, number, 1, 0, head, table_at, 0, head, entry, len(loads),
            64 if self.wide else 40, len(headers), len(headers) - 1,
        )  # fmt: skip
        return header + segments + data + table

    def _segment(self, type_: int, at: int, size: int) -> bytes:
        if self.wide:
            return self.pack("IIQQQQQQ", type_, 5, at, at, at, size, size, 1)
        return self.pack("IIIIIIII", type_, at, at, at, size, size, 5, 1)

    def _verneed(self) -> bytes:
        data = b""
        libraries = list(self.elf.needs.items())
        for number, (library, versions) in enumerate(libraries):
            size = 16 + 16 * len(versions)
            following = size if number < len(libraries) - 1 else 0
            data += self.pack("HHIII", 1, len(versions), self.string(library), 16, following)
            for index, version in enumerate(versions):
                step = 16 if index < len(versions) - 1 else 0
                data += self.pack("IHHII", 0, 0, index + 2, self.string(version), step)
        return data

    def _verdef(self) -> bytes:
        data = b""
        for number, version in enumerate(self.elf.defines):
            following = 28 if number < len(self.elf.defines) - 1 else 0
            is_base = version == self.elf.soname
            data += self.pack("HHHHIII", 1, is_base, number + 1, 1, 0, 20, following)
            data += self.pack("II", self.string(version), 0)
        return data

    def _fatbin(self) -> bytes:
        """A container for each entry, and padding between them, as nvcc writes them."""
        data = b""
        for kind, sm in [*((2, sm) for sm in self.elf.sass), *((1, sm) for sm in self.elf.ptx)]:
            code = b"code" * 3
            entry = self.pack("HHIQIIHHI", kind, 0x101, 64, len(code), 0, 0, 0, 0, sm).ljust(
                64, b"\0"
            )
            data += self.pack("IHHQ", 0xBA55ED50, 1, 16, len(entry + code)) + entry + code
            data += bytes(-len(data) % 8)
        return data

    def _attributes(self) -> bytes:
        if self.elf.arm_version_tag is None:
            return b""
        tags = bytes([6, self.elf.arm_version_tag])  # Tag_CPU_arch, ULEB128
        of_file = bytes([1]) + self.pack("I", 5 + len(tags)) + tags  # Tag_File
        vendor = b"aeabi\0" + of_file
        return b"A" + self.pack("I", 4 + len(vendor)) + vendor
