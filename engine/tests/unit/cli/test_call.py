"""Calling a chain, with stand-ins for the session and the module's process."""

from __future__ import annotations

import re
from types import SimpleNamespace

import pytest

from buildkit_engine.buildkit.freezer import Selection
from buildkit_engine.cli.call import Caller
from buildkit_engine.cli.dotenv import Default, Defaults
from buildkit_engine.cli.module import ModuleSource
from buildkit_engine.errors import UsageError
from buildkit_engine.model.files import Directory
from buildkit_engine.schema.context import Context, Objects
from buildkit_engine.schema.typedefs import TypeDef


class FakeRuntime:
    """Answers calls of the module's functions, and keeps what they were given."""

    def __init__(self) -> None:
        self.answers = {}
        self.calls = []

    def run(self, call, _session, _server):
        given = {a.name: a.value for a in call.arguments}
        self.calls.append((call.parent_name, call.name, call.parent, given))
        return self.answers.get(call.name)


@pytest.fixture
def runtime():
    return FakeRuntime()


@pytest.fixture
def session(tmp_path, snapshots):
    objects = Objects()
    built = []

    def context(call=None) -> Context:
        evaluator = SimpleNamespace(secrets={}, sync=built.append)
        values = ("linux/amd64", snapshots, "v0", str(tmp_path))
        return Context(objects, evaluator, None, *values, call=call)

    return SimpleNamespace(objects=objects, context=context, snapshots=snapshots, built=built)


@pytest.fixture
def caller(grammar, runtime, session, tmp_path):
    root = tmp_path / "repository" / "ci"
    root.mkdir(parents=True)
    source = ModuleSource(root, root.parent, "pipeline")
    caller = Caller(source, session, None, runtime, None, Defaults({}), tmp_path)
    caller.grammar = lambda: grammar
    return caller


def test_a_function_gets_its_flags_and_prints_a_line_for_each_value(caller, runtime):
    runtime.answers = {"": {"source": "x"}, "publish": ["a@sha256:1", "b@sha256:2"]}
    words = ["publish", "--platforms", "linux/amd64,current", "--skip-tests"]
    assert caller.call(words) == "a@sha256:1\nb@sha256:2"
    [constructor, publish] = runtime.calls
    assert constructor[:3] == ("Pipeline", "", "{}")
    assert publish == (
        "Pipeline",
        "publish",
        '{"source": "x"}',
        {"platforms": '["linux/amd64", "linux/amd64"]', "skipTests": "true"},
    )


def test_a_default_path_is_a_folder_of_the_repository(caller, runtime, session, freezer):
    caller.call(["image"])
    [(*_, given), _] = runtime.calls
    assert isinstance(session.objects.get(given["source"].strip('"')), Directory)
    assert freezer.asked == [Selection(str(caller.source.context))]


def test_a_path_of_the_environment_file_starts_at_the_callers_folder_and_wins_over_a_default_path(
    caller, freezer
):
    folder = caller.folder / "src"
    folder.mkdir()
    caller.defaults = Defaults({"source": Default("src", "PIPELINE_SOURCE")})
    caller.call(["image"])
    assert freezer.asked == [Selection(str(folder))]


def test_a_flag_wins_over_the_environment_file(caller, runtime):
    caller.defaults = Defaults({"flavor": Default("env", "PIPELINE_FLAVOR")})
    caller.call(["--flavor", "flag", "image"])
    assert runtime.calls[0][3]["flavor"] == '"flag"'


def test_a_wrong_default_is_refused_by_its_variables_name(caller, runtime):
    default = Default("maybe", "PIPELINE_PUBLISH_SKIP_TESTS")
    caller.defaults = Defaults({"publish_skip_tests": default})
    message = "PIPELINE_PUBLISH_SKIP_TESTS: 'maybe' is not one of true, false"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        caller.call(["publish", "--platforms", "linux/amd64"])
    assert runtime.calls == []


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["publish"], "flag --platforms is required by publish"),
        (["build-stage", "--platform", "a", "file"], "flag --path is required by file"),
    ],
)
def test_what_is_missing_is_refused_before_anything_runs(caller, runtime, words, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        caller.call(words)
    assert runtime.calls == []


def test_a_chain_goes_on_in_the_api(caller, runtime, session):
    container = session.objects.id_of(_container())
    runtime.answers = {"build_stage": container}
    words = ["build-stage", "--platform", "linux/arm64", "with-workdir", "--path", "/src"]
    assert caller.call([*words, "workdir"]) == "/src"
    assert session.built == []
    assert re.fullmatch(r"Container@[0-9a-f]{16}", caller.call(words))
    assert len(session.built) == 1, "a container that is asked for is built"


def test_a_value_that_an_object_shows_is_read_without_the_module(caller, runtime):
    runtime.answers = {"": {"name": "app"}}
    assert caller.call(["name"]) == "app"
    assert len(runtime.calls) == 1


def test_an_object_of_the_module_is_printed_by_its_name(caller, runtime):
    runtime.answers = {"image": {"platforms": ["linux/amd64"]}}
    assert re.fullmatch(r"PipelineImage@[0-9a-f]{16}", caller.call(["image"]))


@pytest.mark.parametrize(
    ("type_", "value", "expected"),
    [
        (TypeDef("STRING_KIND"), "text", "text"),
        (TypeDef("STRING_KIND"), None, ""),
        (TypeDef("BOOLEAN_KIND"), True, "true"),
        (TypeDef("INTEGER_KIND"), 0, "0"),
        (TypeDef("VOID_KIND"), None, ""),
        (TypeDef("LIST_KIND", element=TypeDef("INTEGER_KIND")), [1, 2], "1\n2"),
        (TypeDef("LIST_KIND", element=TypeDef("STRING_KIND")), None, ""),
    ],
)
def test_values_are_printed_as_people_read_them(caller, type_, value, expected):
    assert caller._printed(type_, value) == expected


def test_help_is_printed_and_nothing_runs(caller, runtime):
    assert "FUNCTIONS" in caller.call([])
    assert "--platforms" in caller.call(["publish", "--help"])
    assert runtime.calls == []


def _container():
    from buildkit_engine.model.container import Container

    return Container("linux/amd64")
