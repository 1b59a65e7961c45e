"""Failures of the machine's programs, as one line."""

from __future__ import annotations

import pytest

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.programs import explained, run

FAILED = "apt-get failed while a stand-in was made"


def test_a_program_says_what_it_prints(fake_path):
    fake_path("maker", 'cat; echo "$WHAT"')
    assert run(["maker"], {"WHAT": "env"}, given="given\n") == "given\nenv\n"


def test_a_program_that_is_missing_is_named():
    message = "^no-such-program is not installed: stand-ins are made with it$"
    with pytest.raises(SetupError, match=message):
        run(["no-such-program"])


def test_a_program_that_fails_is_told_in_its_own_words(fake_path):
    fake_path("maker", "echo 'I: working' >&2; echo 'E: no such suite' >&2; exit 1")
    message = "^maker failed while a stand-in was made: no such suite$"
    with pytest.raises(SetupError, match=message):
        run(["maker"])


@pytest.mark.parametrize(
    ("stderr", "expected"),
    [
        ("", f"{FAILED}: it ended without a word"),
        ("first\nlast\n", f"{FAILED}: last"),
        ("E: one\nE: Some index files failed to download.\n", f"{FAILED}: one"),
        (
            "E: Failed to fetch http://x/  Temporary failure resolving 'x'\n",
            f"{FAILED}, no network: Failed to fetch http://x/  Temporary failure resolving 'x'",
        ),
        (
            "E: You don't have enough free space in /x/.\n",
            "apt-get: No space left on device while a stand-in was made: free some space, or "
            "choose another folder with BUILDKIT_ENGINE_STATE",
        ),
        (
            "dpkg-deb: error: failed to write (No space left on device)\n",
            "apt-get: No space left on device while a stand-in was made: free some space, or "
            "choose another folder with BUILDKIT_ENGINE_STATE",
        ),
    ],
    ids=["silent", "plain", "apt", "network", "space", "space of a child"],
)
def test_the_line_says_what_went_wrong_and_what_to_do(stderr, expected):
    assert explained("apt-get", stderr) == expected
