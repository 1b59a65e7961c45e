"""Registries, asked by crane in a container of the build host's platform.

Dagger's API has no verb that reads an index, nor one that writes manifests as they are. The container
has the engine's network, and not that of whoever calls: on a Dagger engine it reaches no registry on
a machine's loopback, and it knows no `docker login`, only the credentials that it is given.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import bases, manifests
from pipeline.concurrency import concurrently
from pipeline.errors import MissingError, PublishError, RegistryError, UnreachableError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.manifests import Entry, Manifest
    from pipeline.platforms import PlatformSpec

WHENCE = (
    "It was asked from a container of the engine, which reaches no registry on another machine's "
    "loopback, and knows no login but --username and --password"
)
"""What to add where a registry does not answer."""
_FOLDER = "/registry"
_LAYOUT = "/registry-layout"
_NOW = "PIPELINE_READ"
"""A variable with another value each time: what a tag names changes without a step that changes."""
_DOCKER_HUB = "https://index.docker.io/v1/"
"""What Docker's config.json calls docker.io."""
# error codes of the OCI distribution specification: the registry has answered
_ABSENT = re.compile(r"MANIFEST_UNKNOWN|NAME_UNKNOWN|404 Not Found")


@dataclass(frozen=True)
class Login:
    """Who asks."""

    username: str
    password: dagger.Secret


@dataclass(frozen=True)
class Registry:
    """What one container with crane sees of a registry."""

    container: dagger.Container

    async def manifest(self, reference: str) -> Manifest:
        """What the registry holds under the reference, an index or an image.

        Raises UnreachableError where it does not answer, or not to whoever asks; MissingError
        where it holds nothing there; RegistryError where that is no image.
        """
        return manifests.parse(await self._read("manifest", reference), reference)

    async def images(self, repository: str, manifest: Manifest) -> list[Entry]:
        """The manifest's images, each with its platform; what no machine runs is left out.

        Where an index does not say a platform, or there is none, the image's configuration does.
        """
        entries = manifest.entries
        if entries is None:
            entries = (manifests.Entry(manifest.digest, ""),)
        named = await concurrently(*(self._named(repository, entry) for entry in entries))
        return [entry for entry in named if entry.platform]

    async def _named(self, repository: str, entry: Entry) -> Entry:
        if entry.platform:
            return entry
        reference = f"{repository}@{entry.digest}"
        text = await self.config(reference)
        return manifests.Entry(entry.digest, manifests.config_platform(text, reference))

    async def config(self, reference: str) -> str:
        """The configuration of an image, which no index is; raises as `manifest` does."""
        return await self._read("config", reference)

    async def copy(self, reference: str, to: str) -> None:
        """Copies one manifest, byte for byte, and what it names: layers are mounted, not sent.

        Raises PublishError where it fails.
        """
        await self._write("copy", reference, to, failed=f"'{reference}' cannot be copied to '{to}'")

    async def push(self, layout: Mapping[str, str], address: str) -> str:
        """Writes the one index of an OCI layout, whose images are there already; its digest.

        The request that writes the tag is the last one. Raises PublishError where it fails.
        """
        there = Registry(laid(self.container, layout))
        said = await there._write("push", _LAYOUT, address, failed=f"Publishing {address} failed")
        return said.strip().rpartition("@")[2]

    async def delete(self, address: str) -> None:
        """Deletes a tag, and not what it names; raises PublishError where that is refused."""
        await self._write("delete", address, failed=f"'{address}' cannot be deleted")

    async def _read(self, *words: str) -> str:
        code, out, said = await self._crane(words)
        if code:
            raise _failure(words[-1], said or out)
        return out

    async def _write(self, *words: str, failed: str) -> str:
        code, out, said = await self._crane(words)
        if code:
            raise PublishError(f"{failed}: {_last_words(said or out)}")
        return out

    async def _crane(self, words: Sequence[str]) -> tuple[int, str, str]:
        """Exit code, output and what it said."""
        ran = asked(self.container, words, uuid.uuid4().hex)
        code, out, said = await concurrently(ran.exit_code(), ran.stdout(), ran.stderr())
        return code, out, said


async def connect(
    image: str, host: PlatformSpec, registry: str, login: Login | None = None
) -> Registry:
    """The registry, as whoever has the credentials sees it; without any, as everybody does.

    `image` has crane on its PATH. Raises PlatformError where it is for another platform than `host`.
    """
    container = bases.from_(image, host)
    await bases.require_platform(container, host, image=image, setting="[registry] image")
    if login:
        text = config(registry, login.username, await login.password.plaintext())
        container = signed_in(container, dag.set_secret(f"pipeline-login-{registry}", text))
    return Registry(container)


def config(registry: str, username: str, password: str) -> str:
    """Docker's config.json with one login, as crane reads it."""
    auth = base64.b64encode(f"{username}:{password}".encode()).decode()
    key = _DOCKER_HUB if registry == "docker.io" else registry
    return json.dumps({"auths": {key: {"auth": auth}}})


def signed_in(container: dagger.Container, config: dagger.Secret) -> dagger.Container:
    """The container with the login, readable by whatever user its image has."""
    return container.with_env_variable("DOCKER_CONFIG", _FOLDER).with_mounted_secret(
        f"{_FOLDER}/config.json", config, mode=0o444
    )


def laid(container: dagger.Container, layout: Mapping[str, str]) -> dagger.Container:
    """The container with the files of an OCI layout, by their paths in it."""
    folder = dag.directory()
    for path, text in layout.items():
        folder = folder.with_new_file(path, text)
    return container.with_mounted_directory(_LAYOUT, folder)


def asked(container: dagger.Container, words: Sequence[str], now: str) -> dagger.Container:
    """The container that has run crane, however it ended."""
    return container.with_env_variable(_NOW, now).with_exec(
        ["crane", *words], expect=dagger.ReturnType.ANY
    )


def _failure(reference: str, said: str) -> RegistryError:
    words = _last_words(said)
    if _ABSENT.search(said):
        return MissingError(
            f"'{reference}' is not in its registry: expected an image that was pushed ({words})"
        )
    return UnreachableError(f"'{reference}' cannot be read: {words}")


def _last_words(said: str) -> str:
    """Of all that crane said, why it ended."""
    lines = [line for line in said.splitlines() if line.strip()] or ["crane ended without a word"]
    words = [line.removeprefix("Error: ") for line in lines if line.startswith("Error: ")]
    return (words or lines)[-1]
