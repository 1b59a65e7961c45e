"""Cache mounts: what a package manager or compiler keeps between builds."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pipeline.lint.problem import Problem
from pipeline.lint.tools import uses

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pipeline.lint.dockerfile import Dockerfile, Instruction

# what makes a cache mount useless, by the tool
_EMPTIES = {
    "pip": (r"\s--no-cache-dir\b", "--no-cache-dir"),
    "uv": (r"\s--no-cache\b", "--no-cache"),
    "apt-get": (r"\s*&&\s*rm -rf /var/lib/apt/lists/?\*?", "rm -rf /var/lib/apt/lists/*"),
}


def no_cache_mount(dockerfile: Dockerfile) -> Iterator[Problem]:
    """Without a cache mount, a RUN that is built again downloads or compiles everything again."""
    for instruction in dockerfile.instructions:
        if instruction.name != "RUN" or any(m.get("type") == "cache" for m in instruction.mounts):
            continue
        cached = [use for use in uses(instruction) if use.caches]
        if not cached:
            continue
        caches = list(dict.fromkeys(cache for use in cached for cache in use.caches))
        labels = list(dict.fromkeys(use.label for use in cached))
        yield Problem(
            "no-cache-mount",
            cached[0].line,
            f"{', '.join(labels)} without a cache",
            "--mount=type=cache",
            _remedy(dockerfile, instruction, caches, cached[0].label.split()[0]),
        )


def _remedy(dockerfile: Dockerfile, instruction: Instruction, caches: list[str], tool: str) -> str:
    mounts = " ".join(f"--mount=type=cache,target={cache}" for cache in caches)
    raw = dockerfile.raw(instruction.line)
    written = re.sub(r"(?i)\bRUN\b", lambda run: f"{run[0]} {mounts}", raw, count=1)
    pattern, what = _EMPTIES.get(tool, ("(?!)", ""))
    text = instruction.text.text
    without = (
        f"Leave out {what}, which makes a cache useless, and write"
        if re.search(pattern, text)
        else "Write"
    )
    return f"{without} in line {instruction.line}: {re.sub(pattern, '', written)}"
