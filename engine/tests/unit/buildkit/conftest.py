"""A program that stands in for buildctl and crane."""

from __future__ import annotations

import json
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

_SCRIPT = """\
#!{python} -SE
import json, os, pathlib, sys, time
here = pathlib.Path({here!r})
says = json.loads((here / "says.json").read_text())
seen = {{"argv": sys.argv[1:], "env": dict(os.environ)}}
sources = [word.partition("src=")[2] for word in sys.argv if "src=/proc" in word]
seen["secrets"] = [pathlib.Path(source).read_bytes().hex() for source in sources]
if says["reads"]:
    seen["stdin"] = sys.stdin.buffer.read().hex()
(here / "seen.new").write_text(json.dumps(seen))
(here / "seen.new").rename(here / "seen.json")
if "--metadata-file" in sys.argv:
    path = sys.argv[sys.argv.index("--metadata-file") + 1]
    pathlib.Path(path).write_text(json.dumps(says["metadata"]))
sys.stdout.write(says["stdout"])
sys.stderr.write(says["stderr"])
sys.stdout.flush()
sys.stderr.flush()
time.sleep(says["seconds"])
sys.exit(says["code"])
"""


@dataclass(frozen=True)
class FakeProgram:
    """Says what it is told to, and keeps what it was given."""

    here: Path

    @property
    def path(self) -> str:
        return str(self.here / "program")

    def says(self, stdout="", stderr="", code=0, seconds=0, metadata=None, *, reads=True) -> None:
        values = {"stdout": stdout, "stderr": stderr, "code": code, "seconds": seconds}
        values |= {"metadata": metadata or {}, "reads": reads}
        (self.here / "says.json").write_text(json.dumps(values))

    @property
    def started(self) -> bool:
        return (self.here / "seen.json").exists()

    @property
    def seen(self) -> dict:
        return json.loads((self.here / "seen.json").read_text())

    def option(self, name: str) -> list[str]:
        """The values that were given to an option, in order."""
        argv = self.seen["argv"]
        return [argv[i + 1] for i, word in enumerate(argv) if word == name]


@pytest.fixture
def program(tmp_path):
    here = tmp_path / "fake"
    here.mkdir()
    script = here / "program"
    script.write_text(_SCRIPT.format(python=sys.executable, here=str(here)))
    script.chmod(0o755)
    fake = FakeProgram(here)
    fake.says()
    return fake
