"""A command line as a chain of functions."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.cli.chain import HelpWanted, kebab
from buildkit_engine.errors import UsageError


def parsed(grammar, *words: str) -> list[tuple[str, str, dict]]:
    return [(s.owner.name, s.function.name, s.flags) for s in grammar.parse(list(words))]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("publish", "publish"),
        ("withExec", "with-exec"),
        ("build_stage", "build-stage"),
        ("skipTests", "skip-tests"),
        ("with-file", "with-file"),
        ("loadHTTPState", "load-http-state"),
        ("l4tVersion", "l4t-version"),
        ("fromID", "from-id"),
    ],
)
def test_names_are_written_as_on_a_command_line(name, expected):
    assert kebab(name) == expected


def test_a_chain_begins_with_the_modules_constructor(grammar):
    assert parsed(grammar) == [("Pipeline", "", {})]


def test_flags_belong_to_the_function_before_them(grammar):
    words = ("--source", ".", "publish", "--platforms=linux/amd64", "--address", "host/x")
    assert parsed(grammar, *words) == [
        ("Pipeline", "", {"source": ["."]}),
        ("Pipeline", "publish", {"platforms": ["linux/amd64"], "address": ["host/x"]}),
    ]


def test_a_flag_given_twice_has_two_values(grammar):
    [_, (_, _, flags)] = parsed(grammar, "publish", "--platforms", "a", "--platforms", "b,c")
    assert flags == {"platforms": ["a", "b,c"]}


@pytest.mark.parametrize(
    ("word", "expected"),
    [("--skip-tests", "true"), ("--skip-tests=false", "false"), ("--skip-tests=true", "true")],
)
def test_a_boolean_flag_needs_no_value(grammar, word, expected):
    [_, (_, _, flags)] = parsed(grammar, "publish", word, "--address", "x")
    assert flags == {"skipTests": [expected], "address": ["x"]}


@pytest.mark.parametrize(("word", "expected"), [("--address=", ""), ("--address=a=b", "a=b")])
def test_a_value_may_be_empty_or_have_an_equals_sign(grammar, word, expected):
    [_, (_, _, flags)] = parsed(grammar, "publish", word)
    assert flags == {"address": [expected]}


def test_a_value_may_begin_with_dashes(grammar):
    [_, (_, _, flags)] = parsed(grammar, "publish", "--address", "--help")
    assert flags == {"address": ["--help"]}


def test_a_function_of_the_api_may_follow_one_of_the_module(grammar):
    words = ("build-stage", "--platform", "linux/arm64", "with-exec", "--args", "ls", "stdout")
    steps = grammar.parse(list(words))
    assert [(s.owner.name, s.function.name) for s in steps] == [
        ("Pipeline", ""),
        ("Pipeline", "build_stage"),
        ("Container", "withExec"),
        ("Container", "stdout"),
    ]
    assert [s.is_module for s in steps[:2]] == [True, True]
    assert steps[2].owner.kind == "CORE"


def test_a_function_of_an_object_of_the_modules_own_may_follow(grammar):
    found = parsed(grammar, "image", "container", "platform")
    assert [name for _, name, _ in found] == ["", "image", "container", "platform"]


def test_a_value_that_an_object_shows_is_called_like_a_function(grammar):
    assert parsed(grammar, "name")[-1] == ("Pipeline", "name", {})


@pytest.mark.parametrize("word", ["build-stage", "build_stage", "buildStage"])
def test_a_function_may_be_written_in_any_style(grammar, word):
    assert parsed(grammar, word)[-1][1] == "build_stage"


def test_what_the_engine_does_not_serve_is_no_function_of_the_api(grammar):
    with pytest.raises(UsageError, match=r"^unknown function 'as-service': expected one of "):
        grammar.parse(["build-stage", "as-service"])


def test_an_unknown_function_is_refused_with_those_that_are_known(grammar):
    message = "unknown function 'pubish': expected one of build-stage, image, name, publish"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        grammar.parse(["pubish"])


def test_nothing_follows_what_is_no_object(grammar):
    message = "'publish' returns no object: nothing can follow it, but 'stdout' does"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        grammar.parse(["publish", "stdout"])


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["publish", "--addres", "x"],
            "unknown flag --addres of publish: expected one of --platforms, --address, "
            "--skip-tests, --help",
        ),
        (
            ["--tag=x"],
            "unknown flag --tag of the module: expected one of --source, --flavor, --help",
        ),
        (["image", "-x"], "unknown flag -x of image: expected one of no flags, --help"),
        (["publish", "--address"], "flag --address needs a value"),
    ],
)
def test_a_flag_that_cannot_be_read_is_refused(grammar, words, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        grammar.parse(words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [(["--help"], [""]), (["-h"], [""]), (["publish", "--help", "junk"], ["", "publish"])],
)
def test_help_is_for_the_chain_before_it(grammar, words, expected):
    with pytest.raises(HelpWanted) as wanted:
        grammar.parse(words)
    assert [step.function.name for step in wanted.value.steps] == expected


def test_arguments_of_the_api_are_required_where_the_api_requires_them(grammar):
    [*_, step] = grammar.parse(["build-stage", "file"])
    assert {a.name: a.type.optional for a in step.function.args} == {"path": False, "expand": True}
