"""What compiles for linux/arm64 by cross compilers and under QEMU, on one machine in one run."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from buildkit_engine.buildkit.state import State
from tests.integration.conftest import ROOT, CommandLine
from tests.integration.machines import BINFMT, QEMU, Machine
from tests.integration.registries import elf_machine

PLATFORM = "linux/arm64"
_SECONDS = 2700


@dataclass(frozen=True)
class Compiled:
    """A program, how long its steps took by themselves, and what was said on standard error."""

    program: bytes
    seconds: float
    said: str


def compare(
    call: CommandLine,
    folder: Path,
    sources: Mapping[str, Path],
    *,
    program: str,
    step: str,
    record: Callable[[str, object], None],
) -> dict[str, Compiled]:
    """The program of each source, compiled on a machine that emulates the platform.

    `sources` are "cross" and "emulated"; `step` finds those steps whose times count, as `took` has
    it, and no others: packages are another matter. The times are printed.
    """
    if not call.embedded:
        pytest.skip("needs an engine with an emulator of its own")
    with Machine(folder / "state", State.of_user().root) as machine:

        def run(*command: str, timeout: float = 60) -> str:
            done = machine.run(command, ROOT, timeout)
            assert done.returncode == 0, done.stderr
            return done.stderr

        def compiled(kind: str, source: Path) -> Compiled:
            out = folder / f"out-{kind}"
            words = ("artifacts", f"--platforms={PLATFORM}", "export", f"--path={out}")
            said = run(*call.command(*words, source=source), timeout=_SECONDS)
            return Compiled((out / "linux_arm64" / program).read_bytes(), took(said, step), said)

        run("sh", "-c", f"mount -t binfmt_misc binfmt_misc {BINFMT}")
        run("sh", "-c", f"printf '%s' '{QEMU}F' > {BINFMT}/register")
        try:
            made = {kind: compiled(kind, source) for kind, source in sources.items()}
        finally:
            run(str(Path(sys.executable).with_name("buildkit-engine")), "down")
    seconds = {kind: each.seconds for kind, each in made.items()}
    record("seconds", json.dumps(seconds))
    ratio = seconds["emulated"] / seconds["cross"]
    print(f"seconds to compile: {seconds}, {ratio:.1f} times as long under QEMU")
    assert {elf_machine(each.program) for each in made.values()} == {"EM_AARCH64"}
    return made


def took(said: str, step: str) -> float:
    """The seconds of all steps that the expression finds in the progress, by name or by output."""
    steps = set(re.findall(rf"^(#\d+) .*{step}", said, re.MULTILINE))
    assert steps, said
    done = [re.search(rf"^{each} DONE ([\d.]+)s", said, re.MULTILINE) for each in steps]
    return sum(float(each[1]) for each in done if each)
