"""A function call: what the SDK is to run, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class FunctionCallArgValue:
    """One argument, its value as JSON."""

    name: str
    value: str

    def key(self) -> object:
        return [self.name, self.value]


@dataclass(frozen=True)
class Error:
    """An error that the SDK reports, with values as JSON."""

    message: str
    values: tuple[tuple[str, str], ...] = ()

    def key(self) -> object:
        return [self.message, self.values]


@dataclass
class FunctionCall:
    """What the SDK is to run, and what came of it. An empty parent name asks for the types."""

    parent_name: str
    name: str = ""
    parent: str = "{}"
    arguments: tuple[FunctionCallArgValue, ...] = ()
    returned: str | None = None
    error: Error | None = field(default=None)

    def key(self) -> object:
        return [self.parent_name, self.name, id(self)]
