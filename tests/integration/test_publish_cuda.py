"""`make publish-cuda`: the example with CUDA, wherever NVIDIA's packages come from."""

from __future__ import annotations

import re
import subprocess

import pytest

from tests.integration.conftest import ROOT

pytestmark = pytest.mark.long
SECONDS = 900


def test_the_example_is_published_for_both_platforms_and_left_as_it_is(engine, registry):
    if engine == "dagger":
        pytest.skip("the command is the embedded engine's")
    address = f"{registry.address}/cuda-app:script"
    before = (ROOT / "examples/cuda-app/pipeline.toml").read_text()
    done = subprocess.run(
        ["scripts/publish-cuda.sh", "linux/amd64,linux/arm64", address],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    rows = re.findall(r"^(linux/\S+) +[\d.]+ MB  sha256:[0-9a-f]{64}$", done.stdout, re.MULTILINE)
    assert rows == ["linux/amd64", "linux/arm64"]
    assert re.search(rf"^{re.escape(address)}@sha256:[0-9a-f]{{64}}$", done.stdout, re.MULTILINE)
    assert (ROOT / "examples/cuda-app/pipeline.toml").read_text() == before
