"""Images as files: OCI layouts and tarballs of them, read and written."""

from __future__ import annotations

import gzip
import hashlib
import json
import shutil
import tarfile
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildkit_engine.errors import RequestError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

INDEX = "application/vnd.oci.image.index.v1+json"
_DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"
_TAG = "org.opencontainers.image.ref.name"


@dataclass(frozen=True)
class Layout:
    """A folder that holds images by the OCI image layout specification."""

    folder: Path

    def blob(self, digest: str) -> Path:
        return self.folder / "blobs" / digest.replace(":", "/")

    def add(self, data: bytes) -> str:
        """Keeps a blob; returns its digest."""
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self.blob(digest).parent.mkdir(parents=True, exist_ok=True)
        self.blob(digest).write_bytes(data)
        return digest

    def keep(self, file: Path, digest: str, media_type: str) -> dict[str, Any]:
        """Moves a file there as the blob that it is; what a manifest says of it."""
        self.blob(digest).parent.mkdir(parents=True, exist_ok=True)
        file.replace(self.blob(digest))
        return self._described(media_type, digest)

    def add_image(self, config: bytes, layers: list[dict[str, Any]]) -> dict[str, Any]:
        """Keeps the manifest of an image whose layers are there; what an index says of it."""
        manifest = {
            "schemaVersion": 2,
            "mediaType": _MANIFEST,
            "config": self._described(_CONFIG, self.add(config)),
            "layers": layers,
        }
        return self._described(_MANIFEST, self.add(as_json(manifest)))

    def set_index(self, index: dict[str, Any]) -> None:
        """What the layout holds, from now on."""
        (self.folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')
        (self.folder / "index.json").write_text(json.dumps(index))

    def add_docker_manifest(self, digest: str) -> None:
        """What `docker load` looks for beside the OCI layout of one image."""
        manifest = json.loads(self.blob(digest).read_text())
        entry = {
            "Config": self._relative(manifest["config"]["digest"]),
            "RepoTags": None,
            "Layers": [self._relative(layer["digest"]) for layer in manifest["layers"]],
        }
        (self.folder / "manifest.json").write_text(json.dumps([entry]))

    def _relative(self, digest: str) -> str:
        return str(self.blob(digest).relative_to(self.folder))

    def pack(self, target: Path) -> None:
        """Writes a tarball: the same images give the same bytes."""
        with tarfile.open(target, "w", format=tarfile.GNU_FORMAT) as tar:
            for path in sorted(self.folder.rglob("*")):
                info = tar.gettarinfo(path, str(path.relative_to(self.folder)))
                info.mtime = info.uid = info.gid = 0
                info.uname = info.gname = ""
                info.mode = 0o755 if info.isdir() else 0o644
                if info.isfile():
                    with path.open("rb") as data:
                        tar.addfile(info, data)
                else:
                    tar.addfile(info)

    def choose(self, tag: str, platform: str, *, matches: Callable[[str], bool]) -> None:
        """Leaves only the image with the tag, if one is given, whose platform matches.

        Raises RequestError where there is none.
        """
        top = self.folder / "index.json"
        if not top.exists():
            self._convert_docker_archive()
        chosen = self._find(json.loads(top.read_text()), tag, matches)
        if chosen is None:
            raise RequestError(f"no manifest for platform {platform} and tag {tag}")
        self.set_index({"schemaVersion": 2, "mediaType": INDEX, "manifests": [chosen]})

    def _find(
        self, index: dict[str, Any], tag: str, matches: Callable[[str], bool]
    ) -> dict[str, Any] | None:
        for entry in index.get("manifests") or ():
            if "platform" in entry and not matches(_platform(entry["platform"])):
                continue
            if tag and (entry.get("annotations") or {}).get(_TAG) != tag:
                continue
            if entry["mediaType"] in (_MANIFEST, _DOCKER_MANIFEST):
                return entry  # type: ignore[no-any-return]
            if entry["mediaType"] in (INDEX, _DOCKER_INDEX):
                # the entry has the tag; what it leads to has none
                return self._find(json.loads(self.blob(entry["digest"]).read_text()), "", matches)
            raise RequestError(f"expected manifest or index, got {entry['mediaType']}")
        return None

    def _convert_docker_archive(self) -> None:
        """From what `docker save` wrote before it knew OCI layouts."""
        listed = self.folder / "manifest.json"
        if not listed.exists():
            msg = "no image in the archive: expected an OCI layout or what 'docker save' writes"
            raise RequestError(msg)
        try:
            images = [(i["Config"], i["Layers"], i) for i in json.loads(listed.read_text())]
        except (KeyError, TypeError, ValueError):
            msg = "the archive's manifest.json is not one that 'docker save' writes"
            raise RequestError(msg) from None
        manifests = []
        for config_name, layer_names, image in images:
            config = self._named(config_name).read_bytes()
            layers = [self._packed_layer(self._named(name)) for name in layer_names]
            entry = self.add_image(config, layers)
            entry["platform"] = {k: json.loads(config).get(k, "") for k in ("os", "architecture")}
            names = image.get("RepoTags") or [""]
            tags = [{_TAG: name.rpartition(":")[2]} for name in names]
            manifests += [{**entry, "annotations": tag} for tag in tags]
        self.set_index({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests})

    def _named(self, name: str) -> Path:
        """A file of the archive: names may come from anybody."""
        path = (self.folder / name).resolve()
        if not path.is_relative_to(self.folder.resolve()) or not path.is_file():
            raise RequestError(f"the archive names a file that is not in it: '{name}'")
        return path

    def _packed_layer(self, layer: Path) -> dict[str, Any]:
        packed = layer.with_name(f"{layer.name}.gz")
        with layer.open("rb") as data, gzip.GzipFile(packed, "wb", mtime=0) as target:
            shutil.copyfileobj(data, target)
        with packed.open("rb") as data:
            digest = f"sha256:{hashlib.file_digest(data, 'sha256').hexdigest()}"
        return self.keep(packed, digest, LAYER)

    def _described(self, media_type: str, digest: str) -> dict[str, Any]:
        size = self.blob(digest).stat().st_size
        return {"mediaType": media_type, "digest": digest, "size": size}


def unpack(tarball: Path, folder: Path) -> Layout:
    """The layout that a tarball holds; raises RequestError where it is none."""
    try:
        with tarfile.open(tarball) as tar:
            tar.extractall(folder, filter="data")
    except tarfile.TarError as error:
        raise RequestError(f"cannot read the image's archive: {error}") from None
    return Layout(folder)


def as_json(value: object) -> bytes:
    """The same value gives the same bytes, and so the same digest."""
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def _platform(raw: dict[str, Any]) -> str:
    parts = (raw.get("os"), raw.get("architecture"), raw.get("variant"))
    return "/".join(part for part in parts if part)
