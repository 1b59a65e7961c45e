"""A command line as a chain of functions."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import UnservedError, UsageError
from buildkit_engine.schema.typedefs import EnumMember, TypeDef


def parsed(grammar, *words: str) -> list[tuple[str, str, dict]]:
    return [(s.owner.name, s.function.name, s.flags) for s in grammar.parse(list(words)).steps]


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
    [_, (_, _, flags)] = parsed(grammar, "publish", word, "--platforms=a", "--address", "x")
    assert flags == {"platforms": ["a"], "skipTests": [expected], "address": ["x"]}


@pytest.mark.parametrize(("word", "expected"), [("--address=", ""), ("--address=a=b", "a=b")])
def test_a_value_may_be_empty_or_have_an_equals_sign(grammar, word, expected):
    [_, (_, _, flags)] = parsed(grammar, "publish", "--platforms=a", word)
    assert flags == {"platforms": ["a"], "address": [expected]}


def test_a_value_may_begin_with_dashes(grammar):
    [_, (_, _, flags)] = parsed(grammar, "publish", "--platforms", "--skip-tests")
    assert flags == {"platforms": ["--skip-tests"]}


@pytest.mark.parametrize("word", ["--skipTests", "--SkipTests", "--skip_tests"])
def test_a_flag_may_be_written_in_any_style(grammar, word):
    [_, (_, _, flags)] = parsed(grammar, "publish", "--platforms=a", word)
    assert flags == {"platforms": ["a"], "skipTests": ["true"]}


def test_options_of_the_command_itself_may_stand_anywhere(grammar):
    chain = grammar.parse(["-j", "image", "--output", "file", "container", "--help"])
    assert (chain.json, chain.output, chain.help) == (True, "file", True)
    assert [step.function.name for step in chain.steps] == ["", "image", "container"]


def test_a_function_of_the_api_may_follow_one_of_the_module(grammar):
    words = ("build-stage", "--platform", "linux/arm64", "with-exec", "--args", "ls", "stdout")
    steps = grammar.parse(list(words)).steps
    assert [(s.owner.name, s.function.name) for s in steps] == [
        ("Pipeline", ""),
        ("Pipeline", "build_stage"),
        ("Container", "withExec"),
        ("Container", "stdout"),
    ]
    assert [s.owner.kind for s in steps] == ["OBJECT_KIND", "OBJECT_KIND", "CORE", "CORE"]


def test_a_function_of_an_object_of_the_modules_own_may_follow(grammar):
    found = parsed(grammar, "image", "container", "platform")
    assert [name for _, name, _ in found] == ["", "image", "container", "platform"]


def test_a_value_that_an_object_shows_is_called_like_a_function(grammar):
    assert parsed(grammar, "name")[-1] == ("Pipeline", "name", {})


@pytest.mark.parametrize("word", ["build-stage", "build_stage", "buildStage"])
def test_a_function_may_be_written_in_any_style(grammar, word):
    assert parsed(grammar, word, "--platform=x")[-1][1] == "build_stage"


def test_a_function_that_the_engine_does_not_serve_is_refused_by_name(grammar):
    message = "'Container.terminal' is not served by this engine: run with a Dagger engine"
    with pytest.raises(UnservedError, match=f"^{re.escape(message)}$"):
        grammar.parse(["image", "container", "terminal"])


def usage(command: str) -> str:
    return f"\nRun 'buildkit-engine call{command} --help' for usage."


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["image", "pubish"],
            'unknown command "pubish" for "buildkit-engine call image": expected one of '
            "container, platforms, tag" + usage(" image"),
        ),
        (
            ["name", "stdout"],
            'unknown command "stdout" for "buildkit-engine call name"' + usage(" name"),
        ),
        (
            ["publish", "--addres", "x"],
            "unknown flag: --addres: expected one of --platforms, --address, --skip-tests"
            + usage(" publish"),
        ),
        (["--tag=x"], "unknown flag: --tag: expected one of --source, --flavor" + usage("")),
        (["image", "-x"], "unknown shorthand flag: 'x' in -x" + usage(" image")),
        (["publish", "--address"], "flag needs an argument: --address" + usage(" publish")),
        (["image", "--output"], "flag needs an argument: --output" + usage(" image")),
        (["publish"], 'required flag(s) "platforms" not set' + usage(" publish")),
        (
            ["build-stage", "--platform", "x", "with-file", "contents"],
            'required flag(s) "path", "source" not set' + usage(" build-stage with-file"),
        ),
    ],
)
def test_what_cannot_be_read_is_refused(grammar, words, message):
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        grammar.parse(words)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["--help"], [""]),
        (["-h"], [""]),
        (["publish", "--help"], ["", "publish"]),
        (["image", "--help", "container"], ["", "image", "container"]),
    ],
)
def test_help_is_for_the_whole_chain_and_asks_for_nothing(grammar, words, expected):
    chain = grammar.parse(words)
    assert chain.help
    assert [step.function.name for step in chain.steps] == expected


def test_a_function_that_needs_what_no_flag_can_give_is_none(grammar):
    with pytest.raises(UsageError, match=r'^unknown command "merge"'):
        grammar.parse(["merge"])


def test_an_argument_that_no_flag_can_give_has_none(grammar):
    message = "unknown flag: --image: expected one of --strategy"
    with pytest.raises(UsageError, match=f"^{message}\n"):
        grammar.parse(["add", "--image", "x"])


def test_a_chain_goes_on_from_each_value_of_a_list(grammar):
    assert [name for _, name, _ in parsed(grammar, "images", "container", "platform")] == [
        "",
        "images",
        "container",
        "platform",
    ]


def test_members_of_an_enum_are_written_in_upper_case_and_given_as_the_module_has_them(grammar):
    assert grammar.members(TypeDef("ENUM_KIND", "Strategy")) == (
        EnumMember("NATIVE", "NATIVE"),
        EnumMember("CROSS_COMPILE", "crossCompile"),
    )


def test_enums_of_the_api_have_its_members(grammar):
    [*_, step] = grammar.parse(["image", "container", "with-exec", "--args=x"]).steps
    [expect] = [a.type for a in step.function.args if a.name == "expect"]
    assert sorted(m.name for m in grammar.members(expect)) == ["ANY", "FAILURE", "SUCCESS"]


def test_objects_of_the_api_are_given_as_what_they_are(grammar):
    [*_, step] = grammar.parse(["image", "container", "publish", "--address=x"]).steps
    types = {a.name: a.type for a in step.function.args}
    assert types["platformVariants"].element == TypeDef("OBJECT_KIND", "Container")
    [*_, step] = grammar.parse(["image", "container", "with-file", "--path=x", "--source=y"]).steps
    assert {a.name: a.type for a in step.function.args}["source"] == TypeDef("OBJECT_KIND", "File")


def test_arguments_of_the_api_are_required_where_the_api_requires_them(grammar):
    [*_, step] = grammar.parse(["image", "container", "file", "--path=x"]).steps
    assert {a.name: a.type.optional for a in step.function.args} == {"path": False, "expand": True}
