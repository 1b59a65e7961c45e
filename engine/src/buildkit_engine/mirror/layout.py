"""One image as an OCI layout: a folder that registry tools read."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.mirror.layers import Layer

_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
_CONFIG = "application/vnd.oci.image.config.v1+json"
_LAYER = "application/vnd.oci.image.layer.v1.tar+gzip"


def write(folder: Path, config: dict[str, Any], layers: list[Layer]) -> str:
    """Writes the image into the empty folder, moving its layers there; its digest."""
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)

    def blob(data: bytes, media_type: str) -> dict[str, Any]:
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    described = []
    for layer in layers:
        target = layer.path.rename(blobs / layer.digest.removeprefix("sha256:"))
        size = target.stat().st_size
        described.append({"mediaType": _LAYER, "digest": layer.digest, "size": size})
    manifest = blob(
        _json(
            {
                "schemaVersion": 2,
                "mediaType": _MANIFEST,
                "config": blob(_json(config), _CONFIG),
                "layers": described,
            }
        ),
        _MANIFEST,
    )
    (folder / "index.json").write_bytes(_json({"schemaVersion": 2, "manifests": [manifest]}))
    (folder / "oci-layout").write_bytes(_json({"imageLayoutVersion": "1.0.0"}))
    return str(manifest["digest"])


def _json(value: object) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()
