"""Go programs of other people, as their modules are, cross-compiled without a change."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

import pytest

from tests.integration import sources
from tests.integration.emulators import starting
from tests.integration.registries import elf_machine

PLATFORM = "linux/arm64"
SECONDS = 1200
# one Go for all: their own go.mod ask for several
CONFIG = '[go]\nimage = "docker.io/library/golang:1.26-bookworm"\n'
pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Other:
    """A module, what pipeline.toml says of it, and what its program does."""

    module: str
    version: str
    config: str
    program: str
    arguments: tuple[str, ...]
    given: str
    says: str


OTHERS = (
    Other("github.com/junegunn/fzf", "v0.56.3", "", "fzf", ("--filter=ar6",), "amd64\narm64\n", "arm64\n"),
    Other("github.com/mikefarah/yq/v4", "v4.44.6", "", "yq", (".a.b",), "a: {b: 3}\n", "3\n"),
    # of its vendored modules, a published module has the list alone
    Other("github.com/google/go-containerregistry", "v0.20.2",
          'packages = ["./cmd/crane"]\nenv = { GOFLAGS = "-mod=mod" }', "crane",
          ("version", "--help"), "", "Print the version"),
    # C: SQLite's own source is in the module
    Other("github.com/mattn/go-sqlite3", "v1.14.24", 'packages = ["./_example/simple"]\ncgo = true', "simple",
          (), "", "0 "),
)  # fmt: skip


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.program)
def test_a_program_of_others_is_built_proven_and_runs(call, tmp_path, other):
    source = sources.go_module(other.module, other.version, tmp_path / "modules")
    (source / "pipeline.toml").write_text(CONFIG + other.config + "\n")
    verified = call("verify", f"--platforms={PLATFORM}", source=source, timeout=SECONDS)
    assert verified.code == 0, verified.error
    root = tmp_path / "root"
    exported = call(
        "build", f"--platform={PLATFORM}", "rootfs", "export", f"--path={root}",
        source=source, timeout=SECONDS,
    )  # fmt: skip
    assert exported.code == 0, exported.error
    program = f"usr/local/bin/{other.program}"
    assert elf_machine((root / program).read_bytes()) == "EM_AARCH64"
    ran = subprocess.run(
        [*starting(PLATFORM, root, program), *other.arguments],
        input=other.given, cwd=tmp_path, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(other.says)
