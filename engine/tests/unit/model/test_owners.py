"""Owners by name: looked up in the filesystem that the files go to."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import ImageSource, Owner
from buildkit_engine.model.owners import owner_of

ROOT = ImageSource("files", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64").output
TABLES = {
    "/etc/passwd": b"root:x:0:0::/root:/bin/sh\nme:x:1000:50::/home/me:/bin/sh\nbroken\nodd:x:x:\n",
    "/etc/group": b"root:x:0:\nstaff:x:50:me\n",
}


def read(file) -> bytes:
    if file.output is None:
        raise RequestError(f"stat {file.path}: no such file or directory")
    assert file.output is ROOT
    return TABLES[file.path]


def unread(_file) -> bytes:
    raise AssertionError("ids need no look")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        ("1000", Owner(1000, 1000)),
        ("1000:50", Owner(1000, 50)),
        ("0:0", Owner(0, 0)),
    ],
)
def test_ids_are_taken_as_they_are(text, expected):
    assert owner_of(text, None, unread) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("me", Owner(1000, 1000)),
        ("me:staff", Owner(1000, 50)),
        ("0:staff", Owner(0, 50)),
        ("me:7", Owner(1000, 7)),
    ],
)
def test_names_are_looked_up_and_without_a_group_its_id_is_the_users(text, expected):
    assert owner_of(text, ROOT, read) == expected


@pytest.mark.parametrize(
    ("text", "root", "reason"),
    [
        ("nobody", ROOT, "no such user: nobody"),
        ("me:nobody", ROOT, "no such group: nobody"),
        ("broken", ROOT, "no such user: broken"),
        ("odd", ROOT, "no such user: odd"),
        ("me", None, "open /etc/passwd: stat /etc/passwd: no such file or directory"),
    ],
)
def test_a_name_that_is_not_known_is_refused(text, root, reason):
    message = f"failed to resolve ownership for {text}: {reason}"
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        owner_of(text, root, read)
