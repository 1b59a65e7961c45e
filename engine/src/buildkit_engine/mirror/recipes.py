"""Which images can be stood in for, and from what. Data; `roots` and `images` do the work."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit_engine.buildkit.references import Reference

LABEL = "dev.buildkit-engine.stand-in-for"
"""Says what an image stands in for; what is built on the image inherits it."""

HOST = "host"


@dataclass(frozen=True)
class Recipe:
    """How one image is made.

    `platforms` is HOST for an image that only ever runs on the build host. `packages` are
    Debian's, of `suite`. `bootstrapped` roots are configured by running their packages' scripts,
    and so are for the host's own platform; others are only unpacked. `go` is a Go version.
    """

    repository: str
    tag: str
    suite: str
    packages: tuple[str, ...]
    platforms: tuple[str, ...] = (HOST,)
    bootstrapped: bool = True
    go: str = ""
    env: tuple[tuple[str, str], ...] = ()
    user: str = ""
    workdir: str = ""
    command: tuple[str, ...] = ()

    @property
    def reference(self) -> str:
        return f"{self.repository}:{self.tag}"


_DISTROLESS_STATIC = Recipe(
    repository="gcr.io/distroless/static-debian12",
    tag="latest",
    suite="bookworm",
    packages=("base-files", "ca-certificates", "netbase", "tzdata"),
    platforms=(
        "linux/amd64",
        "linux/arm64",
        "linux/arm/v7",
        "linux/ppc64le",
        "linux/s390x",
    ),
    bootstrapped=False,
    env=(
        ("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),
        ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt"),
    ),
    user="0",
    workdir="/",
)

_GOLANG = Recipe(
    repository="docker.io/library/golang",
    tag="",
    suite="bookworm",
    packages=("ca-certificates", "git"),
    env=(
        (
            "PATH",
            "/go/bin:/usr/local/go/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        ),
        ("GOTOOLCHAIN", "local"),
        ("GOPATH", "/go"),
    ),
    workdir="/go",
    command=("bash",),
)

_DEBIAN = Recipe(
    repository="docker.io/library/debian",
    tag="bookworm-slim",
    suite="bookworm",
    packages=("ca-certificates",),
    env=(("PATH", "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"),),
    command=("bash",),
)

FIXED = (
    _DEBIAN,
    _DISTROLESS_STATIC,
    replace(_DISTROLESS_STATIC, tag="nonroot", user="65532", workdir="/home/nonroot"),
)
_GOLANG_TAG = re.compile(r"(\d+\.\d+(?:\.\d+)?)(?:-bookworm)?")


def recipe_for(reference: Reference) -> Recipe | None:
    """How to make what the tagged reference names; None where no stand-in is known."""
    for recipe in FIXED:
        if (reference.name, reference.tag) == (recipe.repository, recipe.tag):
            return recipe
    version = _GOLANG_TAG.fullmatch(reference.tag)
    if reference.name == _GOLANG.repository and version:
        return replace(_GOLANG, tag=reference.tag, go=version[1])
    return None


def known() -> tuple[str, ...]:
    """What can be stood in for, for people to read."""
    return (f"{_GOLANG.repository}:VERSION-bookworm", *(r.reference for r in FIXED))
