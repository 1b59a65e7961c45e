"""The benchmark measures what it says: one small setting, on the engine of the tests."""

from __future__ import annotations

import pytest

from bench.cases import Case, Setting
from bench.registry import PushRegistry
from bench.rivals import rival
from bench.run import Runner
from bench.workplace import Workplace
from buildkit_engine.buildkit import lifecycle, tools
from buildkit_engine.buildkit.state import State

ONE = Setting(("linux/amd64",), 1)
RIVALS = ("pipeline-skip", "cross")


@pytest.fixture
def place(tmp_path, engine):
    if engine != "embedded":
        pytest.skip("it measures the embedded engine")
    lifecycle.up(State.of_user())
    (tmp_path / "logs").mkdir()
    # the image that other tests use as well
    return Workplace(tmp_path, State.of_user(), "1.26")


@pytest.mark.long
def test_an_unchanged_source_pushes_nothing_and_an_edited_one_its_program(place, tmp_path):
    cases = [Case(name, s, ONE, 1) for s in ("unchanged", "edited") for name in RIVALS]
    with PushRegistry(tools.locate(place.state).registry, tmp_path / "registry") as registry:
        runner = Runner(place, registry, {n: rival(n, place) for n in RIVALS}, {}, print)
        runs = {(run.case.rival, run.case.scenario): run for run in runner.run(cases)}
        assert registry.platforms("cross-0") == {"linux/amd64"}
    assert len(runs) == len(cases)
    for name in RIVALS:
        unchanged, edited = runs[name, "unchanged"], runs[name, "edited"]
        assert unchanged.pushed == 0
        # a program of Go's, compressed
        assert 1_000_000 < edited.pushed < 10_000_000
        assert edited.measured.seconds > unchanged.measured.seconds
        # Go's linker alone takes as much
        assert edited.measured.daemon_memory > 100_000_000
    assert runs["cross", "edited"].compile_seconds > 0
    assert runs["cross", "unchanged"].compile_seconds is None
