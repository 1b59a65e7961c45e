"""What answers a document."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from graphql import build_client_schema, print_schema

from buildkit_engine.errors import ExecError, RequestError, UnservedError
from buildkit_engine.schema import registry
from buildkit_engine.schema.executable import call_field, executable, introspection

REFUSED = "is not served by this engine: run with a Dagger engine"


def messages(answer: dict) -> list[str]:
    return [error["message"] for error in answer.get("errors", [])]


# -- what is served


def test_a_served_field_answers(ask):
    assert ask("{ version defaultPlatform }") == {
        "data": {"version": "v0.0.1", "defaultPlatform": "linux/amd64"}
    }


def test_a_chain_of_fields_answers(ask):
    query = """{
      container(platform: "linux/arm64") {
        withEnvVariable(name: "A", value: "1") {
          withLabel(name: "x", value: "y") { platform envVariable(name: "A") labels { name value } }
        }
      }
    }"""
    assert ask(query)["data"]["container"]["withEnvVariable"]["withLabel"] == {
        "platform": "linux/arm64",
        "envVariable": "1",
        "labels": [{"name": "x", "value": "y"}],
    }


def test_variables_are_given_to_fields(ask):
    query = "query ($p: Platform) { container(platform: $p) { platform } }"
    assert ask(query, p="linux/s390x")["data"] == {"container": {"platform": "linux/s390x"}}


def test_what_an_id_names_can_be_loaded_as_its_type(ask):
    id_ = ask('{ container(platform: "linux/arm64") { id } }')["data"]["container"]["id"]
    query = "query ($id: ID!) { node(id: $id) { id __typename ... on Container { platform } } }"
    assert ask(query, id=id_)["data"]["node"] == {
        "id": id_,
        "__typename": "Container",
        "platform": "linux/arm64",
    }


def test_the_same_value_has_the_same_id(ask):
    query = '{ container { withWorkdir(path: "/src") { id } } }'
    assert ask(query) == ask(query)
    assert ask(query) != ask('{ container { withWorkdir(path: "/other") { id } } }')


def test_a_variable_that_is_not_set_is_null(ask):
    query = '{ container { envVariable(name: "A") label(name: "x") } }'
    assert ask(query)["data"]["container"] == {"envVariable": None, "label": None}


def test_a_secret_is_kept_by_the_session(ask, context):
    id_ = ask('{ setSecret(name: "token", plaintext: "v") { id } }')["data"]["setSecret"]["id"]
    query = "query ($id: ID!) { node(id: $id) { ... on Secret { name plaintext } } }"
    assert ask(query, id=id_)["data"]["node"] == {"name": "token", "plaintext": "v"}
    assert "v" not in id_.split(":")


# -- what is refused


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("{ container { asService { id } } }", "Container.asService"),
        ('{ git(url: "x") { id } }', "Query.git"),
        ('{ host { containerImage(name: "x") { id } } }', "Host.containerImage"),
        ("{ host { service(ports: []) { id } } }", "Host.service"),
        ('{ host { tunnel(service: "x") { id } } }', "Host.tunnel"),
        ('{ host { unixSocket(path: "x") { id } } }', "Host.unixSocket"),
    ],
)
def test_a_field_that_is_not_served_refuses_by_its_name(ask, query, field):
    assert messages(ask(query)) == [f"'{field}' {REFUSED}"]


@pytest.mark.parametrize(
    ("query", "field"),
    [
        (
            '{ container { withExec(args: ["a"], experimentalPrivilegedNesting: true) { id } } }',
            "Container.withExec(experimentalPrivilegedNesting:)",
        ),
    ],
)
def test_an_argument_that_is_not_served_refuses_by_its_name(ask, query, field):
    assert messages(ask(query)) == [f"'{field}' {REFUSED}"]


def test_an_argument_that_is_not_served_may_be_given_what_it_is_without(ask):
    query = '{ cacheVolume(key: "x", owner: "") { id } }'
    assert messages(ask(query)) == []


def test_an_unknown_expectation_is_refused(context):
    container = call_field("Query", "container", context, None, {})
    message = "^expect 'NEVER' is not known: expected one of ANY, FAILURE, SUCCESS$"
    with pytest.raises(RequestError, match=message):
        call_field("Container", "withExec", context, container, {"args": ["a"], "expect": "NEVER"})


def test_an_unknown_id_is_refused(ask):
    query = "query ($id: ID!) { node(id: $id) { id } }"
    message = "unknown id 'Container:1': ids are valid within one session"
    assert messages(ask(query, id="Container:1")) == [message]


def test_an_id_of_another_type_is_refused(ask):
    id_ = ask("{ directory { id } }")["data"]["directory"]["id"]
    query = """query ($id: ID!) {
      container { withFile(path: "/a", source: $id) { id } }
    }"""
    assert messages(ask(query, id=id_)) == ["expected the id of a File, got one of a Directory"]


def test_a_document_that_cannot_be_read_is_an_error(ask):
    [message] = messages(ask("{ version"))
    assert message.startswith("Syntax Error: ")


def test_a_failed_command_carries_what_the_client_rebuilds_its_error_from(ask, context):
    def fail(_output):
        raise ExecError(cmd=("false",), exit_code=3, stdout="out", stderr="err")

    context.evaluator = SimpleNamespace(sync=fail)
    [error] = ask("{ container { sync } }")["errors"]
    assert error["message"] == "exit code: 3"
    assert error["path"] == ["container", "sync"]
    assert error["extensions"] == {
        "_type": "EXEC_ERROR",
        "cmd": ["false"],
        "exitCode": 3,
        "stdout": "out",
        "stderr": "err",
    }


# -- the schema as a whole


def test_introspection_gives_back_the_whole_schema(served_schema):
    found = build_client_schema(introspection(served_schema)["data"])
    assert print_schema(found) == print_schema(served_schema)


def test_everything_that_is_served_is_a_field_of_the_api(served_schema):
    unknown = [
        f"{type_name}.{field}"
        for type_name, field in registry.SERVED
        if field not in getattr(served_schema.get_type(type_name), "fields", {})
    ]
    assert unknown == []


def test_the_schema_can_be_built_more_than_once(served_schema):
    again = executable(print_schema(served_schema))
    assert set(again.type_map) == set(served_schema.type_map)


def test_a_field_cannot_be_served_twice():
    with pytest.raises(ValueError, match=r"^Query\.version is served twice$"):
        registry.serves("Query", "version")(lambda _context, _parent: "")


# -- from the command line


def test_a_field_can_be_called_with_the_apis_names(context):
    container = call_field("Query", "container", context, None, {"platform": "linux/arm64"})
    changed = call_field(
        "Container", "withEntrypoint", context, container, {"args": ["/a"], "keepDefaultArgs": True}
    )
    assert call_field("Container", "entrypoint", context, changed, {}) == ["/a"]


def test_from_the_command_line_too_an_unserved_argument_refuses_by_its_name(context):
    container = call_field("Query", "container", context, None, {})
    message = rf"^'Container\.withExec\(experimentalPrivilegedNesting:\)' {REFUSED}$"
    given = {"args": ["a"], "experimentalPrivilegedNesting": True}
    with pytest.raises(UnservedError, match=message):
        call_field("Container", "withExec", context, container, given)


def test_a_client_that_runs_no_function_has_no_current_call(ask):
    assert messages(ask("{ currentFunctionCall { name } }")) == [
        "this client does not run a function"
    ]


def test_values_of_one_type_are_loaded_together(context):
    directories = [call_field("Query", "directory", context, None, {})]
    ids = [context.objects.id_of(d) for d in directories]
    assert context.load_all(ids, type(directories[0])) == directories
    assert context.load_all(None, type(directories[0])) == []
    with pytest.raises(RequestError, match=r"^expected the id of a str, got one of a Directory$"):
        context.load(ids[0], str)
