"""Carries cases out: rivals take turns, so that what the machine does meanwhile meets them all."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from bench.apps import App
from bench.measuring import Measured, RivalError, measure
from bench.progress import step_seconds

if TYPE_CHECKING:
    from bench.cases import Case, Setting
    from bench.registry import PushRegistry
    from bench.rivals import Rival
    from bench.workplace import Workplace

_COMPILES = "go build"


@dataclass(frozen=True)
class Run:
    """One measurement of a case."""

    case: Case
    measured: Measured
    pushed: int | None
    """Bytes that the registry did not have before; None for a registry that cannot be asked."""
    compile_seconds: float | None
    """Of the only step that compiles, where the rival's progress shows it."""


@dataclass
class Runner:
    """Carries cases out on one engine and one registry.

    `rivals` are those that can be measured here; `elsewhere` is where a rival pushes to that does
    not reach the registry on loopback.
    """

    place: Workplace
    registry: PushRegistry
    rivals: dict[str, Rival]
    elsewhere: dict[str, str]
    say: Callable[[str], None]
    failed: dict[str, str] = field(default_factory=dict)
    """Who failed in which setting, and what was said last: measured no further there."""

    def run(self, cases: Iterable[Case]) -> Iterator[Run]:
        """Measures every case whose rival is there, one setting after another."""
        able = [case for case in cases if case.rival in self.rivals]
        for setting in dict.fromkeys(case.setting for case in able):
            yield from self._setting(setting, [c for c in able if c.setting == setting])

    def _setting(self, setting: Setting, cases: list[Case]) -> Iterator[Run]:
        rivals = dict.fromkeys(case.rival for case in cases)
        apps = {rival: self._apps(rival, setting) for rival in rivals}
        for case in _in_turns(c for c in cases if c.scenario == "cold"):
            self.registry.empty()
            self.rivals[case.rival].forget()
            yield from self._one(case, apps[case.rival])
        warm = [case for case in cases if case.scenario != "cold"]
        for rival in dict.fromkeys(case.rival for case in warm):
            self.say(f"{rival}: once, so that its caches are warm")
            self._publish(rival, setting, apps[rival])
        for scenario in ("unchanged", "edited"):
            for case in _in_turns(c for c in warm if c.scenario == scenario):
                if scenario == "edited":
                    for app in apps[case.rival]:
                        app.edit_anew()
                yield from self._one(case, apps[case.rival])

    def _apps(self, rival: str, setting: Setting) -> list[App]:
        folder, go = self.place.folder / "apps", self.place.go
        names = [f"{rival}-{number}" for number in range(setting.apps)]
        return [App.make(name, folder / name, go) for name in names]

    def _one(self, case: Case, apps: list[App]) -> Iterator[Run]:
        """Nothing for a rival that fails, or has failed."""
        before = self.registry.stored()
        measured = self._publish(case.rival, case.setting, apps)
        if measured is None:
            return
        is_here = case.rival not in self.elsewhere and self.rivals[case.rival].publishes
        run = Run(
            case=case,
            measured=measured,
            pushed=self.registry.stored() - before if is_here else None,
            compile_seconds=step_seconds(self._log(apps[0]).read_text(errors="replace"), _COMPILES),
        )
        self.say(f"{case.rival} {case.scenario}, {case.setting.title}: {measured.seconds:.2f} s")
        yield run

    def _publish(self, name: str, setting: Setting, apps: list[App]) -> Measured | None:
        """None for a rival that fails in the setting, or has: what others took is not lost."""
        title = f"{name}, {setting.title}"
        if title in self.failed:
            return None
        try:
            return self._published(name, setting, apps)
        except RivalError as error:
            self.failed[title] = str(error).splitlines()[-1]
            self.say(f"{title}: {error}")
            return None

    def _published(self, name: str, setting: Setting, apps: list[App]) -> Measured:
        rival = self.rivals[name]
        registry = self.elsewhere.get(name, self.registry.address)
        commands = [
            rival.publish(app, setting.platforms, f"{registry}/{app.name}:latest", self._log(app))
            for app in apps
        ]
        daemon = self.place.running.daemon_pid if rival.has_daemon else None
        measured = measure(commands, daemon, rival.helpers())
        if rival.publishes and name not in self.elsewhere:
            self._check(apps, setting)
        return measured

    def _check(self, apps: list[App], setting: Setting) -> None:
        """Raises RivalError where a tag does not name what it should."""
        for app in apps:
            found = self.registry.platforms(app.name)
            # not all write the variant that arm64 has anyway
            if {p.removesuffix("/v8") for p in found} != set(setting.platforms):
                named = ", ".join(sorted(found))
                raise RivalError(f"'{app.name}' was published for {named}: see {self._log(app)}")

    def _log(self, app: App) -> Path:
        return self.place.folder / "logs" / f"{app.name}.log"


def _in_turns(cases: Iterable[Case]) -> Iterator[Case]:
    """The cases again and again, each as often as it is to be measured."""
    cases = list(cases)
    for turn in itertools.count():
        left = [case for case in cases if case.repeats > turn]
        if not left:
            return
        yield from left
