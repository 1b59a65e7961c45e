"""Signals, as a process of its own takes them."""

from __future__ import annotations

import signal
import subprocess
import sys
import textwrap
import time

import pytest

from engine.tests.listening import LISTENING

_HEAD = """
import signal, sys, threading, time
from buildkit_engine.buildkit import interrupts

def say(text):
    sys.stdout.write(f"{text}\\n")
    sys.stdout.flush()

"""


class Program:
    def __init__(self, body: str) -> None:
        self._process = subprocess.Popen(
            [*LISTENING, sys.executable, "-c", _HEAD + body],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def says(self) -> str:
        assert self._process.stdout
        return self._process.stdout.readline().strip()

    def send(self, number: int) -> None:
        self._process.send_signal(number)

    def ended(self, seconds: float = 10) -> tuple[int, list[str]]:
        """Its exit code, and what else it said."""
        out, _ = self._process.communicate(timeout=seconds)
        return self._process.returncode, out.splitlines()


@pytest.fixture
def program():
    started: list[Program] = []

    def start(body: str) -> Program:
        started.append(Program(body))
        return started[-1]

    yield start
    for each in started:
        each.send(signal.SIGKILL)
        each.ended()


def ends(body: str) -> str:
    """A program that says when it is ready for a signal, and when it takes one."""
    return f"""
try:
    interrupts.catch()
    say("ready")
{textwrap.indent(textwrap.dedent(body), "    ")}
except interrupts.Interrupted:
    say("interrupted")
    interrupts.end()
"""


@pytest.mark.parametrize(
    ("number", "code"),
    [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)],
    ids=["SIGINT", "SIGTERM", "SIGHUP"],
)
def test_a_signal_interrupts_and_is_the_exit_code(program, number, code):
    running = program(ends("time.sleep(60)"))
    assert running.says() == "ready"
    running.send(number)
    assert running.ended() == (code, ["interrupted"])


def test_what_must_not_be_done_by_half_is_done_first(program):
    body = """
        with interrupts.held():
            signal.raise_signal(signal.SIGINT)
            with interrupts.held():
                say("inner")
            say("outer")
        say("never")
    """
    assert program(ends(body)).ended() == (130, ["ready", "inner", "outer", "interrupted"])


def test_others_are_told_at_once_and_the_end_in_any_case(program):
    hooks = "interrupts.on_interrupt(lambda: say('told'))\ninterrupts.at_end(lambda: say('last'))\n"
    running = program(hooks + ends("time.sleep(60)"))
    assert running.says() == "ready"
    running.send(signal.SIGINT)
    code, said = running.ended()
    assert (code, sorted(said), said[-1]) == (130, ["interrupted", "last", "told"], "last")


STUCK = """
interrupts.at_end(lambda: say("last"))
try:
    interrupts.catch()
    say("ready")
    time.sleep(60)
except interrupts.Interrupted:
    say("not now")
time.sleep(60)
"""


def test_a_process_that_does_not_end_is_ended(program):
    running = program(STUCK)
    assert running.says() == "ready"
    running.send(signal.SIGTERM)
    assert running.ended(5) == (143, ["not now", "last"])


def test_a_second_signal_is_not_kept_waiting(program):
    running = program(STUCK)
    assert running.says() == "ready"
    running.send(signal.SIGINT)
    assert running.says() == "not now"
    since = time.monotonic()
    running.send(signal.SIGINT)
    assert running.ended() == (130, ["last"])
    assert time.monotonic() - since < 0.8


def test_a_thread_that_cleans_up_is_given_the_time(program):
    body = """
        ended = threading.Event()
        interrupts.on_interrupt(ended.set)
        def work():
            ended.wait()
            time.sleep(0.3)
            say("cleaned up")
        threading.Thread(target=work).start()
        time.sleep(60)
    """
    running = program(ends(body))
    assert running.says() == "ready"
    time.sleep(0.2)
    running.send(signal.SIGINT)
    assert running.ended() == (130, ["interrupted", "cleaned up"])


def test_when_all_is_done_a_signal_ends_as_it_does_by_default(program):
    running = program("interrupts.catch()\ninterrupts.let_go()\nsay('ready')\ntime.sleep(60)")
    assert running.says() == "ready"
    running.send(signal.SIGTERM)
    assert running.ended() == (-signal.SIGTERM, [])


def test_what_was_ignored_from_the_start_stays_ignored(program):
    running = program("signal.signal(signal.SIGHUP, signal.SIG_IGN)\n" + ends("time.sleep(1)"))
    assert running.says() == "ready"
    running.send(signal.SIGHUP)
    assert running.ended() == (0, [])
