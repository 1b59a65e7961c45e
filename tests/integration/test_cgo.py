"""Go with C by the command line: SQLite from Debian's packages, for every platform."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT
from tests.integration.emulators import starting
from tests.integration.registries import elf_machine

CGO_APP = ROOT / "examples" / "cgo-app"
PROGRAM = "usr/local/bin/cgo-app"
PLATFORMS = [
    ("linux/amd64", "EM_X86_64", "x86_64-linux-gnu", "linux/amd64"),
    ("linux/arm64", "EM_AARCH64", "aarch64-linux-gnu", "linux/arm64"),
]
SECONDS = 900


def started(root: Path, platform: str, program: str, *words: str, given: bytes = b""):
    """How a program of an image's root ended."""
    return subprocess.run(
        [*starting(platform, root, program), *words],
        input=given, capture_output=True, timeout=120, check=False,
    )  # fmt: skip


@pytest.fixture
def app(tmp_path: Path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(CGO_APP, tmp_path / "app"))


@pytest.fixture(scope="module")
def published(call, registry):
    """The example, tested, verified and published for both platforms."""
    address = f"{registry.address}/cgo-app:1"
    ran = call("publish", f"--address={address}", source=CGO_APP, timeout=SECONDS)
    assert ran.code == 0, ran.error
    assert registry.platforms(address) == ["linux/amd64", "linux/arm64"]
    return address


@pytest.mark.parametrize(("platform", "machine", "triple", "_"), PLATFORMS)
def test_the_image_has_sqlite_for_its_platform(published, registry, platform, machine, triple, _):
    files = registry.files(published, platform)
    library = f"usr/lib/{triple}/libsqlite3.so.0"
    assert {elf_machine(files[path][1]) for path in (PROGRAM, library)} == {machine}
    assert not [path for path in files if re.search(r"\.(h|a|go)$|pkgconfig", path)]


@pytest.mark.parametrize(("platform", "_", "_triple", "told"), PLATFORMS)
def test_the_image_runs(call, published, tmp_path, platform, _, _triple, told):
    root = tmp_path / "root"
    exported = call(
        "build", f"--platform={platform}", "rootfs", "export", f"--path={root}",
        source=CGO_APP, timeout=SECONDS,
    )  # fmt: skip
    assert exported.code == 0, exported.error
    version = started(root, platform, PROGRAM, "--version").stdout.decode()
    assert re.fullmatch(rf"cgo-app, SQLite 3\.\S+, {told}\n", version)
    counted = started(root, platform, PROGRAM, given=b"the cat and The dog")
    assert counted.stdout == b"2 the\n1 and\n1 cat\n1 dog\n", counted.stderr


@pytest.mark.parametrize(
    ("config", "message"),
    [
        ('[go]\ncgo = true\nlibraries = ["libnosuch-dev"]\n',
         "[go] libraries: no package 'libnosuch-dev' for linux/arm64 ('arm64' to apt) in the sources of Debian"),
        ("[go]\ncgo = true\n", "Package 'sqlite3', required by 'virtual:world', not found"),
    ],
)  # fmt: skip
def test_a_library_that_is_not_there_is_named(call, app, config, message):
    (app / "pipeline.toml").write_text(config)
    ran = call("artifacts", "--platforms=linux/arm64", "sync", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert message in ran.error


def test_a_program_of_c_without_cgo_is_refused_before_any_work(call, tmp_path):
    (tmp_path / "go.mod").write_text("module example.com/c\n\ngo 1.26\n")
    (tmp_path / "main.go").write_text('package main\n\nimport "C"\n\nfunc main() {}\n')
    ran = call("plan", source=tmp_path)
    assert ran.refusal == "'main.go' compiles C (import \"C\"): set cgo = true in [go]"
