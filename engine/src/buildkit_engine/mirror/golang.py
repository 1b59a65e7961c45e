"""Go's own distribution, from the Go modules that hold it."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror import own
from buildkit_engine.mirror.programs import run

if TYPE_CHECKING:
    from buildkit_engine.mirror.layers import Layer

_EXECUTABLE = ("bin", "pkg/tool")


def toolchain(version: str, architecture: str, layer: Layer) -> None:
    """Go of exactly this version, for Go's `architecture`, at /usr/local/go."""
    module = f"golang.org/toolchain@v0.0.1-go{version}.linux-{architecture}"
    found = json.loads(run([_go(), "mod", "download", "-json", module]))
    # modules are kept read-only and without executable bits
    layer.add_tree(Path(found["Dir"]), "usr/local/go", executable=_EXECUTABLE)
    layer.add_folder("go/bin", mode=0o777)
    layer.add_folder("go/src", mode=0o777)
    own.certificates(layer)


def settings() -> tuple[tuple[str, str], ...]:
    """What the machine's go settings say of module proxies, where they are not Go's defaults.

    Without those that hold credentials: an image is no place for them.
    """
    changed = json.loads(run([_go(), "env", "-json", "-changed"]))
    names = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE")
    return tuple(
        (name, changed[name]) for name in names if changed.get(name) and "@" not in changed[name]
    )


def exact(version: str, architecture: str) -> str:
    """The version with its patch: the newest, where `version` lacks it."""
    if version.count(".") > 1:
        return version
    suffix = f".linux-{architecture}"
    listed = run([_go(), "list", "-m", "-versions", "golang.org/toolchain"]).split()
    patches = [
        int(patch)
        for v in listed
        if v.startswith(f"v0.0.1-go{version}.") and v.endswith(suffix)
        for patch in [v.removeprefix(f"v0.0.1-go{version}.").removesuffix(suffix)]
        if patch.isdigit()
    ]
    if not patches:
        raise SetupError(f"no Go toolchain '{version}' for linux/{architecture} is published")
    return f"{version}.{max(patches)}"


def _go() -> str:
    go = shutil.which("go")
    if go is None:
        msg = "Go is not installed: stand-ins for golang images are made with it"
        raise SetupError(msg)
    return go
