from __future__ import annotations

import dagger
import gql
import pytest
from dagger import dag
from dagger._exceptions import QueryErrorValue

from pipeline import publishing
from pipeline.errors import PublishError
from pipeline.publishing import Destination, Push, Reference

EXAMPLE = "expected registry/repository[:tag], such as registry.example.com/team/app:1.2"


@pytest.mark.parametrize(
    ("address", "tags", "repository", "expected"),
    [
        ("registry.example.com/app", (), "registry.example.com/app", ("latest",)),
        ("registry.example.com/app:1.2", (), "registry.example.com/app", ("1.2",)),
        ("registry.example.com/app:1.2", ("1", "latest"), "registry.example.com/app", ("1.2", "1", "latest")),
        ("registry.example.com/app", ("1", "1"), "registry.example.com/app", ("1",)),
        ("localhost:5000/a/b/c", ("x",), "localhost:5000/a/b/c", ("x",)),
        ("127.0.0.1:5000/app", (), "127.0.0.1:5000/app", ("latest",)),
        ("[::1]:5000/app", (), "[::1]:5000/app", ("latest",)),
        ("localhost/app", (), "localhost/app", ("latest",)),
        ("docker.io/user/app_b-c.d", (), "docker.io/user/app_b-c.d", ("latest",)),
    ],
)  # fmt: skip
def test_an_address_and_its_tags_are_taken_apart(address, tags, repository, expected):
    assert publishing.destination(address, tags) == Destination(repository, expected)


def test_addresses_are_those_of_every_tag():
    target = publishing.destination("localhost:5000/app", ("1", "2"))
    assert target.addresses == ("localhost:5000/app:1", "localhost:5000/app:2")
    assert target.registry == "localhost:5000"


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", f"No address to publish to: {EXAMPLE}; as --address or [publish] address"),
        ("app", f"Address 'app' names no registry: {EXAMPLE}"),
        ("user/app", f"Address 'user/app' names no registry: {EXAMPLE}"),
        ("localhost:5000", f"Address 'localhost:5000' names no registry: {EXAMPLE}"),
        ("localhost:5000/", f"Address 'localhost:5000/' names no registry: {EXAMPLE}"),
        ("r.example.com/App", f"Address 'r.example.com/App' is not a repository (lower case, no spaces): {EXAMPLE}"),
        ("r.example.com/a b", f"Address 'r.example.com/a b' is not a repository (lower case, no spaces): {EXAMPLE}"),
        ("https://r.example.com/a", f"Address 'https://r.example.com/a' is not a repository (lower case, no spaces): {EXAMPLE}"),
        ("r.example.com/a//b", f"Address 'r.example.com/a//b' is not a repository (lower case, no spaces): {EXAMPLE}"),
        ("r.example.com/a@sha256:00", f"Address 'r.example.com/a@sha256:00' has a digest, which is the result of a push: {EXAMPLE}"),
    ],
)  # fmt: skip
def test_an_address_that_no_registry_could_accept_is_refused(address, message):
    with pytest.raises(PublishError) as raised:
        publishing.destination(address)
    assert str(raised.value) == message


SUM = f"sha256:{'0123456789abcdef' * 4}"
READ = (
    "expected registry/repository[:tag][@sha256:…], such as registry.example.com/team/app:1.2, "
    "or what publish has printed"
)


@pytest.mark.parametrize(
    ("address", "expected", "written"),
    [
        ("localhost/app", Reference("localhost/app"), "localhost/app:latest"),
        ("r.example.com/a/b:1", Reference("r.example.com/a/b", "1"), "r.example.com/a/b:1"),
        (f"[::1]:5000/a@{SUM}", Reference("[::1]:5000/a", digest=SUM), f"[::1]:5000/a@{SUM}"),
        # as publish prints it: what it names cannot change
        (f"r.example.com/a:1@{SUM}", Reference("r.example.com/a", "1", SUM), f"r.example.com/a@{SUM}"),
    ],
)  # fmt: skip
def test_an_image_is_read_by_its_tag_or_digest(address, expected, written):
    found = publishing.reference(address)
    assert found == expected
    assert str(found) == written
    assert found.registry == address.partition("/")[0]


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("", f"No address of an image: {READ}"),
        ("app:1", f"Address 'app:1' names no registry: {READ}"),
        ("r.example.com/App", f"Address 'r.example.com/App' is not a repository (lower case, no spaces): {READ}"),
        (f"app@{SUM}", f"Address 'app@{SUM}' names no registry: {READ}"),
        ("r.example.com/a@", "Digest '' is not one: expected sha256: and 64 hexadecimal digits"),
        ("r.example.com/a@sha256:00", "Digest 'sha256:00' is not one: expected sha256: and 64 hexadecimal digits"),
        ("r.example.com/a:", "Tag '' is not one: expected up to 128 letters, digits, '.', '_' and '-', not beginning with '.' or '-'"),
        (f"r.example.com/a:.x@{SUM}", "Tag '.x' is not one: expected up to 128 letters, digits, '.', '_' and '-', not beginning with '.' or '-'"),
    ],
)  # fmt: skip
def test_an_address_that_no_registry_could_hold_is_refused(address, message):
    with pytest.raises(PublishError) as raised:
        publishing.reference(address)
    assert str(raised.value) == message


@pytest.mark.parametrize("tag", ["", ".1", "-1", "a b", "a/b", "ä", "x" * 129, "1.0+meta"])
def test_a_tag_that_is_none_is_refused(tag):
    with pytest.raises(PublishError) as raised:
        publishing.destination("r.example.com/a", (tag,))
    assert str(raised.value).startswith(f"Tag '{tag}' is not one: expected up to 128 letters")


def test_an_empty_tag_in_the_address_is_refused():
    with pytest.raises(PublishError, match=r"^Tag '' is not one"):
        publishing.destination("r.example.com/a:")


def test_half_of_the_credentials_are_refused():
    secret = dag.set_secret("x", "y")
    publishing.check_credentials("", None)
    publishing.check_credentials("user", secret)
    with pytest.raises(PublishError, match=r"^A username is given without a password"):
        publishing.check_credentials("user", None)
    with pytest.raises(PublishError, match=r"^A password is given without a username"):
        publishing.check_credentials("", secret)


class Registry:
    """Stands for dag.container(): publishes until it is told to fail."""

    def __init__(self, digests: list[str]) -> None:
        self.digests = digests
        self.asked: list[str] = []

    async def publish(self, address: str, *, platform_variants: list[object]) -> str:
        self.asked.append(address)
        digest = self.digests[len(self.asked) - 1]
        if digest == "refused":
            error = QueryErrorValue("401 Unauthorized", None, None, {})
            raise dagger.QueryError([error], gql.GraphQLRequest("{ version }"))
        return f"{address}@{digest}"


@pytest.fixture
def registry(monkeypatch):
    def make(*digests: str) -> Registry:
        made = Registry(list(digests))

        class Dag:
            def container(self) -> Registry:
                return made

        monkeypatch.setattr(publishing, "dag", Dag())
        return made

    return make


async def test_every_tag_is_pushed_in_the_order_given(registry):
    made = registry("sha256:1", "sha256:1")
    target = publishing.destination("r.example.com/a", ("2", "1"))
    assert await publishing.push([Push([], target)]) == [
        "r.example.com/a:2@sha256:1",
        "r.example.com/a:1@sha256:1",
    ]
    assert made.asked == ["r.example.com/a:2", "r.example.com/a:1"]


async def test_a_failed_push_names_the_tags_that_were_written(registry):
    registry("sha256:1", "refused")
    with pytest.raises(PublishError) as raised:
        await publishing.push([Push([], publishing.destination("r.example.com/a", ("1", "2")))])
    assert str(raised.value) == (
        "Publishing r.example.com/a:2 failed: 401 Unauthorized "
        "(tags already written: r.example.com/a:1@sha256:1)"
    )


async def test_a_failed_first_push_says_that_no_tag_was_written(registry):
    registry("refused")
    with pytest.raises(PublishError, match=r"\(no tag was written\)$"):
        await publishing.push([Push([], publishing.destination("r.example.com/a"))])


async def test_tags_that_name_two_images_are_an_error(registry):
    registry("sha256:1", "sha256:2")
    with pytest.raises(PublishError, match=r"^The tags do not name one image"):
        await publishing.push([Push([], publishing.destination("r.example.com/a", ("1", "2")))])
