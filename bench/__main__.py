"""The command line of the benchmark."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from bench import ROOT, cases, emulator, machine
from bench.document import page
from bench.figures import figures
from bench.measuring import RivalError
from bench.plots import draw
from bench.registry import PushRegistry
from bench.results import Results
from bench.rivals import rival, why_not
from bench.run import Run, Runner
from bench.workplace import SetUpError, Workplace
from buildkit_engine.buildkit import tools

if TYPE_CHECKING:
    from bench.cases import Case

_WORK = ROOT / "build" / "bench"
_NAME = "benchmarks"


def main() -> None:
    """Exits with 0, or with 1 and one line for what keeps it from measuring."""
    # whatever ends it, its daemon and registries end with it
    signal.signal(signal.SIGTERM, lambda *_: sys.exit("bench: ended"))
    signal.signal(signal.SIGINT, lambda *_: sys.exit("bench: interrupted"))
    options = _options()
    try:
        if options.read:
            _write(Results.load_from(options.read), options.out or options.read.parent)
            return
        wanted = cases.chosen(cases.every(options.repeats), options.only)
    except (ValueError, OSError) as error:
        sys.exit(f"bench: {error}")
    try:
        place = Workplace.at(_WORK)
        if not emulator.is_own():
            rivals = {case.rival for case in wanted}
            needs_own = "emulated" in rivals and not emulator.is_registered()
            if needs_own and emulator.why_none():
                needs_own = False
                rivals.discard("emulated")
            _say("setting up: tools, ko and base images (minutes, the first time)")
            place.prepare(rivals)
            if needs_own:
                again = [sys.executable, "-m", "bench", *sys.argv[1:]]
                sys.exit(emulator.run_inside(again))
        results = _measure(place, wanted, options)
    except (SetUpError, RivalError, OSError) as error:
        sys.exit(f"bench: {error}")
    # a part does not take the place of the whole
    _write(results, options.out or (_WORK if options.only else ROOT / "docs"))
    if results.failed:
        sys.exit(f"bench: failed: {'; '.join(results.failed)}")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description=__doc__)
    known = ", ".join(word for group in cases.groups() for word in sorted(group))
    parser.add_argument(
        "--only",
        type=lambda text: text.split(","),
        default=[],
        metavar="WORD,…",
        help=f"only the cases that have one of the words of every kind named: {known}",
    )
    parser.add_argument(
        "--repeats", type=_positive, default=5, metavar="N", help="of what is quick (default: 5)"
    )
    parser.add_argument(
        "--out",
        type=Path,
        metavar="FOLDER",
        help=f"where {_NAME}.md, .json and .png go: docs, with --only build/bench",
    )
    parser.add_argument(
        "--from",
        dest="read",
        type=Path,
        metavar="FILE",
        help=f"measure nothing: write page and picture again from a {_NAME}.json",
    )
    parser.add_argument(
        "--dagger-registry",
        default="",
        metavar="HOST:PORT",
        help="a registry that the engine of the `dagger` command can push to",
    )
    return parser.parse_args()


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is no count: expected 1 or more")
    return int(text)


def _measure(place: Workplace, wanted: list[Case], options: argparse.Namespace) -> Results:
    named = dict.fromkeys(case.rival for case in wanted)
    skipped = {name: why for name in named if (why := why_not(name, options.dagger_registry))}
    for name, why in skipped.items():
        _say(f"{name} is skipped: {why}")
    load, date, started = machine.load_once_idle(), datetime.now(UTC), time.monotonic()
    (place.folder / "logs").mkdir(parents=True, exist_ok=True)
    runs: list[Run] = []
    with ExitStack() as stack:
        place.run_engine("up")
        stack.callback(place.run_engine, "down")
        program = tools.locate(place.state).registry
        registry = stack.enter_context(PushRegistry(program, place.folder / "registry"))
        runner = Runner(
            place=place,
            registry=registry,
            rivals={name: rival(name, place) for name in named if name not in skipped},
            elsewhere={"dagger": options.dagger_registry},
            say=_say,
        )
        runs.extend(runner.run(wanted))
        stand_ins = place.running.stand_ins
    return Results(
        command=_command(),
        date=f"{date:%Y-%m-%d %H:%M} UTC",
        minutes=(time.monotonic() - started) / 60,
        machine=machine.facts(),
        versions=machine.versions(place),
        load=load,
        skipped=skipped,
        failed=runner.failed,
        notes=_notes(stand_ins=stand_ins),
        runs=runs,
    )


def _notes(*, stand_ins: bool) -> list[str]:
    notes = []
    if stand_ins:
        notes.append(
            "Base images are stand-ins, made on this machine, in the engine's registry on "
            "loopback, for everybody."
        )
    if emulator.is_own():
        notes.append(
            "Everybody ran in a user namespace, in which alone QEMU was registered with binfmt_misc."
        )
    return notes


def _command() -> str:
    arguments = " ".join(sys.argv[1:])
    return f'make bench ARGS="{arguments}"' if arguments else "make bench"


def _write(results: Results, folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    results.save(folder / f"{_NAME}.json")
    (folder / f"{_NAME}.md").write_text(page(results))
    draw(figures(results.runs), folder / f"{_NAME}.png")
    print(f"{folder / f'{_NAME}.md'}")


def _say(line: str) -> None:
    print(f"bench: {line}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    main()
