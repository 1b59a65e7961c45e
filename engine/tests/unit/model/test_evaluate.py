"""Making values real, with a stand-in for buildctl that answers with prepared files."""

from __future__ import annotations

import io
import json
import tarfile
import threading
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from buildkit_engine.buildkit.buildctl import Result
from buildkit_engine.buildkit.exporters import LocalFolder, PushByDigest, TarToStdout
from buildkit_engine.errors import RequestError, SolveError
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    ExecOp,
    FileOp,
    ImageSource,
    LocalSource,
    MakeDir,
    MergeOp,
    Shim,
)
from buildkit_engine.model.config import BaseImage
from buildkit_engine.model.container import Container
from buildkit_engine.model.evaluate import Evaluator
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.folders import Entry
from buildkit_engine.model.solving import Solver

FILES = ImageSource("files", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/arm64").output
TREE = [
    {"path": ".", "type": "directory", "mode": 0o755, "size": 0},
    {"path": "src", "type": "directory", "mode": 0o755, "size": 0},
    {"path": "src/a", "type": "file", "mode": 0o644, "size": 5},
    {"path": "src/b", "type": "symlink", "mode": 0o777, "size": 1, "target": "a"},
]


def tar_of(data: bytes | None) -> bytes:
    """What comes of reading a file, or of None a folder, at /f."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        info = tarfile.TarInfo("f")
        info.type = tarfile.DIRTYPE if data is None else tarfile.REGTYPE
        info.size = len(data or b"")
        tar.addfile(info, io.BytesIO(data or b""))
    return stream.getvalue()


def told(*entries: dict) -> bytes:
    """What the shim tells, as it is read."""
    return tar_of("\n".join(json.dumps(entry) for entry in entries).encode())


@dataclass
class FakeBuildctl:
    """Answers every solve with the same files, and a push with a digest that names its platform."""

    files: bytes = b""
    solves: list = field(default_factory=list)
    writing: list[bool] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def solve(self, definition, exporter=None, *, secrets=None, write_caches=False):
        with self.lock:
            self.writing.append(write_caches)
            self.solves.append((definition, exporter, dict(secrets or {})))
        if isinstance(exporter, PushByDigest):
            digest = f"sha256:{exporter.config['architecture']}"
            return Result(metadata={"containerimage.digest": digest})
        if isinstance(exporter, LocalFolder):
            Path(exporter.dest, "tool").write_bytes(b"program")
        return Result(files=self.files)

    @property
    def exporters(self) -> list:
        return [exporter for _, exporter, *_ in self.solves]


@pytest.fixture
def buildctl():
    return FakeBuildctl()


@pytest.fixture
def evaluator(buildctl):
    tool = Shim(LocalSource("shim", "/shim", "session"), "linux/amd64")
    return Evaluator(Solver(buildctl, tool), tool)


def last_op(buildctl: FakeBuildctl):
    """The operation whose output the last solve asked for."""
    return list(buildctl.solves[-1][0].ops.values())[-1]


def asked(buildctl: FakeBuildctl) -> list[tuple[str, ...]]:
    """What the shim was asked, one of each solve."""
    found = []
    for definition, *_ in buildctl.solves:
        [op] = [op for op in definition.ops.values() if isinstance(op, ExecOp)]
        assert op.on == "linux/amd64"
        found.append(op.args[1:])
    return found


# -- reading


def test_a_file_is_read_from_a_filesystem_with_nothing_else_in_it(evaluator, buildctl):
    buildctl.files = tar_of(b"text\0")
    assert evaluator.read(File(FILES, "/deep/a")) == b"text\0"
    assert buildctl.exporters == [TarToStdout()]
    assert last_op(buildctl).actions == (Copy(FILES, "/deep/a", "/f"),)


def test_a_folder_is_no_file(evaluator, buildctl):
    buildctl.files = tar_of(None)
    with pytest.raises(RequestError, match=r"^path /deep is a directory, not a file$"):
        evaluator.read(File(FILES, "/deep"))


@pytest.mark.parametrize("ask", ["read", "entry", "file_entry"])
def test_there_is_no_file_in_an_empty_directory(evaluator, buildctl, ask):
    with pytest.raises(RequestError, match=r"^stat /a: no such file or directory$"):
        getattr(evaluator, ask)(File(None, "/a"))
    assert buildctl.solves == []


def test_a_directory_is_listed_on_the_daemons_own_platform_and_only_once(evaluator, buildctl):
    buildctl.files = told(*TREE)
    expected = (
        Entry("src", "directory", 0o755, 0),
        Entry("src/a", "file", 0o644, 5),
        Entry("src/b", "symlink", 0o777, 1, "a"),
    )
    assert evaluator.tree(Directory(FILES, "/x")) == expected
    assert evaluator.tree(Directory(FILES, "/x")) == expected
    assert asked(buildctl) == [("tree", "/in", "/x", "/out/told")]


@pytest.mark.parametrize(
    ("entries", "message"),
    [
        ([], "stat /x: no such file or directory"),
        ([{**TREE[2], "path": "."}], "path /x is a file, not a directory"),
    ],
)
def test_what_is_no_directory_cannot_be_listed(evaluator, buildctl, entries, message):
    buildctl.files = told(*entries)
    with pytest.raises(RequestError, match=f"^{message}$"):
        evaluator.tree(Directory(FILES, "/x"))


def tar_with(**files: bytes) -> bytes:
    """What comes of reading a folder: `_` stands for a slash, and `link` is a link to its value."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, data in files.items():
            info = tarfile.TarInfo(name.replace("_", "/"))
            if name.endswith("link"):
                info.type, info.linkname = tarfile.SYMTYPE, data.decode()
            else:
                info.size = len(data)
            tar.addfile(info, io.BytesIO(data))
    return stream.getvalue()


def test_files_of_a_small_folder_that_was_listed_are_read_together(evaluator, buildctl):
    buildctl.files = told(*TREE, {**TREE[2], "path": "c"})
    evaluator.tree(Directory(FILES, "/x"))
    buildctl.files = tar_with(src_a=b"first", src_link=b"a", c=b"other")
    assert evaluator.read(File(FILES, "/x/src/a")) == b"first"
    assert evaluator.read(File(FILES, "/x/c")) == b"other"
    assert len(buildctl.solves) == 2
    assert last_op(buildctl).actions == (Copy(FILES, "/x", "/", contents=True),)


def folder_of(path, size: int) -> LocalSource:
    """A folder of this machine with a file of that size in it."""
    (path / "src").mkdir()
    (path / "src" / "a").write_bytes(b"." * size)
    return LocalSource("load folder", str(path), "session")


def test_a_small_folder_of_this_machine_is_listed_and_read_by_one_solve(
    evaluator, buildctl, tmp_path
):
    source = folder_of(tmp_path, size=1000).output
    filtered = FileOp("filter", None, (Copy(source, "/", "/", exclude=("b",)),)).output
    buildctl.files = tar_with(link=b"a", c=b"other", a=b"first")
    listed = (
        Entry("a", "file", 0o644, 5),
        Entry("c", "file", 0o644, 5),
        Entry("link", "symlink", 0o777, 1, "a"),
    )
    assert evaluator.tree(Directory(filtered, "/")) == listed
    assert evaluator.tree(Directory(filtered, "/")) == listed
    assert evaluator.read(File(filtered, "/a")) == b"first"
    assert evaluator.entry(File(filtered, "/c")) == listed[1]
    assert [(last_op(buildctl), e) for _, e, *_ in buildctl.solves] == [
        (filtered.op, TarToStdout())
    ]


@pytest.mark.parametrize("size", [256 * 1024, 10_000_000])
def test_a_part_of_a_large_folder_of_this_machine_is_listed_without_its_files(
    evaluator, buildctl, tmp_path, size
):
    source = folder_of(tmp_path, size).output
    filtered = FileOp("filter", None, (Copy(source, "/", "/", exclude=("b",)),)).output
    buildctl.files = told(*TREE)
    evaluator.tree(Directory(filtered, "/"))
    assert asked(buildctl) == [("tree", "/in", "/", "/out/told")]


def test_a_folder_of_this_machine_is_looked_into_without_the_daemon(evaluator, buildctl, tmp_path):
    source = folder_of(tmp_path, size=1000).output
    listed = evaluator.tree(Directory(source, "/"))
    assert [(e.path, e.type, e.size) for e in listed[1:]] == [("src/a", "file", 1000)]
    assert evaluator.entry(File(source, "/src/a")).path == "a"
    assert evaluator.read(File(source, "/src/a")) == b"." * 1000
    with pytest.raises(RequestError, match=r"^stat /src/b: no such file or directory$"):
        evaluator.entry(File(source, "/src/b"))
    assert buildctl.solves == []


@pytest.mark.parametrize("path", ["/x/src/b", "/x/src/missing", "/elsewhere"])
def test_links_and_what_was_not_listed_are_read_alone(evaluator, buildctl, path):
    buildctl.files = told(*TREE)
    evaluator.tree(Directory(FILES, "/x"))
    buildctl.files = tar_of(b"alone")
    assert evaluator.read(File(FILES, path)) == b"alone"
    assert last_op(buildctl).actions == (Copy(FILES, path, "/f"),)


def test_a_file_of_a_large_folder_is_read_alone(evaluator, buildctl):
    buildctl.files = told(*TREE, {**TREE[2], "path": "large", "size": 256 * 1024})
    evaluator.tree(Directory(FILES, "/x"))
    buildctl.files = tar_of(b"alone")
    assert evaluator.read(File(FILES, "/x/src/a")) == b"alone"


@pytest.mark.parametrize(("follow", "verb"), [(True, "stat"), (False, "lstat")])
def test_an_entry_is_asked_for_alone(evaluator, buildctl, follow, verb):
    buildctl.files = told({**TREE[2], "path": "a"})
    found = evaluator.entry(File(FILES, "/src/a"), follow=follow)
    assert found == Entry("a", "file", 0o644, 5)
    assert asked(buildctl) == [(verb, "/in", "/src/a", "/out/told")]


def test_an_entry_that_is_missing_is_told_by_its_path(evaluator, buildctl):
    buildctl.files = told()
    with pytest.raises(RequestError, match=r"^stat /src/b: no such file or directory$"):
        evaluator.entry(File(FILES, "/src/b"))


def test_the_entry_of_a_file_is_not_that_of_a_directory(evaluator, buildctl):
    buildctl.files = told(TREE[1])
    with pytest.raises(RequestError, match=r"^path /src is a directory, not a file$"):
        evaluator.file_entry(File(FILES, "/src"))


def test_an_empty_directory_has_no_entries_and_nothing_below_it(evaluator, buildctl):
    assert evaluator.tree(Directory()) == ()
    assert evaluator.entry(File(None, "/")).type == "directory"
    with pytest.raises(RequestError, match=r"^stat /a: no such file or directory$"):
        evaluator.tree(Directory(None, "/a"))
    assert buildctl.solves == []


def test_all_that_a_command_leaves_is_asked_for_once(evaluator, buildctl):
    mounts = (BindMount("/", FILES), BindMount("/meta", None))
    ran = ExecOp("run", ("/shim/shim", "run", "--", "true"), "linux/amd64", mounts)
    evaluator.sync(ran.output_of("/"))
    evaluator.sync(ran.output_of("/meta"))
    merges = [o for d, *_ in buildctl.solves for o in d.ops.values() if isinstance(o, MergeOp)]
    assert [[output.key for output in op.parts] for op in merges] == [
        [output.key for output in ran.outputs]
    ]
    assert len(buildctl.solves) == 2


def test_nothing_is_built_of_an_empty_filesystem(evaluator, buildctl):
    evaluator.sync(None)
    assert buildctl.solves == []
    evaluator.sync(FILES)
    assert buildctl.exporters == [None]


# -- exporting


def test_a_directory_is_exported_into_a_folder_that_is_made(evaluator, buildctl, tmp_path):
    target = tmp_path / "a" / "b"
    evaluator.export_directory(Directory(FILES, "/src"), target)
    assert target.is_dir()
    assert buildctl.exporters == [LocalFolder(str(target))]
    assert last_op(buildctl).actions == (Copy(FILES, "/src", "/", contents=True),)


def test_an_empty_directory_is_exported_as_an_empty_folder(evaluator, buildctl, tmp_path):
    evaluator.export_directory(Directory(), tmp_path / "empty")
    assert last_op(buildctl).actions == (MakeDir("/"),)
    assert buildctl.exporters == [LocalFolder(str(tmp_path / "empty"))]


def test_a_folder_can_be_wiped_by_what_is_exported(evaluator, buildctl, tmp_path):
    evaluator.export_directory(Directory(FILES), tmp_path, wipe=True)
    assert buildctl.exporters == [LocalFolder(str(tmp_path), wipe=True)]


def test_a_file_is_exported_under_the_name_it_is_given(evaluator, buildctl, tmp_path):
    buildctl.files = told({**TREE[2], "path": "app"})
    evaluator.export_file(File(FILES, "/out/app"), tmp_path / "new" / "tool")
    assert last_op(buildctl).actions == (Copy(FILES, "/out/app", "/tool"),)
    assert (tmp_path / "new" / "tool").read_bytes() == b"program"


def test_an_export_that_is_broken_off_leaves_the_file_that_was_there(
    evaluator, buildctl, tmp_path, monkeypatch
):
    (tmp_path / "tool").write_text("before")
    buildctl.files = told({**TREE[2], "path": "app"})
    solve = buildctl.solve

    def broken_off(definition, exporter=None, **options):
        result = solve(definition, exporter, **options)
        if isinstance(exporter, LocalFolder):
            raise SolveError("ended")
        return result

    monkeypatch.setattr(buildctl, "solve", broken_off)
    with pytest.raises(SolveError, match=r"^ended$"):
        evaluator.export_file(File(FILES, "/out/app"), tmp_path / "tool")
    assert [path.name for path in tmp_path.iterdir()] == ["tool"]
    assert (tmp_path / "tool").read_text() == "before"


def test_a_file_of_an_empty_directory_cannot_be_exported(evaluator, tmp_path):
    with pytest.raises(RequestError, match=r"^stat /a: no such file or directory$"):
        evaluator.export_file(File(None, "/a"), tmp_path / "a")


# -- pushing


def test_digests_come_in_the_order_of_the_images(evaluator, buildctl):
    images = [Container(f"linux/{arch}", FILES) for arch in ("s390x", "amd64", "arm64")]
    evaluator.secrets["token"] = b"value"
    digests = evaluator.push(images, "127.0.0.1:5050/app", compression="zstd", oci=False)
    assert digests == ["sha256:s390x", "sha256:amd64", "sha256:arm64"]
    assert {(e.repository, e.compression, e.oci, e.base_config) for e in buildctl.exporters} == {
        ("127.0.0.1:5050/app", "zstd", False, None)
    }
    assert all(rest == [{"token": b"value"}] for _, _, *rest in buildctl.solves)


def test_the_config_of_the_base_is_pushed_along(evaluator, buildctl):
    raw = json.dumps({"os": "linux", "architecture": "arm64", "rootfs": {"diff_ids": []}}).encode()
    base = BaseImage("docker.io/library/debian@sha256:" + "1" * 64, raw)
    evaluator.push([Container("linux/arm64").from_(base)], "127.0.0.1:5050/app")
    [exporter] = buildctl.exporters
    assert exporter.base_config == raw


# -- the cache


def command(name: str) -> ExecOp:
    """A command that leaves a root, and what it said."""
    mounts = (BindMount("/", FILES), BindMount("/shim/out", None))
    return ExecOp(name, ("/shim/shim", "run", "--", name), "linux/amd64", mounts)


def test_the_cache_of_all_commands_is_written_by_one_solve_with_all_that_they_left(
    evaluator, buildctl
):
    one, two = command("one"), command("two")
    evaluator.sync(one.output)
    evaluator.sync(two.output)
    evaluator.write_caches()
    assert buildctl.writing == [False, False, True]
    written = last_op(buildctl)
    assert {o.key for o in written.inputs} == {o.key for op in (one, two) for o in op.outputs}


def test_where_nothing_was_made_no_cache_is_written(evaluator, buildctl):
    evaluator.write_caches()
    assert buildctl.solves == []
