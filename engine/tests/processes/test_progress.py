"""What a user sees while a call works: on a terminal, and elsewhere."""

from __future__ import annotations

import fcntl
import os
import pty
import re
import struct
import subprocess
import termios
import threading
import time
import uuid
from collections.abc import Callable, Iterator

import pytest

from engine.tests.listening import LISTENING
from engine.tests.processes.conftest import PROGRAM, SAMPLE, executed, until

_PARTS = re.compile(r"\x1b\[([0-9;?]*)([A-Za-z])|([^\x1b]|\x1b(?!\[))")


def _screen(came: str) -> list[str]:
    """The lines of a terminal that has obeyed: moved up, erased lines, ignored colours."""
    lines, row, column = [""], 0, 0
    for number, order, letter in _PARTS.findall(came):
        if order == "A":
            row = max(0, row - int(number or 1))
        elif order == "K":
            lines[row] = "" if number == "2" else lines[row][:column]
        elif letter == "\n":
            row += 1
            lines += [""] * (row == len(lines))
        elif letter == "\r":
            column = 0
        elif letter:
            lines[row] = lines[row][:column].ljust(column) + letter + lines[row][column + 1 :]
            column += 1
    return lines


class Terminal:
    """A terminal with a command on it, and all that came to it."""

    def __init__(self, *words: str, columns: int = 100, **env: str) -> None:
        self._screen, keyboard = pty.openpty()
        fcntl.ioctl(keyboard, termios.TIOCSWINSZ, struct.pack("HHHH", 30, columns, 0, 0))
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *LISTENING, PROGRAM, "call", "-m", str(SAMPLE), *words],
            env={**os.environ, "TERM": "xterm", **env},
            stdin=keyboard,
            stdout=keyboard,
            stderr=keyboard,
        )
        os.close(keyboard)
        self._came: list[bytes] = []
        self._reader = threading.Thread(target=self._read)
        self._reader.start()

    @property
    def came(self) -> str:
        return b"".join(self._came).decode()

    @property
    def stays(self) -> list[str]:
        """The lines that nothing has erased."""
        return [line for line in _screen(self.came) if line.strip()]

    def press(self, keys: str) -> None:
        os.write(self._screen, keys.encode())

    def ended(self, seconds: float = 180) -> int:
        code = self.process.wait(seconds)
        self._reader.join(seconds)
        return code

    def close(self) -> None:
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self._reader.join()
        os.close(self._screen)

    def _read(self) -> None:
        while True:
            try:
                data = os.read(self._screen, 65536)
            except OSError:
                return  # nobody has it open any more
            if not data:
                return
            self._came.append(data)


@pytest.fixture
def terminal(state) -> Iterator[Callable[..., Terminal]]:
    """Starts calls on terminals."""
    opened: list[Terminal] = []

    def open_(*words: str, **options) -> Terminal:
        opened.append(Terminal(*words, **options))
        return opened[-1]

    yield open_
    for each in opened:
        each.close()


@pytest.fixture
def said() -> str:
    """What no other step has said."""
    return uuid.uuid4().hex


def test_a_terminal_shows_what_runs_and_then_what_was_returned(terminal, said):
    call = terminal("run", f"--script=echo working >&2; sleep 2; echo {said}")
    assert call.ended() == 0
    assert "│ working" in call.came
    *_, step, summary, returned = call.stays
    assert re.fullmatch(rf"✔ +\d+\.\ds \[linux/\w+\] sh -c echo working .*{said}", step)
    assert re.fullmatch(r"\d steps(, \d cached)?, \d+\.\ds", summary)
    assert returned == said


def test_standard_output_has_nothing_of_the_display(state, said):
    screen, keyboard = pty.openpty()
    command = [PROGRAM, "call", "-m", str(SAMPLE), "run", f"--script=sleep 1; echo {said}"]
    env = {**os.environ, "TERM": "xterm"}
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=keyboard, env=env, check=True)
    os.close(keyboard)
    shown = os.read(screen, 65536).decode()
    os.close(screen)
    assert done.stdout.decode().strip() == said
    assert "✔" in shown


def test_a_failed_step_is_red_and_what_it_said_is_told_once(terminal, said):
    call = terminal("run", f"--script=echo {said} >&2; exit 3")
    assert call.ended() == 3
    assert "\x1b[1;31m✘" in call.came
    assert [line for line in call.stays if said in line][1:] == [
        f"  │ {said}",
        f"Error: sh -c echo {said} >&2; exit 3: exit code 3",
    ]


def test_without_colours_there_are_none(terminal, said):
    call = terminal("run", f"--script=echo {said} >&2; exit 3", NO_COLOR="1")
    assert call.ended() == 3
    assert "\x1b[1;31m" not in call.came
    assert "✘" in call.came


@pytest.mark.parametrize(
    ("flags", "env", "columns"),
    [
        (("--progress=plain",), {}, 100),
        ((), {"TERM": "dumb"}, 100),
        ((), {"PYTHONIOENCODING": "ascii"}, 100),
        ((), {}, 30),
    ],
    ids=["flag", "dumb", "ascii", "narrow"],
)
def test_a_terminal_that_can_do_no_more_shows_lines(terminal, said, flags, env, columns):
    call = terminal(*flags, "run", f"--script=echo {said}", columns=columns, **env)
    assert call.ended() == 0
    assert "\x1b" not in call.came
    assert any(line.endswith(f"| {said}") for line in call.stays)


def test_quiet_leaves_only_what_was_returned(terminal, said):
    call = terminal("-q", "run", f"--script=sleep 1; echo {said}")
    assert call.ended() == 0
    assert call.stays == [said]


def test_silent_shows_nothing_at_all(terminal, said):
    call = terminal("--silent", "run", f"--script=sleep 1; echo {said}")
    assert call.ended() == 0
    assert call.came.split() == [said]


def test_ctrl_c_leaves_the_terminal_as_it_was(terminal, said):
    script = f"sleep 600; : {said}"
    call = terminal("run", f"--script={script}")
    until(lambda: executed(script), 120, "the step did not start")
    time.sleep(0.5)
    call.press("\x03")
    assert call.ended(10) == 130
    assert call.stays[-1] == "interrupted"
    assert call.came.rfind("\x1b[?25h") >= call.came.rfind("\x1b[?25l")
    until(lambda: not executed(script), 30, "the daemon goes on with the step")


# -- elsewhere


def ended(call) -> tuple[int, str, str]:
    return call.ended()


def test_elsewhere_steps_are_lines(call, said):
    code, out, error = ended(call("run", f"--script=echo {said}"))
    assert (code, out.strip()) == (0, said)
    assert re.search(rf"^#\d+ \[linux/\w+\] sh -c echo {said}$", error, re.MULTILINE)
    assert re.search(rf"^#\d+ \| {said}$", error, re.MULTILINE)


def test_a_long_output_is_repeated_by_its_end(call, said):
    script = f"echo {said} >&2; seq 50 >&2; exit 3"
    code, _, error = ended(call("run", f"--script={script}"))
    assert code == 3
    assert error.splitlines()[-22:] == [
        "... 31 lines above",
        *map(str, range(31, 51)),
        f"Error: sh -c {script}: exit code 3",
    ]


def test_with_nothing_shown_an_error_tells_all(call, said):
    script = f"echo {said} >&2; seq 50 >&2; exit 3"
    code, _, error = ended(call("run", f"--script={script}", flags=("--progress=quiet",)))
    assert code == 3
    assert error.splitlines()[:-1] == [said, *map(str, range(1, 51))]


def test_what_a_function_prints_is_shown_as_it_comes(call):
    code, out, error = ended(call("think", "--seconds=0"))
    assert (code, out.strip()) == (0, "thought")
    assert "think | thinking" in error.splitlines()


@pytest.mark.parametrize("flag", ["-q", "--silent", "--progress=quiet"])
def test_what_a_function_prints_is_not_shown_to_who_wants_silence(call, flag):
    code, out, error = ended(call("think", "--seconds=0", flags=(flag,)))
    assert (code, out.strip()) == (0, "thought")
    assert "thinking" not in error


def test_what_a_function_prints_stays_on_a_terminal(terminal):
    call = terminal("think", "--seconds=0")
    assert call.ended() == 0
    assert call.stays == ["think | thinking", "thought"]


def test_verbose_shows_the_engines_own_steps_and_where_an_exception_came_from(call, said):
    code, _, error = ended(call("run", f"--script=echo {said}", flags=("-v",)))
    assert code == 0
    assert "[internal]" in error
    code, _, error = ended(call("fail", f"--message={said}", flags=("-v",)))
    assert code == 1
    assert error.count("Traceback") == 1
    assert error.splitlines()[-1] == f"Error: {said}"


def test_an_exception_is_its_message_alone(call, said):
    code, _, error = ended(call("fail", f"--message={said}"))
    assert (code, error) == (1, f"fail | about to fail\nError: {said}\n")


def test_a_display_that_cannot_be_is_refused_before_any_work(call):
    code, out, error = ended(call("think", "--seconds=600", flags=("--progress=tty",)))
    assert (code, out) == (1, "")
    assert error == (
        "Error: no terminal for --progress=tty: standard error is none: use --progress=plain, "
        "or leave it out\n"
    )
