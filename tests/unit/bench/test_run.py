"""Rivals that take turns, by commands that stand in for them."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, cast

from bench import run
from bench.cases import Case, Setting
from bench.rivals import Rival

ONE = Setting(("linux/amd64",), 1)
TWO = Setting(("linux/amd64", "linux/arm64"), 1)


def stand_in(name: str, script: str) -> Rival:
    """Executes the script, whose $1 is the number of platforms, and publishes nothing."""
    return Rival(
        name,
        lambda _app, platforms, _address: (["sh", "-c", script, "sh", str(len(platforms))], {}),
        forget=lambda: None,
        has_daemon=False,
        publishes=False,
    )


def test_a_rival_that_fails_in_a_setting_loses_nothing_else(tmp_path, monkeypatch):
    app = SimpleNamespace(name="app", folder=tmp_path, edit_anew=lambda: None)
    monkeypatch.setattr(run, "App", SimpleNamespace(make=lambda *_: app))
    (tmp_path / "logs").mkdir()
    registry = SimpleNamespace(address="", empty=lambda: None, stored=lambda: 0)
    said: list[str] = []
    runner = run.Runner(
        place=cast("Any", SimpleNamespace(folder=tmp_path, go="")),
        registry=cast("Any", registry),
        rivals={
            "good": stand_in("good", "true"),
            "bad": stand_in("bad", "echo begun; echo no more; test $1 = 1"),
        },
        elsewhere={},
        say=said.append,
    )
    cases = [
        Case(rival, scenario, setting, repeats=2)
        for setting in (TWO, ONE)
        for scenario in ("cold", "unchanged", "edited")
        for rival in ("good", "bad")
    ]
    measured = [
        (each.case.rival, each.case.scenario, each.case.setting) for each in runner.run(cases)
    ]
    assert sorted(measured, key=str) == sorted(
        [(c.rival, c.scenario, c.setting) for c in cases if c.rival == "good" or c.setting == ONE]
        * 2,
        key=str,
    )
    title = "bad, 1 application, linux/amd64, linux/arm64"
    assert runner.failed == {title: "no more"}
    assert [line for line in said if line.startswith(title)] == [
        f"{title}: 'sh -c echo begun; echo no more; test $1 = 1 sh 2' ended with 1:\nbegun\nno more"
    ]
