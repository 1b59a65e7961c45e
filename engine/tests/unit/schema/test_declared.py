"""The API as the installed client knows it."""

from __future__ import annotations

import importlib.metadata
import re

import pytest
from graphql import GraphQLObjectType, build_schema

from buildkit_engine.errors import SetupError
from buildkit_engine.schema import declared


@pytest.fixture(scope="module")
def schema():
    _, path = declared.client_source()
    # validates as well: a type that nothing declares is an error
    return build_schema(declared.sdl(path.read_text()))


def signature(schema, type_name: str, field_name: str) -> str:
    field = schema.type_map[type_name].fields[field_name]
    arguments = ", ".join(f"{name}: {arg.type}" for name, arg in field.args.items())
    return f"({arguments}): {field.type}" if arguments else f": {field.type}"


@pytest.mark.parametrize(
    ("type_name", "field_name", "expected"),
    [
        (
            "Container",
            "withExec",
            "(args: [String!]!, useEntrypoint: Boolean, stdin: String, redirectStdin: String, "
            "redirectStdout: String, redirectStderr: String, expect: ReturnType, "
            "experimentalPrivilegedNesting: Boolean, insecureRootCapabilities: Boolean, "
            "expand: Boolean, noInit: Boolean): Container!",
        ),
        ("Container", "sync", ": ID!"),
        ("Container", "id", ": ID!"),
        ("Container", "envVariable", "(name: String!): String"),
        ("Container", "envVariables", ": [EnvVariable!]!"),
        ("Container", "exitCode", ": Int!"),
        ("Directory", "entries", "(path: String): [String!]!"),
        ("Directory", "withTimestamps", "(timestamp: Int!): Directory!"),
        ("Directory", "export", "(path: String!, wipe: Boolean): String!"),
        ("File", "contents", "(offsetLines: Int, limitLines: Int): String!"),
        ("Query", "node", "(id: ID!): Node"),
        ("Query", "version", ": String!"),
        ("Query", "container", "(platform: Platform): Container!"),
        ("Query", "setSecret", "(name: String!, plaintext: String!): Secret!"),
        ("FunctionCall", "returnValue", "(value: JSON!): Void"),
        ("Module", "withObject", "(object: ID!): Module!"),
    ],
)
def test_a_field_is_declared_as_the_client_selects_it(schema, type_name, field_name, expected):
    assert signature(schema, type_name, field_name) == expected


@pytest.mark.parametrize(
    ("argument", "expected"),
    [("cache", "ID!"), ("source", "ID"), ("sharing", "CacheSharingMode"), ("path", "String!")],
)
def test_objects_are_passed_by_their_ids(schema, argument, expected):
    field = schema.type_map["Container"].fields["withMountedCache"]
    assert str(field.args[argument].type) == expected


def test_a_list_of_objects_is_a_list_of_ids(schema):
    field = schema.type_map["Container"].fields["publish"]
    assert str(field.args["platformVariants"].type) == "[ID!]"


@pytest.mark.parametrize(
    ("type_name", "field_name", "argument", "expected"),
    [
        ("Container", "withFile", "source", ["File"]),
        ("Container", "publish", "platformVariants", ["Container"]),
        ("Directory", "withDirectory", "source", ["Directory"]),
        ("Module", "withObject", "object", ["TypeDef"]),
        ("Container", "withFile", "path", []),
        ("Query", "node", "id", []),
    ],
)
def test_an_id_says_of_what_it_is_to_be(schema, type_name, field_name, argument, expected):
    arg = schema.type_map[type_name].fields[field_name].args[argument]
    directives = arg.ast_node.directives or ()
    assert [d.arguments[0].value.value for d in directives] == expected


@pytest.mark.parametrize(
    ("type_name", "expected"),
    [
        ("Container", {"Node", "Syncer"}),
        ("Directory", {"Node", "Syncer", "Exportable"}),
        ("File", {"Node", "Syncer", "Exportable"}),
        ("Secret", {"Node"}),
        ("Query", set()),
    ],
)
def test_objects_implement_what_they_can_be_loaded_as(schema, type_name, expected):
    interfaces = {interface.name for interface in schema.type_map[type_name].interfaces}
    assert expected <= interfaces


def test_enums_have_the_clients_members(schema):
    assert set(schema.type_map["CacheSharingMode"].values) == {"LOCKED", "PRIVATE", "SHARED"}
    assert set(schema.type_map["ReturnType"].values) == {"ANY", "FAILURE", "SUCCESS"}


def test_inputs_have_the_clients_fields(schema):
    fields = schema.type_map["PortForward"].fields
    assert {name: str(field.type) for name, field in fields.items()} == {
        "backend": "Int!",
        "frontend": "Int",
        "protocol": "NetworkProtocol",
    }


def test_every_class_of_the_clients_objects_is_declared(schema):
    _, path = declared.client_source()
    classes = re.findall(r"^class ([A-Z]\w*)\(Type\)", path.read_text(), re.MULTILINE)
    assert len(classes) > 50
    missing = [c for c in classes if not isinstance(schema.get_type(c), GraphQLObjectType)]
    assert missing == []


def test_the_version_is_that_of_the_installed_client():
    version, path = declared.client_source()
    assert version == importlib.metadata.version("dagger-io")
    assert path.parts[-3:] == ("dagger", "client", "gen.py")


def test_without_a_client_the_next_step_is_told(monkeypatch):
    def missing(name):
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(declared.importlib.metadata, "distribution", missing)
    message = "^dagger-io is not installed beside the engine: pip install dagger-io$"
    with pytest.raises(SetupError, match=message):
        declared.client_source()


def test_a_type_that_is_not_understood_is_refused():
    source = """
class Box(Type):
    def open(self, key: lambda: 0) -> str:
        _args = [Arg("key", key)]
        _ctx = self._select("open", _args)
"""
    message = r"^the dagger-io client has a type that is not understood: Lambda\("
    with pytest.raises(SetupError, match=message):
        declared.sdl(source)
