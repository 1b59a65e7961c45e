"""What a rule finds, before it is told in a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong with one line."""

    rule: str
    line: int
    seen: str
    expected: str
    remedy: str
