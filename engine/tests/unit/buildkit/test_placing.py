"""Files appear whole, or not at all."""

from __future__ import annotations

import os
import threading

import pytest

from buildkit_engine.buildkit.placing import placed
from buildkit_engine.errors import RequestError


def test_a_file_is_there_when_all_of_it_is_written(tmp_path):
    target = tmp_path / "new" / "file"
    with placed(target) as whole:
        whole.write_text("text")
        assert not target.exists()
    assert target.read_text() == "text"
    assert [path.name for path in target.parent.iterdir()] == ["file"]


def test_what_breaks_off_leaves_what_was_there(tmp_path):
    target = tmp_path / "file"
    target.write_text("before")

    def broken_off():
        with placed(target) as whole:
            whole.write_text("half")
            raise ValueError

    with pytest.raises(ValueError):  # noqa: PT011 - it has no words
        broken_off()
    assert target.read_text() == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["file"]


def test_a_link_stays_and_what_it_leads_to_is_written(tmp_path):
    (tmp_path / "file").write_text("before")
    (tmp_path / "link").symlink_to("file")
    with placed(tmp_path / "link") as whole:
        whole.write_text("text")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "file").read_text() == "text"


def test_a_pipe_is_written_to_and_stays_one(tmp_path):
    pipe = tmp_path / "pipe"
    os.mkfifo(pipe)
    read = []
    reader = threading.Thread(target=lambda: read.append(pipe.read_text()), daemon=True)
    reader.start()
    with placed(pipe) as whole:
        whole.write_text("text")
    reader.join(5)
    assert (read, pipe.is_fifo()) == (["text"], True)


def test_what_cannot_be_written_is_told_in_a_line(tmp_path):
    (tmp_path / "file").touch()
    target = tmp_path / "file" / "below"
    message = rf"^cannot write '{target}': (Not a directory|File exists)$"
    with pytest.raises(RequestError, match=message), placed(target):
        pass
