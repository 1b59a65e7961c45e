"""A root filesystem: where paths lead, who may follow them, and what two of them share."""

from __future__ import annotations

import filecmp
import os
from dataclasses import replace
from types import SimpleNamespace

import pytest
from cases import Content, Folder, Link
from roots import written

from pipeline.scan.accounts import User
from pipeline.scan.rootfs import EXECUTE, READ, Entry, Rootfs

ELF = b"\x7fELF of some kind"


@pytest.mark.parametrize(
    ("path", "leads_to", "folders"),
    [
        ("/a/b/file", "/a/b/file", ["/a", "/a/b"]),
        ("a//b/../b/file", "/a/b/file", ["/a", "/a/b", "/a", "/a/b"]),
        ("/direct", "/a/b/file", ["/a", "/a/b"]),
        ("/links/up", "/a/b/file", ["/links", "/a", "/a/b"]),
        ("/folder/file", "/a/b/file", ["/a", "/a/b"]),
        ("/a/b", "/a/b", ["/a"]),
        ("/gone/file", None, []),
        ("/loop", None, []),
        ("/a/..", None, []),
    ],
)
def test_a_path_leads_through_folders_and_links(tmp_path, path, leads_to, folders):
    root = Rootfs(
        written(
            tmp_path / "root",
            {
                "/a/b/file": Content(b"x"),
                "/direct": Link("/a/b/file"),
                "/links/up": Link("../a/b/file"),
                "/folder": Link("a/b"),
                "/loop": Link("loop"),
            },
        )
    )
    entry = root.resolve(path)
    assert (entry and entry.path) == leads_to
    assert [folder.path for folder in root.folders_to(path)] == folders


@pytest.mark.parametrize(
    ("mode", "user", "may"),
    [
        (0o100700, User(1, frozenset({1})), {READ, EXECUTE}),
        (0o100070, User(1, frozenset({2})), set()),
        (0o100070, User(3, frozenset({1, 2})), {READ, EXECUTE}),
        (0o100707, User(3, frozenset({2})), set()),
        (0o100701, User(3, frozenset({3})), {EXECUTE}),
        (0o100704, User(3, frozenset({3})), {READ}),
        (0o100600, User(0, frozenset({0})), {READ}),
        (0o100001, User(0, frozenset({0})), {READ, EXECUTE}),
        (0o040600, User(0, frozenset({0})), {READ, EXECUTE}),
    ],
)
def test_a_mode_is_for_its_owner_its_group_or_the_others(mode, user, may):
    status = SimpleNamespace(st_mode=mode, st_uid=1, st_gid=2)
    assert {what for what in (READ, EXECUTE) if Entry("/x", status).allows(user, what)} == may


@pytest.fixture
def unread(monkeypatch):
    """Contents may not be compared."""

    def fail(*paths, **_):
        raise AssertionError(f"compared {paths}")

    monkeypatch.setattr(filecmp, "cmp", fail)


def two(tmp_path):
    """A root, and one whose only file is the same inode, as layers of two overlays show it."""
    one = written(tmp_path / "one", {"/bin/app": Content(ELF, 0o755)})
    other = written(tmp_path / "other", {"/bin": Folder()})
    os.link(one / "bin/app", other / "bin/app")
    return Rootfs(one), Rootfs(other)


def test_a_file_of_a_shared_layer_is_not_read(tmp_path, unread):
    one, other = two(tmp_path)
    assert one.holds(other.entries["/bin/app"], other)


def test_a_copy_is_read(tmp_path, unread):
    one, _ = two(tmp_path)
    copy = Rootfs(written(tmp_path / "copy", {"/bin/app": Content(ELF, 0o755)}))
    with pytest.raises(AssertionError, match="compared"):
        one.holds(copy.entries["/bin/app"], copy)


def test_an_inode_proves_nothing_on_a_filesystem_that_stores_no_ctime(tmp_path, unread):
    one, other = two(tmp_path)
    names = [n for n in dir(os.stat_result) if n.startswith("st_")]
    status = {n: getattr(one.entries["/bin/app"].status, n) for n in names}
    same = SimpleNamespace(**{**status, "st_ctime_ns": status["st_mtime_ns"]})
    for root in (one, other):
        root.entries["/bin/app"] = replace(root.entries["/bin/app"], status=same)
    with pytest.raises(AssertionError, match="compared"):
        one.holds(other.entries["/bin/app"], other)
