"""An image that a registry holds, whoever built it: all that its index names, looked at."""

from __future__ import annotations

from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import images, manifests, platforms, registry, settings, verification
from pipeline.builds import checks
from pipeline.concurrency import concurrently
from pipeline.errors import UnreachableError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pipeline.platforms import PlatformSpec
    from pipeline.publishing import Reference
    from pipeline.registry import Login
    from pipeline.report import Report
    from pipeline.settings import Settings


async def verify(
    source: dagger.Directory,
    config: str,
    flavor: str,
    reference: Reference,
    given: Sequence[str] | None,
    login: Login | None = None,
) -> Report:
    """What is wrong with the image, by [verify] of the source's configuration; its base is not known.

    Every platform that the registry's index names is looked at, or those given of them. Where the
    index cannot be read, those given are looked at through the engine alone, and the report's
    subject says so. Raises PlatformError for a platform that the index does not name; RegistryError
    where there is no image, or, without platforms, its index cannot be read.
    """
    wanted = None if given is None else platforms.parse_all(given)
    found, default = await concurrently(
        settings.load(source, config, flavor, needs_toolchain=False), dag.default_platform()
    )
    host = platforms.parse(default)
    subject = str(reference)
    try:
        held = await _held(found, host, reference, wanted, login)
    except UnreachableError as error:
        if wanted is None:
            msg = (
                f"{error}. {registry.WHENCE}: name platforms with --platforms to look at those alone, "
                "through the engine itself"
            )
            raise UnreachableError(msg) from None
        held = [(spec, subject) for spec in wanted]
        names = ", ".join(spec.platform for spec in wanted)
        subject = f"{subject} (only {names}: which others it holds could not be read)"
    variants = [verification.Variant(spec, variant(address, spec, login)) for spec, address in held]
    specs = [spec for spec, _ in held]
    return await verification.verify(variants, checks(found, host, specs), subject)


async def _held(
    found: Settings,
    host: PlatformSpec,
    reference: Reference,
    wanted: Sequence[PlatformSpec] | None,
    login: Login | None,
) -> list[tuple[PlatformSpec, str]]:
    """The platforms to look at, and where the image of each is: by its own digest.

    An engine that is asked for the index and a platform chooses by rules of its own.
    """
    tool = found.project.registry.image or images.REGISTRY_TOOL
    client = await registry.connect(tool, host, reference.registry, login)
    manifest = await client.manifest(str(reference))
    entries = await client.images(reference.repository, manifest)
    selected = manifests.select(entries, wanted, str(reference))
    return [(spec, reference.at(entry.digest)) for spec, entry in selected]


def variant(address: str, spec: PlatformSpec, login: Login | None) -> dagger.Container:
    """One platform's image, of whatever platform it says it is."""
    container = dag.container(platform=dagger.Platform(spec.platform))
    if login:
        registry_ = address.split("/", maxsplit=1)[0]
        container = container.with_registry_auth(registry_, login.username, login.password)
    return container.from_(address)
