"""The application that all rivals publish: copies of examples/go-app, one program each."""

from __future__ import annotations

import shutil
import uuid
from dataclasses import dataclass
from pathlib import Path

from bench import ROOT

_EDITED = "internal/api/api.go"
# of what no test of the example looks at
_TEXT = "write answer"

# one program, which is what ko puts into an image; the rest as in the example
_PIPELINE = """\
name = "server"

[go]
packages = ["./cmd/server"]
ldflags = ["-s -w"]
image = "docker.io/library/golang:{go}-bookworm"

[runtime]
entrypoint = ["/usr/local/bin/server"]
env = {{ PORT = "8080" }}
expose = [8080]
"""
_KO = """\
builds:
- main: ./cmd/server
  env: [CGO_ENABLED=0]
  flags: [-trimpath]
  ldflags: [-s, -w]
"""


@dataclass(frozen=True)
class App:
    """A folder with the source, which one rival alone publishes."""

    name: str
    folder: Path

    @classmethod
    def make(cls, name: str, folder: Path, go: str) -> App:
        """A copy of the example whose code no other copy has, for Go of version `go`."""
        shutil.rmtree(folder, ignore_errors=True)
        shutil.copytree(ROOT / "examples" / "go-app", folder)
        (folder / "pipeline.toml").write_text(_PIPELINE.format(go=go))
        (folder / ".ko.yaml").write_text(_KO)
        # no rival sends what only another one reads
        (folder / ".dockerignore").write_text("pipeline.toml\n.ko.yaml\n.dockerignore\n")
        app = cls(name, folder)
        app._edit(name)
        return app

    def edit_anew(self) -> None:
        """Changes one line of one file: to a program that nobody has compiled before.

        Not an edit of another setting or of a run before, either, whose program is still cached.
        """
        self._edit(uuid.uuid4().hex)

    def _edit(self, mark: str) -> None:
        path = self.folder / _EDITED
        original = (ROOT / "examples" / "go-app" / _EDITED).read_text()
        if _TEXT not in original:
            raise ValueError(f"{_EDITED} does not say '{_TEXT}' any more: name another text of it")
        path.write_text(original.replace(_TEXT, f"{_TEXT}: {mark}"))
