"""What is refused before a registry is asked, and what is written in which order."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from pipeline import merging, publishing
from pipeline.errors import MissingError, PlatformError, PublishError
from pipeline.indexes import Index, Piece
from pipeline.manifests import Entry, Manifest
from pipeline.publishing import Destination, Reference

R = "r.example.com/app"
TARGET = Destination(R, ("1",))
SUM = f"sha256:{'0123456789abcdef' * 4}"
AMD64, ARM64 = "linux/amd64", "linux/arm64"


def test_refs_are_read_as_publish_prints_them():
    asked = merging.request(
        [f"{R}:1-a", f"{R}:1-b@{SUM}"], TARGET, ["linux/x86_64", "linux/aarch64"]
    )
    assert asked.parts == (Reference(R, "1-a"), Reference(R, "1-b", SUM))
    assert asked.platforms == (AMD64, ARM64)


@pytest.mark.parametrize(
    ("refs", "message"),
    [
        ([], "No refs to merge: expected images, such as registry.example.com/app:1.2-linux-arm64"),
        (["s.example.com/app:1"],
         "'s.example.com/app:1' is in the registry s.example.com, and the address in "
         "r.example.com: expected one registry; publish to it, or copy the image there before"),
        ([f"{R}:1", f"{R}:2", f"{R}:1"],
         f"'{R}:1' is named twice (as '{R}:1' before): name each ref once"),
        ([f"{R}@{SUM}", f"{R}:1@{SUM}"],
         f"'{R}:1@{SUM}' is named twice (as '{R}@{SUM}' before): name each ref once"),
    ],
)  # fmt: skip
def test_refs_that_cannot_be_merged_are_refused(refs, message):
    with pytest.raises(PublishError) as raised:
        merging.request(refs, TARGET, None)
    assert str(raised.value) == message


@pytest.mark.parametrize("ref", [R, f"{R}@{SUM}"])
def test_only_tags_that_are_named_are_deleted(ref):
    merging.request([f"{R}:1-a@{SUM}"], TARGET, None, delete_refs=True)
    with pytest.raises(PublishError) as raised:
        merging.request([ref], TARGET, None, delete_refs=True)
    assert str(raised.value) == (
        f"'{ref}' names no tag that --delete-refs could delete: expected repository:tag"
    )


def test_a_platform_that_is_none_is_refused():
    with pytest.raises(PlatformError, match=r"^Unsupported platform 'linux/x'"):
        merging.request([f"{R}:1"], TARGET, ["linux/x"])


@dataclass
class Client:
    """Stands for a registry: what it holds by reference, and what it is told."""

    held: dict[str, Manifest] = field(default_factory=dict)
    told: list[tuple[str, ...]] = field(default_factory=list)
    refused: tuple[str, ...] = ()
    forgets: bool = False

    async def manifest(self, reference: str) -> Manifest:
        if reference not in self.held:
            raise MissingError(f"'{reference}' is not in its registry")
        return self.held[reference]

    async def images(self, _repository: str, manifest: Manifest) -> list[Entry]:
        return list(manifest.entries or ())

    async def copy(self, reference: str, to: str) -> None:
        self.told.append(("copy", reference, to))

    async def push(self, _layout: dict[str, str], address: str) -> str:
        if address in self.refused:
            raise PublishError(f"Publishing {address} failed: no space")
        self.told.append(("push", address))
        return "sha256:i"

    async def delete(self, address: str) -> None:
        if address in self.refused:
            raise PublishError(f"'{address}' cannot be deleted: UNSUPPORTED")
        self.told.append(("delete", address))
        if self.forgets:
            self.held = {}


def index(*refs: str) -> Index:
    images = zip(refs, (AMD64, ARM64), strict=False)
    return Index("{}", tuple(Piece(r, {"digest": f"sha256:{n}"}, "", p)
                             for n, (r, p) in enumerate(images)))  # fmt: skip


async def test_images_of_other_repositories_are_copied_before_a_tag_is_written():
    client = Client()
    written = await merging._write(
        client, index("r.example.com/x:1", f"{R}:2"), Destination(R, ("1", "2"))
    )
    assert written == [f"{R}:1@sha256:i", f"{R}:2@sha256:i"]
    assert client.told == [
        ("copy", "r.example.com/x@sha256:0", f"{R}@sha256:0"),
        ("push", f"{R}:1"),
        ("push", f"{R}:2"),
    ]


@pytest.mark.parametrize(
    ("refused", "told"),
    [
        (f"{R}:1", f"Publishing {R}:1 failed: no space (no tag was written)"),
        (f"{R}:2", f"Publishing {R}:2 failed: no space (tags already written: {R}:1@sha256:i)"),
    ],
)
async def test_a_failed_push_names_the_tags_before(refused, told):
    with pytest.raises(PublishError) as raised:
        await merging._write(
            Client(refused=(refused,)), index(f"{R}:x"), Destination(R, ("1", "2"))
        )
    assert str(raised.value) == told


@pytest.mark.parametrize(
    ("platforms", "lost"),
    [
        ([AMD64, ARM64], ""),
        ([ARM64], ""),
        ([AMD64, "linux/386", "windows/amd64"], "linux/386, windows/amd64"),
        ([], "what is no image"),
    ],
)
async def test_what_a_tag_would_lose_is_named(platforms, lost):
    entries = tuple(Entry("sha256:x", platform) for platform in platforms)
    client = Client({f"{R}:1": Manifest("", entries)})
    await merging._require_no_loss(client, TARGET, "new", index(f"{R}:a", f"{R}:b"))
    if not lost:
        await merging._require_no_loss(client, TARGET, "1", index(f"{R}:a", f"{R}:b"))
        return
    with pytest.raises(PublishError) as raised:
        await merging._require_no_loss(client, TARGET, "1", index(f"{R}:a", f"{R}:b"))
    assert str(raised.value) == (
        f"'{R}:1' holds {lost}, which the refs do not, and would lose it: name a ref for it as "
        "well, or overwrite it with --replace"
    )


def held(*references: str) -> dict[str, Manifest]:
    return {reference: Manifest("{}", None) for reference in references}


async def test_a_tag_that_was_written_is_not_deleted():
    client = Client(held(f"{R}@sha256:0", f"{R}@sha256:1"))
    refs = (f"{R}:1", f"{R}:1-b")
    asked = merging.Request(refs, TARGET, None, delete_refs=True)
    await merging._delete(client, asked, index(*refs))
    assert client.told == [("delete", f"{R}:1-b")]


async def test_a_tag_that_names_another_image_by_now_stays(capsys):
    client = Client(held(f"{R}@sha256:0", f"{R}:1-a"))
    asked = merging.Request((f"{R}:1-a@{SUM}",), TARGET, None, delete_refs=True)
    await merging._delete(client, asked, index(f"{R}@{SUM}"))
    assert client.told == []
    assert capsys.readouterr().err == f"{R}:1-a stays: it names another image by now\n"


async def test_a_tag_that_is_not_deleted_is_told(capsys):
    client = Client(held(f"{R}@sha256:0"), refused=(f"{R}:1-a",))
    asked = merging.Request((f"{R}:1-a",), TARGET, None, delete_refs=True)
    await merging._delete(client, asked, index(f"{R}:1-a"))
    assert capsys.readouterr().err == (f"{R}:1-a stays: '{R}:1-a' cannot be deleted: UNSUPPORTED\n")


async def test_an_image_that_goes_with_its_tag_is_an_error():
    client = Client(held(f"{R}@sha256:0"), forgets=True)
    asked = merging.Request((f"{R}:1-a",), TARGET, None, delete_refs=True)
    with pytest.raises(PublishError) as raised:
        await merging._delete(client, asked, index(f"{R}:1-a"))
    assert str(raised.value) == (
        f"The registry deleted the image of '{R}:1-a' with its tag: publish it again, and merge "
        "without --delete-refs"
    )


@pytest.mark.parametrize(
    ("tag", "platform", "expected"),
    [("1.2", ARM64, "1.2-linux-arm64"), ("1.2-debug", "linux/arm/v7", "1.2-debug-linux-arm-v7")],
)
def test_tags_of_one_platform_end_in_it(tag, platform, expected):
    variant = object()
    assert publishing.pushes([platform], [variant], Destination(R, (tag,)), apart=True) == [
        publishing.Push([variant], Destination(R, (expected,)))
    ]


def test_a_tag_that_is_too_long_with_its_platform_is_refused():
    long = "x" * 120
    with pytest.raises(PublishError, match=rf"^Tag '{long}-linux-arm64' is not one: "):
        publishing.pushes([ARM64], [object()], Destination(R, (long,)), apart=True)
