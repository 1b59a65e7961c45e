"""Which images can be stood in for."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.mirror.build import fixed
from buildkit_engine.mirror.recipes import HOST, known, recipe_for

DISTROLESS = "gcr.io/distroless/static-debian12"


@pytest.mark.parametrize(
    ("text", "go", "suite"),
    [
        ("golang:1.26-bookworm", "1.26", "bookworm"),
        ("golang:1.26", "1.26", "bookworm"),
        ("golang:1.26.3-bookworm", "1.26.3", "bookworm"),
        ("docker.io/golang:1.25", "1.25", "bookworm"),
        ("debian:bookworm-slim", "", "bookworm"),
        (DISTROLESS, "", "bookworm"),
        (f"{DISTROLESS}:nonroot", "", "bookworm"),
    ],
)
def test_a_stand_in_is_known_by_name_and_tag(text, go, suite):
    recipe = recipe_for(Reference.parse(text))
    assert recipe is not None
    assert (recipe.go, recipe.suite) == (go, suite)
    assert recipe.reference == str(Reference.parse(text))


@pytest.mark.parametrize(
    "text",
    [
        "golang",
        "golang:1",
        "golang:1.26-alpine",
        "golang:1.26rc1",
        "example/golang:1.26",
        "ghcr.io/library/golang:1.26",
        "debian:trixie-slim",
        "debian",
        f"{DISTROLESS}:debug",
        "alpine:3.22",
    ],
)
def test_for_other_images_there_is_no_stand_in(text):
    assert recipe_for(Reference.parse(text)) is None


def test_images_that_run_on_the_build_host_are_made_for_it_alone():
    for text in ("golang:1.26", "debian:bookworm-slim"):
        recipe = recipe_for(Reference.parse(text))
        assert (recipe.platforms, recipe.bootstrapped) == ((HOST,), True)


def test_a_final_image_is_made_for_every_platform_and_executes_nothing():
    root, nonroot = (
        recipe_for(Reference.parse(f"{DISTROLESS}:{t}")) for t in ("latest", "nonroot")
    )
    assert {"linux/amd64", "linux/arm64", "linux/arm/v7"} <= set(root.platforms)
    assert not root.bootstrapped
    assert (root.user, root.workdir) == ("0", "/")
    assert (nonroot.user, nonroot.workdir) == ("65532", "/home/nonroot")


def test_what_is_known_is_told_with_what_can_be_made_beforehand():
    assert known() == (
        "docker.io/library/golang:VERSION-bookworm",
        "docker.io/library/debian:bookworm-slim",
        f"{DISTROLESS}:latest",
        f"{DISTROLESS}:nonroot",
    )
    assert [str(reference) for reference in fixed()] == list(known()[1:])
