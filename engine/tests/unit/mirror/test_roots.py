"""Roots from packages that are made here, and from a program that stands in for mmdebstrap."""

from __future__ import annotations

import subprocess
import tarfile
from pathlib import Path
from types import SimpleNamespace

import pytest

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror import roots
from buildkit_engine.mirror.layers import Layer

CONTROL = "Package: {name}\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n"


@pytest.fixture
def archive(tmp_path, monkeypatch):
    """Packages by their files; either way of asking gives all of them."""
    debs = []
    monkeypatch.setattr(roots.apt, "sources", lambda suite: f"deb http://apt.test {suite} main\n")

    def add(name: str, files: dict[str, str], links: dict[str, str] | None = None) -> None:
        folder = tmp_path / f"{name}.files"
        for path, text in {"DEBIAN/control": CONTROL.format(name=name), **files}.items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).write_text(text)
        for path, target in (links or {}).items():
            (folder / path).parent.mkdir(parents=True, exist_ok=True)
            (folder / path).symlink_to(target)
        subprocess.run(
            ["dpkg-deb", "--build", "--root-owner-group", str(folder), str(tmp_path)],
            check=True,
            capture_output=True,
        )
        debs.append(tmp_path / f"{name}_1_all.deb")

    asked = []
    return SimpleNamespace(
        add=add,
        suite="bookworm",
        architecture="arm64",
        asked=asked,
        alone=lambda packages: asked.append(("alone", packages)) or debs,
        with_dependencies=lambda packages: asked.append(("with", packages)) or debs,
    )


def entries(layer: Layer) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(layer.path) as tar:
        return {info.name: info for info in tar}


def read(layer: Layer, name: str) -> str:
    with tarfile.open(layer.path) as tar:
        return tar.extractfile(name).read().decode()


def unpacked(archive, tmp_path, **options) -> Layer:
    with Layer(tmp_path / "root.tar.gz") as layer:
        roots.unpacked(archive, ("hello",), layer, **options)
    return layer


def test_an_unpacked_root_has_merged_folders_and_links_where_they_were(archive, tmp_path):
    archive.add("libc", {"lib/aarch64-linux-gnu/libc.so.6": "c"}, {"lib/ld.so.1": "aarch64/ld"})
    archive.add("shell", {"bin/dash": "sh", "usr/bin/env": "env"}, {"bin/sh": "dash"})
    found = entries(unpacked(archive, tmp_path))
    assert found["bin"].linkname == "usr/bin"
    assert found["lib"].linkname == "usr/lib"
    assert found["usr/bin/sh"].linkname == "dash"
    assert found["usr/lib/ld.so.1"].linkname == "aarch64/ld"
    assert {"usr/lib/aarch64-linux-gnu/libc.so.6", "usr/bin/dash", "usr/bin/env"} < set(found)
    assert "sbin" not in found
    assert archive.asked == [("with", ("?essential", "?priority(required)", "apt", "hello"))]


def test_a_package_that_has_the_links_itself_does_not_hide_folders(archive, tmp_path):
    archive.add("base", {"etc/x": ""}, {"bin": "usr/bin"})
    archive.add("shell", {"usr/bin/sh": "sh"})
    found = entries(unpacked(archive, tmp_path))
    assert (found["bin"].linkname, found["usr/bin"].isdir()) == ("usr/bin", True)


def test_apt_in_an_unpacked_root_has_the_machines_own_sources(archive, tmp_path):
    archive.add("base", {"usr/bin/sh": "x"})
    layer = unpacked(archive, tmp_path)
    assert read(layer, "etc/apt/sources.list") == "deb http://apt.test bookworm main\n"


def test_an_unpacked_root_has_what_scripts_would_have_made(archive, tmp_path):
    passwd = "root:*:0:0:root:/root:/bin/bash\n"
    archive.add("base-passwd", {"usr/share/base-passwd/passwd.master": passwd})
    archive.add("mawk", {"usr/bin/mawk": "mawk"})
    archive.add(
        "ca-certificates",
        {
            "usr/share/ca-certificates/mozilla/b.crt": "B\n",
            "usr/share/ca-certificates/mozilla/a.crt": "A\n",
        },
    )
    layer = unpacked(archive, tmp_path)
    assert read(layer, "etc/passwd") == "root:x:0:0:root:/root:/bin/bash\n"
    assert read(layer, "etc/ssl/certs/ca-certificates.crt") == "A\nB\n"
    found = entries(layer)
    assert found["usr/bin/awk"].linkname == "mawk"
    assert "usr/bin/which" not in found
    assert {"mnt", "opt", "srv", "usr/local/bin"} < set(found)


def test_dpkg_lists_the_packages_of_an_unpacked_root_with_their_settings(archive, tmp_path):
    archive.add("daemon", {"DEBIAN/conffiles": "/etc/d.conf\n", "etc/d.conf": "", "sbin/d": "d"})
    layer = unpacked(archive, tmp_path)
    assert read(layer, "var/lib/dpkg/status") == (
        "Package: daemon\nStatus: install ok installed\nVersion: 1\nArchitecture: all\n"
        "Maintainer: x\nDescription: x\n"
        "Conffiles:\n /etc/d.conf d41d8cd98f00b204e9800998ecf8427e\n"
    )
    # by the names that the package has for them, as dpkg lists merged folders too
    listed = read(layer, "var/lib/dpkg/info/daemon.list").splitlines()
    assert sorted(listed) == ["/.", "/etc", "/etc/d.conf", "/sbin", "/sbin/d"]


def test_documents_are_left_out_but_not_licences_and_so_is_what_is_named(archive, tmp_path):
    archive.add(
        "python",
        {
            "usr/share/doc/python/copyright": "PSF",
            "usr/share/doc/python/changelog.gz": "",
            "usr/share/man/man1/python.1.gz": "",
            "usr/lib/python3.11/EXTERNALLY-MANAGED": "",
        },
    )
    layer = unpacked(archive, tmp_path, left_out=("usr/lib/python3.11/EXTERNALLY-MANAGED",))
    files = {
        name
        for name, info in entries(layer).items()
        if info.isfile() and not name.startswith("var/lib/dpkg/")
    }
    of_the_root = {"etc/ssl/certs/ca-certificates.crt", "etc/apt/sources.list"}
    assert files == {"usr/share/doc/python/copyright", *of_the_root}


def test_a_bare_root_is_the_packages_alone_and_two_users(archive, tmp_path):
    archive.add("libc", {"lib/libc.so.6": "c"})
    with Layer(tmp_path / "root.tar.gz") as layer:
        roots.bare(archive, ("libc",), layer)
    found = entries(layer)
    assert archive.asked == [("alone", ("libc",))]
    # as the packages have it: where nothing is merged, programs find it as well
    assert "lib/libc.so.6" in found
    assert read(layer, "var/lib/dpkg/status.d/libc") == CONTROL.format(name="libc")
    home, tmp = found["home/nonroot"], found["tmp"]
    assert (home.mode, home.uid, tmp.mode) == (0o700, 65532, 0o1777)
    assert "nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin" in read(layer, "etc/passwd")


def test_a_package_that_is_broken_is_told_and_fetched_again_the_next_time(archive, tmp_path):
    archive.add("broken", {"a": "A"})
    deb = tmp_path / "broken_1_all.deb"
    deb.write_bytes(b"!<arch>\nnonsense")
    with pytest.raises(SetupError, match=r"^dpkg-deb failed while a stand-in was made: "):
        unpacked(archive, tmp_path)
    assert not deb.exists()


def test_a_configured_root_is_bootstrapped_from_what_was_downloaded(
    archive, tmp_path, fake_path, monkeypatch
):
    monkeypatch.setattr(roots.apt, "sources", lambda suite: f"deb http://mirror.lan {suite} main\n")
    archive.add("hello", {"usr/bin/hello": ""})
    made = tmp_path / "made"
    for name in ("dev/null", "etc/hostname", "etc/issue", "usr/bin/hello", "usr/lib/managed"):
        (made / name).parent.mkdir(parents=True, exist_ok=True)
        (made / name).write_text(name)
    seen, scratch = tmp_path / "seen", tmp_path / "scratch"
    scratch.mkdir()
    script = f'printf "%s\\n" "$@" "$SOURCE_DATE_EPOCH" >{seen}; cat >>{seen}'
    fake_path("mmdebstrap", f"{script}; tar cf {scratch}/root.tar -C {made} .")
    with Layer(tmp_path / "root.tar.gz") as layer:
        roots.configured(archive, ("hello",), layer, scratch, left_out=("usr/lib/managed",))
    lines = seen.read_text().splitlines()
    assert lines[:3] == ["--quiet", "--variant=minbase", "--include=hello"]
    assert "--dpkgopt=path-exclude=/usr/share/man/*/*" in lines
    assert lines[-5:] == [
        "bookworm",
        str(scratch / "root.tar"),
        "-",
        "0",
        "deb http://mirror.lan bookworm main",
    ]
    assert Path(scratch, "debs").read_text() == f"{tmp_path}/hello_1_all.deb\n"
    # what is of the machine that made it is in no image
    files = {name for name, info in entries(layer).items() if info.isfile()}
    assert files == {"etc/issue", "usr/bin/hello"}
