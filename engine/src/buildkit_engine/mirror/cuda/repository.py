"""Makes the stand-ins for NVIDIA's repositories, in a folder that a web server can serve."""

from __future__ import annotations

import json
import os
import shutil
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.scratch import Scratch
from buildkit_engine.mirror.cuda import contents, debs, index, packages, wheels
from buildkit_engine.mirror.cuda.signing import new_signer

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.mirror.cuda.debs import Control
    from buildkit_engine.mirror.cuda.packages import Repository

KEY = "stand-ins.asc"
_MADE = "made.json"


@dataclass(frozen=True)
class Made:
    """What a folder of repositories was made from, and the key that signed them."""

    recipe: str
    fingerprint: str

    @classmethod
    def load(cls, folder: Path) -> Made | None:
        """None where nothing was made, or by another version."""
        try:
            return cls(**json.loads((folder / _MADE).read_text()))
        except (FileNotFoundError, ValueError, TypeError):
            return None


def provide(state: State, say: Callable[[str], None]) -> Made:
    """Makes them in the folder that is served, unless they are there: whole, or not at all.

    Raises SetupError where a program that is needed is missing, or NVIDIA's wheels cannot be had.
    """
    recipe = packages.recipe()
    with state.locked("mirror-cuda"):
        made = Made.load(state.served)
        if made and made.recipe == recipe:
            return made
        with Scratch(state.folder("mirror", "making"), "cuda-") as scratch:
            made = _make(scratch.folder, recipe, say)
            shutil.rmtree(state.served, ignore_errors=True)
            (scratch.folder / "www").rename(state.served)
        return made


def settings(address: str, made: Made) -> dict[str, dict[str, str]]:
    """What an apt needs to be told of each platform's repository, served at host:port."""
    return {
        platform: {
            "url": f"http://{address}/{each.path}",
            "suite": each.suite,
            "component": each.component,
            "key": f"http://{address}/{KEY}",
            "fingerprint": made.fingerprint,
        }
        for platform, each in packages.REPOSITORIES.items()
    }


def _make(scratch: Path, recipe: str, say: Callable[[str], None]) -> Made:
    started = time.monotonic()
    say(f"making packages of CUDA {packages.VERSION} from NVIDIA's wheels")
    found = _wheels(scratch / "wheels")
    size = sum(path.stat().st_size for each in found.values() for path in each.values())
    say(f"fetched {size / 1_000_000:.1f} MB in {time.monotonic() - started:.1f} s")
    root = scratch / "www"
    wanted = list(contents.every(found))

    def write(each: contents.Content) -> tuple[Repository, Control, Path]:
        target = root / each.repository.path / each.path
        target.parent.mkdir(parents=True, exist_ok=True)
        debs.write(each.control, each.fill, target)
        return each.repository, each.control, target

    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        written = list(pool.map(write, wanted))
    with new_signer() as signer:
        for repository in packages.REPOSITORIES.values():
            of = [(control, path) for owner, control, path in written if owner is repository]
            index.write(repository, of, root / repository.path, signer)
        (root / KEY).write_text(signer.key)
        made = Made(recipe, signer.fingerprint)
    (root / _MADE).write_text(json.dumps(asdict(made)))
    size = sum(path.stat().st_size for _, _, path in written)
    say(
        f"made {len(written)} packages: {size / 1_000_000:.1f} MB "
        f"in {time.monotonic() - started:.1f} s"
    )
    return made


def _wheels(scratch: Path) -> dict[str, dict[str, Path]]:
    """The wheels' files, by machine and name."""
    names = {package.wheel for package in packages.PACKAGES if package.wheel}
    return {
        machine: wheels.fetch(names, machine, scratch / machine) for machine in packages.TARGETS
    }
