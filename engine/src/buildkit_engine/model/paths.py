"""Paths inside containers and directories: always POSIX, always absolute and clean in here."""

from __future__ import annotations

import posixpath


def absolute(path: str, base: str = "/") -> str:
    """`path` as seen from `base`, which is absolute; never above /."""
    return posixpath.normpath(posixpath.join("/", base, path)).replace("//", "/", 1)


def below(path: str, folder: str) -> str | None:
    """`path` relative to `folder` ("" for the folder itself), or None where it is elsewhere."""
    if folder == "/":
        return path.lstrip("/")
    if path == folder:
        return ""
    return path.removeprefix(folder + "/") if path.startswith(folder + "/") else None
