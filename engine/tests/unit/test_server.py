"""GraphQL over HTTP: who is answered, and what is not a request."""

from __future__ import annotations

import base64
import http.client
import json
import socket
import struct
import time
from types import SimpleNamespace

import pytest
from graphql import build_schema

from buildkit_engine.schema.context import Context, Objects
from buildkit_engine.server import Server

SDL = "type Query { version: String! }"
INTROSPECTION = b'{"data": {"__schema": "kept"}}'
TOKEN = "token"
QUERY = json.dumps({"query": "{ __typename }"})


def authorization(token: str, scheme: str = "Basic") -> str:
    return f"{scheme} {base64.b64encode(f'{token}:'.encode()).decode()}"


@pytest.fixture(scope="module")
def server():
    context = Context(Objects(), SimpleNamespace(secrets={}), None, "linux/amd64", "s", "v1", "/")
    session = SimpleNamespace(
        schema=build_schema(SDL),
        introspection=INTROSPECTION,
        context_of=lambda token: context if token == TOKEN else None,
    )
    with Server(session) as server:
        yield server


@pytest.fixture
def post(server):
    """Posts a body; the status and what came back, decoded."""
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)

    def post(body: str, path="/query", credentials=None) -> tuple[int, dict]:
        headers = {"Authorization": authorization(TOKEN) if credentials is None else credentials}
        connection.request("POST", path, body, headers)
        response = connection.getresponse()
        return response.status, json.loads(response.read())

    yield post
    connection.close()


def message(answer: tuple[int, dict]) -> tuple[int, str]:
    status, body = answer
    return status, body["errors"][0]["message"]


def test_a_client_with_the_sessions_token_is_answered(post):
    assert post(QUERY) == (200, {"data": {"__typename": "Query"}})


def test_one_connection_serves_several_requests(post):
    assert [post(QUERY)[0] for _ in range(3)] == [200, 200, 200]


@pytest.mark.parametrize(
    "credentials",
    [
        "",
        authorization("other"),
        authorization(TOKEN, "Bearer"),
        "Basic",
        "Basic !!!",
        "Basic " + base64.b64encode(b"\xff").decode(),
    ],
)
def test_nobody_else_is(post, credentials):
    assert message(post(QUERY, credentials=credentials)) == (401, "wrong session token")


def test_the_api_is_at_one_path(post):
    assert message(post(QUERY, path="/other")) == (404, "the API is at /query")


@pytest.mark.parametrize("body", ["", "{", "\udcff"])
def test_what_is_not_json_is_refused(post, body):
    data = body.encode(errors="surrogateescape")
    assert message(post(data)) == (400, "the request is not JSON")


@pytest.mark.parametrize("body", ["{}", "[]", '"text"', "null", '{"query": null}', '{"query": 1}'])
def test_what_has_no_query_is_refused(post, body):
    assert message(post(body)) == (400, "the request has no query")


def test_introspection_is_answered_with_what_was_kept(post):
    request = {"operationName": "IntrospectionQuery", "query": "query IntrospectionQuery { x }"}
    assert post(json.dumps(request)) == (200, json.loads(INTROSPECTION))


def test_an_error_of_a_document_is_part_of_the_answer(post):
    status, body = post(json.dumps({"query": "{"}))
    assert status == 200
    assert body["errors"][0]["message"].startswith("Syntax Error: ")


def test_a_client_is_told_where_the_server_is(server):
    assert server.environment("token") == {
        "DAGGER_SESSION_PORT": str(server.port),
        "DAGGER_SESSION_TOKEN": "token",
    }


def test_a_client_that_hangs_up_is_no_error(server, post, capfd):
    gone = socket.create_connection(("127.0.0.1", server.port))
    # closed with a reset instead of an orderly end
    gone.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    gone.sendall(b"POST /query HTTP/1.1\r\n")
    time.sleep(0.05)
    gone.close()
    time.sleep(0.05)
    assert post(QUERY)[0] == 200
    assert capfd.readouterr().err == ""
