"""Files that are put where the user wants them: whole, or not at all."""

from __future__ import annotations

import shutil
import tempfile
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.scratch import Scratch
from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextmanager
def placed(target: Path) -> Iterator[Path]:
    """Where to write a file of the target's name, which becomes the target when the block ends.

    Whoever looks there meanwhile, or after an interruption, sees all of it or nothing. A device or
    a pipe is written to. Raises RequestError where nothing can be written.
    """
    try:
        # a link stays, and what it leads to is written
        end = target.resolve()
        is_special = end.exists() and not end.is_file()
        end.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.gettempdir()) if is_special else end.parent
        with Scratch(beside, ".buildkit-engine-export-") as scratch:
            whole = scratch.folder / target.name
            yield whole
            if is_special:
                with whole.open("rb") as source, end.open("wb") as out:
                    shutil.copyfileobj(source, out)
            else:
                whole.replace(end)
    except OSError as error:
        raise RequestError(f"cannot write '{target}': {error.strerror or error}") from None
