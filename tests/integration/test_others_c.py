"""C and C++ programs of other people, as Debian has their sources, cross-compiled without a change."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.integration import others, sources
from tests.integration.emulators import started

pytestmark = pytest.mark.long


@dataclass(frozen=True)
class Other:
    """A source package, what pipeline.toml says of it, and what its program does."""

    package: str
    config: str
    program: str
    arguments: tuple[str, ...]
    given: str
    says: str


OTHERS = (
    # makefiles, the first of which sets CC=gcc
    Other("tree", 'programs = ["tree"]', "tree", ("--version",), "", "tree v2.1.0"),
    Other("lz4", 'programs = ["programs/lz4"]', "lz4", ("-dc",), "", ""),
    # CMake: programs of subfolders
    Other("cmark", 'programs = ["src/cmark"]', "cmark", (), "# Title\n", "<h1>Title</h1>\n"),
    # C++, and a shared library of its own
    Other("uchardet", 'programs = ["src/tools/uchardet"]', "uchardet", (), "grüße", "UTF-8\n"),
    # a shared library of its own that loads one of Debian's
    Other("libzip", 'programs = ["src/zipcmp"]\npackages = ["zlib1g-dev"]', "zipcmp", ("-V",), "", "zipcmp (libzip 1.7.3)"),
)  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    return tmp_path_factory.mktemp("sources")


@pytest.mark.parametrize("other", OTHERS, ids=lambda other: other.package)
def test_a_program_of_others_is_built_proven_and_runs(call, folder, tmp_path, other):
    source = sources.debian(other.package, folder)
    (source / "pipeline.toml").write_text(f'name = "{other.program}"\n[cmake]\n{other.config}\n')
    root = others.built(call, source, tmp_path, (other.program,))

    def run(*words: str, given: bytes) -> bytes:
        program = f"usr/local/bin/{other.program}"
        done = started(root, others.PLATFORM, program, *words, given=given)
        assert done.returncode == 0, done.stderr
        return done.stdout

    if other.package == "lz4":
        text = b"one two three " * 1000
        packed = run("-c", given=text)
        assert (len(packed) < 200, run(*other.arguments, given=packed)) == (True, text)
    else:
        told = run(*other.arguments, given=other.given.encode())
        assert told.decode().startswith(other.says)


def test_what_is_made_by_configure_is_refused_at_once(call, folder):
    """bc has no makefile before its configure script has run."""
    ran = call("plan", source=sources.debian("bc", folder))
    assert ran.code != 0
    assert ran.refusal.startswith("No toolchain recognised in the source, which holds ")
