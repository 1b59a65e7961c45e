"""Where filesystems come from: images, folders of this machine, the web."""

from __future__ import annotations

import hashlib
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
    """A folder of this machine, sent to the daemon with all that is in it.

    `unique` keeps two sessions apart that send folders under one name at the same time. The name
    is that of `origin`, what the folder is a copy of, where it is one: the daemon keeps what it
    was sent under a name, and is sent only what changed. `left_out` are the patterns of what the
    copy does not have.
    """

    path: str
    unique: str
    origin: str = ""
    left_out: tuple[str, ...] = ()

    @cached_property
    def name(self) -> str:
        """What the solve binds the folder to."""
        origin = self.origin or self.path
        return "local-" + hashlib.sha256(origin.encode()).hexdigest()[:16]

    def body(self) -> dict[str, object]:
        attrs = {"local.sharedkeyhint": self.origin or self.path, "local.unique": self.unique}
        return {"source": pb.SourceOp(identifier=f"local://{self.name}", attrs=attrs)}


@dataclass(frozen=True, eq=False)
class LayoutSource(Op):
    """An image's filesystem, from an OCI layout in a folder of this machine."""

    folder: str
    digest_of_image: str
    for_platform: str
    times_are_set: bool = False

    @property
    def platform(self) -> str:
        return self.for_platform

    @property
    def name(self) -> str:
        """What the solve binds the folder to."""
        return "layout-" + self.digest_of_image.removeprefix("sha256:")[:16]

    @cached_property
    def has_set_times(self) -> bool:  # type: ignore[override]
        return self.times_are_set

    def body(self) -> dict[str, object]:
        identifier = f"oci-layout://buildkit-engine/carried@{self.digest_of_image}"
        return {"source": pb.SourceOp(identifier=identifier, attrs={"oci.store": self.name})}


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
