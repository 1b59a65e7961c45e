"""Calling a chain, with stand-ins for the session and the module's process."""

from __future__ import annotations

import re
from dataclasses import replace
from types import SimpleNamespace

import pytest

from buildkit_engine.buildkit.freezer import Selection
from buildkit_engine.cli.call import Caller
from buildkit_engine.cli.dotenv import Default, Defaults
from buildkit_engine.cli.source import ModuleSource
from buildkit_engine.errors import UsageError
from buildkit_engine.model.files import Directory
from buildkit_engine.schema.context import Context, Objects


class FakeRuntime:
    """Answers calls of the module's functions, and keeps what they were given."""

    def __init__(self) -> None:
        self.answers = {}
        self.calls = []

    def run(self, call, _session, _server):
        given = {a.name: a.value for a in call.arguments}
        self.calls.append((call.parent_name, call.name, call.parent, given))
        # a constructor returns the object's state, were it empty
        return self.answers.get(call.name, {} if not call.name else None)


@pytest.fixture
def runtime():
    return FakeRuntime()


@pytest.fixture
def session(tmp_path, snapshots):
    objects = Objects()
    built = []

    evaluator = SimpleNamespace(secrets={}, sync=built.append)

    def context(call=None) -> Context:
        values = ("linux/amd64", snapshots, "v0", str(tmp_path))
        return Context(objects, evaluator, None, *values, call=call)

    return SimpleNamespace(
        objects=objects, context=context, snapshots=snapshots, built=built, evaluator=evaluator
    )


@pytest.fixture
def caller(grammar, runtime, session, tmp_path):
    root = tmp_path / "repository" / "ci"
    root.mkdir(parents=True)
    source = ModuleSource(root, root.parent, "pipeline")
    caller = Caller(source, session, None, runtime, None, Defaults({}), tmp_path)
    caller.grammar = grammar
    return caller


def use_defaults(caller, **defaults: Default) -> None:
    caller.grammar = replace(caller.grammar, defaults=Defaults(defaults))


def test_a_function_gets_its_flags_and_prints_a_line_for_each_value(caller, runtime):
    runtime.answers = {"": {"source": "x"}, "publish": ["a@sha256:1", "b@sha256:2"]}
    words = ["publish", "--platforms", "linux/amd64,current", "--skip-tests"]
    assert caller.call(words) == "a@sha256:1\nb@sha256:2\n"
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
    use_defaults(caller, source=Default("src", "PIPELINE_SOURCE"))
    caller.call(["image"])
    assert freezer.asked == [Selection(str(folder))]


def test_a_flag_wins_over_the_environment_file(caller, runtime):
    use_defaults(caller, flavor=Default("env", "PIPELINE_FLAVOR"))
    caller.call(["--flavor", "flag", "image"])
    assert runtime.calls[0][3]["flavor"] == '"flag"'


def test_a_wrong_default_is_refused_by_its_variables_name(caller, runtime):
    use_defaults(caller, publish_skip_tests=Default("maybe", "PIPELINE_PUBLISH_SKIP_TESTS"))
    message = (
        'PIPELINE_PUBLISH_SKIP_TESTS: invalid value "maybe": expected true or false\n'
        "Run 'buildkit-engine call publish --help' for usage."
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        caller.call(["publish", "--platforms", "linux/amd64"])
    assert runtime.calls == []


def test_a_wrong_value_is_told_with_the_help_of_its_own_function(caller, runtime):
    message = (
        'invalid argument "x" for "--skip-tests" flag: expected true or false\n'
        "Run 'buildkit-engine call publish --help' for usage."
    )
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        caller.call(["publish", "--platforms", "linux/amd64", "--skip-tests=x"])
    assert runtime.calls == []


def test_a_chain_goes_on_in_the_api(caller, runtime, session):
    container = session.objects.id_of(_container())
    runtime.answers = {"build_stage": container}
    words = ["build-stage", "--platform", "linux/arm64", "with-workdir", "--path", "/src"]
    assert caller.call([*words, "workdir"]) == "/src"
    assert session.built == []
    assert re.fullmatch(r"Container@sha256:[0-9a-f]{16}\n", caller.call(words))
    assert len(session.built) == 1, "a container that is asked for is built"


def test_a_value_that_an_object_shows_is_read_without_the_module(caller, runtime):
    runtime.answers = {"": {"name": "app"}}
    assert caller.call(["name"]) == "app"
    assert len(runtime.calls) == 1


def test_an_object_of_the_module_is_printed_by_its_name(caller, runtime):
    runtime.answers = {"image": {"platforms": ["linux/amd64"]}}
    assert re.fullmatch(r"PipelineImage@sha256:[0-9a-f]{16}\n", caller.call(["image"]))


def test_a_function_is_called_on_each_value_of_a_list(caller, runtime):
    runtime.answers = {"images": [{"tag": "a"}, {"tag": "b"}]}
    assert caller.call(["images", "tag"]) == "a\nb\n"
    assert caller.call(["images", "tag", "--json"]) == (
        '[\n    {\n        "tag": "a"\n    },\n    {\n        "tag": "b"\n    }\n]\n'
    )


def test_a_list_of_objects_is_printed_with_a_dash_before_each(caller, runtime):
    runtime.answers = {"images": [{"tag": "a"}, {"tag": "b"}]}
    lines = caller.call(["images"]).splitlines()
    assert [line.partition("@")[0] for line in lines] == ["- PipelineImage", "- PipelineImage"]
    assert lines[0] != lines[1]


def test_a_list_of_containers_builds_each(caller, runtime, session):
    runtime.answers = {"stages": [session.objects.id_of(_container())] * 2}
    assert caller.call(["stages", "platform"]) == "linux/amd64\nlinux/amd64\n"
    assert session.built == []
    caller.call(["stages"])
    assert len(session.built) == 2


def test_where_a_list_gives_lists_each_value_has_a_line(caller, runtime):
    runtime.answers = {"images": [{"tag": "a"}, {"tag": "b"}], "platforms": ["x", "y"]}
    assert caller.call(["images", "platforms"]) == "x\ny\n\nx\ny\n\n"


def test_nothing_follows_from_nothing(caller, runtime):
    runtime.answers = {"image": None}
    assert caller.call(["image", "tag"]) == "<nil>"
    assert [name for _, name, *_ in runtime.calls] == ["", "image"]


def test_what_returns_nothing_prints_nothing(caller, runtime):
    assert caller.call(["check"]) == ""


def test_a_member_of_an_enum_is_printed_as_it_is_written(caller, runtime):
    runtime.answers = {"strategy": "crossCompile"}
    assert caller.call(["strategy"]) == "CROSS_COMPILE"


def test_an_interface_is_refused_by_name(caller, runtime):
    message = (
        "'base' returns the interface 'Base': interfaces are not served by this engine, "
        "run with a Dagger engine"
    )
    with pytest.raises(UsageError, match=f"^{message}$"):
        caller.call(["base"])


def test_output_writes_what_is_printed(caller, runtime, capsys):
    runtime.answers = {"": {"name": "app"}}
    assert caller.call(["name", "--output", "new/out.txt"]) == "app"
    path = caller.folder / "new" / "out.txt"
    assert path.read_text() == "app"
    assert capsys.readouterr().err == f'Saved output to "{path}".\n'


def test_output_to_a_folder_is_refused(caller, runtime):
    runtime.answers = {"": {"name": "app"}}
    message = f"couldn't write output to file: open {caller.folder}: is a directory"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        caller.call(["name", "-o", "."])


def test_output_exports_what_can_be_exported(caller, runtime, session, capsys):
    exported = []
    session.evaluator.export_directory = lambda _, path, wipe: exported.append((path, wipe))
    runtime.answers = {"build_stage": session.objects.id_of(_container())}
    words = ["build-stage", "--platform", "x", "directory", "--path", "/", "-o", "out"]
    assert caller.call(words) == ""
    assert exported == [(caller.folder / "out", False)]
    assert capsys.readouterr().err == f'Saved to "{caller.folder / "out"}".\n'


def test_functions_lists_what_follows_a_chain(caller):
    assert caller.functions(["image"]) == (
        "Name        Description\ncontainer   One platform's image\nplatforms   -\ntag         -\n"
    )


def test_functions_of_what_is_no_object_are_refused(caller):
    message = 'function "name" returns type "STRING_KIND" with no further functions available'
    with pytest.raises(UsageError, match=f"^{message}$"):
        caller.functions(["name"])


def test_without_a_function_the_root_is_printed(caller, runtime):
    assert caller.call([]) == "Query\n"
    assert runtime.calls == []


def test_help_is_printed_and_nothing_runs(caller, runtime):
    assert "FUNCTIONS" in caller.call(["--help"])
    assert "--platforms" in caller.call(["publish", "--help"])
    assert runtime.calls == []


def _container():
    from buildkit_engine.model.container import Container

    return Container("linux/amd64")
