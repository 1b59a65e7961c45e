"""Images in registries: resolved, pushed, and written as OCI layouts."""

from __future__ import annotations

import json
import shutil
import threading
import uuid
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from buildkit_engine.buildkit.layouts import INDEX, Layout, unpack
from buildkit_engine.buildkit.lifecycle import MIRRORED_HOSTS
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.usage import STORE
from buildkit_engine.errors import RegistryError, RequestError, SolveError
from buildkit_engine.llb.ops import LocalSource
from buildkit_engine.mirror.recipes import LABEL
from buildkit_engine.model.config import BaseImage
from buildkit_engine.model.files import File
from buildkit_engine.model.image import oci_platform
from buildkit_engine.model.origins import images_within
from buildkit_engine.model.platforms import as_published

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.frontend import DockerBuild
    from buildkit_engine.buildkit.state import Running
    from buildkit_engine.mirror.build import Mirror
    from buildkit_engine.model.container import Container
    from buildkit_engine.model.evaluate import Evaluator
    from buildkit_engine.model.files import Directory
    from buildkit_engine.schema.context import PushOptions


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
    _built: dict[str, BaseImage] = field(default_factory=dict)
    _locks: dict[object, threading.Lock] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def resolve(self, address: str, platform: str) -> BaseImage:
        """The image that `address` names now, and its configuration for `platform`.

        A tag is asked for once a session. Raises RegistryError where there is no such image.
        """
        key = (address, platform)
        with self._lock_of(key):
            if key not in self._resolved:
                reference = Reference.parse(address)
                try:
                    self._resolved[key] = self._resolve(reference, platform)
                except (RegistryError, RequestError) as error:
                    what = f'failed to resolve image "{reference}" (platform: "{platform}")'
                    raise RegistryError(f"{what}: {error}") from None
            return self._resolved[key]

    def _resolve(self, reference: Reference, platform: str) -> BaseImage:
        if self._mirrors(reference):
            digest, raw = self.mirror.provide(reference, as_published(platform))
        else:
            digest = reference.digest or self.crane.digest(reference)
            named = reference.at(digest)
            raw = self.crane.config(named, as_published(platform), is_there=not reference.digest)
        return BaseImage(str(reference.at(digest)), raw)

    def provide(self, address: str, platform: str) -> bool:
        """Makes the stand-in that is missing; False where images do not come from the mirror.

        Raises RequestError where none is known.
        """
        reference = Reference.parse(address)
        if not self._mirrors(reference):
            return False
        self.mirror.provide(reference, as_published(platform))
        return True

    def _mirrors(self, reference: Reference) -> bool:
        return self.running.stand_ins and reference.registry in MIRRORED_HOSTS

    def built(
        self, directory: Directory, asked: DockerBuild, secrets: Mapping[str, bytes]
    ) -> BaseImage:
        """What a directory's Dockerfile makes; built once a session."""
        # whoever builds no Dockerfile does not wait for this to be imported
        from buildkit_engine.dockerfiles import Dockerfiles

        key = json.dumps([directory.key(), repr(asked), sorted(secrets)])
        with self._lock_of(key):
            if key not in self._built:
                store = self._in_store("").name
                dockerfiles = Dockerfiles(self.evaluator, store, self.scratch, self.provide)
                digest = dockerfiles.build(directory, asked, secrets)
                self._built[key] = self.stored(digest, asked.platform)
            return self._built[key]

    def _lock_of(self, key: object) -> threading.Lock:
        with self._guard:
            return self._locks.setdefault(key, threading.Lock())

    def publish(self, address: str, images: list[Container], options: PushOptions) -> str:
        """Pushes the images under one tag; returns the address, written out, with the digest.

        The tag is written last, by one request: a push that fails on the way leaves no tag.
        """
        target = Reference.parse(address)
        if target.digest:
            raise RequestError(f"cannot publish to '{address}': a digest is the result of a push")
        self._refuse_stand_ins(target, images)
        try:
            digest = self._push(target, images, options)
        except (SolveError, RegistryError) as error:
            raise RegistryError(f"failed to push {target}: {error}") from None
        # the tag that no address names is not told either
        named = target if address.endswith(f":{target.tag}") else replace(target, tag="")
        return str(named.at(digest))

    def tarball(self, images: list[Container], options: PushOptions) -> File:
        """The images as a tar of an OCI layout; the same images give the same bytes."""
        packed, digest = self._packed(images, options)
        source = LocalSource(
            f"load {packed.name}", str(packed.parent), self.session_id, origin=digest
        )
        return File(source.output, f"/{packed.name}")

    def packed(self, images: list[Container], options: PushOptions) -> Path:
        """The same as a file of this machine, which the session keeps."""
        return self._packed(images, options)[0]

    def _packed(self, images: list[Container], options: PushOptions) -> tuple[Path, str]:
        tag = uuid.uuid4().hex
        target = self._in_store(tag)
        digest = self._push(target, images, options)
        folder = self.scratch / digest.replace(":", "-")
        if not (folder / "container.tar").exists():
            layout = Layout(self.scratch / tag)
            self.crane.run(
                "pull",
                "--format=oci",
                str(replace(target, tag="", digest=digest)),
                str(layout.folder),
            )
            if len(images) == 1:
                layout.add_docker_manifest(digest)
            folder.mkdir(exist_ok=True)
            layout.pack(folder / f"{tag}.tar")
            shutil.rmtree(layout.folder)
            (folder / f"{tag}.tar").rename(folder / "container.tar")
        self._forget(target)
        return folder / "container.tar", digest

    def unpacked(self, tarball: File, platform: str, tag: str) -> BaseImage:
        """The image in a tarball: by its tag where it has several, and for the platform."""
        name = uuid.uuid4().hex
        folder = self.scratch / name
        self.evaluator.export_file(tarball, folder / "image.tar")
        layout = unpack(folder / "image.tar", folder / "layout")
        wanted = as_published(platform)
        layout.choose(tag, platform, matches=lambda found: as_published(found) == wanted)
        target = self._in_store(name)
        digest = self._push_layout(layout, target)
        self._forget(target)
        return self.stored(digest, platform)

    def stored(self, digest: str, platform: str) -> BaseImage:
        """An image that this engine put into its own store on loopback."""
        reference = self._in_store("", digest)
        return BaseImage(str(reference), self.crane.config(reference, as_published(platform)))

    def _in_store(self, tag: str, digest: str = "") -> Reference:
        if not self.running.registry:
            raise RequestError(
                "this takes the registry on this machine's loopback, which the daemon at "
                f"'{self.running.address}' does not reach: publish the image instead"
            )
        return Reference(self.running.registry, STORE, tag, digest)

    def _forget(self, target: Reference) -> None:
        """Its name was needed on the way only; what it names is found again by its digest."""
        self.crane.run("delete", str(target))

    def _push_layout(self, layout: Layout, target: Reference, *more: str) -> str:
        pushed = self.crane.run("push", *more, str(layout.folder), str(target))
        shutil.rmtree(layout.folder)
        return pushed.strip().rpartition("@")[2]

    def _push(self, target: Reference, images: list[Container], options: PushOptions) -> str:
        digests = self.evaluator.push(
            images,
            target.name,
            compression=options.compression,
            oci=options.oci,
        )
        if len(images) == 1:
            self.crane.run("tag", f"{target.name}@{digests[0]}", target.tag)
            return digests[0]
        if any(image.annotations for image in images):
            return self._push_annotated(target, images, digests)
        append = ["index", "append", "--tag", str(target)]
        if not options.oci:
            append.append("--docker-empty-base")
        for digest in digests:
            append += ["--manifest", f"{target.name}@{digest}"]
        return self.crane.run(*append).strip().rpartition("@")[2]

    def _push_annotated(
        self, target: Reference, images: list[Container], digests: list[str]
    ) -> str:
        """An index whose entries bear their images' annotations, which crane leaves out."""
        layout = Layout(self.scratch / uuid.uuid4().hex)
        entries = []
        for image, digest in zip(images, digests, strict=True):
            manifest = self.crane.run("manifest", f"{target.name}@{digest}").encode()
            entry = {
                "mediaType": json.loads(manifest)["mediaType"],
                "digest": layout.add(manifest),
                "size": len(manifest),
                "platform": oci_platform(image.platform),
            }
            if image.annotations:
                entry["annotations"] = dict(image.annotations)
            entries.append(entry)
        layout.set_index({"schemaVersion": 2, "mediaType": INDEX, "manifests": entries})
        return self._push_layout(layout, target, "--index")

    def _refuse_stand_ins(self, target: Reference, images: list[Container]) -> None:
        if target.on_loopback or self.allow_stand_ins:
            return
        # as lists: other threads add to them meanwhile
        stand_ins = {
            base.ref: original
            for base in list(self._resolved.values()) + list(self._built.values())
            if (original := dict(base.config.labels).get(LABEL))
        }
        for image in images:
            original = dict(image.config.labels).get(LABEL)
            copied = [stand_ins[r] for r in images_within(image.fs) if r in stand_ins]
            if original or copied:
                part = "its base is" if original else "it has files of"
                raise RequestError(
                    f"refused to push {target}: {part} a stand-in for {original or min(copied)}, "
                    "made here because the usual registries do not answer: push to a registry on "
                    "loopback, or allow it with --allow-stand-ins"
                )
