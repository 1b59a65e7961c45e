"""Which display a command line gets."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from types import SimpleNamespace

import pytest

from buildkit_engine.buildkit.progress import Display
from buildkit_engine.cli.display import choice
from buildkit_engine.cli.display.plain import PlainDisplay
from buildkit_engine.cli.display.tty import TtyDisplay
from buildkit_engine.errors import UsageError


class Terminal:
    encoding = "utf-8"

    def isatty(self) -> bool:
        return True

    def fileno(self) -> int:
        return 2


@pytest.fixture
def terminal(monkeypatch):
    """Standard error is a terminal that can do all."""
    made = Terminal()
    monkeypatch.setattr(choice, "sys", SimpleNamespace(stderr=made))
    monkeypatch.setattr(os, "get_terminal_size", lambda _fd: os.terminal_size((80, 24)))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("DAGGER_PROGRESS", raising=False)
    return made


@pytest.mark.parametrize(
    ("progress", "flags", "expected"),
    [
        ("auto", {}, "tty"),
        ("plain", {}, "plain"),
        ("tty", {}, "tty"),
        ("quiet", {}, "quiet"),
        ("auto", {"quiet": True}, "tty"),
        ("plain", {"quiet": True}, "quiet"),
        ("auto", {"silent": True}, "quiet"),
        ("tty", {"silent": True}, "quiet"),
    ],
)
def test_on_a_terminal(terminal, progress, flags, expected):
    assert choice.resolved(progress, **flags) == expected


@pytest.mark.parametrize(("value", "expected"), [("plain", "plain"), ("dots", "tty"), ("", "tty")])
def test_the_environment_chooses_where_the_flag_does_not(terminal, monkeypatch, value, expected):
    monkeypatch.setenv("DAGGER_PROGRESS", value)
    assert choice.resolved("auto") == expected
    assert choice.resolved("quiet") == "quiet"


def no_terminal(monkeypatch, terminal):
    monkeypatch.setattr(terminal, "isatty", lambda: False, raising=False)


def dumb(monkeypatch, terminal):
    monkeypatch.setenv("TERM", "dumb")


def latin(monkeypatch, terminal):
    monkeypatch.setattr(terminal, "encoding", "iso-8859-1", raising=False)


def narrow(monkeypatch, terminal):
    monkeypatch.setattr(os, "get_terminal_size", lambda _fd: os.terminal_size((39, 24)))


@pytest.mark.parametrize(
    ("lacking", "words"),
    [
        (no_terminal, "standard error is none"),
        (dumb, "TERM names one that cannot move its cursor"),
        (latin, "its encoding is 'iso-8859-1', expected UTF-8"),
        (narrow, "it is 39 columns wide, expected 40 or more"),
    ],
)
def test_where_a_terminal_lacks_something_lines_are_shown(terminal, monkeypatch, lacking, words):
    lacking(monkeypatch, terminal)
    assert choice.resolved("auto") == "plain"
    assert choice.resolved("auto", quiet=True) == "quiet"
    message = f"no terminal for --progress=tty: {words}: use --progress=plain, or leave it out"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        choice.resolved("tty")


@pytest.mark.parametrize(
    ("progress", "kind"), [("plain", PlainDisplay), ("tty", TtyDisplay), ("quiet", Display)]
)
def test_a_progress_has_a_display_of_its_own(progress, kind):
    assert type(choice.display(progress)) is kind


def test_rich_is_only_imported_where_something_is_shown_on_a_terminal():
    script = (
        "import sys\n"
        "from buildkit_engine.cli.display import choice\n"
        "for progress in ('plain', 'quiet', 'tty'):\n"
        "    choice.display(progress).close()\n"
        "print([name for name in sys.modules if name.split('.')[0] == 'rich'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout == "[]\n"
