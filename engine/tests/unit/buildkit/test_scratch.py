"""Folders that live as long as their process."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

from buildkit_engine.buildkit.scratch import Scratch, in_memory, remove_abandoned


def names(folder) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_a_folder_is_for_its_user_alone_and_gone_when_it_is_closed(tmp_path):
    with Scratch(tmp_path / "all", "one-") as scratch:
        assert scratch.folder.parent == tmp_path / "all"
        assert scratch.folder.stat().st_mode & 0o777 == 0o700
        (scratch.folder / "file").write_text("x")
    assert names(tmp_path / "all") == []
    scratch.close()


def test_what_another_process_uses_is_left_alone(tmp_path):
    with Scratch(tmp_path, "one-") as first:
        with Scratch(tmp_path, "one-") as second:
            assert names(tmp_path) == sorted([first.folder.name, second.folder.name])
        assert names(tmp_path) == [first.folder.name]


def test_what_a_killed_process_left_is_removed_by_the_next(tmp_path):
    script = (
        "import os, pathlib, signal, sys\n"
        "from buildkit_engine.buildkit.scratch import Scratch\n"
        "made = Scratch(pathlib.Path(sys.argv[1]), 'one-')\n"
        "(made.folder / 'file').write_text('x')\n"
        "os.kill(os.getpid(), signal.SIGKILL)\n"
    )
    killed = subprocess.run([sys.executable, "-c", script, str(tmp_path)], check=False)
    assert killed.returncode == -signal.SIGKILL
    [left] = names(tmp_path)
    with Scratch(tmp_path, "other-"):
        assert left in names(tmp_path)
    with Scratch(tmp_path, "one-") as scratch:
        assert names(tmp_path) == [scratch.folder.name]


def test_what_is_no_folder_of_this_kind_is_left_alone(tmp_path):
    (tmp_path / "one-file").write_text("x")
    with Scratch(tmp_path, "one-"):
        pass
    assert names(tmp_path) == ["one-file"]


def test_what_may_not_be_written_to_is_removed_too(tmp_path):
    with Scratch(tmp_path, "one-") as scratch:
        kept = scratch.folder / "a" / "b"
        kept.mkdir(parents=True)
        (kept / "file").write_text("x")
        kept.chmod(0o500)
        kept.parent.chmod(0o500)
    assert names(tmp_path) == []


def test_secrets_go_where_nothing_is_written_to_a_disk(tmp_path):
    folder = in_memory(otherwise=tmp_path)
    found = subprocess.run(
        ["stat", "--file-system", "--format=%T", folder], capture_output=True, text=True, check=True
    )
    assert found.stdout.strip() in ("tmpfs", "ramfs")
    assert folder.stat().st_mode & 0o777 == 0o700
    assert folder.stat().st_uid == os.getuid()


def test_a_machine_without_such_a_place_has_them_with_all_else(tmp_path, monkeypatch):
    def refuse(*_args, **_options):
        raise PermissionError

    monkeypatch.setattr("pathlib.Path.mkdir", refuse)
    assert in_memory(otherwise=tmp_path) == tmp_path


def test_copies_that_may_not_be_written_to_go_too(tmp_path):
    with Scratch(tmp_path / "all", "one-") as scratch:
        (scratch.folder / "host").mkdir()
        (scratch.folder / "host" / "file").touch()
        (scratch.folder / "host").chmod(0o500)
    assert names(tmp_path / "all") == []


def test_what_a_link_leads_to_stays(tmp_path):
    (tmp_path / "elsewhere").mkdir(mode=0o500)
    with Scratch(tmp_path / "all", "one-") as scratch:
        (scratch.folder / "link").symlink_to(tmp_path / "elsewhere")
    assert (tmp_path / "elsewhere").stat().st_mode & 0o777 == 0o500


def test_abandoned_folders_go_and_others_stay(tmp_path):
    (tmp_path / "one-left").mkdir()
    with Scratch(tmp_path, "two-") as scratch:
        remove_abandoned(tmp_path, "one-")
        remove_abandoned(tmp_path, "two-")
        assert names(tmp_path) == [scratch.folder.name]


@pytest.fixture(autouse=True)
def nothing_stays_open():
    # other tests of this process may have a session that lives
    from buildkit_engine.buildkit import scratch

    before = set(scratch._open)
    yield
    assert scratch._open == before
