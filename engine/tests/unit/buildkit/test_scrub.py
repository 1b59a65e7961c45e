"""Secrets hidden in streams, however those come in parts."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit.scrub import Scrubber


def shown(secrets: list[bytes], *parts: bytes) -> list[bytes]:
    """What is shown after each part, and at the end."""
    scrubber = Scrubber(secrets)
    return [*(scrubber.feed(part) for part in parts), scrubber.feed(b"", ended=True)]


@pytest.mark.parametrize(
    ("secrets", "text", "expected"),
    [
        ([b"abc"], b"1 abc 2 abcabc", b"1 *** 2 ******"),
        ([b"abc", b"abcdef"], b"abcdef abcde", b"*** ***de"),
        ([b" a\nb\n"], b"a\nb, a\nb\n", b"***,***"),
        ([b""], b"text\n", b"text\n"),
        ([b"a.c"], b"abc", b"abc"),
    ],
)
def test_secrets_are_stars(secrets, text, expected):
    assert b"".join(shown(secrets, text)) == expected


def test_what_is_no_secret_is_shown_at_once():
    assert shown([b"abc"], b"12", b"3") == [b"12", b"3", b""]


def test_what_may_be_a_secret_waits_for_the_rest():
    assert shown([b"abc"], b"1a", b"b", b"c2") == [b"1", b"", b"***2", b""]
    assert shown([b"abc"], b"1ab", b"d") == [b"1", b"abd", b""]
    assert shown([b"abc"], b"1ab") == [b"1", b"ab"]


def test_the_end_of_a_secret_is_not_taken_for_the_beginning_of_another():
    assert shown([b"abab"], b"abab", b"!") == [b"***", b"!", b""]


def test_a_secret_that_may_be_a_longer_one_waits():
    assert shown([b"ab", b"abcd"], b"ab", b"cd") == [b"", b"***", b""]
    assert shown([b"ab", b"abcd"], b"ab", b"x") == [b"", b"***x", b""]
