"""What the module asks of an engine, and what the embedded engine answers."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.mirror.recipes import recipe_for
from buildkit_engine.schema.registry import SERVED
from pipeline import images

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def coverage():
    return runpy.run_path(str(ROOT / "scripts/coverage.py"))


def test_the_page_of_what_the_engine_serves_is_up_to_date(coverage):
    stored = (ROOT / "docs/engine-coverage.md").read_text()
    assert coverage["page"]() + "\n" == stored, "run `make coverage`"


def test_every_field_that_the_module_uses_is_served(coverage):
    used = coverage["used_fields"](ROOT / "src/pipeline")
    assert {("Container", "publish"), ("Directory", "withTimestamps")} <= used
    assert used <= SERVED.keys()


@pytest.mark.parametrize(
    "image",
    [images.GO.format(version="1.26"), images.RUNTIME, images.SCANNER, images.REGISTRY_TOOL],
)
def test_every_default_image_has_a_stand_in(image):
    assert recipe_for(Reference.parse(image)) is not None
