"""Container's asTarball, export and import: images as files."""

from __future__ import annotations

import json
import tarfile
import uuid

import dagger
import pytest
from dagger import ImageMediaTypes, dag

from engine.tests.contract.images import DOCKER_MANIFEST, OCI_INDEX, OCI_MANIFEST, of, platforms

# -- asTarball


@pytest.fixture
def unpack(tmp_path):
    """The names in a tarball, and its JSON by name."""

    async def of_tarball(tarball: dagger.File) -> tuple[list[str], dict[str, dict]]:
        path = tmp_path / "image.tar"
        await tarball.export(str(path))
        with tarfile.open(path) as tar:
            names = sorted(m.name for m in tar if not m.name.startswith("blobs/sha256/"))
            texts = {m.name: tar.extractfile(m) for m in tar if m.isfile() and m.size < 100_000}
            data = {name: file.read() for name, file in texts.items() if file}
        return names, {n: json.loads(d) for n, d in data.items() if d.startswith((b"{", b"["))}

    return of_tarball


def blob(parsed: dict[str, dict], descriptor: dict) -> dict:
    return parsed["blobs/" + descriptor["digest"].replace(":", "/")]


async def test_a_tarball_is_an_oci_layout_that_docker_can_load(unpack, debian):
    container = debian.with_label("a", "b").with_new_file("/f", "")
    names, parsed = await unpack(container.as_tarball())
    assert names == ["blobs", "blobs/sha256", "index.json", "manifest.json", "oci-layout"]
    assert parsed["oci-layout"] == {"imageLayoutVersion": "1.0.0"}
    [descriptor] = parsed["index.json"]["manifests"]
    manifest = blob(parsed, descriptor)
    assert manifest["mediaType"] == descriptor["mediaType"] == OCI_MANIFEST
    assert blob(parsed, manifest["config"])["config"]["Labels"]["a"] == "b"
    [loaded] = parsed["manifest.json"]
    assert loaded["RepoTags"] is None
    assert loaded["Config"] == "blobs/" + manifest["config"]["digest"].replace(":", "/")
    assert len(loaded["Layers"]) == len(manifest["layers"])


async def test_a_tarball_of_several_platforms_is_an_index(unpack, static):
    variants = [static("linux/arm64"), static("linux/amd64")]
    names, parsed = await unpack(dag.container().as_tarball(platform_variants=variants))
    assert names == ["blobs", "blobs/sha256", "index.json", "oci-layout"]
    [descriptor] = parsed["index.json"]["manifests"]
    assert descriptor["mediaType"] == OCI_INDEX
    assert platforms(blob(parsed, descriptor)) == ["linux/amd64", "linux/arm64"]


async def test_media_types_of_a_tarball_can_be_dockers(unpack):
    tarball = of("linux/amd64").as_tarball(media_types=ImageMediaTypes.DOCKER)
    _, parsed = await unpack(tarball)
    [descriptor] = parsed["index.json"]["manifests"]
    assert descriptor["mediaType"] == DOCKER_MANIFEST


async def test_a_tarballs_name_is_container_tar(connection):
    assert await of("linux/amd64").as_tarball().name() == "container.tar"


async def test_a_tarball_of_nothing_is_refused(connection):
    with pytest.raises(dagger.QueryError, match="no containers to export"):
        await dag.container().as_tarball().sync()


async def test_a_tarball_of_unchanged_content_is_the_same_within_a_session(tmp_path):
    container = of("linux/amd64").with_new_file("/g", str(uuid.uuid4()))
    for name in ("1.tar", "2.tar"):
        await container.as_tarball().export(str(tmp_path / name))
    assert (tmp_path / "1.tar").read_bytes() == (tmp_path / "2.tar").read_bytes()


@pytest.mark.usefixtures("this_engine_only")
async def test_a_tarball_leaves_no_tag_in_the_registry(registry):
    before = registry.tags("buildkit-engine/store")
    await of("linux/amd64").as_tarball(platform_variants=[of("linux/arm64")]).sync()
    assert set(registry.tags("buildkit-engine/store")) <= set(before)


# -- files of this machine


async def test_an_image_is_exported_as_an_oci_layout(host_folder):
    container = of("linux/amd64")
    path = await container.export(f"exported/{uuid.uuid4()}.tar")
    assert path.startswith(f"{host_folder}/exported/")
    with tarfile.open(path) as tar:
        assert {"oci-layout", "index.json"} <= set(tar.getnames())


async def test_variants_are_exported_together(host_folder):
    path = (
        await of("linux/arm64")
        .with_env_variable("N", str(uuid.uuid4()))
        .export("$N.tar", platform_variants=[of("linux/amd64")], expand=True)
    )
    assert "$" not in path
    file = dag.host().file(path)
    for platform in ("linux/amd64", "linux/arm64"):
        imported = dag.container(platform=dagger.Platform(platform)).import_(file)
        assert await imported.platform() == platform
        assert await imported.file("/f").contents() == platform


async def test_an_imported_image_is_what_was_exported(debian):
    container = debian.with_new_file("/f", "text").with_env_variable("A", "b").with_user("33")
    imported = dag.container().import_(container.as_tarball())
    assert await imported.env_variable("A") == "b"
    assert await imported.with_exec(["cat", "/f"]).stdout() == "text"
    with pytest.raises(dagger.QueryError, match="Image reference can only be retrieved"):
        await imported.image_ref()


async def test_a_platform_that_is_not_in_the_archive_is_named():
    riscv = dag.container(platform=dagger.Platform("linux/riscv64"))
    two = of("linux/amd64").as_tarball(platform_variants=[of("linux/arm64")])
    with pytest.raises(dagger.QueryError, match="no manifest for platform linux/riscv64"):
        await riscv.import_(two).sync()


async def test_a_tag_that_is_not_in_the_archive_is_named():
    archive = of("linux/amd64").as_tarball()
    with pytest.raises(dagger.QueryError, match=r"no manifest for platform \S+ and tag nonesuch"):
        await dag.container().import_(archive, tag="nonesuch").sync()


async def test_what_is_no_archive_is_refused(files):
    with pytest.raises(dagger.QueryError):
        await dag.container().import_(files.file("a.txt")).sync()


@pytest.mark.usefixtures("this_engine_only")
async def test_without_a_container_runtime_no_image_can_be_exported_to_it(monkeypatch):
    monkeypatch.setenv("PATH", "/nonesuch")
    message = "no container runtime answers on this machine: expected one of docker, podman, finch"
    with pytest.raises(dagger.QueryError, match=message):
        await of("linux/amd64").export_image("contract:tag")
