"""Paths inside containers and directories: always POSIX, always absolute and clean in here."""

from __future__ import annotations

import posixpath

from buildkit_engine.errors import RequestError


def absolute(path: str, base: str = "/") -> str:
    """`path` as seen from `base`, which is absolute; never above /."""
    return posixpath.normpath(posixpath.join("/", base, path)).replace("//", "/", 1)


def inside(path: str) -> str:
    """A path of a directory object, absolute within it; one that leaves it is refused."""
    clean = posixpath.normpath(path.lstrip("/") or ".")
    if clean == ".." or clean.startswith("../"):
        raise RequestError(f"path '{path}' leads out of the directory")
    return absolute(clean)


def below(path: str, folder: str) -> str | None:
    """`path` relative to `folder` ("" for the folder itself), or None where it is elsewhere."""
    if folder == "/":
        return path.lstrip("/")
    if path == folder:
        return ""
    return path.removeprefix(folder + "/") if path.startswith(folder + "/") else None
