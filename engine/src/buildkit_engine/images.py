"""Images in registries: resolved, pushed, and written as OCI layouts."""

from __future__ import annotations

import base64
import json
import os
import tarfile
import threading
import uuid
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.lifecycle import MIRRORED_HOSTS
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.scratch import Scratch, in_memory
from buildkit_engine.errors import RegistryError, RequestError, SolveError
from buildkit_engine.llb.ops import LocalSource
from buildkit_engine.mirror.recipes import LABEL
from buildkit_engine.model.config import BaseImage
from buildkit_engine.model.files import File
from buildkit_engine.model.platforms import as_published

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.state import Running
    from buildkit_engine.mirror.build import Mirror
    from buildkit_engine.model.container import Container, Credentials
    from buildkit_engine.model.evaluate import Evaluator
    from buildkit_engine.schema.context import PushOptions

_STORE = "buildkit-engine/store"
"""The repository of the loopback registry in which images pass through on their way to a file."""


@dataclass
class RegistryImages:
    """One session's dealings with registries.

    Tags are resolved through the same mirror as the daemon's: `running` says whether there is one.
    """

    running: Running
    crane: Crane
    mirror: Mirror
    evaluator: Evaluator
    scratch: Path
    session_id: str
    allow_stand_ins: bool = False
    _resolved: dict[tuple[str, str], BaseImage] = field(default_factory=dict)
    _locks: dict[tuple[str, str], threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def resolve(self, address: str, platform: str) -> BaseImage:
        """The image that `address` names now, and its configuration for `platform`.

        A tag is asked for once a session. Raises RegistryError where there is no such image.
        """
        key = (address, platform)
        with self._guard:
            lock = self._locks.setdefault(key, threading.Lock())
        with lock:
            if key not in self._resolved:
                reference = Reference.parse(address)
                try:
                    self._resolved[key] = self._resolve(reference, platform)
                except (RegistryError, RequestError) as error:
                    what = f'failed to resolve image "{reference}" (platform: "{platform}")'
                    raise RegistryError(f"{what}: {error}") from None
            return self._resolved[key]

    def _resolve(self, reference: Reference, platform: str) -> BaseImage:
        mirrored = self.running.stand_ins and reference.registry in MIRRORED_HOSTS
        source = reference.mirrored(self.running.registry) if mirrored else reference
        try:
            digest = reference.digest or self.crane.digest(source)
        except RegistryError:
            if not mirrored:
                raise
            self.mirror.provide(reference)
            digest = self.crane.digest(source)
        raw = self.crane.config(source.at(digest), as_published(platform))
        return BaseImage(str(reference.at(digest)), raw)

    def publish(self, address: str, images: list[Container], options: PushOptions) -> str:
        """Pushes the images under one tag; returns the address, written out, with the digest.

        The tag is written last, by one request: a push that fails on the way leaves no tag.
        """
        target = Reference.parse(address)
        if target.digest:
            raise RequestError(f"cannot publish to '{address}': a digest is the result of a push")
        self._refuse_stand_ins(target, images)
        with self._docker_config(images[0].credentials) as docker_config:
            crane = replace(self.crane, docker_config=docker_config)
            try:
                digest = self._push(target, images, options, crane)
            except SolveError as error:
                raise RegistryError(f"failed to push {target}: {error}") from None
            except RegistryError as error:
                raise RegistryError(f"failed to push {target}: {error}") from None
        # the tag that no address names is not told either
        named = target if address.endswith(f":{target.tag}") else replace(target, tag="")
        return str(named.at(digest))

    def tarball(self, images: list[Container], options: PushOptions) -> File:
        """The images as a tar of an OCI layout; the same images give the same bytes."""
        tag = uuid.uuid4().hex
        target = Reference(self.running.registry, _STORE, tag)
        digest = self._push(target, images, options, self.crane)
        folder = self.scratch / digest.replace(":", "-")
        if not (folder / "container.tar").exists():
            layout = self.scratch / tag
            self.crane.run(
                "pull", "--format=oci", str(replace(target, tag="", digest=digest)), str(layout)
            )
            if len(images) == 1:
                _add_docker_manifest(layout, digest)
            folder.mkdir(exist_ok=True)
            _tar(layout, folder / f"{tag}.tar")
            (folder / f"{tag}.tar").rename(folder / "container.tar")
        source = LocalSource("load container.tar", str(folder), self.session_id)
        return File(source.output, "/container.tar")

    def _push(
        self, target: Reference, images: list[Container], options: PushOptions, crane: Crane
    ) -> str:
        digests = self.evaluator.push(
            images,
            target.name,
            compression=options.compression,
            oci=options.oci,
            docker_config=crane.docker_config,
        )
        if len(images) == 1:
            crane.run("tag", f"{target.name}@{digests[0]}", target.tag)
            return digests[0]
        append = ["index", "append", "--tag", str(target)]
        if not options.oci:
            append.append("--docker-empty-base")
        for digest in digests:
            append += ["--manifest", f"{target.name}@{digest}"]
        return crane.run(*append).strip().rpartition("@")[2]

    def _refuse_stand_ins(self, target: Reference, images: list[Container]) -> None:
        if target.on_loopback or self.allow_stand_ins:
            return
        for image in images:
            original = dict(image.config.labels).get(LABEL)
            if original:
                raise RequestError(
                    f"refused to push {target}: its base is a stand-in for {original}, made here "
                    "because the usual registries do not answer: push to a registry on loopback, "
                    "or allow it with --allow-stand-ins"
                )

    @contextmanager
    def _docker_config(self, credentials: tuple[Credentials, ...]) -> Iterator[str]:
        """A folder with the credentials beside the user's own, in memory where it can be."""
        if not credentials:
            yield ""
            return
        with Scratch(in_memory(otherwise=self.scratch), "credentials-") as scratch:
            config = _user_docker_config()
            for each in credentials:
                secret = self.evaluator.secrets[each.secret_id]
                auth = base64.b64encode(each.username.encode() + b":" + secret).decode()
                registry = _auth_key(each.address)
                config.setdefault("auths", {})[registry] = {"auth": auth}  # type: ignore[index]
                # no helper for this registry: one, or the user's credential store, would win
                config.setdefault("credHelpers", {})[registry] = ""  # type: ignore[index]
            path = scratch.folder / "config.json"
            path.touch(mode=0o600)
            path.write_text(json.dumps(config))
            yield str(scratch.folder)


def _auth_key(address: str) -> str:
    registry = Reference.parse(address).registry if "/" in address else address
    return "https://index.docker.io/v1/" if registry == "docker.io" else registry


def _user_docker_config() -> dict[str, object]:
    folder = os.environ.get("DOCKER_CONFIG") or Path.home() / ".docker"
    try:
        config = json.loads(Path(folder, "config.json").read_text())
    except (OSError, ValueError):
        return {}
    return config if isinstance(config, dict) else {}


def _add_docker_manifest(layout: Path, digest: str) -> None:
    """What `docker load` looks for beside the OCI layout of one image."""

    def blob(digest: str) -> str:
        return f"blobs/{digest.replace(':', '/')}"

    manifest = json.loads((layout / blob(digest)).read_text())
    entry = {
        "Config": blob(manifest["config"]["digest"]),
        "RepoTags": None,
        "Layers": [blob(layer["digest"]) for layer in manifest["layers"]],
    }
    (layout / "manifest.json").write_text(json.dumps([entry]))


def _tar(folder: Path, target: Path) -> None:
    with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
        for path in sorted(folder.rglob("*")):
            info = tar.gettarinfo(path, str(path.relative_to(folder)))
            info.mtime = info.uid = info.gid = 0
            info.uname = info.gname = ""
            info.mode = 0o755 if info.isdir() else 0o644
            if info.isfile():
                with path.open("rb") as data:
                    tar.addfile(info, data)
            else:
                tar.addfile(info)
