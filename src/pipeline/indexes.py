"""Images that were pushed one by one, joined into one OCI index: as values, nothing is read or written.

Fields are those of the OCI image specification (image-index.md, descriptor.md, image-layout.md). An
index may name manifests of Docker's media type: each entry keeps the type of its own bytes. How an
entry names the image that it attests something of is BuildKit's convention
(docs/attestations/attestation-storage.md).
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline import manifests
from pipeline.errors import PlatformError, RegistryError
from pipeline.manifests import UNKNOWN, Manifest

if TYPE_CHECKING:
    from collections.abc import Sequence

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_SUBJECT = "vnd.docker.reference.digest"
"""The annotation that names the image of which something is attested."""


@dataclass(frozen=True)
class Piece:
    """One manifest that goes into an index, and where it comes from."""

    reference: str
    """The image that whoever merges has named."""
    entry: Mapping[str, Any]
    """What an index says of it."""
    text: str
    """Its bytes."""
    platform: str = ""
    """Of an image; empty for what is attested of one."""

    @property
    def digest(self) -> str:
        return self.entry["digest"]


@dataclass(frozen=True)
class Index:
    """The index to write, and all that it names."""

    text: str
    pieces: tuple[Piece, ...]
    notes: tuple[str, ...] = ()
    """What of the refs is not in it, a line each."""

    @property
    def platforms(self) -> list[str]:
        return [piece.platform for piece in self.pieces if piece.platform]

    @property
    def layout(self) -> dict[str, str]:
        """An OCI image layout of the manifests, by paths; without the layers, which stay where they are."""
        whole = Manifest(self.text, None)
        entry = {"mediaType": OCI_INDEX, "digest": whole.digest, "size": whole.size}
        files = {
            "oci-layout": json.dumps({"imageLayoutVersion": "1.0.0"}),
            "index.json": _index([entry]),
            _blob(whole.digest): self.text,
        }
        return files | {_blob(piece.digest): piece.text for piece in self.pieces}


def entries(manifest: Manifest) -> list[dict[str, Any]]:
    """What an index says of each manifest in it; for an image of its own, what one would say."""
    document = json.loads(manifest.text)
    if manifest.entries is not None:
        return document["manifests"]
    kind = document.get("mediaType") or OCI_MANIFEST
    return [{"mediaType": kind, "digest": manifest.digest, "size": manifest.size}]


def annotations_of(manifest: Manifest) -> dict[str, str]:
    """Those of an index itself; a manifest of its own keeps its in its bytes."""
    return {} if manifest.entries is None else json.loads(manifest.text).get("annotations") or {}


def is_attestation(entry: Mapping[str, Any]) -> bool:
    """Whether the entry is no image, but what was attested of one."""
    return manifests.platform_of(entry.get("platform") or {}) == f"{UNKNOWN}/{UNKNOWN}"


def image(reference: str, entry: Mapping[str, Any], text: str, config: str) -> Piece:
    """One image of the reference, by its entry, its manifest and its configuration.

    Raises RegistryError for what no machine runs, PlatformError where the entry names another
    platform than the configuration.
    """
    found = manifests.config_platform(config, reference)
    if not found:
        msg = (
            f"'{reference}' holds {entry['digest']}, which is no image of a platform: expected "
            "images only"
        )
        raise RegistryError(msg)
    named = manifests.platform_of(entry.get("platform") or {})
    if named and named != found:
        msg = (
            f"'{reference}' holds an image that its index calls {named}, and whose configuration "
            f"says {found}: publish it again for the platform that it was built for"
        )
        raise PlatformError(msg)
    if not named:
        parts = dict(zip(("os", "architecture", "variant"), found.split("/"), strict=False))
        entry = {**entry, "platform": parts}
    return Piece(reference, entry, text, found)


def join(pieces: Sequence[Piece], of_indexes: Sequence[Mapping[str, str]]) -> Index:
    """One index of all images by platform, as a publish sorts them, then what is attested of them.

    Of the annotations of indexes, that of the first which has one is kept. What is attested of an
    image that is not among them is left out. The notes name both. Raises PlatformError where two
    images are for one platform.
    """
    images: dict[str, Piece] = {}
    for piece in pieces:
        if not piece.platform:
            continue
        if piece.platform in images:
            first, second = images[piece.platform].reference, piece.reference
            both = f"'{first}' has two images" if first == second else (
                f"'{first}' and '{second}' both hold an image"
            )  # fmt: skip
            msg = f"{both} for {piece.platform}: expected each platform once"
            raise PlatformError(msg)
        images[piece.platform] = piece
    ordered = [images[platform] for platform in sorted(images)]
    digests = {piece.digest for piece in ordered}
    notes = []
    for piece in pieces:
        if piece.platform:
            continue
        if (piece.entry.get("annotations") or {}).get(_SUBJECT) in digests:
            ordered.append(piece)
        else:
            notes.append(
                f"'{piece.reference}': {piece.digest} is left out: what it attests is of no image here"
            )
    united: dict[str, str] = {}
    for each in of_indexes:
        for key, value in each.items():
            if united.setdefault(key, value) != value:
                notes.append(f"annotation {key}: '{united[key]}' is kept, '{value}' is not")
    text = _index([dict(piece.entry) for piece in ordered], united)
    return Index(text, tuple(ordered), tuple(notes))


def require(index: Index, wanted: Sequence[str]) -> None:
    """Raises PlatformError where the index is not of the wanted platforms, all of them and no other."""
    for platform in wanted:
        if platform not in index.platforms:
            held = ", ".join(index.platforms)
            msg = f"No ref holds an image for {platform}, which --platforms names: found {held}"
            raise PlatformError(msg)
    for piece in index.pieces:
        if piece.platform and piece.platform not in wanted:
            msg = (
                f"'{piece.reference}' holds {piece.platform}, which --platforms does not name: "
                f"expected {', '.join(wanted)}"
            )
            raise PlatformError(msg)


def _index(of: Sequence[Mapping[str, Any]], annotated: Mapping[str, str] | None = None) -> str:
    document = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": list(of)}
    return json.dumps(document | ({"annotations": annotated} if annotated else {}))


def _blob(digest: str) -> str:
    return f"blobs/{digest.replace(':', '/')}"
