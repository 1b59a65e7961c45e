"""Flavors: variants of one image that an index cannot tell apart, so that a tag must.

An OCI index knows entries by operating system, architecture and variant alone. What was compiled
for another CUDA, or stands on another base, is another image with another tag.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PLAIN = "plain"
"""How the project without any flavor is called where several are named."""

_NAME = re.compile(r"[a-z0-9][a-z0-9._-]*")
_SUFFIX = re.compile(r"[a-zA-Z0-9._-]+")


def check_name(name: str) -> None:
    """Raises ConfigError for what cannot be a flavor's name."""
    if name == PLAIN:
        msg = f"flavor '{name}' is how the project without a flavor is called: choose another name"
        raise ConfigError(msg)
    if not _NAME.fullmatch(name):
        msg = f"flavor '{name}' cannot be in a tag: expected lower case letters, digits, . _ -"
        raise ConfigError(msg)


def check_suffixes(suffixes: Mapping[str, str]) -> None:
    """Raises ConfigError where a flavor's tags would not be tags, or those of another flavor."""
    seen: dict[str, str] = {}
    for name, suffix in suffixes.items():
        if not _SUFFIX.fullmatch(suffix):
            msg = (
                f"suffix '{suffix}' of flavor '{name}' cannot be in a tag: "
                "expected letters, digits, '.', '_' and '-'"
            )
            raise ConfigError(msg)
        if suffix in seen:
            msg = (
                f"suffix '{suffix}' is that of two flavors, '{seen[suffix]}' and '{name}': "
                "expected another for each"
            )
            raise ConfigError(msg)
        seen[suffix] = name


def distinct(given: Sequence[str] | None, default: str) -> list[str]:
    """The flavors to publish together, in the order given.

    Raises ConfigError for an empty list, or a flavor that is named twice.
    """
    if given is None:
        return [default]
    if not given:
        msg = f"No flavor given: expected at least one, such as {PLAIN}"
        raise ConfigError(msg)
    for name in given:
        if given.count(name) > 1:
            msg = f"flavor '{name}' is given twice: name each flavor once"
            raise ConfigError(msg)
    return list(given)


def select(raw: Mapping[str, Any], flavor: str) -> dict[str, Any]:
    """The project's tables with those of a flavor over them; "" and "plain" are the project itself.

    Tables are joined key by key; a list or a single value takes the place of the project's.
    Raises ConfigError for a flavor that the project does not have.
    """
    declared = raw.get("flavors", {})
    if flavor in ("", PLAIN):
        return dict(raw)
    if flavor not in declared:
        accepted = ", ".join((*declared, PLAIN))
        msg = f"flavor '{flavor}' is not known: expected one of {accepted}, as in [flavors.NAME]"
        raise ConfigError(msg)
    changes = {key: value for key, value in declared[flavor].items() if key != "suffix"}
    return _over(raw, changes)


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    joined = dict(below)
    for key, value in above.items():
        if isinstance(value, dict) and isinstance(own := joined.get(key), dict):
            value = _over(own, value)  # noqa: PLW2901 - the joined tables take its place
        joined[key] = value
    return joined
