"""Root filesystems from Debian's packages, as layers."""

from __future__ import annotations

import fnmatch
import io
import subprocess
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror import apt, dpkg
from buildkit_engine.mirror.dpkg import Package
from buildkit_engine.mirror.programs import explained, run

if TYPE_CHECKING:
    from collections.abc import Callable

    from buildkit_engine.mirror.apt import Archive
    from buildkit_engine.mirror.layers import Layer

ESSENTIAL = ("?essential", "?priority(required)", "apt")
"""What every Debian system has, in apt's words."""
_SLIM = (
    "usr/share/doc/*/*",
    "usr/share/man/*/*",
    "usr/share/locale/*/*",
    "usr/share/info/*",
    "usr/share/lintian/*",
)
_KEPT = "usr/share/doc/*/copyright"
_OF_THIS_MACHINE = ("dev/*", "etc/hostname", "etc/resolv.conf", "var/cache/apt/*", "var/log/*")
"""What a bootstrapped root has from where it was made."""
_MERGED = ("bin", "sbin", "lib", "lib32", "lib64", "libx32")
"""Folders of the root that Debian keeps below /usr, with links where they were."""
_CERTIFICATES = "usr/share/ca-certificates/mozilla/"
_SOURCES = "etc/apt/sources.list"
_BUNDLE = "etc/ssl/certs/ca-certificates.crt"
_USERS = """\
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
"""
_GROUPS = """\
root:x:0:
nobody:x:65534:
tty:x:5:
staff:x:50:
nonroot:x:65532:
"""
# what packages' own scripts would make of files that they bring: name, what it is a copy of
_COPIES = (
    ("etc/passwd", "usr/share/base-passwd/passwd.master"),
    ("etc/group", "usr/share/base-passwd/group.master"),
    ("etc/nsswitch.conf", "usr/share/libc-bin/nsswitch.conf"),
    ("etc/profile", "usr/share/base-files/profile"),
    ("root/.bashrc", "usr/share/base-files/dot.bashrc"),
    ("root/.profile", "usr/share/base-files/dot.profile"),
)
_FOLDERS = ("media", "mnt", "opt", "srv", "usr/local/bin", "usr/local/lib", "usr/local/sbin")
# and the links that they would make: where it is, what it leads to, what must be there
_LINKS = (
    ("usr/bin/awk", "mawk", "usr/bin/mawk"),
    ("usr/bin/pager", "more", "usr/bin/more"),
    ("usr/bin/which", "which.debianutils", "usr/bin/which.debianutils"),
    ("usr/bin/cc", "gcc", "usr/bin/gcc"),
    ("usr/bin/c++", "g++", "usr/bin/g++"),
    ("var/run", "/run", "usr/share/base-files/profile"),
    # where OpenSSL looks for one file: the folder of hashed names is made by a script
    ("usr/lib/ssl/cert.pem", f"/{_BUNDLE}", "usr/bin/openssl"),
)


_ISOLATED = ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")
"""Mounts end with the command, and so does every process that it starts."""


def configured(
    archive: Archive,
    packages: tuple[str, ...],
    layer: Layer,
    scratch: Path,
    left_out: tuple[str, ...] = (),
) -> None:
    """Debian's smallest root of this machine's platform with `packages`, by mmdebstrap.

    Every package's script has run, as in an installation.
    """
    debs = archive.with_dependencies((*ESSENTIAL, *packages))
    target, listed = scratch / "root.tar", scratch / "debs"
    listed.write_text("".join(f"{deb}\n" for deb in debs))
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}"]
    command += [f"--dpkgopt=path-exclude=/{pattern}" for pattern in _SLIM]
    command += [f"--dpkgopt=path-include=/{_KEPT}"]
    # what was downloaded and verified once is not fetched again
    command += ['--setup-hook=mkdir -p "$1/var/cache/apt/archives"']
    command += [f'--setup-hook=xargs -a "{listed}" cp -t "$1/var/cache/apt/archives"']
    sources = apt.sources(archive.suite)
    # its folders are below the target's, which whoever made that removes
    env = {"SOURCE_DATE_EPOCH": "0", "TMPDIR": str(scratch)}
    run([*command, archive.suite, str(target), "-"], env, given=sources, prefix=_ISOLATED)
    with target.open("rb") as tar:
        layer.add_tar(tar, _without((*_OF_THIS_MACHINE, *left_out)))
    target.unlink()


def unpacked(
    archive: Archive, packages: tuple[str, ...], layer: Layer, left_out: tuple[str, ...] = ()
) -> None:
    """The same files for any platform, without executing any of them: packages are unpacked, and
    what their scripts would do to make programs run is done here. dpkg takes them for installed.
    """
    debs = archive.with_dependencies((*ESSENTIAL, *packages))
    found, added = _add_packages(debs, layer, (*_SLIM, *left_out), merged=True)
    dpkg.add_installed(added, layer)
    for folder in _MERGED:
        if f"usr/{folder}" in layer:
            layer.add_link(folder, f"usr/{folder}")
    for name in _FOLDERS:
        layer.add_folder(name, mode=0o755)
    for name, source in _COPIES:
        if source in found:
            # the master files have no passwords: as in an installation with shadow passwords
            layer.add_file(name, found[source].replace(b":*:", b":x:"))
    for name, target, needs in _LINKS:
        if needs in layer and name not in layer:
            layer.add_link(name, target)
    # for whoever installs packages there under emulation
    layer.add_file(_SOURCES, apt.sources(archive.suite).encode())


def bare(
    archive: Archive,
    packages: tuple[str, ...],
    layer: Layer,
    left_out: tuple[str, ...] = (),
    *,
    architecture: str = "",
) -> None:
    """Exactly these packages' files, and two users: a root without a shell, for any platform.

    `architecture` is Debian's for the platform, if it is another than the archive's.
    """
    debs = archive.alone(packages)
    _, added = _add_packages(debs, layer, (*_SLIM, *left_out), merged=False)
    dpkg.add_listed(added, architecture or archive.architecture, layer)
    layer.add_file("etc/passwd", _USERS.encode())
    layer.add_file("etc/group", _GROUPS.encode())
    layer.add_folder("home/nonroot", mode=0o700, owner=65532)
    layer.add_folder("tmp", mode=0o1777)


def _add_packages(
    debs: list[Path], layer: Layer, left_out: tuple[str, ...], *, merged: bool
) -> tuple[dict[str, bytes], list[Package]]:
    """Adds the files of packages; returns those that scripts would read, by their names, and what
    dpkg would know of each package.
    """
    wanted = {source for _, source in _COPIES}
    found: dict[str, bytes] = {}
    packages: list[Package] = []
    keep = _without(left_out)

    def placed(name: str) -> str:
        if merged and name in _MERGED:
            # a folder of one package, a link of another
            return ""
        top = name.partition("/")[0]
        return keep(f"usr/{name}" if merged and top in _MERGED else name)

    for deb in debs:
        data, control = _tar_of(deb, "--fsys-tarfile"), _control(deb)
        settings = control.get("conffiles", b"").decode().split("\n")
        conffiles: dict[str, bytes] = {}
        names = []
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            for info in tar:
                name = info.name.removeprefix("./")
                names.append(f"/{name}")
                if not info.isfile():
                    continue
                if f"/{name}" in settings:
                    conffiles[f"/{name}"] = tar.extractfile(info).read()  # type: ignore[union-attr]
                if name in wanted or name.startswith(_CERTIFICATES):
                    found[name] = tar.extractfile(info).read()  # type: ignore[union-attr]
        packages.append(Package(control, tuple(names), conffiles))
        layer.add_tar(io.BytesIO(data), placed)
    certificates = [found[name] for name in sorted(found) if name.startswith(_CERTIFICATES)]
    layer.add_file(_BUNDLE, b"".join(certificates))
    return found, packages


def _control(deb: Path) -> dict[str, bytes]:
    """The files of a package that are for dpkg, by their names."""
    with tarfile.open(fileobj=io.BytesIO(_tar_of(deb, "--ctrl-tarfile"))) as tar:
        return {
            info.name.removeprefix("./"): tar.extractfile(info).read()  # type: ignore[union-attr]
            for info in tar
            if info.isfile()
        }


def _tar_of(deb: Path, which: str) -> bytes:
    done = subprocess.run(["dpkg-deb", which, str(deb)], capture_output=True, check=False)
    if done.returncode:
        # a broken file would be taken for a whole one the next time, too
        deb.unlink(missing_ok=True)
        raise SetupError(explained("dpkg-deb", done.stderr.decode(errors="replace")))
    return done.stdout


def _without(patterns: tuple[str, ...]) -> Callable[[str], str]:
    """Names as they are; "" for those that match."""

    def keep(name: str) -> str:
        left_out = any(fnmatch.fnmatchcase(name, pattern) for pattern in patterns)
        return name if not left_out or fnmatch.fnmatchcase(name, _KEPT) else ""

    return keep
