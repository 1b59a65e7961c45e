"""Compose: a pipeline around another one."""

import json
from typing import Annotated

import dagger
from dagger import DefaultPath, Doc, check, dag, function, object_type

NOTICE = "NOTICE.txt"
NOTICE_IN_IMAGE = "/usr/share/doc/app/NOTICE.txt"

# an engine that runs modules in Python has this image already
CLIENT = "docker.io/library/python:3.11-slim"
ASK = "import sys, urllib.request as r; print(r.urlopen(sys.argv[1], timeout=10).read().decode())"
URL = "http://app:8080/version"


@object_type
class Compose:
    """One release of an application, for all platforms that its pipeline.toml names."""

    source: Annotated[
        dagger.Directory, DefaultPath("/examples/go-app"), Doc("The application's source.")
    ]
    version: Annotated[str, Doc("Version of the release: what the program says, and the tag.")] = (
        "dev"
    )

    @function
    def container(
        self, platform: Annotated[dagger.Platform, Doc("Platform of the variant.")]
    ) -> dagger.Container:
        """Return the variant of one platform, as it would be published."""
        return self._image([platform]).container(platform)

    @function
    @check
    async def test(self) -> str:
        """Run the image of the engine's own platform as a service, and ask it over HTTP."""
        variant = self.container(await dag.default_platform())
        answer = await (
            dag.container()
            .from_(CLIENT)
            .with_service_binding("app", variant.as_service(use_entrypoint=True))
            .with_exec(["python", "-c", ASK, URL])
            .stdout()
        )
        version = json.loads(answer)["version"]
        if version != self.version:
            msg = f"The program says it is version '{version}': expected '{self.version}'"
            raise ValueError(msg)
        return answer.strip()

    @function
    @check
    async def verify(self) -> str:
        """Prove that every file of every variant is for its platform and would run."""
        return await self._image().verify()

    @function(cache="never")
    async def publish(
        self,
        address: Annotated[str, Doc("Registry and repository.")],
        username: Annotated[str, Doc("User name at the registry.")] = "",
        password: Annotated[dagger.Secret | None, Doc("Password or token of the user.")] = None,
    ) -> list[str]:
        """Test the release, verify it, and publish it with its version as the tag."""
        await self.test()
        # verifies before it pushes
        return await self._image().publish(
            address, tags=[self.version], username=username, password=password
        )

    def _image(self, platforms: list[dagger.Platform] | None = None) -> "dagger.PipelineImage":
        """The image with our notice in every variant."""
        image = dag.pipeline(source=self.source).image(platforms=platforms, version=self.version)
        return image.with_file(NOTICE_IN_IMAGE, dag.current_module().source().file(NOTICE))
