"""The plan: what would be built, why, where each step runs and from which images."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pipeline import assembly, fetches, runtimes, settings
from pipeline.tables import columns

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.assembly import Build
    from pipeline.platforms import PlatformSpec
    from pipeline.toolchain import Builder, Row

Step = tuple[str, str, str, str, str]
"""What a step does, the platform it runs on, how, in which image, by which command."""


def plan(build: Build, given: Sequence[str] | None) -> str:
    """The settings with their origins, then the steps, as tables for people."""
    specs, platforms_from = build.settings.platforms(given)
    names = ", ".join(spec.platform for spec in specs)
    named_by = build.settings.origins["file"]
    if not build.settings.project.name:
        named_by = build.toolchain.named_by
    rows = [
        ("name", build.name, named_by),
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
                for told in [assembly.emulated(build, specs), assembly.not_here(build, specs)]
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
    project, toolchain = build.settings.project, build.toolchain
    tests = toolchain.test_commands(project.test.command)
    tested = " && ".join(" ".join(words) for words in tests)
    tester = toolchain.builder(build.host)
    steps = [("test", tester.spec.platform, "native", tester.image, tested)]
    for spec in specs:
        builder = toolchain.builder(spec)
        command = toolchain.command(spec, build.stamp)
        where = builder.spec.platform
        how = _how(build.host, builder, spec)
        steps.append((f"compile {spec.platform}", where, how, builder.image, command))
    for spec in specs:
        base = assembly.base_of(build, spec)
        entry = " ".join(runtimes.entrypoint(project.runtime, build.name, toolchain.binaries))
        steps.append((f"assemble {spec.platform}", "nowhere", "files only", base, f"runs {entry}"))
        steps += [
            (f"fetch {spec.platform}", "nowhere", "by sha256", "-", f"{url} to {destination}")
            for url, destination in fetches.planned(project.fetch, spec)
        ]
    checks = assembly.checks(build.settings, build.host, specs)
    what = "reads every file of each platform"
    return [*steps, ("verify", build.host.platform, "native", checks.image, what)]


def _how(host: PlatformSpec, builder: Builder, spec: PlatformSpec) -> str:
    if builder.spec != host:
        return "emulated"
    return "native" if spec == host else "cross"
