"""The corpus of faulty and good images, as images of an engine."""

from __future__ import annotations

import asyncio

import dagger
import pytest
from dagger import dag
from faulty import FAULTY
from good import GOOD
from roots import written

from engine.tests.connecting import connected
from pipeline import images, jetpack, platforms, verification

AT_A_TIME = 6


@pytest.fixture(scope="module")
async def reports(engine, tmp_path_factory):
    """What is found in each image, by the case's name: all looked at in one session."""
    folder = tmp_path_factory.mktemp("corpus")
    async with connected(engine, folder):
        host = await dag.default_platform()
        turns = asyncio.Semaphore(AT_A_TIME)

        async def look(case):
            async with turns:
                return await verification.verify(*image(case, folder, host))

        cases = [*FAULTY, *GOOD]
        found = await asyncio.gather(*(look(case) for case in cases))
        yield {case.name: report for case, report in zip(cases, found, strict=True)}


def image(case, folder, host):
    spec = platforms.parse(case.platform)
    root = written(folder / case.name, {**case.base, **case.files})
    base = written(folder / f"{case.name}-base", case.base)
    container = (
        dag.container(platform=dagger.Platform(case.platform))
        .with_rootfs(dag.host().directory(str(root)))
        .with_entrypoint(list(case.command))
        .with_user(case.user)
    )
    environment = {
        "PATH": case.path,
        "LD_LIBRARY_PATH": case.library_path,
        "NVIDIA_REQUIRE_JETPACK": "csv-mounts=all" if case.mounts_cuda else "",
    }
    for name, value in environment.items():
        container = container.with_env_variable(name, value) if value else container
    if case.gpus:
        container = container.with_label(jetpack.ARCHITECTURES_LABEL, case.gpus)
    checks = verification.Checks(
        image=images.SCANNER,
        host=host,
        ignored=[],
        budgets={case.platform: case.budget} if case.budget else {},
    )
    variant = verification.Variant(spec, container, dag.host().directory(str(base)))
    return [variant], checks, case.name


@pytest.mark.parametrize("case", FAULTY, ids=lambda c: c.name)
async def test_every_fault_is_found(reports, case):
    found = [(f.rule, f.path) for f in reports[case.name].findings]
    assert sorted(found) == sorted(case.expected)


@pytest.mark.parametrize("case", GOOD, ids=lambda c: c.name)
async def test_a_good_image_is_proven(reports, case):
    assert reports[case.name].findings == []
