import os
import time

import pytest

from bench import machine


@pytest.fixture
def loads(monkeypatch):
    """What the load is, a second after the other, on a machine of two cores."""
    left = [3.0, 1.2, 1.0, 0.4]
    monkeypatch.setattr(os, "getloadavg", lambda: (left[0], 0, 0))
    monkeypatch.setattr(os, "cpu_count", lambda: 2)
    monkeypatch.setattr(time, "sleep", lambda _: left.pop(0))
    return left


def test_a_run_waits_until_what_was_before_it_has_ended(loads):
    assert machine.load_once_idle() == 1.0
    assert loads == [1.0, 0.4]


def test_a_machine_that_stays_busy_is_not_waited_for(loads):
    assert machine.load_once_idle(seconds=0) == 3.0
