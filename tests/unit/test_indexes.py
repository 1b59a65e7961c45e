"""Indexes of images that were pushed one by one, against literal documents."""

from __future__ import annotations

import hashlib
import json

import pytest

from pipeline import indexes, manifests
from pipeline.errors import PlatformError, RegistryError
from pipeline.indexes import OCI_INDEX, OCI_MANIFEST, Index, Piece

R = "r.example.com/app"
DOCKER = "application/vnd.docker.distribution.manifest.v2+json"
AMD64, ARM64 = "linux/amd64", "linux/arm64"


def piece(ref: str, digest: str, platform: str = "", **entry: object) -> Piece:
    return Piece(ref, {"digest": digest, **entry}, f"<{digest}>", platform)


def attestation(ref: str, digest: str, subject: str) -> Piece:
    return piece(ref, digest, annotations={"vnd.docker.reference.digest": subject})


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ('{"config": {}, "layers": []}', OCI_MANIFEST),
        (f'{{"mediaType": "{OCI_MANIFEST}", "config": {{}}}}', OCI_MANIFEST),
        (f'{{"mediaType": "{DOCKER}", "config": {{}}, "n": "\u00e9"}}', DOCKER),
    ],
)
def test_a_manifest_of_its_own_is_entered_by_its_bytes(text, kind):
    digest = f"sha256:{hashlib.sha256(text.encode()).hexdigest()}"
    assert indexes.entries(manifests.parse(text, R)) == [
        {"mediaType": kind, "digest": digest, "size": len(text.encode())}
    ]


def test_entries_of_an_index_are_taken_whole():
    entries = [
        {"digest": "sha256:a", "platform": {"os": "linux", "architecture": "arm64"}, "size": 1,
         "mediaType": DOCKER, "annotations": {"a": "b"}, "urls": ["x"]},
        {"digest": "sha256:b", "platform": {"os": "unknown", "architecture": "unknown"}},
    ]  # fmt: skip
    text = json.dumps({"manifests": entries, "annotations": {"team": "a"}})
    manifest = manifests.parse(text, R)
    assert indexes.entries(manifest) == entries
    assert indexes.annotations_of(manifest) == {"team": "a"}
    assert [indexes.is_attestation(entry) for entry in entries] == [False, True]


def test_annotations_of_a_manifest_of_its_own_are_not_the_indexs():
    text = '{"config": {}, "annotations": {"a": "b"}}'
    assert indexes.annotations_of(manifests.parse(text, R)) == {}


@pytest.mark.parametrize(
    ("named", "config", "platform", "entered"),
    [
        (None, {"os": "linux", "architecture": "arm64"}, ARM64,
         {"os": "linux", "architecture": "arm64"}),
        # as containerd normalises it
        (None, {"os": "linux", "architecture": "arm64", "variant": "v8"}, ARM64,
         {"os": "linux", "architecture": "arm64"}),
        (None, {"os": "linux", "architecture": "arm", "variant": "v6"}, "linux/arm/v6",
         {"os": "linux", "architecture": "arm", "variant": "v6"}),
        # what an index says of a platform is kept as it is
        ({"os": "linux", "architecture": "arm64", "variant": "v8"},
         {"os": "linux", "architecture": "arm64"}, ARM64,
         {"os": "linux", "architecture": "arm64", "variant": "v8"}),
    ],
)  # fmt: skip
def test_an_image_is_of_its_configurations_platform(named, config, platform, entered):
    entry = {"digest": "sha256:a"} | ({"platform": named} if named else {})
    assert indexes.image(R, entry, "text", json.dumps(config)) == Piece(
        R, {"digest": "sha256:a", "platform": entered}, "text", platform
    )


@pytest.mark.parametrize(
    ("variant", "said"), [("", "linux/arm/v7"), ("v5", "linux/arm/v5"), ("v7", "linux/arm/v7")]
)
def test_an_entry_of_another_variant_than_its_image_is_refused(variant, said):
    entry = {
        "digest": "sha256:a",
        "platform": {"os": "linux", "architecture": "arm", "variant": "v6"},
    }
    config = json.dumps({"os": "linux", "architecture": "arm", "variant": variant})
    with pytest.raises(PlatformError) as raised:
        indexes.image(R, entry, "", config)
    assert str(raised.value) == (
        f"'{R}' holds an image that its index calls linux/arm/v6, and whose configuration says "
        f"{said}: publish it again for the platform that it was built for"
    )


def test_what_no_machine_runs_is_refused():
    with pytest.raises(RegistryError) as raised:
        indexes.image(R, {"digest": "sha256:a"}, "", '{"name": "a-chart"}')
    assert str(raised.value) == (
        f"'{R}' holds sha256:a, which is no image of a platform: expected images only"
    )


def test_images_are_sorted_by_platform_and_attestations_follow():
    found = indexes.join(
        [
            attestation("two", "sha256:d", "sha256:b"),
            piece("two", "sha256:b", ARM64),
            piece("one", "sha256:a", AMD64),
            attestation("one", "sha256:c", "sha256:a"),
        ],
        [{}, {}],
    )
    assert [p.digest for p in found.pieces] == ["sha256:a", "sha256:b", "sha256:d", "sha256:c"]
    assert found.platforms == [AMD64, ARM64]
    assert found.notes == ()
    assert json.loads(found.text) == {
        "schemaVersion": 2,
        "mediaType": OCI_INDEX,
        "manifests": [dict(p.entry) for p in found.pieces],
    }


def test_the_order_of_refs_does_not_change_the_index():
    one, other = piece("one", "sha256:a", AMD64), piece("two", "sha256:b", ARM64)
    assert indexes.join([one, other], []).text == indexes.join([other, one], []).text


def test_of_annotations_that_differ_the_first_is_kept_and_the_other_told():
    found = indexes.join(
        [piece("one", "sha256:a", AMD64)], [{"team": "a", "from": "x"}, {"from": "y", "team": "a"}]
    )
    assert json.loads(found.text)["annotations"] == {"team": "a", "from": "x"}
    assert found.notes == ("annotation from: 'x' is kept, 'y' is not",)


def test_what_is_attested_of_another_image_is_left_out_and_told():
    found = indexes.join(
        [piece("one", "sha256:a", AMD64), attestation("two", "sha256:c", "sha256:z"),
         piece("two", "sha256:n", annotations=None)],
        [],
    )  # fmt: skip
    assert [p.digest for p in found.pieces] == ["sha256:a"]
    assert found.notes == (
        "'two': sha256:c is left out: what it attests is of no image here",
        "'two': sha256:n is left out: what it attests is of no image here",
    )


@pytest.mark.parametrize(
    ("refs", "message"),
    [
        (("one", "two"), f"'one' and 'two' both hold an image for {AMD64}: expected each platform once"),
        (("one", "one"), f"'one' has two images for {AMD64}: expected each platform once"),
    ],
)  # fmt: skip
def test_a_platform_twice_is_refused(refs, message):
    with pytest.raises(PlatformError) as raised:
        indexes.join([piece(ref, f"sha256:{n}", AMD64) for n, ref in enumerate(refs)], [])
    assert str(raised.value) == message


def test_exactly_the_wanted_platforms_are_required():
    found = Index("", (piece("one", "sha256:a", AMD64), piece("two", "sha256:b", ARM64)))
    indexes.require(found, [ARM64, AMD64])
    with pytest.raises(PlatformError) as raised:
        indexes.require(found, [AMD64, ARM64, "linux/386"])
    assert str(raised.value) == (
        "No ref holds an image for linux/386, which --platforms names: found "
        "linux/amd64, linux/arm64"
    )
    with pytest.raises(PlatformError) as raised:
        indexes.require(found, [AMD64])
    assert str(raised.value) == (
        "'two' holds linux/arm64, which --platforms does not name: expected linux/amd64"
    )


def test_a_layout_has_the_bytes_of_every_manifest():
    found = Index("{}", (piece("one", "sha256:a", AMD64), piece("one", "sha256:c")))
    digest = "sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a"
    assert found.layout == {
        "oci-layout": '{"imageLayoutVersion": "1.0.0"}',
        "index.json": json.dumps(
            {
                "schemaVersion": 2,
                "mediaType": OCI_INDEX,
                "manifests": [{"mediaType": OCI_INDEX, "digest": digest, "size": 2}],
            }
        ),
        f"blobs/{digest.replace(':', '/')}": "{}",
        "blobs/sha256/a": "<sha256:a>",
        "blobs/sha256/c": "<sha256:c>",
    }
