"""Images that contract tests publish and pack, and the media types that they are told by."""

from __future__ import annotations

import dagger
from dagger import dag

OCI_INDEX = "application/vnd.oci.image.index.v1+json"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
DOCKER_INDEX = "application/vnd.docker.distribution.manifest.list.v2+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"


def platforms(index: dict) -> list[str]:
    """The platforms of an index, in its order."""
    parts = ("os", "architecture", "variant")
    return [
        "/".join(m["platform"][part] for part in parts if part in m["platform"])
        for m in index["manifests"]
    ]


def of(platform: str) -> dagger.Container:
    """An image of one file, for any platform."""
    return dag.container(platform=dagger.Platform(platform)).with_new_file("/f", platform)
