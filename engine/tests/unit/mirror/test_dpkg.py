"""What dpkg, and scanners of images, read of packages that were unpacked without it."""

from __future__ import annotations

import subprocess
import tarfile

from buildkit_engine.mirror import dpkg
from buildkit_engine.mirror.dpkg import Package
from buildkit_engine.mirror.layers import Layer

LIBRARY = Package(
    {
        "control": b"Package: libx1\nVersion: 1.0-1\nArchitecture: arm64\nMulti-Arch: same\n"
        b"Maintainer: x\nDescription: x\n more\n",
        "md5sums": b"d41d8cd98f00b204e9800998ecf8427e  usr/lib/libx.so.1\n",
        "triggers": b"# by debhelper\nactivate-noawait ldconfig\ninterest x-caches\n",
    },
    ("/.", "/usr", "/usr/lib", "/usr/lib/libx.so.1"),
    {},
)
SERVER = Package(
    {
        "control": b"Package: xd\nVersion: 2\nArchitecture: all\nMaintainer: x\nDescription: x\n",
        "conffiles": b"/etc/xd.conf\n",
        "postinst": b"#!/bin/sh\n",
        "triggers": b"interest-noawait /usr/share/xd\ninterest-noawait x-caches\n",
    },
    ("/.", "/etc", "/etc/xd.conf"),
    {"/etc/xd.conf": b"a = 1\n"},
)


def entries(layer: Layer) -> dict[str, tuple[bytes, int]]:
    with tarfile.open(layer.path) as tar:
        return {i.name: (tar.extractfile(i).read(), i.mode) for i in tar if i.isfile()}


def test_packages_are_installed_for_dpkg(tmp_path):
    with Layer(tmp_path / "root.tar.gz") as layer:
        dpkg.add_installed([LIBRARY, SERVER], layer)
    info = "var/lib/dpkg/info"
    assert entries(layer) == {
        "var/lib/dpkg/status": (
            b"Package: libx1\nStatus: install ok installed\nVersion: 1.0-1\nArchitecture: arm64\n"
            b"Multi-Arch: same\nMaintainer: x\nDescription: x\n more\n\n"
            b"Package: xd\nStatus: install ok installed\nVersion: 2\nArchitecture: all\n"
            b"Maintainer: x\nDescription: x\nConffiles:\n"
            b" /etc/xd.conf 9358f2568f3316fe7e78a4fa7707c414\n",
            0o644,
        ),
        f"{info}/format": (b"1\n", 0o644),
        # dpkg would take every trigger for activated without it
        "var/lib/dpkg/triggers/Unincorp": (b"", 0o644),
        f"{info}/libx1:arm64.list": (b"/.\n/usr\n/usr/lib\n/usr/lib/libx.so.1\n", 0o644),
        f"{info}/libx1:arm64.md5sums": (LIBRARY.control["md5sums"], 0o644),
        f"{info}/libx1:arm64.triggers": (LIBRARY.control["triggers"], 0o644),
        f"{info}/xd.list": (b"/.\n/etc\n/etc/xd.conf\n", 0o644),
        f"{info}/xd.conffiles": (b"/etc/xd.conf\n", 0o644),
        f"{info}/xd.postinst": (b"#!/bin/sh\n", 0o755),
        f"{info}/xd.triggers": (SERVER.control["triggers"], 0o644),
        "var/lib/dpkg/triggers/x-caches": (b"libx1:arm64\nxd/noawait\n", 0o644),
        "var/lib/dpkg/triggers/File": (b"/usr/share/xd xd/noawait\n", 0o644),
    }


def test_dpkg_itself_finds_the_packages_and_their_files(tmp_path):
    with Layer(tmp_path / "root.tar.gz") as layer:
        dpkg.add_installed([LIBRARY, SERVER], layer)
    root = tmp_path / "root"
    root.mkdir()
    subprocess.run(["tar", "-xzf", str(layer.path), "-C", str(root)], check=True)
    ask = ["dpkg-query", f"--admindir={root}/var/lib/dpkg"]
    shown = subprocess.check_output(
        [*ask, "--show", "--showformat=${binary:Package} ${db:Status-Abbrev}\n"], text=True
    )
    assert sorted(shown.split("\n")) == ["", "libx1:arm64 ii ", "xd ii "]
    listed = subprocess.check_output([*ask, "--listfiles", "libx1:arm64"], text=True)
    assert listed.split() == ["/.", "/usr", "/usr/lib", "/usr/lib/libx.so.1"]


def test_distroless_images_have_a_file_a_package_for_their_own_architecture(tmp_path):
    with Layer(tmp_path / "root.tar.gz") as layer:
        dpkg.add_listed([LIBRARY, SERVER], "armhf", layer)
    folder = "var/lib/dpkg/status.d"
    control = LIBRARY.control["control"].replace(b"arm64", b"armhf")
    assert entries(layer) == {
        f"{folder}/libx1": (control, 0o644),
        f"{folder}/libx1.md5sums": (LIBRARY.control["md5sums"], 0o644),
        f"{folder}/xd": (SERVER.control["control"], 0o644),
        f"{folder}/xd.md5sums": (b"", 0o644),
    }
