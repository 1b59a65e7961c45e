"""Layers: the same files give the same bytes, whenever and wherever they were made."""

from __future__ import annotations

import os
import tarfile
from pathlib import Path

import pytest

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror import roots
from buildkit_engine.mirror.roots import Layer


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
    layer = Layer(target)
    layer.add_tree(root, prefix, **options)
    layer.close()
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
    layer = Layer(tmp_path / "a.tar")
    layer.add_file("etc/passwd", b"root")
    layer.add_file("bin/run", b"#!", mode=0o755)
    layer.add_folder("home/me", mode=0o700, owner=1000)
    layer.add_folder("scratch", mode=0o1777)
    layer.close()
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


# -- programs that make roots


@pytest.fixture
def fake_path(tmp_path, monkeypatch):
    """A PATH of its own; adds shell scripts to it."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def add(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return add


def test_a_root_is_bootstrapped_with_fixed_times_and_without_documents(tmp_path, fake_path):
    seen = tmp_path / "seen"
    fake_path("apt-get", "exit 0")
    fake_path("mmdebstrap", f'printf "%s\\n" "$@" "$SOURCE_DATE_EPOCH" >{seen}')
    roots.bootstrapped("bookworm", ("git", "ca-certificates"), tmp_path / "root.tar")
    lines = seen.read_text().splitlines()
    assert lines[:3] == ["--quiet", "--variant=minbase", "--include=git,ca-certificates"]
    assert "--dpkgopt=path-exclude=/usr/share/doc/*" in lines
    assert lines[-3:] == ["bookworm", str(tmp_path / "root.tar"), "0"]


def test_a_root_comes_from_where_the_machines_own_apt_fetches_the_suite(tmp_path, fake_path):
    seen = tmp_path / "seen"
    targets = [
        "Packages|http://mirror.lan/debian/|bookworm|main|/usr/share/keyrings/lan.gpg",
        "Packages|http://mirror.lan/security/|bookworm-security|main|$(SIGNED_BY)",
        "Translations|http://mirror.lan/debian/|bookworm|main|",
        "Packages|http://mirror.lan/other/|stable|main|",
    ]
    fake_path("apt-get", "cat <<'END'\n" + "\n".join(targets) + "\nEND")
    fake_path("mmdebstrap", f'printf "%s\\n" "$@" >{seen}; cat >>{seen}')
    roots.bootstrapped("bookworm", ("git",), tmp_path / "root.tar")
    assert seen.read_text().splitlines()[-3:] == [
        "-",
        "deb [signed-by=/usr/share/keyrings/lan.gpg] http://mirror.lan/debian/ bookworm main",
        "deb http://mirror.lan/security/ bookworm-security main",
    ]


def test_a_program_that_fails_is_told_in_its_own_words(tmp_path, fake_path):
    fake_path("apt-get", "exit 0")
    fake_path("mmdebstrap", "echo 'E: no such suite' >&2; exit 1")
    message = "^mmdebstrap failed while a stand-in image was made: E: no such suite$"
    with pytest.raises(SetupError, match=message):
        roots.bootstrapped("nosuch", (), tmp_path / "root.tar")


def test_a_program_that_is_missing_is_named(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    message = "^apt-get is not installed: stand-in images are made with it$"
    with pytest.raises(SetupError, match=message):
        roots.bootstrapped("bookworm", (), tmp_path / "root.tar")


@pytest.mark.parametrize(
    ("version", "expected"),
    [("1.26.1", "1.26.1"), ("1.26", "1.26.10"), ("1.2", "1.2.9")],
)
def test_of_a_go_version_without_a_patch_the_newest_is_taken(
    tmp_path, fake_path, version, expected
):
    listed = " ".join(
        f"v0.0.1-go{v}.linux-amd64"
        for v in ("1.26.2", "1.26.10", "1.26rc1", "1.26.3.rc", "1.2.9", "1.27.99")
    )
    fake_path("go", f"echo 'golang.org/toolchain {listed} v0.0.1-go1.26.77.linux-arm64'")
    assert roots._newest("go", version, "amd64") == expected


def test_a_go_version_that_is_not_published_is_refused(fake_path):
    fake_path("go", "echo golang.org/toolchain")
    with pytest.raises(SetupError, match=r"^no Go toolchain '1\.99' for linux/amd64 is published$"):
        roots._newest("go", "1.99", "amd64")


def test_only_settings_that_are_not_gos_defaults_are_handed_on(fake_path):
    fake_path("go", """echo '{"GOPROXY": "http://proxy", "GOFLAGS": "-x", "GOPRIVATE": ""}'""")
    assert roots.go_settings() == (("GOPROXY", "http://proxy"),)
