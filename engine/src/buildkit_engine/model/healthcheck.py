"""How a runtime is to look after a container: Docker's addition to an image's configuration."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

_SHELL = "CMD-SHELL"
_DURATIONS = {
    "interval": "Interval",
    "timeout": "Timeout",
    "start_period": "StartPeriod",
    "start_interval": "StartInterval",
}


@dataclass(frozen=True)
class HealthcheckConfig:
    """A command, and when it runs; durations in nanoseconds."""

    args: tuple[str, ...]
    shell: bool = False
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0

    @classmethod
    def parse(cls, raw: dict[str, Any] | None) -> HealthcheckConfig | None:
        """From an image's configuration; None where there is none, or it is turned off."""
        kind, *args = (raw or {}).get("Test") or ["NONE"]
        if raw is None or kind == "NONE":
            return None
        durations = {ours: raw.get(theirs) or 0 for ours, theirs in _DURATIONS.items()}
        return cls(tuple(args), kind == _SHELL, retries=raw.get("Retries") or 0, **durations)

    def as_json(self) -> dict[str, Any]:
        raw: dict[str, Any] = {"Test": [_SHELL if self.shell else "CMD", *self.args]}
        raw |= {theirs: getattr(self, ours) for ours, theirs in _DURATIONS.items()}
        raw["Retries"] = self.retries
        return {name: value for name, value in raw.items() if value}

    def key(self) -> object:
        return self.as_json()
