"""Figures as a picture. What is drawn is computed apart from the drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.cases import MAIN, RIVALS, SCENARIOS
from bench.figures import Figure, find

_COLOURS = {
    "pipeline": "#0b6e99",
    "pipeline-skip": "#6fb7d4",
    "dagger": "#7b4fa3",
    "dagger-nothing": "#b59ad1",
    "cross": "#d1702a",
    "ko": "#4a8f4f",
    "emulated": "#8c8c8c",
}


@dataclass(frozen=True)
class Dot:
    """A median with its spread, in seconds."""

    rival: str
    seconds: float
    fastest: float
    slowest: float


@dataclass(frozen=True)
class Line:
    """Medians of one rival by how many platforms or applications there were."""

    rival: str
    counts: tuple[int, ...]
    seconds: tuple[float, ...]


def dots(found: Sequence[Figure], scenario: str) -> list[Dot]:
    """One a rival, for one application and the usual two platforms."""
    figures = (find(found, rival, scenario, MAIN) for rival in RIVALS)
    return [Dot(f.case.rival, f.seconds, f.fastest, f.slowest) for f in figures if f]


def by_platforms(found: Sequence[Figure], scenario: str) -> list[Line]:
    """How the time of one application grows with the platforms, amd64 always among them."""
    return _lines(
        [
            (f.case.rival, len(f.case.setting.platforms), f.seconds)
            for f in found
            if f.case.scenario == scenario
            and f.case.setting.apps == 1
            and MAIN.platforms[0] in f.case.setting.platforms
        ]
    )


def by_apps(found: Sequence[Figure], scenario: str) -> list[Line]:
    """How the time grows with the applications, for the usual two platforms."""
    return _lines(
        [
            (f.case.rival, f.case.setting.apps, f.seconds)
            for f in found
            if f.case.scenario == scenario and f.case.setting.platforms == MAIN.platforms
        ]
    )


def _lines(points: list[tuple[str, int, float]]) -> list[Line]:
    """Those with two points or more: one point shows no growth."""
    lines = []
    for rival in RIVALS:
        own = sorted((count, seconds) for name, count, seconds in points if name == rival)
        if len(own) > 1:
            lines.append(Line(rival, tuple(c for c, _ in own), tuple(s for _, s in own)))
    return lines


def draw(found: Sequence[Figure], path: Path) -> None:
    """Writes a PNG file; without figures of the usual setting it is empty, and not written."""
    panels = [(scenario, shown) for scenario in SCENARIOS if (shown := dots(found, scenario))]
    growth = [
        (axis, lines)
        for axis, lines in (
            ("platforms", by_platforms(found, "edited")),
            ("applications at once", by_apps(found, "edited")),
        )
        if lines
    ]
    if not panels:
        path.unlink(missing_ok=True)
        return
    import matplotlib as mpl

    mpl.use("agg")
    import matplotlib.pyplot as plt

    rows = [row for row in (panels, growth) if row]
    figure = plt.figure(figsize=(12, 3.75 * len(rows)), layout="constrained")
    parts = figure.subfigures(len(rows), squeeze=False)[:, 0]
    for axes, (scenario, shown) in _beside(parts[0], panels):
        _draw_dots(axes, shown, f"{scenario}: {SCENARIOS[scenario]}")
    for axes, (axis, lines) in _beside(parts[-1], growth):
        _draw_lines(axes, lines, axis)
    figure.savefig(path, dpi=110, metadata={"Software": None})
    plt.close(figure)


def _beside(part: Any, shown: Sequence[Any]) -> list[tuple[Any, Any]]:
    """Axes for each of them, in one row."""
    return [
        (part.add_subplot(1, len(shown), number + 1), each) for number, each in enumerate(shown)
    ]


def _draw_dots(axes: Any, shown: list[Dot], title: str) -> None:
    axes.set_title(title, fontsize=9)
    for row, dot in enumerate(shown):
        colour = _COLOURS[dot.rival]
        axes.plot([dot.fastest, dot.slowest], [row, row], color=colour, linewidth=2)
        axes.plot([dot.seconds], [row], "o", color=colour)
        axes.annotate(
            f"{dot.seconds:.1f} s", (dot.seconds, row), (0, 7), textcoords="offset points",
            ha="center", fontsize=8,
        )  # fmt: skip
    axes.set_yticks(range(len(shown)), [dot.rival for dot in shown])
    axes.set_ylim(len(shown) - 0.5, -0.7)
    _seconds(axes, axes.set_xscale, axes.xaxis)
    axes.set_xlabel("seconds (logarithmic)", fontsize=8)
    if shown:
        axes.set_xlim(min(d.fastest for d in shown) / 2, max(d.slowest for d in shown) * 2)


def _draw_lines(axes: Any, lines: list[Line], axis: str) -> None:
    axes.set_title(f"edited, by {axis}", fontsize=9)
    for line in lines:
        colour = _COLOURS[line.rival]
        axes.plot(line.counts, line.seconds, "o-", color=colour, label=line.rival)
    axes.set_xticks(sorted({count for line in lines for count in line.counts}))
    axes.set_xlabel(axis, fontsize=8)
    axes.set_ylabel("seconds", fontsize=8)
    axes.set_ylim(bottom=0)
    axes.grid(alpha=0.3)
    if lines:
        axes.legend(fontsize=8)


def _seconds(axes: Any, scale: Any, axis: Any) -> None:
    from matplotlib.ticker import LogLocator, NullFormatter, StrMethodFormatter

    scale("log")
    axis.set_major_locator(LogLocator(base=10, subs=(1, 2, 5)))
    axis.set_major_formatter(StrMethodFormatter("{x:g}"))
    axis.set_minor_formatter(NullFormatter())
    axes.grid(axis="x", alpha=0.3)
    axes.tick_params(labelsize=8)
