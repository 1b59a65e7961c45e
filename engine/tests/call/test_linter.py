"""A module that is all Python: lists of objects, enums, numbers, flags of every kind, errors."""

from __future__ import annotations

import json
import re

import pytest

USAGE = "Run 'dagger call {} --help' for usage."


@pytest.fixture
def call(module):
    return module("linter")


def test_a_field_of_a_list_of_objects_is_a_line_each(call):
    ran = call("findings", "message")
    assert (ran.code, ran.out) == (0, "spaces at the end\na tab\n48 letters\n")


def test_a_list_of_objects_is_printed_by_name(call):
    ran = call("findings", "--at-least", "warning")
    assert re.fullmatch(r"(- LinterFinding@\w+:[0-9a-f]{16}\n){2}", ran.out)


def test_json_of_a_list_of_objects_has_what_was_asked_for(call):
    ran = call("findings", "line", "--json")
    assert ran.out.startswith('[\n    {\n        "line": 2\n    },\n')
    assert json.loads(ran.out) == [{"line": 2}, {"line": 2}, {"line": 2}]


def test_a_function_is_called_on_every_object_of_a_list(call):
    assert call("findings", "location", "--column=3").out == (
        "a.sh:2:3\ndeep/b.sh:2:3\ndeep/b.sh:2:3\n"
    )


def test_a_constructors_flags_come_before_the_function(call, tmp_path):
    (tmp_path / "x.sh").write_text("1234567890\n")
    ran = call("--width=5", "--source", ".", "findings", "message")
    assert (ran.code, ran.out) == (0, "10 letters\n")


def test_what_the_module_ignores_is_not_looked_at(call, tmp_path):
    (tmp_path / "x.min.sh").write_text("a \n")
    assert call("--source=.", "findings", "path").out == ""


def test_one_object_of_none_has_its_functions(call):
    assert call("worst", "location").out == "deep/b.sh:2"


def test_a_function_that_raises_fails_with_its_message(call):
    ran = call("gate")
    assert (ran.code, ran.out) == (1, "")
    assert ran.refusal == "1 fault(s) must be mended: deep/b.sh:2"


def test_a_function_that_returns_nothing_prints_nothing(call, tmp_path):
    (tmp_path / "x.sh").write_text("a\n")
    assert (call("--source=.", "gate").code, call("--source=.", "gate").out) == (0, "")


def test_a_missing_text_is_printed_as_go_prints_it(call):
    assert call("motto").out == "<nil>"


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ((), "NOTE\nWARNING\nERROR\n"),
        (("--without=NOTE",), "WARNING\nERROR\n"),
        (("--without", "note,error"), "WARNING\n"),
        (("--without=note", "--without=warning"), "ERROR\n"),
    ],
)
def test_members_of_an_enum_are_given_and_printed_by_their_names(call, words, expected):
    assert call("severities", *words).out == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--faults=3",), "8.5"),
        (("--faults", "3", "--weight", "1"), "7"),
        (("--faults=3", "--strict"), "0"),
        (("--faults=3", "--strict=false"), "8.5"),
        (("--faults=-9999990",), "5.000005e+06"),
        (("--faults=0x10", "--json"), "2\n"),
    ],
)
def test_numbers_are_read_and_printed_as_go_does(call, words, expected):
    assert call("grade", *words).out == expected


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (("--names=a,b", "--names", "c"), "['a', 'b', 'c'] here None"),
        (("--names", '"a,b",c', "--from=there"), "['a,b', 'c'] there None"),
        (("--names=", "--note="), "[] here "),
    ],
)
def test_texts_and_lists_of_them_arrive_as_they_were_given(call, words, expected):
    assert call("rule", *words).out == expected


@pytest.mark.parametrize(
    ("words", "refusal", "command"),
    [
        (
            ("findings", "--at-least=bogus"),
            'invalid argument "bogus" for "--at-least" flag: '
            "value should be one of ERROR,NOTE,WARNING",
            "findings",
        ),
        (("grade",), 'required flag(s) "faults" not set', "grade"),
        (("grade", "--fault=1"), "unknown flag: --fault", "grade"),
        (("rule", "--names"), "flag needs an argument: --names", "rule"),
        (("grade", "--faults=1", "x"), 'unknown command "x" for "dagger call grade"', "grade"),
        (("worst", "x"), 'unknown command "x" for "dagger call worst"', "worst"),
    ],
)
def test_a_wrong_command_line_is_refused_in_dagger_s_words(call, words, refusal, command):
    ran = call(*words)
    assert (ran.code, ran.out) == (1, "")
    assert ran.refusal == refusal
    assert USAGE.format(command) in ran.error.splitlines()


def test_help_of_a_function(call):
    ran = call("grade", "--help")
    assert ran.code == 0
    assert ran.help == {
        "": ["A number from 10 downwards."],
        "USAGE": ["dagger call grade [arguments]"],
        "ARGUMENTS": [
            "--faults int How many were found [required]",
            "--strict",
            "--weight float What one costs (default 0.5)",
        ],
    }


def test_help_of_a_function_that_returns_a_list_of_objects(call):
    assert call("findings", "--help").help == {
        "": ["All faults, by file and line.", "A file that is no text is left out."],
        "USAGE": ["dagger call findings [arguments] <function>"],
        "FUNCTIONS": [
            "line -",
            "location Where it is, as editors take it.",
            "message -",
            "path -",
            "severity How bad a fault is.",
        ],
        "ARGUMENTS": [
            "--at-least ERROR,NOTE,WARNING The mildest that is told (default NOTE) "
            'Use "dagger call findings [command] --help" for more information about a command.'
        ],
    }


def test_help_of_the_module_lists_its_functions_and_arguments(call):
    found = call("--help").help
    assert found[""] == ["Call one or more functions, interconnected into a pipeline"]
    assert found["USAGE"] == ["dagger call [options] <function>"]
    assert found["FUNCTIONS"][:3] == [
        "files Every file that is looked at.",
        "findings All faults, by file and line.",
        "gate Fail where a fault must be mended.",
    ]
    assert found["ARGUMENTS"] == [
        "--source Directory What is looked at",
        "--width int Longest line that is no fault (default 40)",
    ]


def test_help_of_the_apis_functions(call):
    found = call("mended", "with-directory", "--help").help
    assert found[""] == ["Return a snapshot with a directory added"]
    assert found["USAGE"] == ["dagger call mended with-directory [arguments] <function>"]
    assert found["ARGUMENTS"][:3] == [
        '--path string Location of the written directory (e.g., "/src/"). [required]',
        "--source Directory Identifier of the directory to copy. [required]",
        "--exclude strings Exclude artifacts that match the given pattern (e.g., "
        '["node_modules/", ".git*"]).',
    ]


def test_functions_are_listed_with_their_first_lines(call):
    lines = [line.rstrip() for line in call.functions().out.splitlines()]
    assert lines[:3] == [
        "Name         Description",
        "files        Every file that is looked at.",
        "findings     All faults, by file and line.",
    ]


def test_functions_of_what_has_none_are_refused(call):
    ran = call.functions("grade")
    assert ran.code == 1
    assert ran.refusal == (
        'function "grade" returns type "FLOAT_KIND" with no further functions available'
    )


def test_a_folder_is_exported_with_output(call, tmp_path):
    ran = call("mended", "-o", "out")
    assert (ran.code, ran.out) == (0, "")
    assert f'Saved to "{tmp_path}/out".' in ran.error
    assert (tmp_path / "out" / "a.sh").read_text() == "a=1\nb=2\n"


def test_a_text_is_written_with_output(call, tmp_path):
    ran = call("grade", "--faults=1", "--output", "new/grade.txt")
    assert (ran.code, ran.out) == (0, "9.5")
    assert f'Saved output to "{tmp_path}/new/grade.txt".' in ran.error
    assert (tmp_path / "new" / "grade.txt").read_text() == "9.5"


def test_the_apis_functions_take_folders_and_files_of_this_machine(call, tmp_path):
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "m.txt").write_text("M")
    words = ("with-directory", "--path=x", "--source=./more", "with-file", "--path=y.txt")
    ran = call(
        "mended", *words, "--source", str(tmp_path / "more" / "m.txt"), "glob", "--pattern=**"
    )
    assert ran.out == "a.sh\ndeep/\ndeep/b.sh\nx/\nx/m.txt\ny.txt\n"


def test_each_file_of_a_list_is_read(call):
    assert call("files", "name").out == "a.sh\nb.sh\n"


def test_without_a_function_the_root_is_named(call):
    assert (call().code, call().out) == (0, "Query\n")
