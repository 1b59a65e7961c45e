"""The plan: what would be built, why, where each step runs and from which images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import assembly, fetches, settings
from pipeline.tables import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.builds import Build, Step
    from pipeline.platforms import PlatformSpec
    from pipeline.toolchain import Row


def plan(build: Build, given: Sequence[str] | None) -> str:
    """The settings with their origins, then the steps, as tables for people."""
    specs, platforms_from = build.settings.platforms(given)
    names = ", ".join(spec.platform for spec in specs)
    named_by = build.settings.origins["file"]
    if not build.settings.project.name:
        named_by = build.toolchain.named_by
    rows = [
        *([("name", build.name, named_by)] if build.name else []),
        ("platforms", names, platforms_from),
        *build.toolchain.settings(build.settings.origins),
        *_publishing(build),
    ]
    return "\n".join(
        [
            *columns([("SETTING", "VALUE", "FROM"), *rows]),
            "",
            *columns([("STEP", "RUNS ON", "HOW", "IMAGE", "COMMAND"), *_steps(build, specs)]),
            *(
                f"\n{told}"
                for told in [build.emulated(specs), assembly.not_here(build, specs)]
                if told
            ),
        ]
    )


def _publishing(build: Build) -> list[Row]:
    publish, file = build.settings.project.publish, build.settings.origins["file"]
    stamped = (
        ("version", build.stamp.version, publish.version),
        ("revision", build.stamp.revision, publish.revision),
    )
    rows = [
        (what, value, file if value == of_file else settings.ARGUMENT)
        for what, value, of_file in stamped
    ]
    rows += [("address", publish.address, file), ("tags", ", ".join(publish.tags), file)]
    return [row for row in rows if row[1]]


def _steps(build: Build, specs: Sequence[PlatformSpec]) -> list[Step]:
    steps = [build.tests(), *(build.compilation(spec) for spec in specs)]
    for spec in specs:
        steps += [*build.preparation(spec), build.assembling(spec)]
        steps += [
            (f"fetch {spec.platform}", "nowhere", "by sha256", "-", f"{url} to {destination}")
            for url, destination in fetches.planned(build.settings.project.fetch, spec)
        ]
    what = "reads every file of each platform"
    checks = build.checks(specs)
    return [*steps, ("verify", build.host.platform, "native", checks.image, what)]
