"""What --help prints."""

from __future__ import annotations

from dataclasses import replace

from buildkit_engine.cli import help as help_
from buildkit_engine.cli.dotenv import Default, Defaults


def text_of(grammar, *words: str) -> str:
    return help_.of_chain(grammar, grammar.parse([*words, "--help"]))


def test_the_help_of_the_module_lists_its_flags_and_functions(grammar):
    assert (
        text_of(grammar)
        == """\
Call one or more functions, interconnected into a pipeline

USAGE
  buildkit-engine call [options] <function>

FUNCTIONS
  add           -
  base          -
  build-stage   -
  check         -
  image         -
  images        -
  name          The application's name
  publish       Pushes the image.
  stages        -
  strategy      -

ARGUMENTS
      --flavor string
      --source Directory   The application's
                             source

OPTIONS
      --allow-stand-ins   Push stand-ins for base images beyond loopback
  -j, --json              Present result as JSON
  -m, --mod string        Folder of the module (default ".")
  -o, --output string     Save the result to a local file or directory
      --progress string   Progress output format
  -v, --verbose           Show what functions print

Use "buildkit-engine call [command] --help" for more information about a command.
"""
    )


def test_the_help_of_a_function_lists_its_flags_with_defaults(grammar):
    assert (
        text_of(grammar, "publish")
        == """\
Pushes the image.
Then more.

USAGE
  buildkit-engine call publish [arguments]

ARGUMENTS
      --platforms []Platform   Which platforms [required] (default [])
      --address string         Where to (default "127.0.0.1/x")
      --skip-tests             Do not test
"""
    )


def test_what_a_dotenv_file_gives_is_not_required(grammar):
    defaults = Defaults({"publish_platforms": Default("linux/amd64", "PIPELINE_PUBLISH_PLATFORMS")})
    text = text_of(replace(grammar, defaults=defaults), "publish")
    assert "[required]" not in text


def test_the_help_of_a_chain_shows_what_can_follow_it(grammar):
    assert (
        text_of(grammar, "image")
        == """\
-

USAGE
  buildkit-engine call image <function>

FUNCTIONS
  container     One platform's image
  platforms     -
  tag           -

Use "buildkit-engine call image [command] --help" for more information about a command.
"""
    )


def test_members_of_an_enum_are_its_flags_type_and_what_no_flag_can_give_is_left_out(grammar):
    lines = text_of(grammar, "add").splitlines()
    assert lines[lines.index("ARGUMENTS") + 1 :][:2] == [
        "      --strategy CROSS_COMPILE,NATIVE",
        "",
    ]


def test_the_api_is_documented_as_its_client_is(grammar):
    lines = text_of(grammar, "image", "container", "file").splitlines()
    assert lines[0] == "Retrieves a file at the given path."
    assert lines[lines.index("ARGUMENTS") + 1 :][:2] == [
        "      --path string   The path of the file to retrieve (e.g.,",
        '                      "./README.md"). [required]',
    ]


def test_descriptions_of_functions_are_broken_where_the_screen_ends(grammar):
    lines = text_of(grammar, "image", "container").splitlines()
    [start] = [number for number, line in enumerate(lines) if line.startswith("  with-exec ")]
    column = lines[start].index("Execute")
    told = [lines[start]]
    while lines[start + len(told)][:column].isspace():
        told.append(lines[start + len(told)])
    assert len(told) > 1
    assert " ".join(line[column:] for line in told) == (
        "Execute a command in the container, and return a new snapshot of the container state "
        "after execution."
    )
    assert max(len(line) for line in told) <= 80


def test_functions_are_a_table_by_name(grammar):
    returns = grammar.parse(["image"]).steps[-1].function.returns
    assert help_.functions(grammar, returns) == (
        "Name        Description\ncontainer   One platform's image\nplatforms   -\ntag         -\n"
    )
