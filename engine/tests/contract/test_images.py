"""Container.publish: one image or an index of several platforms."""

from __future__ import annotations

import uuid

import dagger
import pytest
from dagger import ImageLayerCompression, ImageMediaTypes, NetworkProtocol, dag

from engine.tests.contract.images import (
    DOCKER_INDEX,
    DOCKER_MANIFEST,
    OCI_INDEX,
    OCI_MANIFEST,
    of,
    platforms,
)


@pytest.fixture
def address(registry):
    return f"{registry.address}/contract/{uuid.uuid4()}:tag"


# -- publish


async def test_publish_answers_with_the_address_and_the_digest(registry, address, debian):
    published = await debian.publish(address)
    name, _, digest = published.partition("@")
    assert name == address
    assert digest == registry.digest_of_tag(address)


async def test_an_address_without_a_tag_is_published_as_latest(registry, debian):
    address = f"{registry.address}/contract/{uuid.uuid4()}"
    published = await debian.publish(address)
    assert published == f"{address}@{registry.digest_of_tag(f'{address}:latest')}"


async def test_one_container_is_published_as_one_image(registry, address, debian):
    manifest = registry.manifest(await debian.publish(address))
    assert manifest["mediaType"] == OCI_MANIFEST
    assert {layer["mediaType"] for layer in manifest["layers"]} == {
        "application/vnd.oci.image.layer.v1.tar+gzip"
    }


async def test_the_configuration_is_published(registry, address, debian):
    container = (
        debian.with_label("a", "b")
        .with_env_variable("A", "b")
        .with_user("1:2")
        .with_workdir("/w")
        .with_entrypoint(["/bin/sh", "-c"])
        .with_default_args(["true"])
        .with_exposed_port(80)
        .with_exposed_port(53, protocol=NetworkProtocol.UDP, description="names")
    )
    image = registry.config(await container.publish(address))
    config = image["config"]
    assert image["os"] == "linux"
    assert config["Labels"]["a"] == "b"
    assert config["Env"][1:] == ["A=b"]
    assert (config["User"], config["WorkingDir"]) == ("1:2", "/w")
    assert (config["Entrypoint"], config["Cmd"]) == (["/bin/sh", "-c"], ["true"])
    assert config["ExposedPorts"] == {"80/tcp": {}, "53/udp": {}}


async def test_what_was_published_can_be_stood_on(address, debian):
    published = await debian.with_new_file("/f", "hello").publish(address)
    assert await dag.container().from_(published).file("/f").contents() == "hello"


async def test_a_change_is_a_layer_over_those_of_the_base(registry, address, debian):
    base = len(registry.config(await debian.publish(address))["rootfs"]["diff_ids"])
    changed = debian.with_new_file("/f", "1").with_exec(["true"]).without_file("/f")
    image = registry.config(await changed.publish(address))
    assert len(image["rootfs"]["diff_ids"]) == base + 3


async def test_an_image_of_one_file_has_one_layer(registry, address):
    image = registry.config(await of("linux/amd64").publish(address))
    assert len(image["rootfs"]["diff_ids"]) == 1


async def test_a_platform_is_in_the_configuration_with_its_variant(registry, address):
    image = registry.config(await of("linux/arm/v7").publish(address))
    assert (image["os"], image["architecture"], image["variant"]) == ("linux", "arm", "v7")


async def test_unchanged_content_has_one_digest_within_a_session(registry, debian):
    container = debian.with_new_file("/f", str(uuid.uuid4()))
    repositories = [f"{registry.address}/contract/{uuid.uuid4()}" for _ in range(2)]
    addresses = [f"{repositories[0]}:1", f"{repositories[0]}:2", f"{repositories[1]}:1"]
    published = [await container.publish(address) for address in addresses]
    assert len({p.partition("@")[2] for p in published}) == 1


async def test_variants_are_published_as_an_index(registry, address, static):
    variants = [static("linux/arm64"), static("linux/amd64")]
    published = await dag.container().publish(address, platform_variants=variants)
    index = registry.manifest(published)
    assert index["mediaType"] == OCI_INDEX
    assert {m["mediaType"] for m in index["manifests"]} == {OCI_MANIFEST}
    assert published.partition("@")[2] == registry.digest_of_tag(address)


async def test_platforms_of_an_index_are_sorted(registry, address):
    names = ["linux/riscv64", "linux/arm/v7", "linux/arm64", "linux/arm/v6", "linux/amd64"]
    published = await dag.container().publish(address, platform_variants=[of(n) for n in names])
    assert platforms(registry.manifest(published)) == [
        "linux/amd64",
        "linux/arm/v6",
        "linux/arm/v7",
        "linux/arm64",
        "linux/riscv64",
    ]


async def test_each_platform_has_its_own_files(address):
    variants = [of("linux/arm64"), of("linux/amd64")]
    published = await dag.container().publish(address, platform_variants=variants)
    for platform in ("linux/amd64", "linux/arm64"):
        container = dag.container(platform=dagger.Platform(platform)).from_(published)
        assert await container.file("/f").contents() == platform


async def test_the_container_that_publishes_is_one_of_the_platforms(registry, address):
    published = await of("linux/arm64").publish(address, platform_variants=[of("linux/amd64")])
    assert platforms(registry.manifest(published)) == ["linux/amd64", "linux/arm64"]


async def test_one_variant_is_published_as_one_image(registry, address):
    variants = [of("linux/arm64"), dag.container()]
    published = await dag.container().publish(address, platform_variants=variants)
    assert registry.manifest(published)["mediaType"] == OCI_MANIFEST
    assert registry.config(published)["architecture"] == "arm64"


async def test_two_variants_of_one_platform_are_refused(request, address):
    if request.config.getoption("--engine") == "dagger":
        pytest.skip("the check there races with the evaluation of the variants")
    variants = [of("linux/arm64"), of("linux/arm64").with_new_file("/g", "")]
    with pytest.raises(dagger.QueryError, match='duplicate platform "linux/arm64"'):
        await dag.container().publish(address, platform_variants=variants)


async def test_nothing_is_not_published(address):
    with pytest.raises(dagger.QueryError, match="no containers to export"):
        await dag.container().with_label("a", "b").publish(address)


@pytest.mark.parametrize(
    ("compression", "suffix"),
    [
        (ImageLayerCompression.Gzip, "+gzip"),
        (ImageLayerCompression.Zstd, "+zstd"),
        (ImageLayerCompression.EStarGZ, "+gzip"),
        (ImageLayerCompression.Uncompressed, ""),
    ],
)
async def test_layers_are_compressed_as_asked(registry, address, compression, suffix):
    published = await of("linux/amd64").publish(address, forced_compression=compression)
    [layer] = registry.manifest(published)["layers"]
    assert layer["mediaType"] == "application/vnd.oci.image.layer.v1.tar" + suffix


async def test_media_types_can_be_dockers(registry, address):
    published = await of("linux/amd64").publish(address, media_types=ImageMediaTypes.DOCKER)
    manifest = registry.manifest(published)
    assert manifest["mediaType"] == DOCKER_MANIFEST
    assert manifest["config"]["mediaType"] == "application/vnd.docker.container.image.v1+json"
    assert [layer["mediaType"] for layer in manifest["layers"]] == [
        "application/vnd.docker.image.rootfs.diff.tar.gzip"
    ]


async def test_media_types_of_an_index_can_be_dockers(registry, address):
    published = await dag.container().publish(
        address,
        platform_variants=[of("linux/arm64"), of("linux/amd64")],
        media_types=ImageMediaTypes.DOCKER,
    )
    index = registry.manifest(published)
    assert index["mediaType"] == DOCKER_INDEX
    assert {m["mediaType"] for m in index["manifests"]} == {DOCKER_MANIFEST}


async def test_credentials_for_a_registry_that_wants_none_are_no_error(registry, address):
    password = dag.set_secret(f"contract-{uuid.uuid4()}", "password")
    container = of("linux/amd64").with_registry_auth(registry.address, "user", password)
    assert (await container.publish(address)).startswith(f"{address}@sha256:")


async def test_without_the_credentials_that_were_given_it_is_published_anonymously(
    registry, address
):
    password = dag.set_secret(f"contract-{uuid.uuid4()}", "password")
    given = of("linux/amd64").with_registry_auth(registry.address, "user", password)
    published = await given.without_registry_auth(registry.address).publish(address)
    assert published.startswith(f"{address}@sha256:")


async def test_a_registry_that_does_not_answer_is_named(connection):
    with pytest.raises(dagger.QueryError, match=r"127\.0\.0\.1:1.*connection refused"):
        await of("linux/amd64").publish("127.0.0.1:1/contract:tag")


async def test_what_is_no_address_is_refused(registry):
    with pytest.raises(dagger.QueryError, match="invalid reference format"):
        await of("linux/amd64").publish(f"{registry.address}/UPPER:tag")


async def test_mounts_are_not_published(registry, address, debian, files):
    ran = debian.with_mounted_directory("/m", files).with_exec(["touch", "/m/new", "/f"])
    published = dag.container().from_(await ran.publish(address)).rootfs()
    assert await published.exists("f")
    assert not await published.exists("m")


# -- annotations


async def test_annotations_are_in_the_manifest(registry, address):
    container = of("linux/amd64").with_annotation("a", "1").with_annotation("b", 'x="y", z')
    manifest = registry.manifest(await container.publish(address))
    assert manifest["annotations"] == {"a": "1", "b": 'x="y", z'}


async def test_an_annotation_can_be_taken_away(registry, address):
    container = of("linux/amd64").with_annotation("a", "1").with_annotation("b", "2")
    container = container.without_annotation("a").without_annotation("nonesuch")
    manifest = registry.manifest(await container.publish(address))
    assert manifest["annotations"] == {"b": "2"}


async def test_annotations_of_variants_are_in_the_index_too(registry, address):
    published = await dag.container().publish(
        address, platform_variants=[of("linux/amd64").with_annotation("a", "1"), of("linux/arm64")]
    )
    index = registry.manifest(published)
    assert index["mediaType"] == OCI_INDEX
    assert platforms(index) == ["linux/amd64", "linux/arm64"]
    amd64, arm64 = index["manifests"]
    assert amd64["annotations"] == {"a": "1"}
    assert "annotations" not in arm64
    name = published.partition("@")[0]
    assert registry.manifest(f"{name}@{amd64['digest']}")["annotations"] == {"a": "1"}


async def test_a_healthcheck_is_published(registry, address):
    container = of("linux/amd64").with_docker_healthcheck(
        ["true"], interval="30s", start_interval="5s", retries=3
    )
    published = await container.publish(address)
    assert registry.config(published)["config"]["Healthcheck"] == {
        "Test": ["CMD", "true"],
        "Interval": 30_000_000_000,
        "StartInterval": 5_000_000_000,
        "Retries": 3,
    }
    check = dag.container().from_(published).docker_healthcheck()
    assert (await check.args(), await check.interval()) == (["true"], "30s")
