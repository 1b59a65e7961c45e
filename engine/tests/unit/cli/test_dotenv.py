"""Default arguments from .env files."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.cli.dotenv import Default, Defaults
from buildkit_engine.cli.source import ModuleSource
from buildkit_engine.errors import UsageError


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "repository"
    root.mkdir()
    return ModuleSource(root, root, "my-pipeline")


def defaults(source: ModuleSource, text: str, *, start=None) -> Defaults:
    (source.root / ".env").write_text(text)
    return Defaults.of(source, start or source.root)


def value(source: ModuleSource, text: str) -> str:
    """The value of the variable VALUE."""
    return defaults(source, text).get("", "value").value


# -- lines


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("VALUE=a", "a"),
        ("VALUE = a ", "a"),
        ("export VALUE=a", "a"),
        ("VALUE=", ""),
        ("VALUE=a=b", "a=b"),
        ("VALUE='a b'", "a b"),
        ('VALUE="a b"', "a b"),
        ("VALUE='a b' # why", "a b"),
        ('VALUE="a # b"', "a # b"),
        ('VALUE=""', ""),
        ("VALUE='", "'"),
        ("VALUE=a#b", "a#b"),
        ("# a comment\n\n  # another\nVALUE=a", "a"),
        ("VALUE=a\nVALUE=b", "b"),
    ],
)
def test_a_line_is_a_name_and_a_value(source, line, expected):
    assert value(source, line) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("A=1\nVALUE=$A", "1"),
        ("A=1\nVALUE=${A}2", "12"),
        ('A=1\nVALUE="x-$A-y"', "x-1-y"),
        ("A=1\nVALUE='$A'", "$A"),
        ("VALUE=$FROM_ENVIRONMENT", "outside"),
        ("FROM_ENVIRONMENT=inside\nVALUE=$FROM_ENVIRONMENT", "inside"),
        ("VALUE=[$IS_NOT_SET_ANYWHERE]", "[]"),
    ],
)
def test_variables_are_put_in_except_in_single_quotes(source, monkeypatch, text, expected):
    monkeypatch.setenv("FROM_ENVIRONMENT", "outside")
    monkeypatch.delenv("IS_NOT_SET_ANYWHERE", raising=False)
    assert value(source, text) == expected


@pytest.mark.parametrize("line", ["VALUE", "1A=b", "two words=b", "=b"])
def test_a_line_that_is_no_assignment_is_refused_by_its_number(source, line):
    message = f"{source.root}/.env:2: the line is not NAME=value"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        defaults(source, f"A=1\n  {line}\n")


# -- names


@pytest.mark.parametrize(
    ("variable", "function", "argument"),
    [
        ("SOURCE", "", "source"),
        ("MY_PIPELINE_SOURCE", "", "source"),
        ("my_pipeline_source", "", "source"),
        ("PUBLISH_ADDRESS", "publish", "address"),
        ("MY_PIPELINE_PUBLISH_ADDRESS", "publish", "address"),
        ("PUBLISH_SKIP_TESTS", "publish", "skipTests"),
        ("PUBLISH_SKIP_TESTS", "publish", "skip_tests"),
        ("BUILD_STAGE_PLATFORM", "buildStage", "platform"),
        ("BUILD_STAGE_PLATFORM", "build-stage", "platform"),
    ],
)
def test_a_variable_is_the_default_of_an_argument(source, variable, function, argument):
    found = defaults(source, f"{variable}=a").get(function, argument)
    assert found == Default("a", variable)


def test_other_arguments_have_no_default(source):
    found = defaults(source, "SOURCE=a\nPUBLISH_ADDRESS=b")
    assert found.get("", "flavor") is None
    assert found.get("publish", "source") is None
    assert found.get("", "address") is None


# -- files


def test_without_any_file_there_are_no_defaults(source, tmp_path):
    (tmp_path / "empty").mkdir()
    assert Defaults.of(source, source.root).variables == {}


def test_a_file_above_the_callers_folder_needs_the_modules_name(source, tmp_path):
    caller = tmp_path / "caller" / "deep"
    caller.mkdir(parents=True)
    (tmp_path / "caller" / ".env").write_text("MY_PIPELINE_SOURCE=a\nFLAVOR=b\nOTHER_SOURCE=c\n")
    found = Defaults.of(source, caller)
    assert found.variables == {"source": Default("a", "MY_PIPELINE_SOURCE")}


def test_of_the_files_above_the_caller_only_the_nearest_is_read(source, tmp_path):
    caller = tmp_path / "caller"
    caller.mkdir()
    (tmp_path / ".env").write_text("MY_PIPELINE_SOURCE=far\nMY_PIPELINE_FLAVOR=far\n")
    (caller / ".env").write_text("MY_PIPELINE_SOURCE=near\n")
    found = Defaults.of(source, caller)
    assert {name: default.value for name, default in found.variables.items()} == {"source": "near"}


def test_the_callers_file_wins_over_the_modules_own(source, tmp_path):
    caller = source.root / "examples"
    caller.mkdir()
    (caller / ".env").write_text("MY_PIPELINE_SOURCE=caller\n")
    found = defaults(source, "SOURCE=own\nFLAVOR=own\nMY_PIPELINE_CONFIG=own\n", start=caller)
    assert found.get("", "source") == Default("caller", "MY_PIPELINE_SOURCE")
    assert found.get("", "flavor") == Default("own", "FLAVOR")
    # read as the module's own, it is the default of an argument that has this whole name
    assert found.get("", "config") is None


@pytest.mark.parametrize(
    "text", ["MY_PIPELINE_SOURCE=a\nSOURCE=b", "SOURCE=b\nMY_PIPELINE_SOURCE=a"]
)
def test_in_one_file_the_variable_with_the_modules_name_wins(source, text):
    assert defaults(source, text).get("", "source").value == "a"
