"""Layers: the same files give the same bytes, whenever and wherever they were made."""

from __future__ import annotations

import gzip
import hashlib
import io
import os
import tarfile
from pathlib import Path

from buildkit_engine.mirror.layers import Layer


def make_tree(root: Path, *, mtime: int, reverse: bool = False) -> Path:
    """The same files each time, made in either order and with other times."""
    root.mkdir()
    files = {"bin/tool": 0o755, "etc/conf": 0o600, "pkg/tool/linux/asm": 0o444, "binary.txt": 0o444}
    for name in sorted(files, reverse=reverse):
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(files[name])
    (root / "link").symlink_to("bin/tool")
    for path in (root, *root.rglob("*")):
        if path.is_dir():
            path.chmod(0o750)
        os.utime(path, (mtime, mtime), follow_symlinks=False)
    return root


def layer_of(target: Path, root: Path, prefix: str = "", **options) -> Path:
    with Layer(target) as layer:
        layer.add_tree(root, prefix, **options)
    return target


def entries(path: Path) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(path) as tar:
        return {member.name: member for member in tar.getmembers()}


def test_the_same_tree_gives_the_same_bytes_whenever_it_was_made(tmp_path):
    first = make_tree(tmp_path / "first", mtime=1)
    second = make_tree(tmp_path / "second", mtime=2_000_000_000, reverse=True)
    layers = [layer_of(tmp_path / f"{root.name}.tar", root) for root in (first, second)]
    assert layers[0].read_bytes() == layers[1].read_bytes()


def test_entries_keep_their_modes_and_bear_neither_time_nor_owner(tmp_path):
    found = entries(layer_of(tmp_path / "a.tar", make_tree(tmp_path / "root", mtime=5)))
    assert {name: info.mode for name, info in found.items() if not info.issym()} == {
        "bin": 0o750,
        "bin/tool": 0o755,
        "binary.txt": 0o444,
        "etc": 0o750,
        "etc/conf": 0o600,
        "pkg": 0o750,
        "pkg/tool": 0o750,
        "pkg/tool/linux": 0o750,
        "pkg/tool/linux/asm": 0o444,
    }
    assert found["link"].linkname == "bin/tool"
    assert {(i.mtime, i.uid, i.gid, i.uname, i.gname) for i in found.values()} == {
        (0, 0, 0, "", "")
    }


def test_entries_are_sorted_and_come_after_the_folders_above_them(tmp_path):
    root = make_tree(tmp_path / "root", mtime=5)
    found = entries(layer_of(tmp_path / "a.tar", root, "usr/local"))
    assert list(found)[:4] == ["usr", "usr/local", "usr/local/bin", "usr/local/bin/tool"]
    assert (found["usr"].mode, found["usr"].isdir()) == (0o755, True)


def test_of_a_read_only_tree_only_files_of_the_named_folders_may_be_executed(tmp_path):
    root = make_tree(tmp_path / "root", mtime=5)
    found = entries(layer_of(tmp_path / "a.tar", root, executable=("bin", "pkg/tool")))
    assert {name: info.mode for name, info in found.items() if info.isfile()} == {
        "bin/tool": 0o755,
        "binary.txt": 0o644,
        "etc/conf": 0o644,
        "pkg/tool/linux/asm": 0o755,
    }
    assert {info.mode for info in found.values() if info.isdir()} == {0o755}


def test_hard_links_are_written_as_the_files_that_they_are(tmp_path):
    linked, copied = tmp_path / "linked", tmp_path / "copied"
    for root in (linked, copied):
        root.mkdir()
        (root / "a").write_text("text")
    (linked / "b").hardlink_to(linked / "a")
    (copied / "b").write_text("text")
    layers = [layer_of(tmp_path / f"{root.name}.tar", root) for root in (linked, copied)]
    assert layers[0].read_bytes() == layers[1].read_bytes()


def test_single_files_and_folders_are_added_with_their_modes(tmp_path):
    with Layer(tmp_path / "a.tar") as layer:
        layer.add_file("etc/passwd", b"root")
        layer.add_file("bin/run", b"#!", mode=0o755)
        layer.add_folder("home/me", mode=0o700, owner=1000)
        layer.add_folder("scratch", mode=0o1777)
    found = {n: (i.mode, i.uid, i.gid, i.isdir()) for n, i in entries(layer.path).items()}
    assert found == {
        "etc": (0o755, 0, 0, True),
        "etc/passwd": (0o644, 0, 0, False),
        "bin": (0o755, 0, 0, True),
        "bin/run": (0o755, 0, 0, False),
        "home": (0o755, 0, 0, True),
        "home/me": (0o700, 1000, 1000, True),
        "scratch": (0o1777, 0, 0, True),
    }
    with tarfile.open(layer.path) as tar:
        assert tar.extractfile("etc/passwd").read() == b"root"


def test_a_layer_knows_the_digests_that_registries_and_configurations_name_it_by(tmp_path):
    with Layer(tmp_path / "a.tar.gz") as layer:
        layer.add_file("a", b"A")
    packed = layer.path.read_bytes()
    assert layer.digest == "sha256:" + hashlib.sha256(packed).hexdigest()
    assert layer.diff_id == "sha256:" + hashlib.sha256(gzip.decompress(packed)).hexdigest()
    assert layer.size == len(packed)


def tar_of(*entries: tarfile.TarInfo) -> io.BytesIO:
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        for info in entries:
            tar.addfile(info, io.BytesIO(b"x" * info.size))
    packed.seek(0)
    return packed


def entry(name: str, type_: bytes = tarfile.REGTYPE, **more) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.type, info.mtime = type_, 77
    for key, value in more.items():
        setattr(info, key, value)
    return info


def test_a_tars_entries_keep_their_owners_and_get_other_names_or_are_left_out(tmp_path):
    def keep(name: str) -> str:
        return "" if name == "left" else name.replace("lib", "usr/lib", 1)

    packed = tar_of(
        entry("./"),
        entry("./lib/", tarfile.DIRTYPE, mode=0o755),
        entry("./lib/a.so", size=3, uid=7, gid=8, uname="somebody"),
        entry("./lib/b.so", tarfile.LNKTYPE, linkname="./lib/a.so"),
        entry("./lib/c.so", tarfile.SYMTYPE, linkname="a.so"),
        entry("./left"),
    )
    with Layer(tmp_path / "a.tar") as layer:
        layer.add_tar(packed, keep)
    found = entries(layer.path)
    assert list(found) == ["usr", "usr/lib", "usr/lib/a.so", "usr/lib/b.so", "usr/lib/c.so"]
    a, b, c = (found[f"usr/lib/{name}.so"] for name in "abc")
    assert (a.uid, a.gid, a.uname, a.mtime, a.size) == (7, 8, "", 0, 3)
    assert (b.islnk(), b.linkname) == (True, "usr/lib/a.so")
    assert (c.issym(), c.linkname) == (True, "a.so")


def test_an_entry_is_added_once_as_the_first_says_it(tmp_path):
    with Layer(tmp_path / "a.tar") as layer:
        layer.add_folder("tmp", mode=0o1777)
        layer.add_folder("tmp", mode=0o755)
        layer.add_link("bin", "usr/bin")
        assert "bin" in layer
    found = entries(layer.path)
    assert (list(found), found["tmp"].mode, found["bin"].linkname) == (
        ["tmp", "bin"],
        0o1777,
        "usr/bin",
    )
