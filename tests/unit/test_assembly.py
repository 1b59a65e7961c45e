"""What is said of a build as a whole."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipeline import assembly
from pipeline.platforms import parse


@pytest.mark.parametrize(
    ("host", "wanted", "told"),
    [
        ("linux/amd64", ["linux/amd64", "linux/amd64/v3", "linux/386"], ""),
        (
            "linux/amd64",
            ["linux/amd64", "linux/arm64"],
            "linux/arm64: built here and not executed; to start it on this engine (linux/amd64) "
            "takes an emulator: doctor says whether there is one",
        ),
        (
            "linux/arm64",
            ["linux/amd64", "linux/s390x"],
            "linux/amd64, linux/s390x: built here and not executed; to start it on this engine "
            "(linux/arm64) takes an emulator: doctor says whether there is one",
        ),
    ],
)
def test_images_that_do_not_start_on_the_build_host_are_named(host, wanted, told):
    build = SimpleNamespace(host=parse(host))
    assert assembly.not_here(build, [parse(platform) for platform in wanted]) == told
