"""What is measured: every case as data, and which of them a run takes."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SCENARIOS = {
    "cold": "nothing is cached but the tools themselves",
    "unchanged": "the same source is published again",
    "edited": "one line of one file has changed",
}
_ONE, _TWO = ("linux/amd64",), ("linux/amd64", "linux/arm64")
_FOUR = (*_TWO, "linux/arm/v7", "linux/s390x")
_FOREIGN = ("linux/arm64",)
ALL_PLATFORMS = _FOUR
RIVALS = {
    "pipeline": "this module, with tests and verification",
    "pipeline-skip": "this module, with --skip-tests --skip-verify",
    "dagger": "this module on a Dagger engine, with tests and verification",
    "dagger-nothing": "a function of an empty module on the same engine, never cached",
    "cross": "BuildKit, a Dockerfile that cross-compiles and keeps caches",
    "ko": "ko, with the machine's own Go",
    "emulated": "BuildKit, a plain Dockerfile under QEMU",
}
QUICK = tuple(name for name in RIVALS if name not in ("emulated", "dagger-nothing"))
_APPS = (1, 4, 16)
_MANY = 16


@dataclass(frozen=True)
class Setting:
    """What one publish is for, and how many applications are published at once."""

    platforms: tuple[str, ...]
    apps: int

    @property
    def title(self) -> str:
        each = "1 application" if self.apps == 1 else f"{self.apps} applications at once"
        return f"{each}, {', '.join(self.platforms)}"


MAIN = Setting(_TWO, 1)
COMPILING = Setting(_FOREIGN, 1)
"""Nothing but the foreign platform, so that nothing else competes with the step that compiles."""


@dataclass(frozen=True)
class Case:
    """One figure: a rival in a scenario, measured `repeats` times."""

    rival: str
    scenario: str
    setting: Setting
    repeats: int

    @property
    def words(self) -> set[str]:
        """By which `--only` finds it."""
        count = len(self.setting.platforms)
        return {
            self.rival,
            self.scenario,
            f"{count}-platform{'s' if count > 1 else ''}",
            f"{self.setting.apps}-app{'s' if self.setting.apps > 1 else ''}",
        }


def every(repeats: int) -> list[Case]:
    """All cases, in the order in which they are measured.

    What takes long is measured less often than `repeats`; cold where it says most. Under QEMU the
    only thing to be learnt is how long the compiler takes, and that takes minutes: once, and first,
    since whatever is cold takes from the others what they have cached. The same step by cross takes
    seconds, of which a single run says little.
    """
    few = (repeats + 1) // 2
    found = [Case("cross", "cold", COMPILING, few), Case("emulated", "cold", COMPILING, 1)]
    found += [
        Case(rival, scenario, MAIN, few if scenario == "cold" else repeats)
        for scenario in SCENARIOS
        for rival in QUICK
    ]
    found.append(Case("dagger-nothing", "unchanged", MAIN, repeats))
    for setting, often in (
        (Setting(_ONE, 1), few),
        (Setting(_FOUR, 1), few),
        *((Setting(_TWO, apps), few if apps < _MANY else 1) for apps in _APPS[1:]),
    ):
        found += [Case(r, s, setting, often) for s in ("unchanged", "edited") for r in QUICK]
    return found


def groups() -> tuple[set[str], ...]:
    """The words that `--only` knows, those that exclude each other together."""
    return (
        set(RIVALS),
        set(SCENARIOS),
        {"1-platform", "2-platforms", "4-platforms"},
        {"1-app", *(f"{n}-apps" for n in _APPS[1:])},
    )


def chosen(cases: Iterable[Case], words: Iterable[str]) -> list[Case]:
    """The cases that have one of the words of every kind that is named.

    Raises ValueError for a word that none has.
    """
    wanted = set(words)
    known = set().union(*groups())
    for word in sorted(wanted - known):
        accepted = ", ".join(w for group in groups() for w in sorted(group))
        raise ValueError(f"--only '{word}' is not known: expected some of {accepted}")
    named = [wanted & group for group in groups() if wanted & group]
    return [case for case in cases if all(case.words & words for words in named)]
