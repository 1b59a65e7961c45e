"""Programs of other people: cross-compiled as they are, proven, and unpacked for a test to start."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tests.integration.registries import elf_machine

PLATFORM = "linux/arm64"
SECONDS = 3000


def built(call, source: Path, folder: Path, programs: Sequence[str]) -> Path:
    """The root of the source's image, verified: exactly the programs are in it, for the platform."""
    verified = call("verify", f"--platforms={PLATFORM}", source=source, timeout=SECONDS)
    assert verified.code == 0, verified.error
    root = folder / "root"
    exported = call(
        "build", f"--platform={PLATFORM}", "rootfs", "export", f"--path={root}",
        source=source, timeout=SECONDS,
    )  # fmt: skip
    assert exported.code == 0, exported.error
    found = {path.name: path.read_bytes() for path in (root / "usr/local/bin").iterdir()}
    assert sorted(found) == sorted(programs)
    assert {elf_machine(program) for program in found.values()} == {"EM_AARCH64"}
    return root
