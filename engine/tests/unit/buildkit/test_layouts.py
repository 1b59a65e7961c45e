"""Images as files: chosen from archives, and packed into them."""

from __future__ import annotations

import gzip
import hashlib
import json
import re
import tarfile

import pytest

from buildkit_engine.buildkit.layouts import INDEX, Layout, unpack
from buildkit_engine.errors import RequestError

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
TAG = "org.opencontainers.image.ref.name"
DIGEST = "sha256:" + "0" * 64


def entry(digest: str, architecture: str = "", tag: str = "", media_type: str = MANIFEST) -> dict:
    described = {"mediaType": media_type, "digest": digest, "size": 2}
    if architecture:
        described["platform"] = {"os": "linux", "architecture": architecture}
    if tag:
        described["annotations"] = {TAG: tag}
    return described


@pytest.fixture
def layout(tmp_path):
    folder = tmp_path / "layout"
    folder.mkdir()
    return Layout(folder)


def index(*entries: dict) -> dict:
    return {"schemaVersion": 2, "mediaType": INDEX, "manifests": list(entries)}


def chosen(layout: Layout, tag: str = "", platform: str = "linux/amd64") -> dict:
    layout.choose(tag, platform, matches=lambda found: found == platform)
    [only] = json.loads((layout.folder / "index.json").read_text())["manifests"]
    return only


def test_an_image_is_chosen_by_its_platform(layout):
    layout.set_index(index(entry("sha256:a", "arm64"), entry("sha256:b", "amd64")))
    assert chosen(layout)["digest"] == "sha256:b"


def test_an_image_that_names_no_platform_is_for_all(layout):
    layout.set_index(index(entry("sha256:a")))
    assert chosen(layout)["digest"] == "sha256:a"


def test_an_image_is_chosen_by_its_tag(layout):
    layout.set_index(index(entry("sha256:a", tag="v1"), entry("sha256:b", tag="v2")))
    assert chosen(layout, "v2")["digest"] == "sha256:b"


def test_a_tag_is_that_of_a_whole_index(layout):
    inner = layout.add(
        json.dumps(index(entry("sha256:a", "arm64"), entry("sha256:b", "amd64"))).encode()
    )
    layout.set_index(index(entry("sha256:c", tag="v1"), entry(inner, tag="v2", media_type=INDEX)))
    assert chosen(layout, "v2")["digest"] == "sha256:b"


@pytest.mark.parametrize(("tag", "platform"), [("v3", "linux/amd64"), ("v1", "linux/s390x")])
def test_an_image_that_is_not_there_is_named(layout, tag, platform):
    layout.set_index(index(entry("sha256:a", "amd64", "v1")))
    message = f"^no manifest for platform {platform} and tag {tag}$"
    with pytest.raises(RequestError, match=message):
        chosen(layout, tag, platform)


def test_what_is_no_image_is_refused(layout):
    layout.set_index(index(entry("sha256:a", media_type="text/plain")))
    with pytest.raises(RequestError, match=r"^expected manifest or index, got text/plain$"):
        chosen(layout)


def test_an_archive_without_an_image_is_refused(layout):
    message = "no image in the archive: expected an OCI layout or what 'docker save' writes"
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        chosen(layout)


def test_what_docker_saved_becomes_a_layout(layout):
    config = json.dumps({"os": "linux", "architecture": "amd64"}).encode()
    (layout.folder / "config.json").write_bytes(config)
    (layout.folder / "layer").mkdir()
    (layout.folder / "layer" / "layer.tar").write_bytes(b"a layer")
    saved = {"Config": "config.json", "Layers": ["layer/layer.tar"]}
    listed = [{**saved, "RepoTags": ["registry:5000/app:v1", "app:v2"]}]
    (layout.folder / "manifest.json").write_text(json.dumps(listed))
    found = chosen(layout, "v2")
    assert found["platform"] == {"os": "linux", "architecture": "amd64"}
    manifest = json.loads(layout.blob(found["digest"]).read_text())
    assert layout.blob(manifest["config"]["digest"]).read_bytes() == config
    [layer] = manifest["layers"]
    packed = layout.blob(layer["digest"]).read_bytes()
    assert layer["digest"] == "sha256:" + hashlib.sha256(packed).hexdigest()
    assert (layer["size"], gzip.decompress(packed)) == (len(packed), b"a layer")


def test_equal_layouts_are_packed_as_equal_bytes(layout, tmp_path):
    digest = layout.add(json.dumps({"config": {"digest": DIGEST}, "layers": []}).encode())
    layout.set_index(index(entry(digest)))
    layout.add_docker_manifest(digest)
    layout.pack(tmp_path / "a.tar")
    unpack(tmp_path / "a.tar", tmp_path / "again").pack(tmp_path / "b.tar")
    assert (tmp_path / "a.tar").read_bytes() == (tmp_path / "b.tar").read_bytes()
    with tarfile.open(tmp_path / "a.tar") as tar:
        assert json.load(tar.extractfile("manifest.json")) == [
            {"Config": f"blobs/sha256/{'0' * 64}", "RepoTags": None, "Layers": []}
        ]


def test_what_is_no_archive_is_refused(tmp_path):
    (tmp_path / "text").write_text("text")
    with pytest.raises(RequestError, match=r"^cannot read the image's archive: "):
        unpack(tmp_path / "text", tmp_path / "out")
