"""From what a person writes to a record of the tables; what is near, where there is none."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError
from pipeline.jetpack import boards
from pipeline.jetpack.boards import BOARDS
from pipeline.jetpack.releases import RELEASES
from pipeline.jetpack.toolkits import TOOLKITS

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from pipeline.jetpack.boards import Board
    from pipeline.jetpack.releases import Release
    from pipeline.jetpack.toolkits import Toolkit

JETPACKS = tuple(jetpack for release in RELEASES for jetpack in release.jetpacks)
"""Every JetPack of the table, oldest first; previews end in -dp."""

_BY_JETPACK = {jetpack: release for release in RELEASES for jetpack in release.jetpacks}
_BY_L4T = {l4t: (r, jetpack) for r in RELEASES for l4t, jetpack in r.versions} | {
    release.suite.removeprefix("r"): (release, release.jetpack) for release in RELEASES
}
_BOARD_NAMES = [name for board in BOARDS for name in (board.name, *board.aliases)]
_PREFIX = re.compile(r"(?:jetpack|jp|l4t)[\s_-]*")
_PREVIEW = re.compile(r"[\s_-]*dp$")
_NUMBERS = re.compile(r"r?(\d+(?:\.\d+)*)(?:-dp)?")
_FEW = 3
_FIRST_L4T = 30
"""Numbers from here on are of L4T; JetPack's are far below."""


def find(written: str) -> Release:
    """The release that a JetPack (6.2), an L4T (r36.4, 36.4.3) or a board (orin) stands for.

    A board stands for the newest release for it that is no preview. Raises ConfigError, with the
    nearest names, for one that is not in the table.
    """
    return resolve(written)[0]


def resolve(written: str) -> tuple[Release, str]:
    """The release, and the JetPack of it that is meant: the newest, where only a line is named."""
    if board := boards.named(written):
        release = newest_for(board)
        return release, release.jetpack
    name = _PREVIEW.sub("-dp", _PREFIX.sub("", written.strip().lower()))
    if name in _BY_JETPACK:
        return _BY_JETPACK[name], name
    if found := _BY_L4T.get(name.removeprefix("r")):
        return found
    suites = [release.suite for release in RELEASES]
    raise ConfigError(
        f"jetpack '{written}' is not known{_offer(_near(name))}: expected a JetPack "
        f"({', '.join(JETPACKS)}), an L4T release ({suites[0]} to {suites[-1]}), "
        f"or a board ({', '.join(b.name for b in BOARDS)})"
    )


def board(written: str) -> Board:
    """The board of that name. Raises ConfigError, with the nearest names, for an unknown one."""
    found = boards.named(written)
    if found is None:
        names = [b.name for b in BOARDS]
        near = nearest(written.strip().lower(), _BOARD_NAMES)
        raise ConfigError(
            f"Board '{written}' is not known{_offer(near)}: expected one of {', '.join(names)}"
        )
    return found


def toolkit(cuda: str) -> Toolkit:
    """The newest toolkit of a version of CUDA, 12.6. Raises ConfigError for an unknown one."""
    found = next((each for each in reversed(TOOLKITS) if each.version == cuda.strip()), None)
    if found is None:
        versions = list(dict.fromkeys(each.version for each in TOOLKITS))
        raise ConfigError(
            f"CUDA '{cuda}' is not known{_offer(nearest(cuda, versions))}: "
            f"expected one of {', '.join(versions)}"
        )
    return found


def releases_for(board: Board) -> tuple[Release, ...]:
    """Every release for a board, oldest first."""
    return tuple(release for release in RELEASES if board.name in release.boards)


def newest_for(board: Board) -> Release:
    """The newest release for a board that is no preview."""
    return [r for r in releases_for(board) if not r.is_preview][-1]


def mounted_sonames() -> tuple[str, ...]:
    """The libraries of CUDA that devices mount, where a release does so: what DT_NEEDED says."""
    found = (
        soname
        for release in RELEASES
        if release.mounts_cuda
        for library in release.toolkit.libraries
        for soname in library.sonames
    )
    return tuple(dict.fromkeys(found))


def served(board: Board) -> str:
    """The JetPacks for a board, in words: JetPack 7.0 to 7.2.2."""
    spans: list[list[Release]] = []
    for release in RELEASES:
        if board.name not in release.boards:
            continue
        before = RELEASES[RELEASES.index(release) - 1]
        if spans and spans[-1][-1] is before:
            spans[-1].append(release)
        else:
            spans.append([release])
    return "JetPack " + " and ".join(f"{s[0].jetpacks[0]} to {s[-1].jetpack}" for s in spans)


def nearest(name: str, names: Sequence[str]) -> list[str]:
    """The few of `names` that a person may have meant: by number, or else by spelling."""
    number = _NUMBERS.fullmatch(name)
    if number is None:
        import difflib

        return difflib.get_close_matches(name, names, _FEW)
    wanted = _rank(number[1])
    # of two that are as far away, the newer one first
    order = sorted(range(len(names)), key=lambda i: (abs(wanted - _rank(names[i])), -i))
    return [names[i] for i in order[:_FEW]]


def _near(name: str) -> list[str]:
    number = _NUMBERS.fullmatch(name)
    if number is None:
        return nearest(name, _BOARD_NAMES)
    parts = number[1].split(".")
    if not name.startswith("r") and int(parts[0]) < _FIRST_L4T:
        return nearest(name, JETPACKS)
    if len(parts) < _FEW:
        return nearest(name, [release.suite for release in RELEASES])
    return nearest(name, [f"r{l4t}" for release in RELEASES for l4t, _ in release.versions])


def _rank(name: str) -> int:
    """A version as one number, so that those of one major release are near each other."""
    number = _NUMBERS.fullmatch(name)
    parts = [*(number[1].split(".") if number else ()), "0", "0", "0"][:_FEW]
    return sum(int(part) * weight for part, weight in zip(parts, (10_000, 100, 1), strict=True))


def _offer(near: Iterable[str]) -> str:
    names = ", ".join(near)
    return f" (nearest: {names})" if names else ""
