"""Users as a runtime finds them in an image's own files."""

from __future__ import annotations

import pytest
from cases import Content, Link
from roots import written

from pipeline.scan.accounts import UnknownError, User, find
from pipeline.scan.rootfs import Rootfs

PASSWD = b"""root:x:0:0:root:/root:/bin/sh

app:x:1000:1001::/home/app:/bin/sh
12:x:1012:1013::/:
broken
"""
GROUP = b"""root:x:0:
app:x:1001:
video:x:44:other,app
render:x:105:app
13:x:1013:
"""


def root(tmp_path, **files):
    nodes = {f"/etc/{name}": Content(data) for name, data in files.items()}
    return Rootfs(written(tmp_path / "root", nodes))


@pytest.mark.parametrize(
    ("asked", "uid", "gids"),
    [
        ("", 0, {0}),
        ("0", 0, {0}),
        ("root", 0, {0}),
        ("app", 1000, {1001, 44, 105}),
        ("1000", 1000, {1001, 44, 105}),
        ("app:video", 1000, {44}),
        ("app:105", 1000, {105}),
        ("app:7", 1000, {7}),
        ("65532", 65532, {0}),
        ("65532:65532", 65532, {65532}),
        ("65532:video", 65532, {44}),
        (":video", 0, {44}),
        ("12", 1012, {1013}),
        ("broken", 0, {0}),
    ],
)
def test_a_user_is_found_with_its_groups(tmp_path, asked, uid, gids):
    found = find(root(tmp_path, passwd=PASSWD, group=GROUP), asked)
    assert found == User(uid, frozenset(gids))


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        ("nobody", "user 'nobody' is not in /etc/passwd"),
        ("nobody:staff", "user 'nobody' is not in /etc/passwd"),
        ("app:staff", "group 'staff' is not in /etc/group"),
        ("1000:staff", "group 'staff' is not in /etc/group"),
        ("-1", "user '-1' is not in /etc/passwd"),
    ],
)
def test_a_name_that_is_in_no_file_is_told(tmp_path, asked, message):
    with pytest.raises(UnknownError) as raised:
        find(root(tmp_path, passwd=PASSWD, group=GROUP), asked)
    assert str(raised.value) == message


def test_an_image_without_files_has_numbers_alone(tmp_path):
    assert find(root(tmp_path), "65532") == User(65532, frozenset({0}))
    with pytest.raises(UnknownError, match="user 'root' is not in /etc/passwd"):
        find(root(tmp_path), "root")


def test_a_linked_file_is_that_of_the_image(tmp_path):
    nodes = {"/etc/passwd": Link("/usr/share/passwd"), "/usr/share/passwd": Content(PASSWD)}
    assert find(Rootfs(written(tmp_path / "root", nodes)), "app").uid == 1000
