"""The driver that runs a module's functions: what it puts off is still done."""

from __future__ import annotations

import importlib.util
import subprocess
import sys

import pytest

DRIVER = importlib.util.find_spec("buildkit_engine.cli.runtime").origin
START = f"""
import runpy
driver = runpy.run_path({DRIVER!r})
with driver["checked_when_called"]():
    import dagger
from dagger import dag
"""


def run(code: str) -> subprocess.CompletedProcess[str]:
    """In a process of its own: the SDK is imported once in each."""
    return subprocess.run(
        [sys.executable, "-c", START + code], capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize(
    "call",
    [
        "dag.container().with_exec('not a list')",
        "dag.container(platform=3)",
        "dag.directory().with_directory('/', dag.container())",
        "dagger.BuildArg(name=1, value='x')",
    ],
)
def test_a_wrong_argument_is_a_type_error_each_time(call):
    done = run(
        f"for _ in range(2):\n    try:\n        {call}\n    except TypeError:\n        print('refused')"
    )
    assert done.stdout == "refused\nrefused\n", done.stderr


def test_right_arguments_give_what_they_give_without_the_driver():
    done = run(
        "a = dag.directory().filter(exclude=['x']).with_timestamps(0)\n"
        "print([f.name for f in a._ctx.selections])"
    )
    assert done.stdout == "['directory', 'filter', 'withTimestamps']\n", done.stderr


def test_a_modules_own_use_of_beartype_is_left_alone():
    done = run("import beartype\nprint(beartype.beartype.__module__)")
    assert done.stdout.startswith("beartype."), done.stderr


SHARED = """
import typing
from dagger.client import _core
made = []
make = _core.make_converter
_core.make_converter = lambda context: made.append(context) or make(context)
driver["share_converters"]()
"""


def test_a_chain_needs_one_converter_and_sends_what_it_would_with_one_each():
    done = run(
        SHARED + "a = dag.container().with_exec(['a'], expect=dagger.ReturnType.FAILURE)\n"
        "print(made, a.with_exposed_port(80)._ctx.selections[1].args)"
    )
    assert done.stdout == "[None] {'args': ['a'], 'expect': 'FAILURE'}\n", done.stderr


@pytest.mark.parametrize(
    ("answer", "kind", "expected"),
    [
        ("'a'", "str", "'a'"),
        ("['a', 'b']", "list[str]", "['a', 'b']"),
        ("True", "bool", "True"),
        ("'FAILURE'", "dagger.ReturnType", "<ReturnType.FAILURE: 'FAILURE'>"),
    ],
)
def test_answers_without_objects_are_read_by_the_shared_converter(answer, kind, expected):
    done = run(
        f"{SHARED}context = dag.container()._ctx\n"
        f"print(repr(context.converter.structure({answer}, {kind})), len(made))"
    )
    assert done.stdout == f"{expected} 1\n", done.stderr


def test_objects_in_an_answer_belong_to_the_chain_that_asked_for_them():
    done = run(
        SHARED + "context = dag.container()._ctx\n"
        "[got] = context.converter.structure([{'_name': 'PATH'}], list[dagger.EnvVariable])\n"
        "print(got._ctx is context, made[1:] == [context])"
    )
    assert done.stdout == "True True\n", done.stderr


CONNECTING = """
from dagger.client import _session
from graphql import build_schema
driver["share_what_connecting_takes"]()

def connect():
    return _session.GraphQLClient(transport=object(), fetch_schema_from_transport=True)
"""


def test_the_schema_is_asked_for_by_the_first_client_alone():
    done = run(
        CONNECTING + "first = connect()\n"
        "first.schema = build_schema('type Query { version: String }')\n"
        "second = connect()\n"
        "print(first.fetch_schema_from_transport, second.fetch_schema_from_transport)\n"
        "print(second.schema is first.schema)"
    )
    assert done.stdout == "True False\nTrue\n", done.stderr


def test_a_client_that_could_not_read_the_schema_leaves_it_to_the_next():
    done = run(CONNECTING + "connect()\nprint(connect().fetch_schema_from_transport)")
    assert done.stdout == "True\n", done.stderr


def test_no_certificates_are_read_for_the_loopback():
    done = run(
        CONNECTING + "import ssl\n"
        "ssl.SSLContext.load_verify_locations = lambda *_, **__: print('read')\n"
        "_session.TelemetryTransport()\n"
        "_session.httpx.AsyncHTTPTransport()"
    )
    assert done.stdout == "read\n", done.stderr
