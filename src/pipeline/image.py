"""Image: the set of variants, one a platform, that a tag names."""

from __future__ import annotations

from typing import Annotated, Any

import dagger
from dagger import Doc, dag, field, function, object_type

from pipeline import platforms, publishing, verification
from pipeline.concurrency import concurrently
from pipeline.emulation import explained
from pipeline.errors import PlatformError
from pipeline.report import Report, require_no_errors
from pipeline.tables import columns

_EPOCH = 0


@object_type
class Image:
    """One image for several platforms: to look into, change, save or publish."""

    platforms: Annotated[list[dagger.Platform], Doc("The platforms, in the order asked for.")] = (
        field()
    )
    # exposed for the same reason as Pipeline.source
    variants: Annotated[list[dagger.Container], Doc("The images, one a platform.")] = field()
    bases: Annotated[
        list[dagger.Directory], Doc("Roots of the base images, one a platform; empty if unknown.")
    ] = field()
    artifacts: Annotated[dagger.Directory, Doc("The compiled files, one folder a platform.")] = (
        field()
    )
    checks: verification.Checks

    @function
    def container(
        self, platform: Annotated[dagger.Platform, Doc("Platform of the variant.")]
    ) -> dagger.Container:
        """Return the variant of one platform."""
        return self.variants[self._index(platform)]

    @function
    def with_file(
        self,
        path: Annotated[str, Doc("Path in the image.")],
        file: Annotated[dagger.File, Doc("File to add to every variant.")],
        permissions: Annotated[int, Doc("Mode bits of the file.")] = 0o644,
    ) -> Image:
        """Return the image with a file added to every variant."""
        fixed = file.with_timestamps(_EPOCH)
        changed = [v.with_file(path, fixed, permissions=permissions) for v in self.variants]
        return self._with(variants=changed)

    @function
    async def with_container(
        self,
        container: Annotated[dagger.Container, Doc("Variant for its own platform.")],
    ) -> Image:
        """Return the image with one variant replaced, or added for a further platform."""
        spec = platforms.parse(await container.platform())
        names, variants, roots = list(self.platforms), list(self.variants), list(self.bases)
        # nothing is known of what it stands on
        unknown = dag.directory()
        if spec.platform in names:
            index = names.index(dagger.Platform(spec.platform))
            variants[index], roots[index] = container, unknown
        else:
            names.append(dagger.Platform(spec.platform))
            variants.append(container)
            roots.append(unknown)
        # what was compiled for the platform is not what this variant holds
        artifacts = self.artifacts.without_directory(spec.slug)
        return self._with(platforms=names, variants=variants, bases=roots, artifacts=artifacts)

    @function
    async def verify(self) -> str:
        """Prove that every file is for its platform and would run; fail with what is wrong."""
        return require_no_errors(await self.report())

    @function
    async def report(self) -> Report:
        """Return what is wrong with the variants, for programs to read."""
        variants = [
            verification.Variant(platforms.parse(platform), container, base)
            for platform, container, base in zip(
                self.platforms, self.variants, self.bases, strict=True
            )
        ]
        with explained():
            return await verification.verify(variants, self.checks, ", ".join(self.platforms))

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    async def publish(
        self,
        address: Annotated[str, Doc("Registry and repository, and a tag if it likes.")],
        tags: Annotated[list[str] | None, Doc("Further tags.")] = None,
        username: Annotated[str, Doc("User name at the registry.")] = "",
        password: Annotated[dagger.Secret | None, Doc("Password or token of the user.")] = None,
        skip_verify: Annotated[bool, Doc("Publish without proof of what it holds.")] = False,  # noqa: FBT002 - a flag of the command line
    ) -> list[str]:
        """Verify all variants and publish them under each tag; return repository:tag@digest."""
        target = publishing.destination(address, tags or ())
        publishing.check_credentials(username, password)
        if skip_verify:
            verification.skip(target.addresses)
        else:
            await self.verify()
        push = publishing.Push(self.variants, target)
        with explained():
            return await publishing.push([push], username=username, password=password)

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

    def _with(self, **changes: Any) -> Image:
        """The image with other values in some of its fields."""
        names = ("platforms", "variants", "bases", "artifacts", "checks")
        return Image(**({name: getattr(self, name) for name in names} | changes))

    async def build(self) -> None:
        """Build every variant, all at the same time."""
        with explained():
            await concurrently(*(v.sync() for v in self.variants))

    async def _compiled_size(self, platform: dagger.Platform) -> int | None:
        slug = platforms.parse(platform).slug
        if f"{slug}/" not in await self.artifacts.entries():
            return None
        folder = self.artifacts.directory(slug)
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
