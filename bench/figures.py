"""From single runs to what is told: medians, spreads, ratios."""

from __future__ import annotations

import statistics
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bench.cases import COMPILING, Case, Setting

if TYPE_CHECKING:
    from bench.run import Run

REFERENCE = "cross"
"""The rival that others are compared with: the best that BuildKit alone does."""


@dataclass(frozen=True)
class Figure:
    """One case, of all its runs: seconds, and bytes."""

    case: Case
    runs: int
    seconds: float
    """The median."""
    fastest: float
    slowest: float
    cpu: float
    """Processor seconds of the client and the daemon together: the median."""
    client_memory: int
    """The largest of all runs."""
    daemon_memory: int | None
    pushed: int | None
    """The median."""


def figures(runs: Iterable[Run]) -> list[Figure]:
    """One figure a case, in the order of their first runs."""
    grouped: dict[Case, list[Run]] = {}
    for run in runs:
        grouped.setdefault(run.case, []).append(run)
    return [_figure(case, found) for case, found in grouped.items()]


def _figure(case: Case, runs: Sequence[Run]) -> Figure:
    measured = [run.measured for run in runs]
    seconds = [m.seconds for m in measured]
    daemon = [m.daemon_memory for m in measured if m.daemon_memory is not None]
    pushed = [run.pushed for run in runs if run.pushed is not None]
    return Figure(
        case=case,
        runs=len(runs),
        seconds=statistics.median(seconds),
        fastest=min(seconds),
        slowest=max(seconds),
        cpu=statistics.median(m.client_cpu + (m.daemon_cpu or 0) for m in measured),
        client_memory=max(m.client_memory for m in measured),
        daemon_memory=max(daemon) if daemon else None,
        pushed=round(statistics.median(pushed)) if pushed else None,
    )


def find(found: Iterable[Figure], rival: str, scenario: str, setting: Setting) -> Figure | None:
    """The figure of one rival in one scenario and setting; None where it was not measured."""
    for figure in found:
        case = figure.case
        if (case.rival, case.scenario, case.setting) == (rival, scenario, setting):
            return figure
    return None


def ratio(figure: Figure, found: Iterable[Figure]) -> float | None:
    """How many times as long as the reference it takes; None without a reference."""
    case = figure.case
    reference = find(found, REFERENCE, case.scenario, case.setting)
    return figure.seconds / reference.seconds if reference else None


def compile_seconds(runs: Iterable[Run], rival: str) -> float | None:
    """The median of the step that compiles for the foreign platform alone; None without one."""
    seconds = [
        run.compile_seconds
        for run in runs
        if (run.case.rival, run.case.setting) == (rival, COMPILING)
        and run.compile_seconds is not None
    ]
    return statistics.median(seconds) if seconds else None
