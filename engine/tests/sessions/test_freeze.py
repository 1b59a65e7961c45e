"""What the program `freeze` copies, and what it says where it cannot."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path

import pytest

from buildkit_engine.buildkit import tools
from buildkit_engine.buildkit.freezer import Freezer, Selection
from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import RequestError


@pytest.fixture(scope="session")
def freezer(this_engine):
    return Freezer(str(tools.ensure(State.of_user()).freeze))


@pytest.fixture
def source(tmp_path):
    folder = tmp_path / "source"
    (folder / "sub" / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("A")
    (folder / "sub" / "deep" / "c.go").write_text("C")
    return folder


@pytest.fixture
def freeze(freezer, source, tmp_path):
    """Copies the source, and gives the copy."""
    target = tmp_path / "target"
    target.mkdir()

    def freeze(**selection) -> Path:
        freezer.copy(Selection(str(source), **selection), target)
        return target

    return freeze


def below(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def seen(path: Path) -> tuple:
    found = path.lstat()
    return found.st_mode, found.st_mtime_ns, found.st_size if path.is_file() else None


def test_modes_and_times_of_files_folders_and_links_stay(source, freeze):
    (source / "sub" / "link").symlink_to("../a.txt")
    (source / "a.txt").chmod(0o4751)
    (source / "sub" / "deep").chmod(0o1555)
    for number, name in enumerate(["a.txt", "sub/link", "sub/deep/c.go", "sub/deep", "sub"]):
        os.utime(source / name, ns=(0, 1_000_000_000 + number), follow_symlinks=False)
    copy = freeze()
    names = ["a.txt", "sub", "sub/deep", "sub/deep/c.go", "sub/link"]
    assert below(copy) == names
    assert [seen(copy / name) for name in names] == [seen(source / name) for name in names]
    assert (copy / "sub" / "link").readlink() == Path("../a.txt")


def test_a_copy_shares_nothing_with_the_original(source, freeze):
    copy = freeze()
    with (source / "a.txt").open("r+") as file:
        file.write("changed in place")
    assert (copy / "a.txt").read_text() == "A"


def test_hard_links_become_files_of_their_own(source, freeze):
    (source / "b.txt").hardlink_to(source / "a.txt")
    copy = freeze()
    assert (copy / "b.txt").read_text() == "A"
    assert {(copy / name).stat().st_nlink for name in ("a.txt", "b.txt")} == {1}


def test_what_is_no_file_folder_or_link_is_left_out(source, freeze, monkeypatch):
    os.mkfifo(source / "pipe")
    # an address may not be long
    monkeypatch.chdir(source)
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("socket")
        assert below(freeze(include=("pipe", "socket", "a.txt"))) == ["a.txt"]


def test_folders_on_the_way_to_what_is_included_keep_their_modes(source, freeze):
    (source / "sub").chmod(0o710)
    copy = freeze(include=("**/*.go",))
    assert below(copy) == ["sub", "sub/deep", "sub/deep/c.go"]
    assert seen(copy / "sub") == seen(source / "sub")


def test_of_a_folder_below_only_its_own_files_are_copied(source, freeze):
    (source / ".gitignore").write_text("*.go\n")
    (source / "sub" / "d.txt").touch()
    (source / "sub-other").touch()
    assert below(freeze(below="sub", gitignore=True)) == ["d.txt", "deep"]


def test_a_folder_is_found_through_a_link(source, freezer, tmp_path):
    (tmp_path / "link").symlink_to("source")
    (tmp_path / "target").mkdir()
    freezer.copy(Selection(str(tmp_path / "link")), tmp_path / "target")
    assert below(tmp_path / "target") == ["a.txt", "sub", "sub/deep", "sub/deep/c.go"]


@pytest.mark.parametrize("below", ["sub/none", "a.txt"])
def test_a_folder_below_that_is_not_there_is_told(freeze, below):
    with pytest.raises(RequestError, match=rf"^stat {below}: no such file or directory$"):
        freeze(below=below)


def test_a_file_that_cannot_be_read_is_told_in_one_line(freezer, tmp_path):
    # also root cannot read it
    wanted = Selection("/proc/self", include=("mem",))
    with pytest.raises(RequestError, match=r"^read /proc/self/mem: input/output error$"):
        freezer.copy(wanted, tmp_path)


def test_a_folder_that_cannot_be_written_is_told_in_one_line(source, freezer):
    with pytest.raises(RequestError, match=r"^\w+ /proc/none/\S+: no such file or directory$"):
        freezer.copy(Selection(str(source)), Path("/proc/none"))


def test_a_pattern_that_cannot_be_read_is_told_in_one_line(freeze):
    with pytest.raises(RequestError, match=r"^invalid excludepatterns: \[\[a\]: syntax error in"):
        freeze(exclude=("[a",))


def test_files_that_come_and_go_do_not_disturb_those_that_stay(source, freezer, tmp_path):
    stay = {f"stay-{number:03}" for number in range(300)}
    for name in stay:
        (source / name).write_text(name)
    done = threading.Event()

    def come_and_go() -> None:
        while not done.is_set():
            for number in range(0, 300, 7):
                (source / f"stay-{number:03}-not").write_text("x")
                (source / f"folder-{number:03}").mkdir()
            for number in range(0, 300, 7):
                (source / f"stay-{number:03}-not").unlink()
                (source / f"folder-{number:03}").rmdir()

    changing = threading.Thread(target=come_and_go)
    changing.start()
    try:
        for number in range(20):
            target = tmp_path / str(number)
            target.mkdir()
            freezer.copy(Selection(str(source), exclude=("none",)), target)
            kept = {p.name: p.read_text() for p in target.iterdir() if p.name in stay}
            assert kept == {name: name for name in stay}
    finally:
        done.set()
        changing.join()
