"""What a tar says of a folder, and which folders are small."""

from __future__ import annotations

import io
import tarfile

from buildkit_engine.llb.ops import Copy, FileOp, ImageSource, LocalSource, MakeFile
from buildkit_engine.model.folders import Entry, entries_of, files_of, small_source

IMAGE = ImageSource("image", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/arm64").output


def tar_of(*members: tuple[str, bytes, str, bytes]) -> bytes:
    """Members by name, type, what they link to, and bytes."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, type_, linkname, data in members:
            info = tarfile.TarInfo(name)
            info.type, info.linkname, info.size, info.mode = type_, linkname, len(data), 0o4755
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


PACKED = tar_of(
    ("./", tarfile.DIRTYPE, "", b""),
    ("a.d", tarfile.REGTYPE, "", b"12"),
    ("a/", tarfile.DIRTYPE, "", b""),
    ("a/b", tarfile.REGTYPE, "", b"text"),
    ("a/same", tarfile.LNKTYPE, "a/b", b""),
    ("a/to", tarfile.SYMTYPE, "../a.d", b""),
    ("pipe", tarfile.FIFOTYPE, "", b""),
)


def test_entries_are_told_in_the_order_of_a_walk():
    assert entries_of(PACKED, folder_size=4096) == [
        Entry("a", "directory", 0o755, 4096),
        Entry("a/b", "file", 0o755, 4),
        Entry("a/same", "file", 0o755, 4),
        Entry("a/to", "symlink", 0o777, 6, "../a.d"),
        Entry("a.d", "file", 0o755, 2),
        Entry("pipe", "other", 0o755, 0),
    ]


def test_files_are_read_by_each_of_their_names():
    assert files_of(PACKED) == {"a.d": b"12", "a/b": b"text", "a/same": b"text"}


def part_of(folder: LocalSource) -> FileOp:
    return FileOp("filter", None, (Copy(folder.output, "/", "/", exclude=("a",)),))


def test_small_is_a_part_of_a_folder_of_this_machine(tmp_path):
    (tmp_path / "f").write_bytes(b"text")
    folder = LocalSource("load", str(tmp_path), "session")
    assert small_source(part_of(folder).output) == folder
    assert small_source(folder.output) is None
    assert small_source(None) is None
    assert small_source(IMAGE) is None
    more = FileOp("more", folder.output, (MakeFile("/g", b"x" * 1_000_000),))
    assert small_source(more.output) is None


def test_many_files_are_not_small_however_little_is_in_them(tmp_path):
    for number in range(600):
        (tmp_path / str(number)).touch()
    folder = LocalSource("load", str(tmp_path), "session")
    assert small_source(part_of(folder).output) is None
