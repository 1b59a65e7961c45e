"""Platforms that are published one by one and merged are the image that one call publishes."""

from __future__ import annotations

from typing import Any

import pytest
from elves import program

from tests.integration.conftest import GO_APP, errors
from tests.integration.registries import HTPASSWD, PASSWORD, PUBLISHER, CuttingProxy

AMD64, ARM64, RISCV64 = "linux/amd64", "linux/arm64", "linux/riscv64"
TOOL = "/tool"
STAMP = ("--version=1.2", "--revision=abc123", "--skip-tests")


@pytest.fixture(autouse=True)
def within_reach(call):
    if not call.embedded:
        pytest.skip("containers of a Dagger engine do not reach a registry on loopback")


@pytest.fixture
def merge(call, tmp_path):
    """Merges images of one registry. There is no source: nothing is built."""

    def run(address: str, *refs: str, more: tuple[str, ...] = (), **options: Any):
        flags = (f"--refs={','.join(refs)}", f"--address={address}", *more)
        return call("merge", *flags, source=tmp_path, **options)

    return run


@pytest.fixture
def held(registry, repository):
    """Writes images of a program, one a platform, under tags of their own; their references."""

    def put(*images: str, of: str = repository, **options: Any) -> list[str]:
        refs = []
        for platform in images:
            files = {TOOL: program(platform.split("/")[1])}
            tag = platform.replace("/", "-")
            registry.put_image(of, platform, files, tag=tag, **options)
            refs.append(f"{of}:{tag}")
        return refs

    return put


@pytest.fixture(scope="module")
def apart(call, registry):
    """The example, each platform published by itself, and what was printed."""
    address = f"{registry.address}/apart"
    printed = []
    for platform in (ARM64, AMD64):
        flags = (f"--platforms={platform}", f"--address={address}", "--per-platform-tags", *STAMP)
        ran = call("publish", *flags, source=GO_APP)
        assert ran.code == 0, ran.error
        printed += ran.out.splitlines()
    return address, printed


@pytest.fixture(scope="module")
def whole(call, registry):
    """The example, published by one call."""
    address = f"{registry.address}/whole"
    flags = (f"--platforms={AMD64},{ARM64}", f"--address={address}", *STAMP)
    ran = call("publish", *flags, source=GO_APP)
    assert ran.code == 0, ran.error
    return f"{address}:1.2"


def test_each_platform_has_a_tag_of_its_own(apart, registry):
    address, printed = apart
    tags = ["1.2-linux-arm64", "1.2-linux-amd64"]
    assert [line.partition("@")[0] for line in printed] == [f"{address}:{tag}" for tag in tags]
    assert sorted(registry.tags(address)) == sorted(tags)


def test_a_flavors_suffix_is_before_the_platform(call, registry, repository, app):
    settings = app / "pipeline.toml"
    settings.write_text(settings.read_text() + '\n[flavors.traced.runtime.env]\nTRACE = "1"\n')
    ran = call(
        "publish", f"--platforms={AMD64},{ARM64}", f"--address={repository}:1",
        "--flavors=plain,traced", "--per-platform-tags", "--skip-tests",
        source=app,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    assert [line.partition("@")[0] for line in ran.out.splitlines()] == [
        f"{repository}:1-linux-amd64",
        f"{repository}:1-linux-arm64",
        f"{repository}:1-traced-linux-amd64",
        f"{repository}:1-traced-linux-arm64",
    ]


def test_merged_platforms_have_the_files_and_configuration_of_a_publish(
    call, apart, whole, registry
):
    address, printed = apart
    ran = call("merge", f"--refs={','.join(printed)}", f"--address={address}:1.2", source=GO_APP)
    assert ran.code == 0, ran.error
    assert ran.out == f"{address}:1.2@{registry.digest(f'{address}:1.2')}"
    assert registry.platforms(f"{address}:1.2") == [AMD64, ARM64]
    for platform in (AMD64, ARM64):
        merged, once = (registry.config(r, platform) for r in (f"{address}:1.2", whole))
        assert merged["rootfs"]["diff_ids"] == once["rootfs"]["diff_ids"]
        for config in (merged, once):
            del config["created"], config["history"]
        assert merged == once


def test_manifests_are_copied_byte_for_byte_and_order_is_that_of_a_publish(
    merge, held, registry, repository
):
    arm64, amd64 = held(ARM64, AMD64)
    ran = merge(repository, arm64, amd64, more=("--tags=2,latest",))
    assert ran.code == 0, ran.error
    digest = registry.digest(f"{repository}:2")
    assert ran.out.splitlines() == [f"{repository}:2@{digest}", f"{repository}:latest@{digest}"]
    assert registry.index(f"{repository}:latest") == {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.index.v1+json",
        "manifests": [
            {
                "mediaType": "application/vnd.oci.image.manifest.v1+json",
                "digest": registry.digest(ref),
                "size": registry.size(ref),
                "platform": {"os": "linux", "architecture": architecture},
            }
            for architecture, ref in (("amd64", amd64), ("arm64", arm64))
        ],
    }


def test_a_manifest_of_docker_keeps_its_media_type(merge, held, registry, repository):
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    refs = [*held(AMD64, docker=True), *held(ARM64)]
    ran = merge(repository, *refs)
    assert ran.code == 0, ran.error
    found = registry.index(repository)
    assert found["mediaType"] == "application/vnd.oci.image.index.v1+json"
    assert [entry["mediaType"] for entry in found["manifests"]] == [
        kind,
        "application/vnd.oci.image.manifest.v1+json",
    ]
    assert found["manifests"][0]["digest"] == registry.digest(refs[0])


def test_indexes_are_merged_with_annotations_and_attestations(merge, registry, repository):
    entries = {
        p: registry.put_image(repository, p, {TOOL: program(p.split("/")[1])})
        for p in (AMD64, ARM64, RISCV64)
    }
    named = {p: {**e, "annotations": {"built.on": p}} for p, e in entries.items()}
    attested = registry.put_attestation(repository, entries[ARM64]["digest"])
    orphan = registry.put_attestation(repository, f"sha256:{'0' * 64}")
    registry.put_images(
        repository, "one", named[RISCV64], named[AMD64], annotations={"team": "a", "from": "one"}
    )
    registry.put_images(
        repository, "two", attested, orphan, named[ARM64], annotations={"from": "two"}
    )
    ran = merge(f"{repository}:all", f"{repository}:one", f"{repository}:two")
    assert ran.code == 0, ran.error
    found = registry.index(f"{repository}:all")
    assert found["annotations"] == {"team": "a", "from": "one"}
    assert found["manifests"] == [named[AMD64], named[ARM64], named[RISCV64], attested]
    assert "annotation from: 'one' is kept, 'two' is not" in ran.error
    assert (
        f"'{repository}:two': {orphan['digest']} is left out: what it attests is of no image here"
        in ran.error
    )


def test_images_of_several_repositories_are_merged_into_another(merge, held, registry, repository):
    refs = [*held(AMD64, of=f"{repository}-x"), *held(ARM64, of=f"{repository}-y")]
    ran = merge(f"{repository}:1", *refs)
    assert ran.code == 0, ran.error
    assert registry.tags(repository) == ["1"]
    digests = [entry["digest"] for entry in registry.index(f"{repository}:1")["manifests"]]
    assert digests == [registry.digest(ref) for ref in refs]
    for platform in (AMD64, ARM64):
        assert TOOL.strip("/") in registry.files(f"{repository}:1", platform)


def test_a_ref_that_is_not_there_is_named(merge, held, registry, repository):
    ran = merge(f"{repository}:1", *held(AMD64), f"{repository}:linux-arm64")
    assert ran.code == 1
    assert ran.refusal.startswith(
        f"'{repository}:linux-arm64' is not in its registry: expected an image that was pushed ("
    )
    assert registry.tags(repository) == ["linux-amd64"]


def test_two_images_for_one_platform_are_refused(merge, held, repository):
    one, other = *held(AMD64), *held(AMD64, of=f"{repository}-x")
    ran = merge(f"{repository}:1", one, other)
    assert (ran.code, ran.refusal) == (
        1,
        f"'{one}' and '{other}' both hold an image for {AMD64}: expected each platform once",
    )


def test_an_index_that_names_another_platform_than_its_image_is_refused(
    merge, registry, repository
):
    entry = registry.put_image(repository, AMD64, {TOOL: program("amd64")})
    wrong = {**entry, "platform": {"os": "linux", "architecture": "arm64"}}
    registry.put_images(repository, "wrong", wrong)
    ran = merge(f"{repository}:1", f"{repository}:wrong")
    assert (ran.code, ran.refusal) == (
        1,
        f"'{repository}:wrong' holds an image that its index calls {ARM64}, and whose configuration "
        f"says {AMD64}: publish it again for the platform that it was built for",
    )


def test_what_is_no_image_is_refused(merge, held, registry, repository):
    chart = registry.put_image(
        repository, AMD64, {TOOL: b""}, tag="chart", os=None, architecture=None
    )
    ran = merge(f"{repository}:1", *held(AMD64), f"{repository}:chart")
    assert (ran.code, ran.refusal) == (
        1,
        f"'{repository}:chart' holds {chart['digest']}, which is no image of a platform: "
        "expected images only",
    )


def test_platforms_say_all_that_the_image_must_hold(merge, held, repository):
    refs = held(AMD64, ARM64)
    ran = merge(f"{repository}:1", *refs, more=(f"--platforms={AMD64},{RISCV64}",))
    assert (ran.code, ran.refusal) == (
        1,
        f"No ref holds an image for {RISCV64}, which --platforms names: found {AMD64}, {ARM64}",
    )
    ran = merge(f"{repository}:1", *refs, more=(f"--platforms={AMD64}",))
    assert (ran.code, ran.refusal) == (
        1,
        f"'{refs[1]}' holds {ARM64}, which --platforms does not name: expected {AMD64}",
    )


def test_programs_for_another_platform_get_no_tag(merge, registry, repository):
    """The configurations match their entries: only what is in the images is wrong."""
    for platform, other in ((AMD64, "arm64"), (ARM64, "amd64")):
        files = {TOOL: program(other)}
        registry.put_image(repository, platform, files, tag=platform.replace("/", "-"))
    refs = [f"{repository}:linux-amd64", f"{repository}:linux-arm64"]
    ran = merge(f"{repository}:1", *refs)
    assert ran.code == 1
    assert errors(ran.error) == [
        ("wrong-architecture", AMD64, TOOL),
        ("wrong-architecture", ARM64, TOOL),
    ]
    assert "1" not in registry.tags(repository)
    ran = merge(f"{repository}:1", *refs, more=("--skip-verify",))
    assert ran.code == 0
    assert f"{repository}:1" in ran.error


def test_a_tag_never_loses_a_platform_unless_told(merge, held, registry, repository):
    amd64, arm64, riscv64 = held(AMD64, ARM64, RISCV64)
    assert merge(f"{repository}:1", amd64, arm64, riscv64).code == 0
    before = registry.digest(f"{repository}:1")
    ran = merge(f"{repository}:new", amd64, arm64, more=("--tags=1",))
    assert (ran.code, ran.refusal) == (
        1,
        f"'{repository}:1' holds {RISCV64}, which the refs do not, and would lose it: name a ref for "
        "it as well, or overwrite it with --replace",
    )
    assert registry.digest(f"{repository}:1") == before
    assert "new" not in registry.tags(repository)
    # with what it holds already as one of the refs, nothing is lost
    assert merge(f"{repository}:1", amd64, arm64, riscv64).code == 0
    ran = merge(f"{repository}:1", amd64, arm64, more=("--replace",))
    assert ran.code == 0, ran.error
    assert registry.platforms(f"{repository}:1") == [AMD64, ARM64]


def test_tags_of_the_refs_are_deleted_where_the_registry_does_that(merge, held, start_registry):
    registry = start_registry(deletes=True)
    address = f"{registry.address}/app"
    for platform in (AMD64, ARM64):
        files = {TOOL: program(platform.split("/")[1])}
        registry.put_image(address, platform, files, tag=platform.replace("/", "-"))
    refs = (f"{address}:linux-amd64", f"{address}:linux-arm64")
    ran = merge(f"{address}:1", *refs, more=("--delete-refs",))
    assert ran.code == 0, ran.error
    assert registry.tags(address) == ["1"]
    for platform in (AMD64, ARM64):
        assert TOOL.strip("/") in registry.files(f"{address}:1", platform)


def test_a_registry_that_deletes_nothing_is_told_and_the_image_is_there(
    merge, held, registry, repository
):
    refs = held(AMD64, ARM64)
    ran = merge(f"{repository}:1", *refs, more=("--delete-refs",))
    assert ran.code == 0
    assert ran.out == f"{repository}:1@{registry.digest(f'{repository}:1')}"
    for ref in refs:
        assert f"{ref} stays: '{ref}' cannot be deleted: DELETE http://" in ran.error
    assert sorted(registry.tags(repository)) == ["1", "linux-amd64", "linux-arm64"]


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (("--refs=r.example.com/a:1,s.example.com/a:2", "--address=r.example.com/a"),
         "'s.example.com/a:2' is in the registry s.example.com, and the address in r.example.com: "
         "expected one registry; publish to it, or copy the image there before"),
        (("--refs=r.example.com/a:1", "--username=me", "--address=r.example.com/a"),
         "A username is given without a password"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_refused_before_any_work(call, tmp_path, flags, message):
    ran = call("merge", *flags, source=tmp_path)
    assert ran.code == 1
    assert ran.refusal.startswith(message)
    assert "#1 " not in ran.error


def test_credentials_are_for_reading_and_writing(call, start_registry, tmp_path):
    registry = start_registry(htpasswd=HTPASSWD)
    address = f"{registry.address}/locked"
    for platform in (AMD64, ARM64):
        files = {TOOL: program(platform.split("/")[1])}
        registry.put_image(address, platform, files, tag=platform.replace("/", "-"))
    flags = (
        f"--refs={address}:linux-amd64,{address}:linux-arm64",
        f"--address={address}-merged",
    )
    ran = call("merge", *flags, source=tmp_path)
    assert ran.code == 1
    assert "UNAUTHORIZED" in ran.refusal
    assert ran.refusal.endswith("and knows no login but --username and --password")
    login = (f"--username={PUBLISHER}", "--password=env://SECRET")
    ran = call("merge", *flags, *login, source=tmp_path, env={"SECRET": PASSWORD})
    assert ran.code == 0, ran.error
    assert ran.out.startswith(f"{address}-merged:latest@sha256:")
    assert PASSWORD not in ran.error + ran.out


def test_a_registry_that_dies_on_the_way_has_no_tag(merge, start_registry):
    """It answers until the images are copied, and is gone when the index comes."""
    registry = start_registry()
    proxy = CuttingProxy(registry, b"PUT /v2/merged/manifests/1 ", lambda: registry.stop(9))
    address = f"{proxy.address}/part"
    for platform in (AMD64, ARM64):
        files = {TOOL: program(platform.split("/")[1])}
        tag = platform.replace("/", "-")
        registry.put_image(f"{registry.address}/part", platform, files, tag=tag)
    refs = (f"{address}:linux-amd64", f"{address}:linux-arm64")
    try:
        ran = merge(f"{proxy.address}/merged:1", *refs, more=("--replace",))
    finally:
        proxy.close()
    assert ran.code == 1
    assert ran.refusal.startswith(f"Publishing {proxy.address}/merged:1 failed: ")
    assert ran.refusal.endswith("(no tag was written)")
    registry.start()
    assert registry.tags(f"{registry.address}/merged") == []
