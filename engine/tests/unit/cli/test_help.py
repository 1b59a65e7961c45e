"""What --help prints."""

from __future__ import annotations

from buildkit_engine.cli import help as help_


def text_of(grammar, *words: str) -> str:
    return help_.of_chain(grammar, grammar.parse(list(words)))


def test_the_help_of_the_module_lists_its_flags_and_functions(grammar):
    assert (
        text_of(grammar)
        == """\
Images for several platforms.

More about it.

USAGE
  call [flags] [function ...]

FLAGS
  --source Directory  The application's source (default / of the repository)
  --flavor string

FUNCTIONS
  publish      Pushes the image.
  build-stage
  image
  name         The application's name"""
    )


def test_the_help_of_a_function_lists_its_flags_with_defaults(grammar):
    assert (
        text_of(grammar, "publish")
        == """\
Pushes the image.
Then more.

USAGE
  call publish [flags] [function ...]

FLAGS
  --platforms Platform,...  Which platforms [required]
  --address string          Where to (default "127.0.0.1/x")
  --skip-tests              Do not test"""
    )


def test_the_help_of_a_chain_shows_what_can_follow_it(grammar):
    lines = text_of(grammar, "image").splitlines()
    assert lines[:2] == ["USAGE", "  call image [flags] [function ...]"]
    assert lines[-2:] == ["FUNCTIONS", "  container  One platform's image"]


def test_of_the_api_only_what_is_required_is_said_to_be(grammar):
    lines = text_of(grammar, "image", "container", "file").splitlines()
    flags = lines[lines.index("FLAGS") + 1 : lines.index("FUNCTIONS") - 1]
    assert [flag.split() for flag in flags] == [["--path", "string", "[required]"], ["--expand"]]


def test_functions_are_listed_a_line_each(grammar):
    assert help_.functions(grammar, grammar.type_named("Image")) == [
        "  container  One platform's image"
    ]
