"""Which types have flags, and how help writes them."""

from __future__ import annotations

import pytest

from buildkit_engine.cli import flags
from buildkit_engine.schema.typedefs import EnumMember, FunctionArg, TypeDef

STRING = TypeDef("STRING_KIND")
INTEGER = TypeDef("INTEGER_KIND")
FLOAT = TypeDef("FLOAT_KIND")
BOOLEAN = TypeDef("BOOLEAN_KIND")
PLATFORM = TypeDef("SCALAR_KIND", "Platform")
ENUM = TypeDef("ENUM_KIND", "E", members=(EnumMember("B", "b"), EnumMember("A", "a")))
FILE = TypeDef("OBJECT_KIND", "File")


def list_of(element: TypeDef) -> TypeDef:
    return TypeDef("LIST_KIND", element=element)


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (STRING, True),
        (list_of(FILE), True),
        (TypeDef("INPUT_KIND", "BuildArg"), True),
        (TypeDef("OBJECT_KIND", "GitRef"), True),
        (list_of(TypeDef("OBJECT_KIND", "GitRef")), False),
        (TypeDef("OBJECT_KIND", "Finding"), False),
        (TypeDef("INTERFACE_KIND", "Finding"), False),
        (TypeDef("INPUT_KIND", "PipelineLabel"), False),
        (list_of(list_of(STRING)), False),
    ],
)
def test_some_types_have_no_flag(type_, expected):
    assert flags.can_be_given(type_) is expected


@pytest.mark.parametrize(
    ("type_", "expected"),
    [
        (STRING, "string"),
        (INTEGER, "int"),
        (FLOAT, "float"),
        (BOOLEAN, ""),
        (TypeDef("SCALAR_KIND", "JSON"), "string"),
        (PLATFORM, "Platform"),
        (ENUM, "A,B"),
        (FILE, "File"),
        (list_of(STRING), "strings"),
        (list_of(INTEGER), "ints"),
        (list_of(FLOAT), "float64Slice"),
        (list_of(BOOLEAN), "bools"),
        (list_of(PLATFORM), "[]Platform"),
        (list_of(ENUM), "[]A,B"),
        (list_of(FILE), "[]File"),
    ],
)
def test_types_are_written_as_dagger_does(type_, expected):
    assert flags.type_name(type_) == expected


@pytest.mark.parametrize(
    ("type_", "default", "expected"),
    [
        (STRING, '"x"', '"x"'),
        (STRING, '""', ""),
        (STRING, "null", ""),
        (STRING, None, ""),
        (INTEGER, "80", "80"),
        (INTEGER, "0", ""),
        (FLOAT, "0.5", "0.5"),
        (BOOLEAN, "true", "true"),
        (BOOLEAN, "false", ""),
        (ENUM, '"A"', "A"),
        (list_of(STRING), '["a", "b"]', "[a,b]"),
        (list_of(STRING), None, ""),
        (list_of(FILE), None, "[]"),
        (list_of(ENUM), '["A"]', "[A]"),
    ],
)
def test_defaults_are_written_unless_they_are_the_types_own(type_, default, expected):
    assert flags.default(FunctionArg("x", type_, default=default)) == expected
