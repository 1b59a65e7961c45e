"""Which types a command line can give a value of, and how help writes them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from buildkit_engine.schema.typedefs import FunctionArg, TypeDef

_OBJECTS = frozenset(
    {
        "CacheVolume",
        "Container",
        "Directory",
        "File",
        "Module",
        "ModuleSource",
        "Secret",
        "Service",
        "Socket",
    }
)
# of these Dagger takes no lists
_ALONE = frozenset({"GitRef", "GitRepository"})
_INPUTS = frozenset({"BuildArg", "PortForward"})
_NAMES = {
    "STRING_KIND": "string",
    "SCALAR_KIND": "string",
    "INTEGER_KIND": "int",
    "FLOAT_KIND": "float",
    "BOOLEAN_KIND": "",
}
_LISTS = {
    "STRING_KIND": "strings",
    "SCALAR_KIND": "strings",
    "INTEGER_KIND": "ints",
    "FLOAT_KIND": "float64Slice",
    "BOOLEAN_KIND": "bools",
}


def can_be_given(type_: TypeDef) -> bool:
    """Whether Dagger has a flag for values of the type: for others there is none at all."""
    if type_.kind == "LIST_KIND":
        element = type_.element
        assert element
        return element.kind != "LIST_KIND" and element.name not in _ALONE and can_be_given(element)
    if type_.kind == "OBJECT_KIND":
        return type_.name in _OBJECTS | _ALONE
    if type_.kind == "INPUT_KIND":
        return type_.name in _INPUTS
    return type_.kind in (*_NAMES, "ENUM_KIND")


def type_name(type_: TypeDef) -> str:
    """The type as help writes it behind the flag."""
    if type_.kind == "LIST_KIND":
        assert type_.element
        if _is_plain(type_.element):
            return _LISTS[type_.element.kind]
        return f"[]{type_name(type_.element)}"
    if type_.kind == "ENUM_KIND":
        return ",".join(sorted(m.name for m in type_.members))
    return _NAMES[type_.kind] if _is_plain(type_) else type_.name


def default(arg: FunctionArg) -> str:
    """The default as help writes it; nothing where it is the type's own."""
    value = None if arg.default is None else json.loads(arg.default)
    if arg.type.kind == "LIST_KIND":
        assert arg.type.element
        parts = [_written(part) for part in value] if isinstance(value, list) else []
        is_quiet = arg.type.element.kind in ("STRING_KIND", "INTEGER_KIND")
        return f"[{','.join(parts)}]" if parts or not is_quiet else ""
    if value in (None, "", False, 0):
        return ""
    if isinstance(value, str) and arg.type.kind == "STRING_KIND":
        return json.dumps(value, ensure_ascii=False)
    return _written(value)


def _is_plain(type_: TypeDef) -> bool:
    return type_.kind in _NAMES and type_.name != "Platform"


def _written(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
