"""Durations as Go reads and writes them."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.model import durations


@pytest.mark.parametrize(
    ("text", "nanoseconds", "written"),
    [
        ("0", 0, "0s"),
        ("30s", 30_000_000_000, "30s"),
        ("90s", 90_000_000_000, "1m30s"),
        ("1h", 3_600_000_000_000, "1h0m0s"),
        ("1.5s", 1_500_000_000, "1.5s"),
        ("+500ms", 500_000_000, "500ms"),
        ("-1m", -60_000_000_000, "-1m0s"),
        ("1h2m3.004s", 3_723_004_000_000, "1h2m3.004s"),
        ("2us", 2_000, "2µs"),
        ("3ns", 3, "3ns"),
        (".5m", 30_000_000_000, "30s"),
    ],
)
def test_durations_are_read_and_written_as_by_go(text, nanoseconds, written):
    assert durations.nanoseconds(text) == nanoseconds
    assert durations.text(nanoseconds) == written


@pytest.mark.parametrize("text", ["", "30", "s", "1 s", "1x", "soon", "1s!"])
def test_what_is_no_duration_is_refused(text):
    message = f'invalid duration "{text}": expected one like 30s, 1m30s or 500ms'
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        durations.nanoseconds(text)
