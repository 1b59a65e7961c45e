"""Platforms by their many names."""

from __future__ import annotations

from buildkit_engine.errors import RequestError

_ARCHITECTURES = {"aarch64": "arm64", "x86_64": "amd64", "x86-64": "amd64", "i386": "386"}
_ALONE = ("386", "amd64", "arm", "arm64", "ppc64le", "riscv64", "s390x")
_AS_PUBLISHED = {
    "linux/amd64/v1": "linux/amd64",
    "linux/arm64/v8": "linux/arm64",
    "linux/arm": "linux/arm/v7",
}
_MOST_PARTS = 3


def canonical(platform: str) -> str:
    """`platform` as an image's configuration would name it.

    Raises RequestError for what is no platform; one that nobody knows is left as it is.
    """
    parts = platform.lower().split("/")
    if not all(parts) or len(parts) > _MOST_PARTS:
        raise RequestError(f'"{platform}": cannot parse platform specifier')
    os_, architecture, *variant = parts if len(parts) > 1 else ["linux", *parts]
    architecture = _ARCHITECTURES.get(architecture, architecture)
    if len(parts) == 1 and architecture not in _ALONE:
        raise RequestError(f'"{platform}": unknown operating system or architecture')
    return "/".join([os_, architecture, *variant])


def as_published(platform: str) -> str:
    """The platform as indexes have it: without the variant that is understood."""
    return _AS_PUBLISHED.get(platform, platform)
