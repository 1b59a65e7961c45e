"""The image stores of container runtimes on this machine, in the order that Dagger asks them."""

from __future__ import annotations

import re
import shutil
import subprocess
from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path

PROGRAMS = ("docker", "podman", "finch", "nerdctl")
_LOADED = re.compile(r"\b(sha256:[0-9a-f]+|\S+:\S+)\b")


def answering(name: str) -> str:
    """The program of the first runtime that answers, for an image's `name`.

    Raises RequestError where there is none.
    """
    for program in PROGRAMS:
        if shutil.which(program):
            done = subprocess.run([program, "version"], capture_output=True, check=False)
            if done.returncode == 0:
                return program
    raise RequestError(
        f"cannot export image '{name}': no container runtime answers on this machine: "
        f"expected one of {', '.join(PROGRAMS)} on PATH, with its daemon running"
    )


def load(program: str, tarball: Path, name: str) -> None:
    """Puts an image into the runtime's store under `name`; raises RequestError where it refuses."""
    with tarball.open("rb") as data:
        said = _run(program, "load", stdin=data)
    loaded = _LOADED.search(said)
    if not loaded:
        raise RequestError(f"unexpected output from {program} load: {said.strip()}")
    _run(program, "tag", loaded[1], name)


def _run(program: str, *arguments: str, stdin: object = None) -> str:
    done = subprocess.run(
        [program, *arguments],
        stdin=stdin,  # type: ignore[call-overload]
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        raise RequestError(f"{program} {arguments[0]} failed: {done.stderr.strip()}")
    return str(done.stdout)
