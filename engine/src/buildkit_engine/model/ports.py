"""Ports that a container exposes."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Port:
    """A port, and what an image's configuration has no place for."""

    port: int
    protocol: str = "TCP"
    description: str | None = None
    skip_healthcheck: bool = False

    def key(self) -> object:
        return [self.port, self.protocol, self.description, self.skip_healthcheck]

    @property
    def name(self) -> str:
        """As an image's configuration has it."""
        return f"{self.port}/{self.protocol.lower()}"


def exposed(names: tuple[str, ...], known: tuple[Port, ...]) -> list[Port]:
    """The ports of an image's configuration; what is no port is left out."""
    by_name = {port.name: port for port in known}
    return [port for name in names if (port := by_name.get(name) or _parsed(name))]


def _parsed(name: str) -> Port | None:
    number, _, protocol = name.partition("/")
    if number.isdigit() and protocol.upper() in ("TCP", "UDP"):
        return Port(int(number), protocol.upper())
    return None
