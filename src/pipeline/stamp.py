"""What a build is told about itself: never part of what is compiled, only of links and labels."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from pipeline.errors import ConfigError


@dataclass(frozen=True)
class Stamp:
    """Version, source revision and time of creation; "" where one was not given."""

    version: str = ""
    revision: str = ""
    created: str = ""

    def __post_init__(self) -> None:
        if self.created:
            try:
                moment = datetime.fromisoformat(self.created)
            except ValueError:
                moment = None
            if moment is None or moment.tzinfo is None:
                msg = (
                    f"created '{self.created}' is not a time: "
                    "expected RFC 3339, such as 2026-01-31T12:00:00Z"
                )
                raise ConfigError(msg)
        for what, value in (("version", self.version), ("revision", self.revision)):
            if any(c.isspace() or c in "'\"" for c in value):
                msg = f"{what} {value!r} holds a space or a quote: expected a plain word"
                raise ConfigError(msg)

    def fill(self, template: str, **more: str) -> str | None:
        """`template` with its {placeholders} filled in; None where one has no value."""
        values = {"version": self.version, "revision": self.revision, **more}
        for name, value in values.items():
            placeholder = f"{{{name}}}"
            if placeholder in template:
                if not value:
                    return None
                template = template.replace(placeholder, value)
        return template
