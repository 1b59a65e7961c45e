"""Which fields of the API are served, and by which function."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Resolver = Callable[..., Any]
"""(context, parent, **arguments with the API's names) -> value"""

SERVED: dict[tuple[str, str], Resolver] = {}


def serves(type_name: str, *field_names: str) -> Callable[[Resolver], Resolver]:
    """Registers a resolver for fields of an object type of the API."""

    def register(resolver: Resolver) -> Resolver:
        for name in field_names:
            if (type_name, name) in SERVED:
                raise ValueError(f"{type_name}.{name} is served twice")
            SERVED[type_name, name] = resolver
        return resolver

    return register
