"""What BuildKit's plain progress says of single steps."""

from __future__ import annotations

import re

_NAME = re.compile(r"^#(\d+) \[([^\]]*)\] (.*)$", re.MULTILINE)
_DONE = re.compile(r"^#(\d+) DONE ([\d.]+)s$", re.MULTILINE)


def step_seconds(text: str, command: str) -> float | None:
    """How long the only step with `command` in its instruction took.

    None where no step has it, more than one has, or it came from the cache.
    """
    named = {number for number, _, words in _NAME.findall(text) if command in words}
    done = {number: float(seconds) for number, seconds in _DONE.findall(text)}
    if len(named) != 1:
        return None
    return done.get(named.pop())
