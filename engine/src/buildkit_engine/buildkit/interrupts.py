"""Ctrl-C and the other requests to end: at once, and nothing stays behind.

A signal raises Interrupted in the main thread, which then leaves its `with` and `finally` blocks
as after any error. Beside it a thread tells whatever else goes on (hooks of `on_interrupt`), and
ends this process where that takes too long, or where a second signal comes. What must not stay
behind in any case is a hook of `at_end`.
"""

from __future__ import annotations

import contextlib
import os
import queue
import signal
import threading
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import NoReturn

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
_GRACE_SECONDS = 0.9
_WATCH = "interrupts"


class Interrupted(KeyboardInterrupt):
    """This process was asked to end."""


class _Interrupts:
    """What is known of signals: there is one of each process."""

    def __init__(self) -> None:
        # a queue of this kind can be put into while the same thread takes from it
        self.signals: queue.SimpleQueue[int] = queue.SimpleQueue()
        self.received = 0
        self.held = 0
        self.put_off = False
        self.told = threading.Event()
        self.on_interrupt: list[Callable[[], None]] = []
        self.at_end: list[Callable[[], None]] = []

    def handle(self, number: int, _frame: object) -> None:
        first = not self.received
        self.received = self.received or number
        self.signals.put(number)
        if first and self.held:
            self.put_off = True
        elif first:
            raise Interrupted

    def watch(self) -> None:
        self.signals.get()
        _call_all(self.on_interrupt)
        self.told.set()
        with contextlib.suppress(queue.Empty):
            self.signals.get(timeout=_GRACE_SECONDS)
        self.end()

    def end(self) -> NoReturn:
        _call_all(self.at_end)
        # as shells tell of a process that a signal has ended
        os._exit(128 + self.received)


def _call_all(hooks: list[Callable[[], None]]) -> None:
    for hook in hooks:
        # whatever goes wrong with one: the others are called, and this process ends
        with contextlib.suppress(Exception):
            hook()


_interrupts = _Interrupts()


def catch() -> None:
    """From now on a signal raises Interrupted in this, the main thread."""
    threading.Thread(target=_interrupts.watch, name=_WATCH, daemon=True).start()
    for each in _SIGNALS:
        # nohup, and a shell's background jobs, have some of them ignored
        if signal.getsignal(each) is not signal.SIG_IGN:
            signal.signal(each, _interrupts.handle)


def let_go() -> None:
    """All is done: from now on a signal ends this process as if it had never been caught."""
    for each in _SIGNALS:
        if signal.getsignal(each) == _interrupts.handle:
            signal.signal(each, signal.SIG_DFL)


@contextmanager
def held() -> Iterator[None]:
    """Puts Interrupted off until the block is left: for what must not be done by half."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    _interrupts.held += 1
    try:
        yield
    finally:
        _interrupts.held -= 1
    if _interrupts.put_off and not _interrupts.held:
        _interrupts.put_off = False
        raise Interrupted


def received() -> bool:
    """Whether this process was asked to end."""
    return bool(_interrupts.received)


def on_interrupt(hook: Callable[[], None]) -> None:
    """`hook` is called by another thread as soon as a signal comes."""
    _interrupts.on_interrupt.append(hook)


def at_end(hook: Callable[[], None]) -> None:
    """`hook` is called before an interrupted process ends; it may be for the second time."""
    _interrupts.at_end.append(hook)


def end() -> NoReturn:
    """Ends this process as one that a signal has ended, once its other threads had the time to clean up after themselves."""
    until = time.monotonic() + _GRACE_SECONDS
    _interrupts.told.wait(_GRACE_SECONDS)
    for thread in threading.enumerate():
        if thread is not threading.main_thread() and thread.name != _WATCH:
            thread.join(max(0.0, until - time.monotonic()))
    _interrupts.end()
