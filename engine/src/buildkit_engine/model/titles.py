"""What progress shows of an operation. No digest depends on it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit_engine.model.config import BaseImage, ImageConfig

_LONGEST = 240


def of_command(
    platform: str, command: tuple[str, ...], config: ImageConfig, base: BaseImage | None
) -> str:
    """The platform that a command runs on, variables set since the base image, and the command.

    A cross-compiler says by variables what it compiles for. Those that hold paths are left out.
    """
    before = set(base.config.env) if base else set()
    variables = [
        f"{name}={value}"
        for name, value in config.env
        if (name, value) not in before and "/" not in value
    ]
    return shortened(f"[{platform}] {' '.join((*variables, *command))}")


def shortened(text: str) -> str:
    """On one line."""
    line = " ".join(text.split())
    return line if len(line) <= _LONGEST else f"{line[: _LONGEST - 3]}..."
