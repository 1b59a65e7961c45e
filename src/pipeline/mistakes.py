"""What pydantic finds wrong with pipeline.toml, in one line and in TOML's own words."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, get_args

from pydantic import BaseModel

if TYPE_CHECKING:
    from pydantic import ValidationError

_EXPECTED = {
    "string_type": "a string",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}

_NAMED_TABLES = ("flavors", "apt")
"""Tables of tables, each by a name of the project's own."""


def explain(error: ValidationError, model: type[BaseModel]) -> str:
    """The first thing that is wrong: the table, the key, the value, and what is accepted."""
    first = error.errors()[0]
    # pydantic names the kinds of a union among the keys
    path = [part for part in first["loc"] if part not in ("str", "dict[str,str]")]
    table, key = _place(path, model)
    value, context = first["input"], first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            accepted = ", ".join(_model(path[:-1], model).model_fields)
            return f"{table}unknown key '{key}': expected one of {accepted}"
        case "literal_error":
            return f"{table}{key} '{value}' is not known: expected {context['expected']}"
        case "missing":
            return f"{table}{key} is missing: expected it in every such table"
        case "value_error":
            if isinstance(value, dict):
                # what is wrong is in the table that the path names, if it names one
                table, _ = _place([*path, ""], model)
            return f"{table}{context['error']}"
        case _:
            expected = _EXPECTED.get(first["type"], first["msg"])
            return f"{table}{key} has the wrong type ({_toml_type(value)}): expected {expected}"


def _place(path: list[str | int], model: type[BaseModel]) -> tuple[str, str]:
    """The header of the table that a path leads into, as TOML writes it, and the key there."""
    header: list[str] = []
    is_list = False
    rest = list(path)
    while len(rest) > 1 and (inside := _inside(rest[0], model)):
        header.append(str(rest.pop(0)))
        model = inside
        if isinstance(rest[0], int):
            # which of a list of tables it is, by its number, says nothing: the message has its value
            is_list = True
            rest.pop(0)
        elif header[-1] in _NAMED_TABLES and len(rest) > 1:
            header.append(_written(str(rest.pop(0))))
    key = ".".join(map(str, rest)) or header[-1]
    if not header:
        return "", key
    name = ".".join(header)
    return (f"[[{name}]] " if is_list else f"[{name}] "), key


def _written(key: str) -> str:
    """A key as TOML writes it."""
    return key if re.fullmatch(r"[\w-]+", key) else f'"{key}"'


def _inside(part: str | int, model: type[BaseModel]) -> type[BaseModel] | None:
    """The model of the tables below a key: of the table itself, of each in a list or a mapping."""
    field = model.model_fields.get(str(part))
    if field is None:
        return None
    kinds = [field.annotation, *get_args(field.annotation)]
    return next((k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)), None)


def _model(path: list[str | int], model: type[BaseModel]) -> type[BaseModel]:
    """The model of the table that a path leads to; names in a mapping and numbers are no step."""
    for part in path:
        model = _inside(part, model) or model
    return model


def _toml_type(value: object) -> str:
    names = {str: "string", int: "number", float: "number", bool: "boolean", dict: "table"}
    return names.get(type(value), "list" if isinstance(value, list | tuple) else "value")
