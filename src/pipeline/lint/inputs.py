"""What a Dockerfile takes from whoever builds it: a frontend, build arguments, secrets."""

from __future__ import annotations

import posixpath
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pipeline.lint.dockerfile import Dockerfile

_DIRECTIVE = re.compile(r"#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S+)")
_OWN_FRONTEND = re.compile(
    r"(?:(?:index\.)?docker\.io/)?(?:docker|moby)/dockerfile(?:-upstream)?(?:[:@].*)?"
)
# what BuildKit takes without an ARG (docs/dockerfile-reference, "Predefined ARGs")
_PREDEFINED = re.compile(r"(?i:(?:http|https|ftp|no|all)_proxy)|BUILDKIT_\w+|SOURCE_DATE_EPOCH")


def other_frontend(text: str) -> tuple[int, str] | None:
    """The line and image of a `# syntax=` that names another frontend than docker/dockerfile.

    Engines build with their own, whichever version of that a line asks for, and fetch no other.
    """
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        directive = _DIRECTIVE.match(line.strip())
        if not directive:
            return None
        name, value = directive.groups()
        if name.lower() == "syntax" and not _OWN_FRONTEND.fullmatch(value.lower()):
            return number, value
    return None


def arguments(dockerfile: Dockerfile) -> list[str]:
    """The names that an ARG declares, in the order of the file."""
    declared = [*dockerfile.arguments, *(i for i in dockerfile.instructions if i.name == "ARG")]
    return list(dict.fromkeys(word.partition("=")[0] for arg in declared for word in arg.args))


def is_predefined(argument: str) -> bool:
    """Whether a build argument needs no ARG."""
    return bool(_PREDEFINED.fullmatch(argument))


def secrets(dockerfile: Dockerfile) -> dict[str, int]:
    """The ids of the secrets that RUNs mount; of one without which it fails the line, else 0."""
    found: dict[str, int] = {}
    for instruction in dockerfile.instructions:
        for mount in instruction.mounts:
            if mount.get("type") != "secret":
                continue
            target = mount.get("target") or mount.get("dst") or mount.get("destination") or ""
            name = mount.get("id") or posixpath.basename(target)
            needed = mount.get("required", "false").lower() not in ("false", "0")
            found[name] = found.get(name) or (instruction.line if needed else 0)
    return found
