"""What a container is pushed as."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container


def image_config(container: Container) -> dict[str, Any]:
    """The whole image configuration; BuildKit adds the layers that are new over the base."""
    base = container.base
    return {
        **oci_platform(container.platform),
        "config": container.config.as_json(),
        "history": base.history if base else [],
        "rootfs": {"type": "layers", "diff_ids": base.diff_ids if base else []},
    }


def oci_platform(platform: str) -> dict[str, str]:
    """As configurations and indexes have it."""
    return dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))


def variants(container: Container, others: list[Container]) -> list[Container]:
    """The images of one index, by platform in order; a container without files is none.

    Raises RequestError for two of one platform, or none at all.
    """
    by_platform: dict[str, Container] = {}
    for variant in (container, *others):
        if variant.fs is None:
            continue
        if variant.platform in by_platform:
            raise RequestError(f'duplicate platform "{variant.platform}"')
        by_platform[variant.platform] = variant
    if not by_platform:
        msg = "no containers to export"
        raise RequestError(msg)
    return [by_platform[platform] for platform in sorted(by_platform)]
