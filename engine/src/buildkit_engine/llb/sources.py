"""Where filesystems come from: images, folders of this machine, the web."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cached_property

from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.operation import Op


@dataclass(frozen=True, eq=False)
class ImageSource(Op):
    """An image's filesystem, by a reference with a digest."""

    ref: str
    for_platform: str

    @property
    def platform(self) -> str:
        return self.for_platform

    def body(self) -> dict[str, object]:
        return {"source": pb.SourceOp(identifier=f"docker-image://{self.ref}")}


@dataclass(frozen=True, eq=False)
class LocalSource(Op):
    """A folder of this machine, sent to the daemon as far as the patterns let it.

    `unique` keeps two sessions apart that send different folders at the same time; the path as
    `sharedkeyhint` keeps the daemon's copy from one session to the next.
    """

    path: str
    unique: str
    include: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()

    @cached_property
    def name(self) -> str:
        """What the solve binds the folder to."""
        key = json.dumps([self.path, self.include, self.exclude, self.unique])
        return "local-" + hashlib.sha256(key.encode()).hexdigest()[:16]

    def body(self) -> dict[str, object]:
        hint = json.dumps([self.path, self.include, self.exclude])
        attrs = {"local.sharedkeyhint": hint, "local.unique": self.unique}
        if self.include:
            attrs["local.includepattern"] = json.dumps(self.include)
        if self.exclude:
            attrs["local.excludepatterns"] = json.dumps(self.exclude)
        return {"source": pb.SourceOp(identifier=f"local://{self.name}", attrs=attrs)}


@dataclass(frozen=True, eq=False)
class HttpSource(Op):
    """One file of the web, with a name; asked for again each time, and fetched if it changed."""

    url: str
    name: str
    mode: int
    checksum: str = ""
    header_secret: str = ""
    """The id of the secret that is sent as the Authorization header."""

    def body(self) -> dict[str, object]:
        attrs = {"http.filename": self.name, "http.perm": f"{self.mode:#o}".replace("0o", "0")}
        if self.checksum:
            attrs["http.checksum"] = self.checksum
        if self.header_secret:
            attrs["http.authheadersecret"] = self.header_secret
        return {"source": pb.SourceOp(identifier=self.url, attrs=attrs)}
