"""The smallest programs there are, one a platform: each ends with exit code 42 and does nothing else.

Whether an engine executes a platform is measured with them. Each is machine code behind an ELF
header for the kernel to load at a fixed address: no libc, no loader, no library. The header is
written from the table of platforms. The code was assembled by llvm-mc, and is the same as a
compiler's `_exit(42)`; those of a processor level begin with instructions that only it has, and
that end the program with SIGILL elsewhere.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.platforms import PlatformSpec

EXIT_CODE = 42

_EXIT_X86_64 = "b83c000000 bf2a000000 0f05"  # mov eax, 60 (exit); mov edi, 42; syscall
_LEVEL_2 = (
    "f20fd0c0"  #     addsubps xmm0, xmm0     SSE3
    "660f3800c0"  #   pshufb xmm0, xmm0       SSSE3
    "660f383bc0"  #   pminud xmm0, xmm0       SSE4.1
    "660f3837c0"  #   pcmpgtq xmm0, xmm0      SSE4.2
    "f30fb8c0"  #     popcnt eax, eax         POPCNT
    "9f"  #           lahf                    LAHF in 64-bit mode
)
_LEVEL_3 = (
    "c5fc58c0"  #     vaddps ymm0, ymm0, ymm0         AVX
    "c5fdfec0"  #     vpaddd ymm0, ymm0, ymm0         AVX2
    "c4e27db8c0"  #   vfmadd231ps ymm0, ymm0, ymm0    FMA
    "c4e27d13c0"  #   vcvtph2ps ymm0, xmm0            F16C
    "c4e278f2c0"  #   andn eax, eax, eax              BMI1
    "c4e27bf6c0"  #   mulx eax, eax, eax              BMI2
    "0f38f00424"  #   movbe eax, [rsp]                MOVBE
)

_CODE = {
    "linux/amd64": _EXIT_X86_64,
    "linux/amd64/v2": _LEVEL_2 + _EXIT_X86_64,
    "linux/amd64/v3": _LEVEL_2 + _LEVEL_3 + _EXIT_X86_64,
    "linux/386": "b801000000 bb2a000000 cd80",  # mov eax, 1 (exit); mov ebx, 42; int 0x80
    "linux/arm64": "a80b80d2 400580d2 010000d4",  # mov x8, #93 (exit); mov x0, #42; svc #0
    "linux/arm/v7": "0170a0e3 2a0000e3 000000ef",  # mov r7, #1 (exit); movw r0, #42; svc #0
    "linux/arm/v6": "0170a0e3 2a00a0e3 7000efe6 000000ef",  # mov r7, #1; mov r0, #42; uxtb r0, r0; svc #0
    "linux/riscv64": "9308d005 1305a002 73000000",  # li a7, 93 (exit); li a0, 42; ecall
    "linux/ppc64le": "01000038 2a006038 02000044",  # li 0, 1 (exit); li 3, 42; sc
    "linux/s390x": "a729002a 0a01",  # lghi %r2, 42; svc 1 (exit)
}

# e_machine and e_flags of <elf.h>; the flags are versions of calling conventions: ARM's EABI 5,
# PowerPC's ELFv2
_MACHINES = {
    "EM_386": (3, 0),
    "EM_PPC64": (21, 2),
    "EM_S390": (22, 0),
    "EM_ARM": (40, 0x05000000),
    "EM_X86_64": (62, 0),
    "EM_AARCH64": (183, 0),
    "EM_RISCV": (243, 0),
}
_ADDRESS = 0x400000
_PAGE = 0x10000
"""The largest page of any platform's kernel."""
_EXECUTABLE, _LOAD, _READ_AND_EXECUTE = 2, 1, 5


def probe(spec: PlatformSpec) -> bytes:
    """The program for the platform, a whole ELF file."""
    code = bytes.fromhex(_CODE[spec.platform])
    number, flags = _MACHINES[spec.elf_machine]
    order = "<" if spec.elf_is_little_endian else ">"
    wide = spec.elf_bits == 64  # noqa: PLR2004 - bits
    word = "Q" if wide else "I"
    header_size, segment_size = (64, 56) if wide else (52, 32)
    begin = header_size + segment_size
    size = begin + len(code)
    kind = bytes([2 if wide else 1, 1 if spec.elf_is_little_endian else 2, 1])
    header = struct.pack(
        f"{order}16sHHI3{word}I6H",
        b"\x7fELF" + kind, _EXECUTABLE, number, 1,
        _ADDRESS + begin, header_size, 0, flags,
        header_size, segment_size, 1, 0, 0, 0,
    )  # fmt: skip
    if wide:
        segment = struct.pack(
            f"{order}2I6Q", _LOAD, _READ_AND_EXECUTE, 0, _ADDRESS, _ADDRESS, size, size, _PAGE
        )
    else:
        segment = struct.pack(
            f"{order}8I", _LOAD, 0, _ADDRESS, _ADDRESS, size, size, _READ_AND_EXECUTE, _PAGE
        )
    return header + segment + code
