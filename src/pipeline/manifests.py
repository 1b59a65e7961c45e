"""What a registry answers for an image's name: an index, or one platform's manifest; as values.

Fields and media types are those of the OCI image specification (image-index.md, manifest.md) and of
Docker's "Image Manifest Version 2, Schema 2", which registries still hold.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from pipeline import platforms
from pipeline.errors import PlatformError, RegistryError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.platforms import PlatformSpec

UNKNOWN = "unknown"
"""Architecture and system of entries that hold what was attested of another one."""
_INDEXES = (
    "application/vnd.oci.image.index.v1+json",
    "application/vnd.docker.distribution.manifest.list.v2+json",
)


@dataclass(frozen=True)
class Entry:
    """One image of an index: what the index says of it. Nothing of it is read from the image."""

    digest: str
    platform: str
    """As an index names it, with its usual spelling; empty where the index says nothing."""


@dataclass(frozen=True)
class Manifest:
    """One answer of a registry, byte for byte, and what is in it."""

    text: str
    entries: tuple[Entry, ...] | None
    """Of an index its images, without attestations; None for an image of its own."""

    @property
    def digest(self) -> str:
        """What a registry calls these bytes."""
        return f"sha256:{hashlib.sha256(self.text.encode()).hexdigest()}"

    @property
    def size(self) -> int:
        """How many bytes they are."""
        return len(self.text.encode())


def parse(text: str, reference: str) -> Manifest:
    """The manifest that a registry gave for the reference.

    Raises RegistryError for what is neither an index nor an image, and for an index in an index.
    """
    document = _document(text, reference)
    if "manifests" not in document:
        if not isinstance(document.get("config"), dict):
            kind = document.get("mediaType") or f"version {document.get('schemaVersion')}"
            raise RegistryError(
                f"'{reference}' is neither an image nor an index, but {kind}: "
                "expected an image that was pushed as OCI or Docker schema 2"
            )
        return Manifest(text, None)
    entries = []
    for each in document["manifests"]:
        if each.get("mediaType") in _INDEXES:
            raise RegistryError(
                f"'{reference}' has an index in its index ({each['digest']}): expected images; "
                "name the inner one by its digest"
            )
        platform = platform_of(each.get("platform") or {})
        if platform != f"{UNKNOWN}/{UNKNOWN}":
            entries.append(Entry(each["digest"], platform))
    return Manifest(text, tuple(entries))


def platform_of(document: Mapping[str, Any]) -> str:
    """The platform of an index's entry, or of an image's configuration; empty without one."""
    parts = (document.get(key) for key in ("os", "architecture", "variant"))
    named = [str(part) for part in parts if part]
    return platforms.normalize("/".join(named)) if len(named) > 1 else ""


def config_platform(text: str, reference: str) -> str:
    """The platform in an image's configuration; empty for what no machine runs, such as a chart."""
    return platform_of(_document(text, reference))


def select(
    entries: Sequence[Entry], wanted: Sequence[PlatformSpec] | None, reference: str
) -> list[tuple[PlatformSpec, Entry]]:
    """The images to look at: all, or those of the wanted platforms, in the order wanted.

    Raises RegistryError where there is no image at all; PlatformError for a wanted platform that is
    not there, and for one that is there, is not left out, and is not known to this module.
    """
    if not entries:
        msg = f"'{reference}' holds no image: expected one at least, for a platform"
        raise RegistryError(msg)
    held = list(dict.fromkeys(entry.platform for entry in entries))
    known = {spec.platform: spec for spec in platforms.PLATFORMS}
    if wanted is None:
        for platform in held:
            if platform not in known:
                rest = ", ".join(p for p in held if p in known)
                remedy = f"leave it out with --platforms={rest.replace(', ', ',')}" if rest else (
                    f"expected one of {', '.join(known)}"
                )  # fmt: skip
                msg = f"'{reference}' holds '{platform}', which cannot be looked at: {remedy}"
                raise PlatformError(msg)
        return [(known[entry.platform], entry) for entry in entries]
    for spec in wanted:
        if spec.platform not in held:
            msg = (
                f"'{reference}' holds nothing for '{spec.platform}': "
                f"expected one of {', '.join(held)}"
            )
            raise PlatformError(msg)
    return [
        (spec, entry) for spec in wanted for entry in entries if entry.platform == spec.platform
    ]


def _document(text: str, reference: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except ValueError:
        document = None
    if not isinstance(document, dict):
        start = text[:40].strip()
        msg = f"'{reference}': the registry's answer begins with '{start}': expected a JSON object"
        raise RegistryError(msg)
    return document
