"""A module's registration: through the API, to a file, and back."""

from __future__ import annotations

import json
from dataclasses import asdict

import pytest

from buildkit_engine.cli.module import _module
from buildkit_engine.schema.typedefs import (
    EnumMember,
    FieldTypeDef,
    Function,
    FunctionArg,
    Module,
    TypeDef,
)

STRING = TypeDef("STRING_KIND")


@pytest.fixture
def query(ask):
    """The one value at the end of a chain of fields, of which each is given as GraphQL."""

    def query(*fields: str) -> str:
        document = "{ " + " { ".join((*fields, "id")) + " }" * (len(fields) + 1)
        data = ask(document)
        assert "errors" not in data, data
        value = data["data"]
        while isinstance(value, dict):
            [value] = value.values()
        return value

    return query


def quoted(text: str) -> str:
    return json.dumps(text)


def test_what_the_sdk_registers_is_kept_as_it_was_said(query, context):
    string = query("typeDef", "withKind(kind: STRING_KIND)")
    optional = query("typeDef", "withKind(kind: INTEGER_KIND)", "withOptional(optional: true)")
    listed = query("typeDef", f"withListOf(elementType: {quoted(string)})")
    enum = query(
        "typeDef",
        'withEnum(name: "Mode", description: "How")',
        'withEnumMember(name: "FAST", value: "fast", description: "Quick")',
        'withEnumMember(name: "SLOW")',
    )
    constructor = query(
        f'function(name: "", returnType: {quoted(string)})',
        f'withArg(name: "source", typeDef: {quoted(string)}, description: "Source", '
        'defaultPath: "/", ignore: [".git", ".venv"])',
    )
    function = query(
        f'function(name: "publish", returnType: {quoted(listed)})',
        'withDescription(description: "Pushes")',
        f'withArg(name: "tags", typeDef: {quoted(listed)}, defaultValue: "[\\"latest\\"]")',
        f'withArg(name: "count", typeDef: {quoted(optional)})',
        "withCachePolicy(policy: Never)",
        "withCheck",
    )
    object_ = query(
        "typeDef",
        'withObject(name: "Pipeline", description: "One image")',
        f'withField(name: "name", typeDef: {quoted(string)}, description: "Its name")',
        f"withFunction(function: {quoted(function)})",
        f"withConstructor(function: {quoted(constructor)})",
    )
    module = query(
        "module",
        'withDescription(description: "About")',
        f"withObject(object: {quoted(object_)})",
        f"withEnum(enum: {quoted(enum)})",
    )
    assert context.objects.get(module) == Module(
        description="About",
        objects=(
            TypeDef(
                "OBJECT_KIND",
                "Pipeline",
                description="One image",
                fields=(FieldTypeDef("name", STRING, "Its name"),),
                functions=(
                    Function(
                        "publish",
                        TypeDef("LIST_KIND", element=STRING),
                        description="Pushes",
                        args=(
                            FunctionArg(
                                "tags", TypeDef("LIST_KIND", element=STRING), default='["latest"]'
                            ),
                            FunctionArg("count", TypeDef("INTEGER_KIND", optional=True)),
                        ),
                        cache="Never",
                        is_check=True,
                    ),
                ),
                constructor=Function(
                    "",
                    STRING,
                    args=(
                        FunctionArg(
                            "source",
                            STRING,
                            description="Source",
                            default_path="/",
                            ignore=(".git", ".venv"),
                        ),
                    ),
                ),
            ),
        ),
        enums=(
            TypeDef(
                "ENUM_KIND",
                "Mode",
                description="How",
                members=(EnumMember("FAST", "fast", "Quick"), EnumMember("SLOW", "")),
            ),
        ),
    )


def test_how_long_a_function_is_cached_wins_over_the_policys_name(query, context):
    string = query("typeDef", "withKind(kind: STRING_KIND)")
    id_ = query(
        f'function(name: "x", returnType: {quoted(string)})',
        'withCachePolicy(policy: Default, timeToLive: "1h")',
    )
    assert context.objects.get(id_).cache == "1h"


@pytest.mark.parametrize(
    ("field", "kind"),
    [
        ("withObject", "OBJECT_KIND"),
        ("withInterface", "INTERFACE_KIND"),
        ("withScalar", "SCALAR_KIND"),
        ("withEnum", "ENUM_KIND"),
    ],
)
def test_a_named_type_knows_its_kind(query, context, field, kind):
    id_ = query("typeDef", f'{field}(name: "Thing")', "withOptional(optional: true)")
    assert context.objects.get(id_) == TypeDef(kind, "Thing", optional=True)


def test_a_registration_is_read_from_its_file_as_it_was_written():
    element = TypeDef("OBJECT_KIND", "Container")
    every = TypeDef(
        kind="OBJECT_KIND",
        name="Pipeline",
        optional=True,
        element=TypeDef("LIST_KIND", element=element),
        description="One image",
        fields=(FieldTypeDef("name", STRING, "Its name"),),
        functions=(
            Function(
                "build",
                element,
                "Builds",
                args=(
                    FunctionArg("a", STRING, "An argument", '"x"', "/path", "debian", ("*.tmp",)),
                    FunctionArg("b", TypeDef("LIST_KIND", element=STRING)),
                ),
                cache="Never",
                is_check=True,
            ),
        ),
        constructor=Function("", element),
        members=(EnumMember("A", "a", "First"),),
    )
    module = Module("About", (every, element), (TypeDef("ENUM_KIND", "Mode"),))
    assert _module(json.loads(json.dumps(asdict(module)))) == module


def test_an_empty_registration_is_read_as_it_was_written():
    assert _module(json.loads(json.dumps(asdict(Module())))) == Module()
