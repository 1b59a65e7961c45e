"""Pipeline: the constructor and the verbs that a caller sees."""

from __future__ import annotations

from collections.abc import Awaitable
from typing import Annotated, Any

import dagger
from dagger import DefaultPath, Doc, Ignore, check, field, function, object_type

from pipeline import (
    assembly,
    builds,
    emulation,
    jetsons,
    merging,
    planning,
    published,
    publishing,
    registry,
    verification,
)
from pipeline.concurrency import concurrently
from pipeline.flavors import distinct
from pipeline.image import Image
from pipeline.project import DEFAULT_FILE
from pipeline.report import Report, require_no_errors
from pipeline.stamp import Stamp

# What no build reads. Filtered again in the constructor: an engine does not apply the patterns
# to a source that is passed explicitly.
IGNORED = [
    "**/.git",
    "**/.env",
    "**/.venv",
    "**/__pycache__",
    "**/node_modules",
    "**/.DS_Store",
]

Platforms = Annotated[
    list[dagger.Platform] | None,
    Doc("Platforms to build for, such as linux/amd64,linux/arm64."),
]
OnePlatform = Annotated[dagger.Platform, Doc("Platform to build for, such as linux/arm64.")]
Version = Annotated[str, Doc("Version of the application, for its label and linker flags.")]
Revision = Annotated[str, Doc("Revision of the source, for its label and linker flags.")]
Created = Annotated[str, Doc("Time for the image's created label (RFC 3339).")]
Username = Annotated[str, Doc("User name at the registry.")]
Password = Annotated[dagger.Secret | None, Doc("Password or token of the user.")]
JetPack = Annotated[str, Doc("JetPack (6.2), L4T (r36.4) or board (orin); else that of [cuda].")]
Libraries = Annotated[
    list[str] | None, Doc("Libraries, such as cublas,cudnn; without any those of [cuda].")
]
Dockerfile = Annotated[
    str, Doc("Dockerfile to look at, as a path in the source; else that of [dockerfile].")
]


@object_type
class Pipeline:
    """A source, and all that can be made of it."""

    # exposed, as all objects are that a function's result holds: what is in a private field an engine
    # forgets when the session ends that made it, and gives the result to the next (dagger/dagger#13734)
    source: Annotated[dagger.Directory, Doc("The source, without what no build reads.")] = field()
    secrets: Annotated[list[dagger.Secret], Doc("Secrets for the source's Dockerfile.")] = field()
    config: str
    flavor: str
    native: list[str]

    @classmethod
    def create(
        cls,
        source: Annotated[
            dagger.Directory,
            DefaultPath("/"),
            Ignore(IGNORED),
            Doc("The application's source."),
        ],
        config: Annotated[str, Doc("Configuration file, as a path in the source.")] = DEFAULT_FILE,
        flavor: Annotated[str, Doc("Flavor of the image, a [flavors.NAME] of its file.")] = "",
        secrets: Annotated[
            list[dagger.Secret] | None,
            Doc("Secrets of [dockerfile], each by its address there: env://TOKEN."),
        ] = None,
        native: Annotated[
            list[dagger.Platform] | None,
            Doc("Platforms that the engine has machines of, to compile for on themselves."),
        ] = None,
    ) -> Pipeline:
        """Take a source, without what no build reads."""
        filtered = source.filter(exclude=IGNORED)
        return cls(
            source=filtered,
            secrets=secrets or [],
            config=config,
            flavor=flavor,
            native=list(native or []),
        )

    @function
    async def plan(
        self,
        platforms: Platforms = None,
        version: Version = "",
        revision: Revision = "",
    ) -> str:
        """Say what would be built, why, where each step runs and from which images."""
        build = await self._inspect(version=version, revision=revision)
        return planning.plan(build, platforms)

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    async def doctor(self) -> str:
        """Measure what this engine runs: natively, by emulation, or not at all; and the remedies."""
        return await assembly.doctor(self.source, self.config, self.flavor)

    @function
    async def explain(
        self,
        program: Annotated[dagger.File, Doc("Program or script that does not start.")],
        platform: Annotated[dagger.Platform, Doc("Platform that it should start on.")],
    ) -> str:
        """Say why a program does not start on a platform, or what it needs to."""
        return await assembly.explain(self.source, self.config, self.flavor, program, platform)

    @function
    async def test(self) -> str:
        """Run the project's own tests on the build host's platform; return what they print."""
        return await assembly.tested(await self._inspect())

    @function
    async def build_stage(self, platform: OnePlatform) -> dagger.Container:
        """Return the container, of the build host's platform, that compiles for a platform."""
        return await assembly.build_stage(await self._inspect(), platform)

    @function
    async def runtime_stage(self, platform: OnePlatform) -> dagger.Container:
        """Return the final stage of a platform before the application's files."""
        return await assembly.runtime_stage(await self._inspect(), platform)

    @function
    def jetpacks(self) -> str:
        """List every JetPack: its boards, Ubuntu, CUDA, and what of it is not confirmed."""
        return jetsons.table()

    @function
    async def cuda_stage(
        self, platform: OnePlatform, jetpack: JetPack = "", libraries: Libraries = None
    ) -> dagger.Container:
        """Return the container that compiles CUDA for a platform, to build on; without the source."""
        asked = jetsons.Asked(jetpack, libraries)
        return await jetsons.stage(self.source, self.config, self.flavor, platform, asked)

    @function
    async def jetson_runtime(
        self, jetpack: JetPack = "", libraries: Libraries = None
    ) -> dagger.Container:
        """Return what programs with CUDA run in on a Jetson, with the libraries, to build on."""
        asked = jetsons.Asked(jetpack, libraries)
        return await jetsons.runtime(self.source, self.config, self.flavor, asked)

    @function
    async def artifacts(
        self,
        platforms: Platforms = None,
        version: Version = "",
        revision: Revision = "",
    ) -> dagger.Directory:
        """Return the compiled files, one folder a platform."""
        build = await self._inspect(version=version, revision=revision)
        return await assembly.artifacts(build, platforms)

    @function
    async def build(
        self,
        platform: OnePlatform,
        version: Version = "",
        revision: Revision = "",
        created: Created = "",
    ) -> dagger.Container:
        """Return the final image of one platform."""
        build = await self._inspect(version=version, revision=revision, created=created)
        return await assembly.container(build, platform)

    @function
    async def image(
        self,
        platforms: Platforms = None,
        version: Version = "",
        revision: Revision = "",
        created: Created = "",
    ) -> Image:
        """Return the image of all platforms, to look into, change, save or publish."""
        build = await self._inspect(version=version, revision=revision, created=created)
        return await assembly.image(build, platforms)

    @function  # pyright: ignore[reportArgumentType] - its overloads do not know what @check returns
    @check
    async def verify(self, platforms: Platforms = None) -> str:
        """Prove that every file of the image is for its platform and would run; else fail."""
        return await (await self.image(platforms)).verify()

    @function
    async def report(self, platforms: Platforms = None) -> Report:
        """Return what is wrong with the image, for programs to read."""
        return await (await self.image(platforms)).report()

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    async def verify_published(
        self,
        address: Annotated[str, Doc("Registry and repository, and a tag or digest.")],
        platforms: Annotated[
            list[dagger.Platform] | None,
            Doc("Platforms to look at, of those that the registry holds; else all of them."),
        ] = None,
        username: Username = "",
        password: Password = None,
    ) -> str:
        """Prove the same of every platform of an image that a registry holds, whoever built it."""
        reference = publishing.reference(address)
        publishing.check_credentials(username, password)
        login = registry.Login(username, password) if password else None
        found = await published.verify(
            self.source, self.config, self.flavor, reference, platforms, login
        )
        return require_no_errors(found)

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    async def publish(
        self,
        platforms: Platforms = None,
        address: Annotated[str, Doc("Registry and repository, and a tag if it likes.")] = "",
        tags: Annotated[
            list[str] | None, Doc("Tags; without any the version, else latest.")
        ] = None,
        username: Username = "",
        password: Password = None,
        flavors: Annotated[
            list[str] | None, Doc("Flavors to publish together; plain is the one without.")
        ] = None,
        version: Version = "",
        revision: Revision = "",
        created: Created = "",
        per_platform_tags: Annotated[  # noqa: FBT002 - a flag of the command line
            bool, Doc("Publish each platform by itself, for merge: 1.2 becomes 1.2-linux-arm64.")
        ] = False,
        skip_tests: Annotated[bool, Doc("Publish without running the project's tests.")] = False,  # noqa: FBT002 - the same
        skip_verify: Annotated[bool, Doc("Publish without proof of what the image holds.")] = False,  # noqa: FBT002 - the same
    ) -> list[str]:
        """Test, build and verify for all platforms, then publish one image; return its references."""
        if address:
            publishing.destination(address, tags or ())
        publishing.check_credentials(username, password)
        builds = await concurrently(
            *(
                self._inspect(version=version, revision=revision, created=created, flavor=flavor)
                for flavor in distinct(flavors, default=self.flavor)
            )
        )
        targets = [assembly.destination(build, address, tags) for build in builds]
        images = await concurrently(*(assembly.image(build, platforms) for build in builds))
        pushes = [
            push
            for i, target in zip(images, targets, strict=True)
            for push in publishing.pushes(i.platforms, i.variants, target, apart=per_platform_tags)
        ]
        if skip_verify:
            verification.skip([a for push in pushes for a in push.target.addresses])
        gates: list[Awaitable[Any]] = []
        if not skip_tests:
            gates += [assembly.tested(build) for build in builds]
        if not skip_verify:
            gates += [i.verify() for i in images]
        elif gates or len(pushes) > 1:
            # one push alone builds what it needs itself, and tags nothing where that fails
            gates += [i.build() for i in images]
        # beside each other; the pushes wait for all
        await concurrently(*gates)
        with emulation.explained():
            return await publishing.push(pushes, username=username, password=password)

    @function(cache="never")  # pyright: ignore[reportCallIssue] - not in its overloads
    async def merge(
        self,
        refs: Annotated[list[str], Doc("Images in one registry, as publish prints them.")],
        address: Annotated[str, Doc("Registry and repository, and a tag if it likes.")],
        tags: Annotated[list[str] | None, Doc("Further tags.")] = None,
        platforms: Annotated[
            list[dagger.Platform] | None,
            Doc("All that the image must hold, and nothing else; else whatever the refs hold."),
        ] = None,
        username: Username = "",
        password: Password = None,
        replace: Annotated[bool, Doc("Overwrite a tag that holds further platforms.")] = False,  # noqa: FBT002 - a flag of the command line
        delete_refs: Annotated[bool, Doc("Delete the tags of the refs afterwards.")] = False,  # noqa: FBT002 - the same
        skip_verify: Annotated[bool, Doc("Merge without proof of what the images hold.")] = False,  # noqa: FBT002 - the same
    ) -> list[str]:
        """Join images that machines of single platforms published into one; return its references."""
        asked = merging.request(
            refs,
            publishing.destination(address, tags or ()),
            platforms,
            replace=replace,
            skip_verify=skip_verify,
            delete_refs=delete_refs,
        )
        publishing.check_credentials(username, password)
        login = registry.Login(username, password) if password else None
        return await merging.merge(self.source, self.config, self.flavor, asked, login)

    @function  # pyright: ignore[reportArgumentType] - as above
    @check
    async def lint(self, dockerfile: Dockerfile = "") -> str:
        """Check a Dockerfile by the golden rules of multi-platform builds; fail on errors."""
        return require_no_errors(
            await assembly.linted(self.source, self.config, self.flavor, dockerfile)
        )

    @function
    async def lint_report(self, dockerfile: Dockerfile = "") -> Report:
        """Check a Dockerfile like lint, and return what is found for programs."""
        return await assembly.linted(self.source, self.config, self.flavor, dockerfile)

    async def _inspect(
        self,
        *,
        version: str = "",
        revision: str = "",
        created: str = "",
        flavor: str | None = None,
    ) -> builds.Build:
        stamp = Stamp(version, revision, created)
        chosen = self.flavor if flavor is None else flavor
        return await assembly.inspect(
            self.source, self.config, stamp, chosen, self.secrets, self.native
        )
