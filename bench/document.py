"""Results as the page that people read."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from bench import machine
from bench.cases import MAIN, RIVALS, SCENARIOS, Setting
from bench.figures import REFERENCE, Figure, compile_seconds, figures, find, ratio
from bench.tables import seconds, settings, table

if TYPE_CHECKING:
    from bench.results import Results

_HOW = """\
## How it is measured

Everybody publishes the same application, [examples/go-app](../examples/go-app) with one program, on
the same base image, with the same version of Go and the same flags (`CGO_ENABLED=0 -trimpath
-ldflags="-s -w"`), to the same registry on loopback, which is emptied before every cold run. After
every run the registry is asked whether the tag names the platforms that it should. This module and
the Dockerfiles ([cross](../bench/dockerfiles/cross.Dockerfile),
[emulated](../bench/dockerfiles/emulated.Dockerfile)) share one BuildKit daemon, which the benchmark
starts for itself. Rivals take turns.

- **cold**: the daemon's cache is pruned, with its base images and cache volumes; ko's caches of Go
  modules, of compiled packages and of its own are removed. Base images and Go modules are where they
  always are (a registry, a module proxy); tools are installed, the daemon runs.
- **unchanged**: the same source again. **edited**: one string in one file is another one, which it
  never was before.
- Times are of whole processes by the wall clock, from the start of the command (of the first, where
  several run at once) to its end (of the last): medians. `CPU` is what client and daemon together
  used.
- `client` and `daemon` are the largest resident memory of the client's processes and of the daemon
  with the containers that it runs, looked at ten times a second; a page that two processes share
  counts twice.
- `pushed` is what the registry did not have before, as it is kept there: compressed.

Where it is not alike: `pipeline` runs the application's tests and verifies the images, which nobody
else does; `pipeline-skip` leaves both out. Both are forked from a process that has Dagger's SDK
imported, which a call before left behind: what it takes counts as the client's. ko compiles with
the machine's Go, so that it needs no image with a compiler in it; its compilers count as its
client's. `emulated` takes minutes, and is measured once, cold, for linux/arm64 alone.
`dagger-nothing` publishes nothing: it is what any call costs on a Dagger engine, of a module with one
function. At each call Dagger has a module's functions told anew, by a request for every function,
argument and field, of which this one has more: `dagger functions` alone shows how long that takes of
each. `dagger` is this module from the checkout that measures: Dagger looks through all of it at each
call, its virtual environment and the benchmark's own folder too, which takes up to half a second longer
than a fresh clone. What takes long is measured less often: `runs` says how often.
"""


def page(results: Results) -> str:
    """docs/benchmarks.md."""
    found = figures(results.runs)
    parts = [
        "# Benchmarks",
        f"Made by `{results.command}` on {results.date}, in {results.minutes:.0f} minutes. "
        "The single runs are in [benchmarks.json](benchmarks.json).",
    ]
    if is_busy(results):
        parts.append(
            f"**Provisional.** The machine was busy: {results.load:.1f} processes wanted its "
            f"{results.machine['cores']} cores before the run began. What follows shows the form, "
            "not the speed."
        )
    missing = results.skipped | results.failed
    parts += [
        _summary(found),
        _compiling(results),
        _on_dagger(found),
        "![medians and spreads](benchmarks.png)" if find_any(found) else "",
        _HOW,
        "## Who\n\n" + _bullets(f"`{name}`: {what}" for name, what in RIVALS.items()),
        "Not measured here:\n\n" + _bullets(f"`{name}`: {why}" for name, why in missing.items())
        if missing
        else "",
        "## On what\n\n" + _bullets(f"{k}: {v}" for k, v in results.machine.items()),
        _bullets(f"{name} {version}" for name, version in results.versions.items()),
        "\n\n".join(results.notes),
        "## Figures",
        *(f"### {setting.title}\n\n{table(found, setting)}" for setting in settings(found)),
    ]
    return "\n\n".join(part.strip() for part in parts if part) + "\n"


def is_busy(results: Results) -> bool:
    """Whether something else wanted the processors when the run began."""
    return machine.is_busy(results.load, int(results.machine["cores"]))


def find_any(found: list[Figure]) -> bool:
    """Whether there is anything to draw."""
    return any(figure.case.setting == MAIN for figure in found)


def _summary(found: list[Figure]) -> str:
    """A line a scenario, for one application and the usual two platforms."""
    lines = [line for scenario in SCENARIOS if (line := _sentence(found, scenario, MAIN))]
    return _bullets(lines)


def _sentence(found: list[Figure], scenario: str, setting: Setting) -> str:
    told = []
    for rival in RIVALS:
        figure = find(found, rival, scenario, setting)
        if figure is None:
            continue
        compared = ratio(figure, found)
        times = "" if compared is None or rival == REFERENCE else f" ({compared:.2f} times)"
        told.append(f"`{rival}` {seconds(figure.seconds)}{times}")
    return f"**{scenario}**: {', '.join(told)}" if told else ""


def _compiling(results: Results) -> str:
    emulated = compile_seconds(results.runs, "emulated")
    crossed = compile_seconds(results.runs, "cross")
    if emulated is None or crossed is None:
        return ""
    return (
        f"Compiling for linux/arm64 alone, nothing cached, takes {seconds(crossed)} by "
        f"cross-compiling and {seconds(emulated)} under QEMU: {emulated / crossed:.1f} times as long."
    )


def _on_dagger(found: list[Figure]) -> str:
    """How much of a publish on Dagger any call would take."""
    publish, nothing = (
        find(found, rival, "unchanged", MAIN) for rival in ("dagger", "dagger-nothing")
    )
    if publish is None or nothing is None:
        return ""
    return (
        f"On a Dagger engine, publishing what has not changed takes {seconds(publish.seconds)}, and "
        f"a function that does nothing {seconds(nothing.seconds)}: "
        f"{publish.seconds / nothing.seconds:.2f} times as long."
    )


def _bullets(lines: Iterable[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)
