"""Image: the set of variants, one a platform, that a tag names."""

from __future__ import annotations

from typing import Annotated

import dagger
from dagger import Doc, dag, field, function, object_type

from pipeline import platforms, publishing
from pipeline.concurrency import concurrently
from pipeline.errors import PlatformError
from pipeline.tables import columns

_EPOCH = 0


@object_type
class Image:
    """One image for several platforms: to look into, change, save or publish."""

    platforms: Annotated[list[dagger.Platform], Doc("The platforms, in the order asked for.")] = (
        field()
    )
    variants: list[dagger.Container]
    compiled: dagger.Directory

    @function
    def container(
        self, platform: Annotated[dagger.Platform, Doc("Platform of the variant.")]
    ) -> dagger.Container:
        """Return the variant of one platform."""
        return self.variants[self._index(platform)]

    @function
    def artifacts(self) -> dagger.Directory:
        """Return the compiled files, one folder a platform."""
        return self.compiled

    @function
    def with_file(
        self,
        path: Annotated[str, Doc("Path in the image.")],
        file: Annotated[dagger.File, Doc("File to add to every variant.")],
        permissions: Annotated[int, Doc("Mode bits of the file.")] = 0o644,
    ) -> Image:
        """Return the image with a file added to every variant."""
        fixed = file.with_timestamps(_EPOCH)
        return Image(
            platforms=self.platforms,
            variants=[v.with_file(path, fixed, permissions=permissions) for v in self.variants],
            compiled=self.compiled,
        )

    @function
    async def with_container(
        self,
        container: Annotated[dagger.Container, Doc("Variant for its own platform.")],
    ) -> Image:
        """Return the image with one variant replaced, or added for a further platform."""
        spec = platforms.parse(await container.platform())
        names, variants = list(self.platforms), list(self.variants)
        if spec.platform in names:
            variants[names.index(dagger.Platform(spec.platform))] = container
        else:
            names.append(dagger.Platform(spec.platform))
            variants.append(container)
        # what was compiled for the platform is not what this variant holds
        compiled = self.compiled.without_directory(spec.slug)
        return Image(platforms=names, variants=variants, compiled=compiled)

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    async def publish(
        self,
        address: Annotated[str, Doc("Registry and repository, and a tag if it likes.")],
        tags: Annotated[list[str] | None, Doc("Further tags.")] = None,
        username: Annotated[str, Doc("User name at the registry.")] = "",
        password: Annotated[dagger.Secret | None, Doc("Password or token of the user.")] = None,
    ) -> list[str]:
        """Publish all variants under each tag; return repository:tag@digest of each."""
        target = publishing.destination(address, tags or ())
        publishing.check_credentials(username, password)
        return await publishing.push(self.variants, target, username=username, password=password)

    @function
    def oci_layout(self) -> dagger.File:
        """Return all variants as a tar file with an OCI image layout."""
        return dag.container().as_tarball(
            platform_variants=self.variants, media_types=dagger.ImageMediaTypes.OCIMediaTypes
        )

    @function
    async def sizes(self) -> str:
        """Return a table of sizes: each variant compressed, and the files compiled for it."""
        tarballs = [v.as_tarball() for v in self.variants]
        whole = await concurrently(*(t.size() for t in tarballs))
        own = await concurrently(*(self._compiled_size(p) for p in self.platforms))
        rows = [("PLATFORM", "IMAGE (COMPRESSED)", "COMPILED FILES")]
        rows += [
            (str(p), _megabytes(w), "-" if o is None else _megabytes(o))
            for p, w, o in zip(self.platforms, whole, own, strict=True)
        ]
        return "\n".join(columns(rows))

    async def build(self) -> None:
        """Build every variant, all at the same time."""
        await concurrently(*(v.sync() for v in self.variants))

    async def _compiled_size(self, platform: dagger.Platform) -> int | None:
        slug = platforms.parse(platform).slug
        if f"{slug}/" not in await self.compiled.entries():
            return None
        folder = self.compiled.directory(slug)
        files = [name for name in await folder.glob("**") if not name.endswith("/")]
        return sum(await concurrently(*(folder.file(name).size() for name in files)))

    def _index(self, platform: str) -> int:
        spec = platforms.parse(platform)
        if spec.platform not in self.platforms:
            has = ", ".join(self.platforms)
            msg = f"The image has no variant for '{platform}': expected one of {has}"
            raise PlatformError(msg)
        return self.platforms.index(dagger.Platform(spec.platform))


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
