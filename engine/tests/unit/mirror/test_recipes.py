"""Which images can be stood in for."""

from __future__ import annotations

from dataclasses import replace

import pytest

from buildkit_engine.buildkit.daemons import host_platform
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.mirror import recipes
from buildkit_engine.mirror.recipes import known, nearest, recipe_for

DISTROLESS = "gcr.io/distroless/static-debian12"


@pytest.mark.parametrize(
    ("text", "go", "suite"),
    [
        ("golang:1.26-bookworm", "1.26", "bookworm"),
        ("golang:1.26", "1.26", "bookworm"),
        ("golang:1.26.3-bookworm", "1.26.3", "bookworm"),
        ("docker.io/golang:1.25", "1.25", "bookworm"),
        ("rust:1.96-bookworm", "", "bookworm"),
        ("rust:1.85.0-slim-bookworm", "", "bookworm"),
        ("debian:bookworm-slim", "", "bookworm"),
        ("debian:trixie-slim", "", "trixie"),
        ("ubuntu:18.04", "", "bookworm"),
        ("ubuntu:24.04", "", "bookworm"),
        ("nvcr.io/nvidia/l4t-base:r32.7.1", "", "bookworm"),
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
        "rust:1.90-bookworm",
        "rust:1.96-trixie",
        "rust:latest",
        "debian:bullseye-slim",
        "python:3.12-slim",
        "python:3.11",
        "debian",
        f"{DISTROLESS}:debug",
        "alpine:3.22",
        "ubuntu",
        "ubuntu:noble",
        "nvcr.io/nvidia/l4t-base:r35.4.1",
    ],
)
def test_for_other_images_there_is_no_stand_in(text):
    assert recipe_for(Reference.parse(text)) is None


@pytest.mark.parametrize(
    "text",
    ["golang:1.26", "rust:1.96-bookworm", "debian:bookworm-slim", "python:3.11-slim", DISTROLESS],
)
def test_every_image_can_be_made_for_the_usual_platforms(text):
    platforms = recipe_for(Reference.parse(text)).platforms
    assert {"linux/amd64", "linux/arm64", "linux/arm/v7"} <= set(platforms)


def test_the_base_of_jetsons_is_for_them_alone():
    recipe = recipe_for(Reference.parse("nvcr.io/nvidia/l4t-base:r32.7.1"))
    assert recipe.platforms == ("linux/arm64",)


@pytest.mark.parametrize(
    ("text", "version", "suite"),
    [
        ("python:3.11-slim", "3.11", "bookworm"),
        ("python:3.11-slim-bookworm", "3.11", "bookworm"),
        ("python:3.13-slim", "3.13", "trixie"),
    ],
)
def test_python_is_the_one_of_the_debian_that_has_it_under_the_official_names(text, version, suite):
    recipe = recipe_for(Reference.parse(text))
    assert recipe.suite == suite
    assert dict(recipe.links) | {"usr/local/bin/python": "/usr/bin/python3"} == {
        "usr/local/bin/python": "/usr/bin/python3",
        "usr/local/bin/python3": "/usr/bin/python3",
        f"usr/local/bin/python{version}": f"/usr/bin/python{version}",
        "usr/local/bin/pip": "/usr/bin/pip3",
        "usr/local/bin/pip3": "/usr/bin/pip3",
        f"usr/local/lib/python{version}/site-packages": "dist-packages",
    }
    # as in the official image, pip may install
    assert recipe.left_out == (f"usr/lib/python{version}/EXTERNALLY-MANAGED",)


@pytest.mark.parametrize(
    ("version", "packages"),
    [
        ("1.63", {"rustc=1.63.*", "libstd-rust-dev=1.63.*"}),
        ("1.85", {"rustc-web=1.85.*", "cargo-web=1.85.*", "libstd-rust-web-dev=1.85.*"}),
        ("1.96", {"rustc-web=1.96.*", "cargo-web=1.96.*", "libstd-rust-web-dev=1.96.*"}),
    ],
)
def test_rust_is_of_the_version_that_is_named_or_there_is_none(version, packages):
    recipe = recipe_for(Reference.parse(f"rust:{version}-bookworm"))
    assert {name for name in recipe.packages if "=" in name} == packages
    # cargo fetches what it compiles
    assert recipe.trusts_as_here


def test_crane_is_the_engines_own_for_the_build_hosts_platform_alone():
    recipe = recipe_for(Reference.parse("gcr.io/go-containerregistry/crane:v0.21.8"))
    assert (recipe.tools, recipe.platforms, recipe.command) == (("crane",), (host_platform(),), ())
    # where images that ko has built have it
    assert dict(recipe.env)["PATH"].endswith(":/ko-app")


def test_distroless_images_are_of_their_own_debian_and_have_no_shell():
    static, base = (
        recipe_for(Reference.parse(f"gcr.io/distroless/{n}-debian12")) for n in ("static", "base")
    )
    assert (static.suite, static.root, base.suite, base.root) == (
        *("bookworm", "data"),
        *("bookworm", "bare"),
    )
    assert set(base.packages) - set(static.packages) == {"libc6", "libssl3"}
    nonroot = recipe_for(Reference.parse(f"{DISTROLESS}:nonroot"))
    assert (static.user, static.workdir) == ("0", "/")
    assert (nonroot.user, nonroot.workdir) == ("65532", "/home/nonroot")


def test_another_recipe_has_another_digest():
    known = [recipe.digest for recipe in recipes.FIXED]
    assert len(set(known)) == len(known)
    debian = recipe_for(Reference.parse("debian:bookworm-slim"))
    assert replace(debian, packages=(*debian.packages, "git")).digest != debian.digest


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("debian:12", ("docker.io/library/debian:bookworm-slim",)),
        (f"{DISTROLESS}:debug", (f"{DISTROLESS}:latest", f"{DISTROLESS}:nonroot")),
        ("golang:1.26-alpine", ("docker.io/library/golang:VERSION-bookworm",)),
        (
            "rust:1.90-bookworm",
            tuple(f"docker.io/library/rust:{v}-bookworm" for v in ("1.63", "1.85", "1.96")),
        ),
        ("gcr.io/distroless/static:nonroot", (f"{DISTROLESS}:nonroot",)),
    ],
)
def test_the_nearest_names_are_those_of_the_same_image_or_like_it(text, expected):
    assert set(expected) <= set(nearest(Reference.parse(text)))


def test_where_nothing_is_like_it_all_that_is_known_is_told():
    assert nearest(Reference.parse("quay.io/somebody/something:v1")) == known()


def test_what_is_made_when_nothing_is_named_is_known():
    assert all(recipe_for(Reference.parse(name)) for name in recipes.USUAL)
