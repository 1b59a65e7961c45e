"""What is printed of a result, as `dagger call` prints it."""

from __future__ import annotations

import json
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

# powers of ten between which Go writes a number without an exponent
_LARGE, _SMALL = 6, -4


def as_text(value: Any) -> str:
    """A value as it is, a list a line each; of objects in a list, what was asked of them."""
    if isinstance(value, list):
        return "".join(f"{as_text(element)}\n" for element in value)
    if isinstance(value, dict):
        return "".join(as_text(part) for part in value.values())
    match value:
        case None:
            return "<nil>"
        case bool():
            return str(value).lower()
        case int() | float():
            return _number(value)
    return str(value)


def as_json(value: Any) -> str:
    return json.dumps(_plain(value), indent=4, ensure_ascii=False) + "\n"


def as_objects(value: Any) -> str:
    """Objects by their types and ids, a list's with a dash before each."""
    return "".join(f"{line}\n" for line in _objects(value))


def _objects(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for element in value:
            for line in _objects(element):
                yield f"- {line}"
    elif isinstance(value, dict):
        for part in value.values():
            yield from _objects(part)
    elif value is not None:
        yield str(value)


def _plain(value: Any) -> Any:
    """Whole numbers without a fraction, as Go's JSON has them."""
    if isinstance(value, list):
        return [_plain(element) for element in value]
    if isinstance(value, dict):
        return {name: _plain(part) for name, part in value.items()}
    return int(value) if isinstance(value, float) and value.is_integer() else value


def _number(value: float) -> str:
    """As Go's %v: every number of an answer is a float to Dagger's command line."""
    sign, digits, exponent = Decimal(repr(float(value))).normalize().as_tuple()
    assert isinstance(exponent, int)
    power = len(digits) - 1 + exponent
    if not any(digits):
        return "0"
    if _SMALL <= power < _LARGE:
        return format(Decimal((sign, digits, exponent)), "f")
    first, *rest = map(str, digits)
    fraction = f".{''.join(rest)}" if rest else ""
    return f"{'-' * sign}{first}{fraction}e{power:+03d}"
