"""Reading a shell script: commands, variables, lines."""

from __future__ import annotations

import pytest

from pipeline.lint import shell
from pipeline.lint.text import Text


def read(text: str) -> shell.Script:
    return shell.parse(Text(enumerate(text.splitlines(keepends=True), 1)))


def commands(text: str) -> list[tuple[str, ...]]:
    return [command.argv for command, _ in read(text).walk() if command.argv]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a x && b; c || d & e", [("a", "x"), ("b",), ("c",), ("d",), ("e",)]),
        ("a | b |& c", [("a",), ("b",), ("c",)]),
        ("A=1 B=2 a", [("a",)]),
        ("sudo -E env A=1 /usr/bin/a -x", [("a", "-x")]),
        ("if a; then b; else c; fi", [("a",), ("b",), ("c",), ("fi",)]),
        ("(cd x && a) > /dev/null 2>&1", [("cd", "x"), ("a",)]),
        ("a 'x && y' \"z; $(b)\"", [("a", "x && y", "z; $(b)"), ("b",)]),
        ("a x\\ y \\\n  z", [("a", "x y", "z")]),
        ("a `b c`", [("a", "`b c`"), ("b", "c")]),
        ("a $(b $(c))", [("a", "$(b $(c))"), ("b", "$(c)"), ("c",)]),
        ("a ${X:-$(b)} d", [("a", "${X:-$(b)}", "d"), ("b",)]),
        ("a # && b\nc", [("a",), ("c",)]),
        ("a x#y", [("a", "x#y")]),
        ("a <(b) > f", [("a", "<(b)"), ("b",)]),
        ("cat <<X > f\na\nX\nb", [("cat",), ("b",)]),
        ("cat <<-'X'\n\ta\n\tX\nb", [("cat",), ("b",)]),
        ("a <<< x", [("a",)]),
        ("a > $(b) 2>&1 < f", [("a",), ("b",)]),
        ("a `b > f` c", [("a", "`b > f`", "c"), ("b",)]),
        ("cat <<X | b\n$(c d)\nX\ne", [("cat",), ("c", "d"), ("b",), ("e",)]),
        ("cat <<'X'\n$(c)\nX\ne", [("cat",), ("e",)]),
        ("cat <<X\n'`c`' \\$(d)\nX", [("cat",), ("c",)]),
        ("cat <<X\n$(c", [("cat",), ("c",)]),
        ("sh -e <<X\nb; c\nX", [("sh", "-e"), ("b",), ("c",)]),
        ("sh /file <<X\nb; c\nX", [("sh", "/file")]),
        ("eval 'a; b' c", [("eval", "a; b", "c"), ("a",), ("b", "c")]),
        ("x=$(case $y in a) b ;; esac) c", [("c",), ("case", "$y", "in", "a"), ("b",), ("esac",)]),
        ("sh -ec 'a; b'", [("sh", "-ec", "a; b"), ("a",), ("b",)]),
        ("a -j$(($(nproc) + 1)) b", [("a", "-j$(($(nproc) + 1))", "b"), ("$(nproc)", "+", "1"), ("nproc",)]),
        ("a 'unclosed", [("a", "unclosed")]),
        ('a "unclosed $(b', [("a", "unclosed $(b"), ("b",)]),
    ],
)  # fmt: skip
def test_commands_are_told_apart(text, expected):
    assert commands(text) == expected


def test_each_command_has_its_own_line():
    script = read("set -e\nif a; then\n  X=$(b) \\\n    c\nfi\n")
    lines = {command.name: command.line for command, _ in script.walk()}
    assert lines == {"set": 1, "a": 2, "c": 4, "b": 3, "fi": 5}


def test_a_substituted_command_knows_the_command_around_it():
    outers = {command.name: outer and outer.name for command, outer in read("a $(b)").walk()}
    assert outers == {"a": None, "b": "a"}


def test_pipes_and_files_are_known():
    [first, second] = read("a 2> e | b >> f").commands
    assert (first.piped_from, first.piped_to, first.redirects) == (False, True, ("e",))
    assert (second.piped_from, second.piped_to, second.redirects) == (True, False, ("f",))


def test_variables_are_those_that_are_expanded():
    script = read("a $A \"${B:-$C}\" '$D' \\$E $1 $? ${#F}\nsh -c 'a $G'")
    assert [(v.name, v.line) for v in script.variables] == [("A", 1), ("B", 1), ("C", 1), ("G", 2)]


def test_variables_of_here_documents_are_those_that_some_shell_expands():
    script = read("cat <<X > f\n$A '$B' \\$C\nX\ncat <<'X'\n$D\nX\nsh <<X\na \\$E '\\$F'\nX\na $G")
    found = {v.name: v.line for v in script.variables}
    assert found == {"A": 2, "B": 2, "E": 8, "G": 10}


def test_variables_that_the_script_sets_are_known():
    script = read("A=1; export B=2; for C in x y; do read D; done; E+=3 a")
    assert {"A", "B", "C", "D", "E"} <= script.assigned
