"""Images of single platforms, pushed by machines of their own, joined under one tag."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import (
    images,
    indexes,
    platforms,
    published,
    publishing,
    registry,
    settings,
    verification,
)
from pipeline.builds import checks
from pipeline.concurrency import concurrently
from pipeline.errors import MissingError, PublishError, UnreachableError
from pipeline.report import require_no_errors

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from pipeline.indexes import Index, Piece
    from pipeline.manifests import Manifest
    from pipeline.platforms import PlatformSpec
    from pipeline.publishing import Destination, Reference
    from pipeline.registry import Login, Registry
    from pipeline.settings import Settings


@dataclass(frozen=True)
class Request:
    """What is to be merged, each part at least of the right form."""

    refs: tuple[str, ...]
    target: Destination
    platforms: tuple[str, ...] | None
    """All that the image must hold, and nothing else; None where that is whatever the refs hold."""
    replace: bool = False
    skip_verify: bool = False
    delete_refs: bool = False

    @property
    def parts(self) -> tuple[Reference, ...]:
        return tuple(publishing.reference(ref) for ref in self.refs)


def request(
    refs: Sequence[str],
    target: Destination,
    given: Sequence[str] | None,
    *,
    replace: bool = False,
    skip_verify: bool = False,
    delete_refs: bool = False,
) -> Request:
    """Checks what can be known to be wrong before a registry is asked.

    Raises PublishError for refs that are none, named twice, of another registry than the target, or
    without a tag to delete; PlatformError for a platform that is unknown or named twice.
    """
    if not refs:
        msg = "No refs to merge: expected images, such as registry.example.com/app:1.2-linux-arm64"
        raise PublishError(msg)
    seen: dict[str, str] = {}
    for ref in refs:
        part = publishing.reference(ref)
        if part.registry != target.registry:
            msg = (
                f"'{ref}' is in the registry {part.registry}, and the address in {target.registry}: "
                "expected one registry; publish to it, or copy the image there before"
            )
            raise PublishError(msg)
        if str(part) in seen:
            msg = f"'{ref}' is named twice (as '{seen[str(part)]}' before): name each ref once"
            raise PublishError(msg)
        seen[str(part)] = ref
        if delete_refs and not _has_tag(ref):
            msg = f"'{ref}' names no tag that --delete-refs could delete: expected repository:tag"
            raise PublishError(msg)
    wanted = None if given is None else tuple(s.platform for s in platforms.parse_all(given))
    return Request(tuple(refs), target, wanted, replace, skip_verify, delete_refs)


async def merge(
    source: dagger.Directory,
    config: str,
    flavor: str,
    asked: Request,
    login: Login | None = None,
) -> list[str]:
    """Writes one index of all images of the refs under each tag; "repository:tag@digest" a tag.

    Nothing is written before everything is read, compared and, by [verify] of the source's
    configuration, proven. The manifests stay as they are, byte for byte.
    Raises RegistryError for a ref that is not there or cannot be read, PlatformError where platforms
    do not differ, or not match, PublishError where a tag holds a platform that would be lost, or a
    request to write fails, FindingsError for what the proof finds.
    """
    found, default = await concurrently(
        settings.load(source, config, flavor, needs_toolchain=False), dag.default_platform()
    )
    host = platforms.parse(default)
    tool = found.project.registry.image or images.REGISTRY_TOOL
    client = await registry.connect(tool, host, asked.target.registry, login)
    try:
        index = await _joined(client, asked.parts)
        if asked.platforms is not None:
            indexes.require(index, asked.platforms)
        if not asked.replace:
            await concurrently(
                *(_require_no_loss(client, asked.target, tag, index) for tag in asked.target.tags)
            )
    except UnreachableError as error:
        msg = f"{error}. {registry.WHENCE}"
        raise UnreachableError(msg) from None
    for note in index.notes:
        print(note, file=sys.stderr)
    if asked.skip_verify:
        verification.skip(asked.target.addresses)
    else:
        await _verify(index, found, host, login)
    written = await _write(client, index, asked.target)
    if asked.delete_refs:
        await _delete(client, asked, index)
    return written


async def _joined(client: Registry, parts: Sequence[Reference]) -> Index:
    held: list[Manifest] = await concurrently(*(client.manifest(str(part)) for part in parts))
    pieces = await concurrently(
        *(
            _piece(client, part, entry)
            for part, manifest in zip(parts, held, strict=True)
            for entry in indexes.entries(manifest)
        )
    )
    return indexes.join(pieces, [indexes.annotations_of(manifest) for manifest in held])


async def _piece(client: Registry, part: Reference, entry: dict[str, Any]) -> Piece:
    address = part.at(entry["digest"])
    if indexes.is_attestation(entry):
        return indexes.Piece(str(part), entry, (await client.manifest(address)).text)
    manifest, config = await concurrently(client.manifest(address), client.config(address))
    return indexes.image(str(part), entry, manifest.text, config)


async def _require_no_loss(client: Registry, target: Destination, tag: str, index: Index) -> None:
    """Raises PublishError where the tag holds what the index does not, and would lose it."""
    address = f"{target.repository}:{tag}"
    try:
        manifest = await client.manifest(address)
    except MissingError:
        return
    held = [entry.platform for entry in await client.images(target.repository, manifest)]
    lost = [platform for platform in held if platform not in index.platforms]
    if lost or not held:
        what = ", ".join(lost) or "what is no image"
        msg = (
            f"'{address}' holds {what}, which the refs do not, and would lose it: name a ref for it "
            "as well, or overwrite it with --replace"
        )
        raise PublishError(msg)


async def _verify(index: Index, found: Settings, host: PlatformSpec, login: Login | None) -> None:
    known = {spec.platform: spec for spec in platforms.PLATFORMS}
    variants = []
    for piece in index.pieces:
        if not piece.platform:
            continue
        if piece.platform not in known:
            msg = (
                f"'{piece.reference}' holds '{piece.platform}', which cannot be looked at: merge it "
                "unproven with --skip-verify"
            )
            raise PublishError(msg)
        spec = known[piece.platform]
        address = publishing.reference(piece.reference).at(piece.digest)
        variants.append(verification.Variant(spec, published.variant(address, spec, login)))
    how = checks(found, host, [variant.spec for variant in variants])
    subject = ", ".join(dict.fromkeys(piece.reference for piece in index.pieces))
    require_no_errors(await verification.verify(variants, how, subject))


async def _write(client: Registry, index: Index, target: Destination) -> list[str]:
    copies = []
    for piece in index.pieces:
        part = publishing.reference(piece.reference)
        if part.repository != target.repository:
            copies.append(client.copy(part.at(piece.digest), f"{target.repository}@{piece.digest}"))
    await concurrently(*copies)
    written: list[str] = []
    for address in target.addresses:
        try:
            digest = await client.push(index.layout, address)
        except PublishError as error:
            msg = f"{error} ({publishing.told(written)})"
            raise PublishError(msg) from None
        written.append(f"{address}@{digest}")
    return written


async def _delete(client: Registry, asked: Request, index: Index) -> None:
    """Deletes the refs' tags; says which ones stay, and why, on standard error: the image is there.

    Raises PublishError where the registry has deleted an image with its tag.
    """
    for ref in asked.refs:
        part = publishing.reference(ref)
        address = f"{part.repository}:{part.tag}"
        if address in asked.target.addresses:
            continue
        try:
            if part.digest and (await client.manifest(address)).digest != part.digest:
                print(f"{address} stays: it names another image by now", file=sys.stderr)
                continue
            await client.delete(address)
        except (PublishError, MissingError) as error:
            print(f"{address} stays: {error}", file=sys.stderr)
    for piece in index.pieces:
        try:
            await client.manifest(f"{asked.target.repository}@{piece.digest}")
        except MissingError:
            msg = (
                f"The registry deleted the image of '{piece.reference}' with its tag: publish it "
                "again, and merge without --delete-refs"
            )
            raise PublishError(msg) from None


def _has_tag(ref: str) -> bool:
    return ":" in ref.partition("@")[0].partition("/")[2]
