"""What a makefile says of itself: whether it has tests, and by which target."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

FILES = ("GNUmakefile", "makefile", "Makefile")
"""The names that GNU make looks for, the first first."""
_TESTS = ("test", "check")
_RULE = re.compile(r"^([\w./-][\w./ \t-]*?)[ \t]*::?(?!=)", re.MULTILINE)


def find(entries: Sequence[str]) -> str:
    """The makefile that make would read; "" for none."""
    return next((name for name in FILES if name in entries), "")


def test_target(text: str) -> str:
    """The target that tests; "" for none."""
    targets = {target for rule in _RULE.finditer(text) for target in rule[1].split()}
    return next((name for name in _TESTS if name in targets), "")
