"""binfmt_misc: which programs Linux hands to an emulator, as its files in /proc say.

Format: docs.kernel.org/admin-guide/binfmt-misc.html.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

FOLDER = "/proc/sys/fs/binfmt_misc"

READ = """\
import ctypes, errno, json, os, time
folder, began = "/run/binfmt_misc", time.time()
os.makedirs(folder, exist_ok=True)
libc = ctypes.CDLL(None, use_errno=True)
if libc.mount(b"binfmt_misc", folder.encode(), b"binfmt_misc", 0, None):
    told = {"fault": errno.errorcode[ctypes.get_errno()]}
else:
    names = os.listdir(folder)
    told = {
        # the kernel makes its root when it is mounted anywhere for the first time
        "is_mounted": os.stat(folder).st_ctime < began - 0.1,
        "files": {n: open(f"{folder}/{n}").read() for n in sorted(names) if n != "register"},
    }
print(json.dumps(told))
"""
"""What reads the kernel's registrations, in a container that may mount: /proc in it has none."""

_NO_SUCH_FILESYSTEM = "ENODEV"


@dataclass(frozen=True)
class Registration:
    """One emulator, and the first bytes of the programs that it is started for."""

    name: str
    is_enabled: bool
    interpreter: str
    flags: str
    """O, C, F and P as registered: with F the kernel keeps the interpreter open, so that programs
    in containers find it."""
    offset: int = 0
    magic: bytes = b""
    mask: bytes = b""

    @classmethod
    def parse(cls, name: str, text: str) -> Registration | None:
        """One file of binfmt_misc; None for one that goes by a file's ending, as no program does."""
        lines = [line.partition(" ") for line in text.splitlines() if line]
        values = {key.rstrip(":"): value for key, _, value in lines}
        if "magic" not in values:
            return None
        magic = bytes.fromhex(values["magic"])
        return cls(
            name=name,
            is_enabled="enabled" in values,
            interpreter=values["interpreter"],
            flags=values.get("flags", ""),
            offset=int(values["offset"]),
            magic=magic,
            mask=bytes.fromhex(values["mask"]) if "mask" in values else b"\xff" * len(magic),
        )

    @property
    def is_fixed(self) -> bool:
        """Whether programs in containers find the interpreter."""
        return "F" in self.flags

    def takes(self, program: bytes) -> bool:
        """Whether the program is one of its."""
        begin = program[self.offset : self.offset + len(self.magic)]
        return len(begin) == len(self.magic) and all(
            (have ^ want) & mask == 0
            for have, want, mask in zip(begin, self.magic, self.mask, strict=True)
        )

    def again(self, flags: str) -> list[str]:
        """The commands that register it anew, with these flags."""
        record = f":{self.name}:M:{self.offset}:{_hex(self.magic)}:{_hex(self.mask)}"
        return [
            f"echo -1 > {FOLDER}/{self.name}",
            f"printf '%s' '{record}:{self.interpreter}:{flags}' > {FOLDER}/register",
        ]


@dataclass(frozen=True)
class Binfmt:
    """What a machine has registered."""

    registrations: tuple[Registration, ...] = ()
    is_readable: bool = True
    is_in_kernel: bool = True
    is_mounted: bool = True
    is_enabled: bool = True

    @classmethod
    def parse(cls, told: str) -> Binfmt:
        """What `READ` prints."""
        answer = json.loads(told)
        if fault := answer.get("fault"):
            in_kernel = fault != _NO_SUCH_FILESYSTEM
            return cls(is_readable=not in_kernel, is_in_kernel=in_kernel, is_mounted=False)
        files = answer["files"]
        status = files.pop("status", "enabled")
        parsed = (Registration.parse(name, text) for name, text in files.items())
        return cls(
            registrations=tuple(r for r in parsed if r is not None),
            is_mounted=answer["is_mounted"],
            is_enabled=status.strip() == "enabled",
        )

    def of(self, program: bytes) -> Registration | None:
        """The registration that the program is one of; an enabled one comes first."""
        found = [r for r in self.registrations if r.takes(program)]
        return next((r for r in found if r.is_enabled), found[0] if found else None)


def _hex(data: bytes) -> str:
    return "".join(f"\\x{byte:02x}" for byte in data)
