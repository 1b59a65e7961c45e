"""What was needed to build an image and should not be in it, or should be nowhere."""

from __future__ import annotations

import posixpath
import re
import stat
from collections.abc import Iterator
from typing import TYPE_CHECKING

from .found import Found
from .image import is_text

if TYPE_CHECKING:
    from .image import Image
    from .rootfs import Entry

_COMPILERS = re.compile(
    r"(?:[a-z0-9_]+-linux-(?:gnu|musl)[a-z0-9]*-)?"
    r"(?:gcc|g\+\+|cc|c\+\+|clang|clang\+\+|ld|as|cc1|cc1plus)(?:-\d+)?"
    r"|rustc|cargo|nvcc|ptxas|cmake|ninja|make|gfortran(?:-\d+)?"
)
_GO = re.compile(r".*/go(?:-[\d.]+)?/bin/go")
_COMPILER_FOLDERS = re.compile(r".*/(?:bin|sbin|libexec|lib/gcc.*|libexec/gcc.*)")
_CACHES = (
    ("/var/lib/apt/lists", "rm -rf /var/lib/apt/lists/*"),
    ("/var/cache/apt/archives", "apt-get clean"),
    ("/var/cache/apk", "apk add --no-cache"),
    ("/var/cache/dnf", "dnf clean all"),
    ("/var/cache/yum", "yum clean all"),
    ("/root/.cache", "a cache mount for it"),
    ("/root/.npm", "a cache mount for it"),
    ("/root/.cargo/registry", "a cache mount for it"),
    ("/usr/local/cargo/registry", "a cache mount for it"),
    ("/go/pkg/mod", "a cache mount for it"),
)
# what apt keeps in its folders even when they are clean
_NO_CACHE = ("lock", "partial", "auxfiles")
_VERSION_CONTROL = (".git", ".hg", ".svn", ".bzr")
_KEY = re.compile(rb"^-----BEGIN (?:[A-Z0-9]+ )*PRIVATE KEY-----\s*$", re.MULTILINE)
_BEGIN = b"-----BEGIN "
_BEGINS_WITHIN = 1024
"""OpenSSL writes attributes of a key before it."""
_LARGEST_KEY = 64 * 1024
_DPKG_STATUS = "/var/lib/dpkg/status"
_DPKG_PARTS = "/var/lib/dpkg/status.d"
_APK_INSTALLED = "/lib/apk/db/installed"


def check(image: Image) -> Iterator[Found]:
    """Compilers, development packages, caches, version control, keys, setuid files, and size."""
    yield from _build_tools(image)
    yield from _packages(image)
    yield from _caches(image)
    for entry in image.root.entries.values():
        if entry.is_folder and posixpath.basename(entry.path) in _VERSION_CONTROL:
            yield Found(
                "version-control",
                entry.path,
                "the history of a source",
                "files of the application alone",
                "Leave it out: add it to .dockerignore, or copy the files that are needed.",
            )
        elif entry.is_file:
            yield from _key(image, entry)
            yield from _setuid(image, entry)
    yield from _size(image)


def _build_tools(image: Image) -> Iterator[Found]:
    for entry in image.root.entries.values():
        folder, _, name = entry.path.rpartition("/")
        is_tool = _COMPILERS.fullmatch(name) and _COMPILER_FOLDERS.fullmatch(folder)
        if entry.is_executable and (is_tool or _GO.fullmatch(entry.path)):
            yield Found(
                "build-tools",
                entry.path,
                "a compiler or build tool",
                "programs of the application alone",
                "Compile in a build stage and copy the result into a slim final stage.",
            )


def _packages(image: Image) -> Iterator[Found]:
    for path, text in _databases(image):
        names = re.findall(r"^(?:Package: |P:)(\S+-dev)$", text, re.MULTILINE)
        for name in names:
            yield Found(
                "build-tools",
                path,
                f"development package {name}",
                "packages for running alone",
                f"Install {name} in the build stage only, and its library here.",
            )


def _databases(image: Image) -> Iterator[tuple[str, str]]:
    """What package managers say is installed: Debian's, distroless images', Alpine's."""
    root = image.root
    parts = [p for p in root.entries if posixpath.dirname(p) == _DPKG_PARTS]
    for path in (_DPKG_STATUS, _APK_INSTALLED, *parts):
        entry = root.file(path)
        if entry is None:
            continue
        text = root.real(entry.path).read_text(errors="replace")
        installed = (
            block
            for block in text.split("\n\n")
            if "\nStatus: " not in block or "\nStatus: install ok" in block
        )
        yield path, "\n\n".join(installed)


def _caches(image: Image) -> Iterator[Found]:
    for folder, remedy in _CACHES:
        prefix = f"{folder}/"
        size = sum(
            e.status.st_size
            for e in image.root.entries.values()
            if e.is_file
            and e.path.startswith(prefix)
            and e.path.removeprefix(prefix).partition("/")[0] not in _NO_CACHE
        )
        if size:
            yield Found(
                "package-cache",
                folder,
                f"{size / 1_000_000:.1f} MB",
                "no cache in an image",
                f"Use {remedy} where it is filled.",
            )


def _key(image: Image, entry: Entry) -> Iterator[Found]:
    if entry.status.st_size > _LARGEST_KEY or not is_text(image.heads.get(entry.path, b"\0")):
        return
    if _BEGIN not in image.root.head(entry, _BEGINS_WITHIN):
        return
    if _KEY.search(image.root.head(entry, _LARGEST_KEY)):
        yield Found(
            "private-key",
            entry.path,
            "a private key",
            "no secret in an image",
            "Leave it out, and replace the key: whoever can pull the image has it.",
        )


def _setuid(image: Image, entry: Entry) -> Iterator[Found]:
    mode = entry.status.st_mode
    is_special = entry.is_executable and mode & (stat.S_ISUID | stat.S_ISGID)
    if not is_special or image.is_from_base(entry.path):
        return
    yield Found(
        "setuid-added",
        entry.path,
        f"mode {mode & 0o7777:04o}",
        "no setuid or setgid bit",
        "Drop it: chmod ug-s.",
        # where the base image is not known, it may be the base's own
        is_certain=bool(image.base.entries),
    )


def _size(image: Image) -> Iterator[Found]:
    budget = image.request.budget
    # a file that has several names is in the layer once
    inodes = {
        (e.status.st_dev, e.status.st_ino): e.status.st_size
        for e in image.root.entries.values()
        if e.is_file
    }
    size = sum(inodes.values())
    if budget and size > budget:
        yield Found(
            "over-budget",
            "/",
            f"{size / 1_000_000:.1f} MB",
            f"{budget / 1_000_000:.1f} MB at most",
            "Leave out what is not needed, or raise [verify] max_size.",
        )
