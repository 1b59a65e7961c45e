"""What a check tells."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Found:
    """One thing that is wrong with an image."""

    rule: str
    path: str
    seen: str
    expected: str
    remedy: str
    is_certain: bool = True
    """Whether it breaks what the image is for; else it may never be met."""
