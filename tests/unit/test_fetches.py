"""[[fetch]]: URLs filled in, recipes compared by equality, with no engine."""

from __future__ import annotations

import pytest
from dagger import dag

from pipeline import fetches, platforms
from pipeline.errors import ConfigError
from pipeline.options import FetchOptions

AMD64, ARM64, ARMV7 = (platforms.parse(p) for p in ("linux/amd64", "linux/arm64", "linux/arm/v7"))
SUMS = {"linux/amd64": "a" * 64, "linux/arm64": "b" * 64, "linux/arm/v7": "c" * 64}


def options(**more):
    given = {"url": "https://e.com/tini-{debian_arch}", "sha256": SUMS, "destination": "/sbin/tini"}
    return FetchOptions(**{**given, **more})


@pytest.mark.parametrize(
    ("url", "spec", "filled"),
    [
        ("https://e.com/tini-{debian_arch}", ARMV7, "https://e.com/tini-armhf"),
        ("https://e.com/{os}/{arch}{variant}", ARMV7, "https://e.com/linux/armv7"),
        ("https://e.com/{os}/{arch}{variant}", ARM64, "https://e.com/linux/arm64"),
        ("https://e.com/x-{gnu_triple}.tgz", ARM64, "https://e.com/x-aarch64-linux-gnu.tgz"),
        ("https://e.com/x-{rust_triple}", AMD64, "https://e.com/x-x86_64-unknown-linux-gnu"),
        (
            {"linux/amd64": "https://a", "linux/aarch64": "https://b/{arch}"},
            ARM64,
            "https://b/arm64",
        ),
    ],
)
def test_a_url_is_filled_in_for_the_platform(url, spec, filled):
    assert fetches.url_of(options(url=url), spec) == filled


@pytest.mark.parametrize(
    ("more", "message"),
    [
        ({"sha256": {"linux/amd64": "a" * 64}},
         "[[fetch]] /sbin/tini has no sha256 for linux/arm64, only for linux/amd64: add one"),
        ({"url": {"linux/amd64": "https://a"}},
         "[[fetch]] /sbin/tini has no url for linux/arm64, only for linux/amd64: add one"),
    ],
)  # fmt: skip
async def test_a_platform_without_url_or_checksum_is_refused_before_anything_is_fetched(
    more, message
):
    with pytest.raises(ConfigError) as raised:
        await fetches.load([options(**more)], [AMD64, ARM64], python="python", host=AMD64)
    assert str(raised.value) == message


async def test_a_file_is_fetched_with_its_checksum():
    unpacker = dag.container()
    expected = dag.http("https://e.com/tini-arm64", checksum=f"sha256:{'b' * 64}")
    assert fetches.recipe(options(), ARM64, unpacker) == expected


async def test_an_archives_member_is_unpacked_where_the_build_runs():
    made = fetches.recipe(
        options(url="https://e.com/x-{arch}.tgz", member="x-{arch}/bin/x"), ARM64, dag.container()
    )
    downloaded = dag.http("https://e.com/x-arm64.tgz", checksum=f"sha256:{'b' * 64}")
    script = ["python3", "-c", fetches._UNPACK, "/fetch/archive", "x-arm64/bin/x", "/fetch/member"]
    assert made == (
        dag.container()
        .with_mounted_file("/fetch/archive", downloaded)
        .with_exec(script)
        .file("/fetch/member")
    )
