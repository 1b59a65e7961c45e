"""`from_` with the check of what came: in one place."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import platforms
from pipeline.errors import PlatformError

if TYPE_CHECKING:
    from pipeline.platforms import PlatformSpec


def from_(image: str, spec: PlatformSpec) -> dagger.Container:
    """A container of `image` for the platform."""
    return dag.container(platform=dagger.Platform(spec.platform)).from_(image)


async def require_platform(
    container: dagger.Container, spec: PlatformSpec, *, image: str, setting: str
) -> None:
    """Raises PlatformError where the container is not of the platform that was asked for.

    An engine takes an image's platform from the image's own configuration: one that exists for
    arm64 alone silently makes an arm64 container of one that was asked for as amd64. Commands
    would then be emulated, and two platforms of an image be the same.
    """
    found = platforms.normalize(await container.platform())
    if found != spec.platform:
        msg = (
            f"Image '{image}' is for {found}, not for {spec.platform}: "
            f"choose one that exists for {spec.platform} with {setting}"
        )
        raise PlatformError(msg)
