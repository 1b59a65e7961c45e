"""Copies of this machine's folders, taken by the engine's own program `freeze`."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.children import Children
from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True)
class Selection:
    """What is wanted of a folder of this machine.

    Patterns and .gitignore files are read from `root`; what is copied is in the folder `below` it.
    """

    root: str
    below: str = "."
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    gitignore: bool = False


@dataclass(frozen=True)
class Freezer:
    """Copies what is wanted as it is now, with its modes and times."""

    program: str
    children: Children = field(default_factory=Children)

    def copy(self, wanted: Selection, target: Path) -> None:
        """Fills the empty folder `target`.

        Raises RequestError, in one line, for what cannot be read or written.
        """
        command = [self.program, f"-below={wanted.below}"]
        command += [f"-include={pattern}" for pattern in wanted.include]
        command += [f"-exclude={pattern}" for pattern in wanted.exclude]
        if wanted.gitignore:
            command.append("-gitignore")
        done = self.children.run([*command, "--", wanted.root, str(target)])
        if done.returncode:
            words = done.stderr.strip().rpartition("\n")[2]
            raise RequestError(words or f"freeze ended with exit code {done.returncode}")
