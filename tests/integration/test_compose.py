"""A module that depends on this one: it completes the image, tests it as a service, publishes it."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from tests.integration.conftest import ROOT, CommandLine

COMPOSE = ROOT / "examples" / "compose"
NOTICE = "usr/share/doc/app/NOTICE.txt"
# the first call starts two modules and builds the application
SECONDS = 900


@pytest.fixture
def compose(call: CommandLine) -> CommandLine:
    return replace(call, module=COMPOSE)


@pytest.fixture
def on_dagger(compose: CommandLine) -> CommandLine:
    if compose.embedded:
        pytest.skip("it uses another module and a service: run with ENGINE=dagger")
    return compose


def test_the_program_in_the_image_answers_over_http(on_dagger):
    ran = on_dagger("--version=1.2.3", "test", timeout=SECONDS)
    assert ran.code == 0, ran.error
    answer = json.loads(ran.out)
    assert answer["version"] == "1.2.3"
    assert answer["platform"].startswith("linux/")


def test_every_variant_is_published_with_the_file_of_the_dependent(on_dagger, registry, repository):
    ran = on_dagger("--version=1.2.3", "publish", f"--address={repository}", timeout=SECONDS)
    assert ran.code == 0, ran.error
    assert ran.out.startswith(f"{repository}:1.2.3@sha256:")
    assert registry.platforms(f"{repository}:1.2.3") == ["linux/amd64", "linux/arm64"]
    for platform in ("linux/amd64", "linux/arm64"):
        files = registry.files(f"{repository}:1.2.3", platform)
        info, data = files[NOTICE]
        assert data == (COMPOSE / "NOTICE.txt").read_bytes()
        assert (info.mode, info.mtime) == (0o644, 0)
        assert "usr/local/bin/server" in files


def test_an_engine_that_cannot_run_it_says_why(compose):
    if not compose.embedded:
        pytest.skip("a Dagger engine runs it")
    ran = compose("test")
    assert (ran.code, ran.out) == (1, "")
    assert ran.refusal == (
        "module 'compose' uses other modules (dependencies: pipeline): "
        "this engine runs modules that use none, run it with a Dagger engine"
    )
