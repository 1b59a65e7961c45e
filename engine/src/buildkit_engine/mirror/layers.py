"""Layers of images: compressed tar files that are the same bytes whenever they are made."""

from __future__ import annotations

import gzip
import hashlib
import io
import posixpath
import tarfile
from pathlib import Path
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

_FAST = 1
"""The registry is on loopback: what time compression takes is not won back."""


class Layer:
    """Entries in the order they are added, each once, with times of 0; owned by root unless said.

    A context manager: the layer is whole, and its digests are known, once it was left.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.digest = ""
        """Of the file, as registries name it."""
        self.diff_id = ""
        """Of what is in it uncompressed, as image configurations name it."""
        self.size = 0
        self._file = path.open("wb")
        self._outer = _Hashed(self._file)
        self._gzip = gzip.GzipFile(
            filename="", mode="wb", compresslevel=_FAST, fileobj=self._outer, mtime=0
        )
        self._inner = _Hashed(self._gzip)
        self._tar = tarfile.open(fileobj=self._inner, mode="w|", format=tarfile.GNU_FORMAT)  # type: ignore[call-overload]  # noqa: SIM115 - see __exit__
        self._names: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        if error is None:
            self._tar.close()
            self._gzip.close()
        self._file.close()
        self.digest, self.diff_id = self._outer.digest, self._inner.digest
        self.size = self.path.stat().st_size

    def __contains__(self, name: str) -> bool:
        return name in self._names

    def add_tree(self, root: Path, prefix: str, executable: tuple[str, ...] = ()) -> None:
        """All below `root`. Where `executable` folders are named, all else is made readable and
        writable as an installation is, and the files below those folders may be executed.
        """
        for path in sorted(root.rglob("*")):
            relative = str(path.relative_to(root))
            info = self._tar.gettarinfo(path, arcname=f"{prefix}/{relative}".lstrip("/"))
            if executable:
                below = any(relative.startswith(f"{folder}/") for folder in executable)
                may_enter = info.isdir() or below
                info.mode = 0o755 if may_enter else 0o644
            if info.islnk():
                # hard links of the build host's own layout are no property of the image
                info.type, info.size, info.linkname = tarfile.REGTYPE, path.stat().st_size, ""
            info.uid = info.gid = 0
            if info.isfile():
                with path.open("rb") as data:
                    self._add(info, data)
            else:
                self._add(info)

    def add_tar(self, tar: IO[bytes], keep: Callable[[str], str]) -> None:
        """The entries of an uncompressed tar, with their owners, under the names that `keep` gives
        them; "" leaves one out.
        """
        with tarfile.open(fileobj=tar, mode="r|") as entries:
            for info in entries:
                info.name = keep(posixpath.normpath(info.name).lstrip("/"))
                if info.islnk():
                    info.linkname = keep(posixpath.normpath(info.linkname).lstrip("/"))
                if info.name and info.name != ".":
                    self._add(info, entries.extractfile(info) if info.isfile() else None)

    def add_file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), mode
        self._add(info, io.BytesIO(data))

    def add_folder(self, name: str, *, mode: int, owner: int = 0) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.mode = tarfile.DIRTYPE, mode
        info.uid = info.gid = owner
        self._add(info)

    def add_link(self, name: str, target: str) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.mode, info.linkname = tarfile.SYMTYPE, 0o777, target
        self._add(info)

    def _add(self, info: tarfile.TarInfo, data: IO[bytes] | None = None) -> None:
        if info.name in self._names:
            # packages share folders; the first to say how one looks is heard
            return
        info.mtime = 0
        info.uname = info.gname = ""
        info.pax_headers = {}
        for parent in map(str, reversed(Path(info.name).parents)):
            if parent != "." and parent not in self._names:
                self.add_folder(parent, mode=0o755)
        self._names.add(info.name)
        self._tar.addfile(info, data)


class _Hashed(io.RawIOBase):
    """Passes on what is written, and knows its digest."""

    def __init__(self, to: IO[bytes] | gzip.GzipFile) -> None:
        self._to, self._sha = to, hashlib.sha256()

    @property
    def digest(self) -> str:
        return f"sha256:{self._sha.hexdigest()}"

    def writable(self) -> bool:
        return True

    def write(self, data: bytes) -> int:  # type: ignore[override]
        self._sha.update(data)
        return self._to.write(data)
