"""Runs as a benchmark would find them, with figures that are easy to check by hand."""

from __future__ import annotations

from bench.cases import MAIN, Case, Setting
from bench.measuring import Measured
from bench.results import Results
from bench.run import Run

MB = 1_000_000


def run(
    seconds: float,
    rival: str = "cross",
    scenario: str = "edited",
    setting: Setting = MAIN,
    *,
    repeats: int = 3,
    daemon: int | None = 200 * MB,
    pushed: int | None = 3 * MB,
    compiling: float | None = None,
) -> Run:
    return Run(
        case=Case(rival, scenario, setting, repeats),
        measured=Measured(
            seconds=seconds,
            client_cpu=seconds / 2,
            daemon_cpu=None if daemon is None else seconds / 4,
            client_memory=round(seconds * 10 * MB),
            daemon_memory=daemon,
        ),
        pushed=pushed,
        compile_seconds=compiling,
    )


def results(
    runs: list[Run],
    *,
    load: float = 0.1,
    skipped: dict[str, str] | None = None,
    failed: dict[str, str] | None = None,
) -> Results:
    return Results(
        command="make bench",
        date="2026-01-02 03:04 UTC",
        minutes=12.4,
        machine={"processor": "Sample CPU", "cores": "2"},
        versions={"Go": "1.26.8"},
        load=load,
        skipped=skipped or {},
        failed=failed or {},
        notes=[],
        runs=runs,
    )
