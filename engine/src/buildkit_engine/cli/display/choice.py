"""Which display a command line gets."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from buildkit_engine.errors import UsageError

if TYPE_CHECKING:
    from typing import TextIO

    from buildkit_engine.buildkit.progress import Display

PROGRESS = ("auto", "plain", "tty", "quiet")
_VARIABLE = "DAGGER_PROGRESS"
_NARROWEST = 40


def resolved(progress: str, *, quiet: bool = False, silent: bool = False) -> str:
    """One of plain, tty and quiet, for what the flags say.

    As with Dagger, `silent` shows no progress at all; `quiet` shows it only where it can be
    cleaned up in the end. Raises UsageError where a terminal is asked for and there is none.
    """
    if silent:
        return "quiet"
    if progress == "auto":
        chosen = os.environ.get(_VARIABLE, "")
        progress = chosen if chosen in PROGRESS else progress
    obstacle = None if progress in ("plain", "quiet") else _obstacle(sys.stderr)
    if progress == "tty" and obstacle:
        raise UsageError(
            f"no terminal for --progress=tty: {obstacle}: use --progress=plain, or leave it out"
        )
    if progress == "auto":
        progress = "plain" if obstacle else "tty"
    return "quiet" if quiet and progress == "plain" else progress


def display(progress: str, *, quiet: bool = False, verbose: bool = False) -> Display:
    """The display for a progress that was resolved; `verbose` shows the engine's own steps too."""
    if progress == "tty":
        from buildkit_engine.cli.display.tty import TtyDisplay

        return TtyDisplay(internal=verbose, transient=quiet)
    if progress == "plain":
        from buildkit_engine.cli.display.plain import PlainDisplay

        return PlainDisplay(internal=verbose)
    from buildkit_engine.buildkit.progress import Display

    return Display()


def _obstacle(stream: TextIO) -> str | None:
    """Why the display would not look right there; None where it would."""
    if not stream.isatty():
        return "standard error is none"
    if os.environ.get("TERM", "dumb") in ("", "dumb"):
        return "TERM names one that cannot move its cursor"
    if (stream.encoding or "").lower().replace("-", "") != "utf8":
        return f"its encoding is '{stream.encoding}', expected UTF-8"
    columns = os.get_terminal_size(stream.fileno()).columns
    # 0 where it does not say
    if 0 < columns < _NARROWEST:
        return f"it is {columns} columns wide, expected {_NARROWEST} or more"
    return None
