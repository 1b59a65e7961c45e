"""Rust programs of other people, as their crates are, cross-compiled for linux/arm64 without a change."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration import others
from tests.integration.conftest import ROOT
from tests.integration.emulators import started

RUST_APP = ROOT / "examples" / "rust-app"
CRATES = "/crates"
pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Crate:
    """A crate with a program, and what the program makes of a folder with one file."""

    name: str
    version: str
    program: str
    arguments: tuple[str, ...]
    says: str


OTHERS = (
    Crate("hexyl", "0.16.0", "hexyl", ("--border=none", "--color=never", "greeting.txt"), "hello ar"),
    Crate("ripgrep", "14.1.1", "rg", ("--line-number", "arm", "."), "./greeting.txt:1:hello arm"),
    # with jemalloc, of C, by its own configure and make
    Crate("fd-find", "10.2.0", "fd", ("--extension", "txt"), "greeting.txt"),
)  # fmt: skip


@pytest.fixture(scope="module")
def crates(call, tmp_path_factory) -> Path:
    """The crates' sources, by cargo of the build container."""
    out = tmp_path_factory.mktemp("crates") / "src"
    words: list[str] = []
    for crate in OTHERS:
        words += ["with-exec", f"--args=cargo,info,--quiet,{crate.name}@{crate.version}"]
    ran = call(
        "build-stage", "--platform=linux/amd64",
        # cargo tells of what it finds in the folder of a package first
        "with-workdir", "--path=/",
        "with-env-variable", "--name=CARGO_HOME", f"--value={CRATES}", *words,
        "directory", f"--path={CRATES}/registry/src", "export", f"--path={out}",
        source=RUST_APP, timeout=others.SECONDS,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    [index] = out.iterdir()
    return index


@pytest.mark.parametrize("crate", OTHERS, ids=lambda crate: crate.name)
def test_a_program_of_others_is_built_proven_and_runs(call, crates, tmp_path, crate):
    source = crates / f"{crate.name}-{crate.version}"
    root = others.built(call, source, tmp_path, (crate.program,))
    folder = tmp_path / "folder"
    folder.mkdir()
    (folder / "greeting.txt").write_text("hello arm\n")
    program = f"usr/local/bin/{crate.program}"
    ran = started(root, others.PLATFORM, program, *crate.arguments, cwd=folder)
    assert ran.returncode == 0, ran.stderr
    assert crate.says in ran.stdout.decode()
    shutil.rmtree(root)
