"""Figures as tables in Markdown."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from bench.cases import RIVALS, SCENARIOS, Setting
from bench.figures import REFERENCE, Figure, ratio

_HEADINGS = (
    "scenario", "who", "median", "fastest to slowest", "runs", f"by `{REFERENCE}`",
    "CPU", "client", "daemon", "pushed",
)  # fmt: skip
_LEFT = 2
_MEGA = 1_000_000
_NOTHING = "-"


def settings(found: Iterable[Figure]) -> list[Setting]:
    """The settings that were measured, in the order in which they were."""
    return list(dict.fromkeys(figure.case.setting for figure in found))


def table(found: Sequence[Figure], setting: Setting) -> str:
    """One row a rival and scenario, scenarios and rivals in the order of `cases`."""
    scenarios, rivals = list(SCENARIOS), list(RIVALS)
    rows = sorted(
        (figure for figure in found if figure.case.setting == setting),
        key=lambda f: (scenarios.index(f.case.scenario), rivals.index(f.case.rival)),
    )
    alignment = [":--" if n < _LEFT else "--:" for n in range(len(_HEADINGS))]
    return "\n".join(
        _line(cells) for cells in (_HEADINGS, alignment, *(_row(figure, found) for figure in rows))
    )


def _row(figure: Figure, found: Sequence[Figure]) -> list[str]:
    compared = ratio(figure, found)
    return [
        figure.case.scenario,
        f"`{figure.case.rival}`",
        seconds(figure.seconds),
        f"{seconds(figure.fastest)} to {seconds(figure.slowest)}" if figure.runs > 1 else _NOTHING,
        str(figure.runs),
        _NOTHING if compared is None else f"{compared:.2f}",
        seconds(figure.cpu),
        megabytes(figure.client_memory),
        megabytes(figure.daemon_memory),
        megabytes(figure.pushed),
    ]


def seconds(value: float) -> str:
    """With as many digits as mean something."""
    return f"{value:.2f} s" if value < 10 else f"{value:.1f} s"  # noqa: PLR2004 - two digits before the point


def megabytes(value: int | None) -> str:
    if value is None:
        return _NOTHING
    size = value / _MEGA
    return f"{size:.0f} MB" if size >= 100 else f"{size:.1f} MB"  # noqa: PLR2004 - as for seconds


def _line(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"
