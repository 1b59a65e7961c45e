"""What a session has seen of this machine stays as it was."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from buildkit_engine.buildkit.freezer import Selection
from buildkit_engine.errors import RequestError
from buildkit_engine.model.snapshots import Snapshots


@pytest.fixture
def wanted(tmp_path):
    (tmp_path / "before").touch()
    return Selection(str(tmp_path))


def names(source) -> list[str]:
    return sorted(path.name for path in Path(source.path).iterdir())


def test_a_folder_is_copied_once(snapshots, freezer, wanted, tmp_path):
    first = snapshots.source("load", wanted)
    (tmp_path / "after").touch()
    assert snapshots.source("load", wanted) is first
    assert names(first) == ["before"]
    assert freezer.asked == [wanted]


def test_a_fresh_copy_is_of_the_folder_as_it_is_and_leaves_the_first_alone(
    snapshots, wanted, tmp_path
):
    first = snapshots.source("load", wanted)
    (tmp_path / "after").touch()
    fresh = [snapshots.source("load", wanted, fresh=True) for _ in range(2)]
    assert [names(source) for source in fresh] == [["after", "before"]] * 2
    assert snapshots.source("load", wanted) is first
    # a build that reads all of them binds each to a name of its own
    assert len({source.name for source in (first, *fresh)}) == 3


def test_other_patterns_are_another_copy(snapshots, freezer, wanted):
    others = [
        Selection(wanted.root, include=("a",)),
        Selection(wanted.root, exclude=("a",)),
        Selection(wanted.root, gitignore=True),
        Selection(wanted.root, below="a"),
    ]
    sources = [snapshots.source("load", each) for each in (wanted, *others)]
    assert freezer.asked == [wanted, *others]
    assert len({source.name for source in sources}) == 5


def test_the_name_of_a_copy_is_the_same_in_every_session(freezer, wanted, tmp_path_factory):
    first, second = (
        Snapshots(freezer, tmp_path_factory.mktemp("scratch"), session).source("load", wanted)
        for session in ("one", "two")
    )
    assert first.name == second.name
    assert first.path != second.path
    assert first.digest != second.digest


def test_threads_that_ask_at_once_get_one_copy(snapshots, freezer, wanted, monkeypatch):
    copying, go_on = threading.Event(), threading.Event()
    copy = freezer.copy

    def slow(wanted, target) -> None:
        copying.set()
        go_on.wait()
        copy(wanted, target)

    monkeypatch.setattr(freezer, "copy", slow)
    with ThreadPoolExecutor(8) as pool:
        asked = [pool.submit(snapshots.source, "load", wanted) for _ in range(8)]
        copying.wait()
        go_on.set()
        assert len({id(future.result()) for future in asked}) == 1
    assert freezer.asked == [wanted]


def test_a_copy_that_failed_is_tried_again(snapshots, freezer, wanted):
    freezer.error = "no space left on device"
    with pytest.raises(RequestError, match=r"^no space left on device$"):
        snapshots.source("load", wanted)
    freezer.error = ""
    assert names(snapshots.source("load", wanted)) == ["before"]
