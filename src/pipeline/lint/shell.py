"""What a shell script runs: its simple commands and variables, each with its line.

Enough of the shell's grammar to tell commands apart: separators, quotes, substitutions, redirections
and here-documents. Nothing is expanded, and what cannot be read is passed over: a rule that sees
too little misses something, a rule that guesses raises a false alarm.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pipeline.lint.text import Text

if TYPE_CHECKING:
    from collections.abc import Iterable

SHELLS = frozenset({"sh", "bash", "ash", "dash", "zsh", "ksh"})

_KEYWORDS = frozenset({"if", "then", "else", "elif", "do", "while", "until", "!", "{", "}"})
_WRAPPERS = frozenset({"sudo", "env", "time", "exec", "command", "nice", "nohup", "builtin"})
_SHELL = re.compile("|".join(sorted(SHELLS)))
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)\+?=")


@dataclass(frozen=True)
class Word:
    """One word without its quotes; substitutions stand in it as they were written."""

    text: str
    line: int
    nested: tuple[Command, ...] = ()


@dataclass(eq=False)
class Document:
    """A here-document of a command."""

    delimiter: str
    is_expanded: bool
    text: Text = field(default_factory=lambda: Text([]))
    nested: tuple[Command, ...] = ()


@dataclass(frozen=True)
class Command:
    """One simple command."""

    words: tuple[Word, ...]
    files: tuple[Word, ...] = ()
    """What it is redirected to and from."""
    documents: tuple[Document, ...] = ()
    piped_from: bool = False
    piped_to: bool = False

    @property
    def argv(self) -> tuple[str, ...]:
        """The program, without its folder, and its arguments."""
        words = self._program()
        return (words[0].text.rpartition("/")[2], *(w.text for w in words[1:])) if words else ()

    @property
    def name(self) -> str:
        return next(iter(self.argv), "")

    @property
    def line(self) -> int:
        """The line of the program's name."""
        return (self._program() or self.words)[0].line

    @property
    def redirects(self) -> tuple[str, ...]:
        return tuple(file.text for file in self.files)

    @property
    def only_says(self) -> bool:
        """Whether all that it does is to tell something to whoever looks on."""
        is_heard = self.redirects or self.piped_to
        return self.name in ("echo", "printf") and not is_heard

    def _program(self) -> tuple[Word, ...]:
        """The words without what stands before the program: keywords, assignments, wrappers."""
        wrapped = False
        for index, word in enumerate(self.words):
            if _ASSIGNMENT.match(word.text) or word.text in _KEYWORDS:
                continue
            if wrapped and word.text.startswith("-"):
                continue
            if word.text in _WRAPPERS:
                wrapped = True
                continue
            return self.words[index:]
        return ()


@dataclass(frozen=True)
class Variable:
    """A variable that is expanded."""

    name: str
    line: int


@dataclass
class Script:
    """The commands of a script, in their order, and the variables that it expands or sets."""

    commands: list[Command] = field(default_factory=list)
    variables: list[Variable] = field(default_factory=list)

    def walk(self) -> Iterator[tuple[Command, Command | None]]:
        """Each command, the substituted ones too, with the command that substitutes it."""
        return _walk(self.commands, None)

    @property
    def assigned(self) -> set[str]:
        """The variables that the script sets itself."""
        names: set[str] = set()
        for command, _ in self.walk():
            words = [w.text for w in command.words]
            names.update(m[1] for w in words if (m := _ASSIGNMENT.match(w)))
            if command.name in ("read", "for"):
                names.update(command.argv[1:])
        return names

    def extend(self, other: Script) -> None:
        self.commands += other.commands
        self.variables += other.variables


def parse(text: Text) -> Script:
    """The script that a text is, with the scripts that it hands to `sh -c`."""
    reader = _Reader(text)
    return of_commands(reader.commands(), reader.variables)


def of_commands(commands: Iterable[Command], variables: Iterable[Variable] = ()) -> Script:
    """The script of commands that are read already."""
    script = Script(list(commands), list(variables))
    for command, _ in list(script.walk()):
        for inner in _given_scripts(command):
            script.extend(parse(inner))
    return script


def runs_its_input(command: Command, interpreter: re.Pattern[str] = _SHELL) -> bool:
    """Whether a command is a shell, or another interpreter, that is given no script but its input."""
    if not interpreter.fullmatch(command.name):
        return False
    # `sh -s -- ARGUMENTS` reads its input; `sh FILE` and `python -c CODE` do not
    first = next(iter(command.argv[1:]), "-")
    return first.startswith("-") and not re.fullmatch(r"-[a-z]*[cm]", first)


def _walk(
    commands: Iterable[Command], outer: Command | None
) -> Iterator[tuple[Command, Command | None]]:
    for command in commands:
        yield command, outer
        for part in (*command.words, *command.files, *command.documents):
            yield from _walk(part.nested, command)


def _given_scripts(command: Command) -> Iterator[Text]:
    """The script of `sh -c SCRIPT`, of `eval SCRIPT`, and of a shell's here-document."""
    words = list(command.words)
    if command.name == "eval":
        yield Text((w.line, f"{w.text} ") for w in words[1:])
    if command.name not in SHELLS:
        return
    options = (i for i, w in enumerate(words) if re.fullmatch(r"-[a-z]*c", w.text))
    index = next(options, len(words))
    if index + 1 < len(words):
        yield Text([(words[index + 1].line, words[index + 1].text)])
    if runs_its_input(command):
        for document in command.documents:
            # of what was expanded, a shell sees $X where \$X was written
            pieces = document.text.pieces
            yield (
                Text((n, p.replace("\\$", "$")) for n, p in pieces)
                if document.is_expanded
                else (document.text)
            )


class _Line:
    """Commands while they are read."""

    def __init__(self) -> None:
        self.commands: list[Command] = []
        self.files: list[Word] = []
        self.documents: list[Document] = []
        self._words: list[Word] = []
        self._is_piped = False
        self._brackets = 0
        self._cases = 0

    @property
    def is_open(self) -> bool:
        """Whether a closing bracket would belong to a group, or to a pattern of `case`."""
        return bool(self._brackets or self._cases)

    def add(self, word: Word) -> None:
        if all(w.text in _KEYWORDS for w in self._words):
            self._cases = max(self._cases + {"case": 1, "esac": -1}.get(word.text, 0), 0)
        self._words.append(word)

    def bracket(self, char: str) -> None:
        self._brackets = max(self._brackets + {"(": 1, ")": -1}.get(char, 0), 0)

    def end(self, *, pipe: bool = False) -> None:
        """Ends a command; with a pipe, its output is the next one's input."""
        if self.files or any(w.text not in _KEYWORDS for w in self._words):
            parts = (tuple(self._words), tuple(self.files), tuple(self.documents))
            self.commands.append(Command(*parts, self._is_piped, pipe))
        self._words, self.files, self.documents, self._is_piped = [], [], [], pipe


class _Reader:
    """Reads a text once, from its start to its end."""

    def __init__(self, text: Text) -> None:
        self._source = text
        self._text = text.text
        self._at = 0
        self._documents: list[Document] = []  # those that begin on the next line
        self.variables: list[Variable] = []

    def commands(self, closing: str = "") -> list[Command]:
        """The commands up to the end, or to the character that closes a substitution."""
        line = _Line()
        while self._at < len(self._text):
            char = self._text[self._at]
            if char == closing and (char == "`" or not line.is_open):
                self._at += 1
                break
            if char in " \t\r":
                self._at += 1
            elif self._starts("\\\n"):
                self._at += 2
            elif char == "#":
                self._skip_line()
            elif self._starts("&>", ">", "<") and not self._starts("<(", ">("):
                self._redirect(line, closing)
            elif char in "\n;&|()":
                self._separator(line)
            else:
                self._operand(line, closing)
        line.end()
        return line.commands

    def _separator(self, line: _Line) -> None:
        char = self._text[self._at]
        doubled = self._starts("||", "&&", ";;", "|&")
        line.end(pipe=char == "|" and not self._starts("||"))
        line.bracket(char)
        self._at += 2 if doubled else 1
        if char == "\n":
            self._read_documents()

    def _operand(self, line: _Line, closing: str) -> None:
        word = self._word(closing)
        is_file_number = re.fullmatch(r"\d", word.text) and self._starts(">", "<")
        if not is_file_number:
            line.add(word)

    def _starts(self, *prefixes: str) -> bool:
        return self._text.startswith(prefixes, self._at)

    def _word(self, closing: str) -> Word:
        start = self._at
        parts: list[str] = []
        nested: list[Command] = []
        while self._at < len(self._text):
            char = self._text[self._at]
            if char in " \t\r\n;&|()<>" and not self._starts("<(", ">("):
                break
            if char == "`" and closing == "`":
                break
            if char == '"':
                self._double_quoted(parts, nested)
            else:
                self._piece(parts, nested)
        return Word("".join(parts), self._source.line_at(start), tuple(nested))

    def _piece(self, parts: list[str], nested: list[Command]) -> None:
        """One character outside of double quotes, or all that it begins."""
        char = self._text[self._at]
        if char == "'":
            end = self._text.find("'", self._at + 1)
            end = len(self._text) if end < 0 else end
            parts.append(self._text[self._at + 1 : end])
            self._at = end + 1
        elif char == "\\":
            parts.append(self._text[self._at + 1 : self._at + 2].strip("\n"))
            self._at += 2
        elif self._starts("$", "`", "<(", ">("):
            self._expansion(parts, nested)
        else:
            parts.append(char)
            self._at += 1

    def _double_quoted(self, parts: list[str], nested: list[Command]) -> None:
        self._at += 1
        while self._at < len(self._text) and self._text[self._at] != '"':
            if self._starts("'", "<", ">"):
                parts.append(self._text[self._at])
                self._at += 1
            else:
                self._piece(parts, nested)
        self._at += 1

    def _expansion(self, parts: list[str], nested: list[Command]) -> None:
        start = self._at
        if self._starts("`"):
            self._at += 1
            nested += self.commands("`")
        elif self._starts("$(", "<(", ">("):
            self._at += 2
            nested += self.commands(")")
        elif self._starts("${"):
            self._at += 2
            self._variable()
            self._braced(nested)
        else:
            self._at += 1
            self._variable()
        parts.append(self._text[start : self._at])

    def _variable(self) -> None:
        if match := _NAME.match(self._text, self._at):
            self.variables.append(Variable(match[0], self._source.line_at(match.start())))
            self._at = match.end()

    def _braced(self, nested: list[Command]) -> None:
        """The rest of ${NAME…}, whose default may hold further expansions."""
        ignored: list[str] = []
        while self._at < len(self._text) and self._text[self._at] != "}":
            self._piece(ignored, nested)
        self._at += 1

    def _redirect(self, line: _Line, closing: str) -> None:
        """A redirection's file; a here-document's body begins below the line."""
        operator = re.compile(r"&?[<>]+[&|-]?").match(self._text, self._at)
        assert operator
        self._at = operator.end()
        while self._starts(" ", "\t"):
            self._at += 1
        start = self._at
        target = self._word(closing)
        line.files.append(target)
        if operator[0].startswith("<<") and operator[0] != "<<<":
            is_quoted = re.search(r"['\"\\]", self._text[start : self._at])
            line.documents.append(Document(target.text, not is_quoted))
            self._documents.append(line.documents[-1])

    def _skip_line(self) -> None:
        end = self._text.find("\n", self._at)
        self._at = len(self._text) if end < 0 else end

    def _read_documents(self) -> None:
        for document in self._documents:
            start = end = self._at
            while self._at < len(self._text):
                end = self._at
                self._skip_line()
                line = self._text[end : self._at]
                self._at += 1
                if line.rstrip("\r").lstrip("\t") == document.delimiter:
                    break
                end = self._at
            document.text = self._source.between(start, end)
            if document.is_expanded:
                reader = _Reader(document.text)
                document.nested = tuple(reader.substituted())
                self.variables += reader.variables
        self._documents.clear()

    def substituted(self) -> list[Command]:
        """The commands that a here-document substitutes: no quote keeps it from that."""
        nested: list[Command] = []
        while self._at < len(self._text):
            if self._starts("$", "`"):
                self._expansion([], nested)
            else:
                self._at += 2 if self._starts("\\") else 1
        return nested
