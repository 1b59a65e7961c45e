"""What registries answer, as literal documents."""

from __future__ import annotations

import json

import pytest

from pipeline import manifests
from pipeline.errors import PlatformError, RegistryError
from pipeline.manifests import Entry
from pipeline.platforms import parse

R = "registry.example.com/app:1"
OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
ALL = (
    "linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/arm64, linux/arm/v7, linux/arm/v6, "
    "linux/386, linux/riscv64, linux/ppc64le, linux/s390x"
)

# as BuildKit 0.31 pushes an image of two platforms with its provenance
WITH_ATTESTATIONS = """\
{
  "schemaVersion": 2,
  "mediaType": "application/vnd.oci.image.index.v1+json",
  "manifests": [
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:aa", "size": 671,
      "platform": {"architecture": "amd64", "os": "linux"}
    },
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:bb", "size": 671,
      "platform": {"architecture": "arm64", "os": "linux", "variant": "v8"}
    },
    {
      "mediaType": "application/vnd.oci.image.manifest.v1+json",
      "digest": "sha256:cc", "size": 837,
      "annotations": {
        "vnd.docker.reference.digest": "sha256:aa",
        "vnd.docker.reference.type": "attestation-manifest"
      },
      "platform": {"architecture": "unknown", "os": "unknown"}
    }
  ]
}"""
DOCKER_LIST = """\
{"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.list.v2+json",
 "manifests": [
  {"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "digest": "sha256:aa",
   "size": 1, "platform": {"architecture": "arm", "os": "linux", "variant": "v7"}},
  {"mediaType": "application/vnd.docker.distribution.manifest.v2+json", "digest": "sha256:bb",
   "size": 1, "platform": {"architecture": "amd64", "os": "windows", "os.version": "10.0.1"}}]}"""
SINGLE = """\
{"schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json",
 "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": "sha256:dd",
            "size": 2}, "layers": []}"""


def test_attestations_are_no_images():
    assert manifests.parse(WITH_ATTESTATIONS, R).entries == (
        Entry("sha256:aa", "linux/amd64"),
        Entry("sha256:bb", "linux/arm64"),
    )


def test_dockers_lists_are_indexes_too():
    assert manifests.parse(DOCKER_LIST, R).entries == (
        Entry("sha256:aa", "linux/arm/v7"),
        Entry("sha256:bb", "windows/amd64"),
    )


def test_an_entry_may_lack_its_platform():
    entry = {"mediaType": OCI_MANIFEST, "digest": "sha256:aa", "size": 1}
    text = json.dumps({"schemaVersion": 2, "manifests": [entry]})
    assert manifests.parse(text, R).entries == (Entry("sha256:aa", ""),)


def test_an_image_of_its_own_has_no_entries_and_the_digest_of_its_bytes():
    found = manifests.parse(SINGLE, R)
    assert found.entries is None
    # as `sha256sum` prints it of the same bytes
    assert found.digest == "sha256:42de266bbf23a1698117bc64a743c6b522a41c46c68d214133162a1f97a49137"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("<html>Sign in</html>", f"'{R}': the registry's answer begins with '<html>Sign in</html>': expected a JSON object"),
        ("[]", f"'{R}': the registry's answer begins with '[]': expected a JSON object"),
        (
            '{"schemaVersion": 1, "name": "app", "fsLayers": []}',
            f"'{R}' is neither an image nor an index, but version 1: expected an image that was pushed as OCI or Docker schema 2",
        ),
        (
            '{"schemaVersion": 2, "mediaType": "application/vnd.oci.artifact.manifest.v1+json"}',
            f"'{R}' is neither an image nor an index, but application/vnd.oci.artifact.manifest.v1+json: expected an image that was pushed as OCI or Docker schema 2",
        ),
        (
            '{"manifests": [{"mediaType": "application/vnd.oci.image.index.v1+json", "digest": "sha256:aa"}]}',
            f"'{R}' has an index in its index (sha256:aa): expected images; name the inner one by its digest",
        ),
    ],
)  # fmt: skip
def test_what_is_no_image_is_refused(text, message):
    with pytest.raises(RegistryError) as raised:
        manifests.parse(text, R)
    assert str(raised.value) == message


@pytest.mark.parametrize(
    ("config", "platform"),
    [
        ('{"architecture": "arm64", "os": "linux", "variant": "v8", "rootfs": {}}', "linux/arm64"),
        ('{"architecture": "arm", "os": "linux"}', "linux/arm/v7"),
        ('{"architecture": "mips64le", "os": "linux"}', "linux/mips64le"),
        ('{"name": "chart", "version": "1.0.0", "apiVersion": "v2"}', ""),
        ("{}", ""),
    ],
)
def test_a_configuration_says_its_platform(config, platform):
    assert manifests.config_platform(config, R) == platform


AMD64, ARM64, S390X = (
    Entry(f"sha256:{name}", f"linux/{name}") for name in ("amd64", "arm64", "s390x")
)
MIPS = Entry("sha256:mips", "linux/mips64le")


def test_all_that_is_there_is_looked_at_in_the_indexs_order():
    chosen = manifests.select([S390X, AMD64], None, R)
    assert chosen == [(parse("linux/s390x"), S390X), (parse("linux/amd64"), AMD64)]


def test_two_entries_for_one_platform_are_both_looked_at():
    other = Entry("sha256:other", "linux/amd64")
    specs = [spec.platform for spec, _ in manifests.select([AMD64, other], None, R)]
    assert specs == ["linux/amd64", "linux/amd64"]


def test_platforms_that_are_wanted_are_all_that_is_looked_at():
    wanted = [parse("linux/arm64"), parse("linux/amd64")]
    chosen = manifests.select([AMD64, MIPS, ARM64], wanted, R)
    assert [entry for _, entry in chosen] == [ARM64, AMD64]


@pytest.mark.parametrize(
    ("entries", "wanted", "error", "message"),
    [
        ([], None, RegistryError, f"'{R}' holds no image: expected one at least, for a platform"),
        (
            [AMD64, ARM64], ["linux/s390x"], PlatformError,
            f"'{R}' holds nothing for 'linux/s390x': expected one of linux/amd64, linux/arm64",
        ),
        (
            [AMD64, ARM64, MIPS], None, PlatformError,
            f"'{R}' holds 'linux/mips64le', which cannot be looked at: "
            "leave it out with --platforms=linux/amd64,linux/arm64",
        ),
        (
            [MIPS], None, PlatformError,
            f"'{R}' holds 'linux/mips64le', which cannot be looked at: expected one of {ALL}",
        ),
    ],
)  # fmt: skip
def test_what_cannot_be_looked_at_is_no_silent_gap(entries, wanted, error, message):
    specs = None if wanted is None else [parse(platform) for platform in wanted]
    with pytest.raises(error) as raised:
        manifests.select(entries, specs, R)
    assert str(raised.value) == message
