"""Recipes of reading a registry, by equality; and what crane's words become."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

import dagger
import pytest
from dagger import dag

from pipeline import manifests, registry
from pipeline.errors import MissingError, PublishError, RegistryError, UnreachableError
from pipeline.manifests import Entry

R = "127.0.0.1:5000/app"


def tool() -> dagger.Container:
    return dag.container(platform=dagger.Platform("linux/amd64")).from_("crane")


def test_crane_is_asked_anew_each_time():
    assert registry.asked(tool(), ["manifest", R], "now") == (
        tool()
        .with_env_variable("PIPELINE_READ", "now")
        .with_exec(["crane", "manifest", R], expect=dagger.ReturnType.ANY)
    )


def test_a_login_is_a_secret_file_that_any_user_reads():
    secret = dag.set_secret("login", "x")
    assert registry.signed_in(tool(), secret) == (
        tool()
        .with_env_variable("DOCKER_CONFIG", "/registry")
        .with_mounted_secret("/registry/config.json", secret, mode=0o444)
    )


@pytest.mark.parametrize(
    ("host", "key"),
    [("127.0.0.1:5000", "127.0.0.1:5000"), ("docker.io", "https://index.docker.io/v1/")],
)
def test_a_login_is_written_as_docker_writes_it(host, key):
    assert json.loads(registry.config(host, "me", "it's me")) == {
        "auths": {key: {"auth": "bWU6aXQncyBtZQ=="}}
    }


def test_a_layout_is_mounted_and_not_part_of_an_image():
    files = dag.directory().with_new_file("oci-layout", "{}").with_new_file("blobs/sha256/a", "x")
    assert registry.laid(tool(), {"oci-layout": "{}", "blobs/sha256/a": "x"}) == (
        tool().with_mounted_directory("/registry-layout", files)
    )


@dataclass
class Crane:
    """Stands for a container with crane: answers by what it is asked, and keeps that."""

    answers: dict[tuple[str, ...], str]
    asked: list[tuple[str, ...]] = field(default_factory=list)
    failure: str = ""

    def with_env_variable(self, _name: str, _value: str) -> Crane:
        return self

    def with_mounted_directory(self, _path: str, _files: dagger.Directory) -> Crane:
        return self

    def with_exec(self, command: list[str], *, expect: dagger.ReturnType) -> Crane:
        self.asked.append(tuple(command[1:]))
        return self

    async def exit_code(self) -> int:
        return 1 if self.failure else 0

    async def stdout(self) -> str:
        return "" if self.failure else self.answers[self.asked[-1]]

    async def stderr(self) -> str:
        return self.failure


async def test_an_index_names_its_platforms_and_nothing_more_is_asked():
    entries = (Entry("sha256:a", "linux/amd64"), Entry("sha256:b", "linux/arm64"))
    crane = Crane({})
    found = await registry.Registry(crane).images(R, manifests.Manifest("", entries))
    assert (found, crane.asked) == (list(entries), [])


async def test_what_an_index_does_not_name_its_configuration_does():
    entries = (Entry("sha256:a", ""),)
    crane = Crane({("config", f"{R}@sha256:a"): '{"os": "linux", "architecture": "arm64"}'})
    found = await registry.Registry(crane).images(R, manifests.Manifest("", entries))
    assert found == [Entry("sha256:a", "linux/arm64")]


async def test_what_no_machine_runs_is_left_out():
    crane = Crane({("config", f"{R}@sha256:a"): "{}"})
    held = manifests.Manifest("", (Entry("sha256:a", ""),))
    assert await registry.Registry(crane).images(R, held) == []


async def test_an_image_without_an_index_is_one_of_its_configurations_platform():
    text = '{"config": {"digest": "sha256:c"}, "layers": []}'
    digest = manifests.parse(text, R).digest
    crane = Crane(
        {
            ("manifest", R): text,
            ("config", f"{R}@{digest}"): '{"os": "linux", "architecture": "s390x"}',
        }
    )
    client = registry.Registry(crane)
    assert await client.images(R, await client.manifest(R)) == [Entry(digest, "linux/s390x")]


@pytest.mark.parametrize(
    ("said", "error", "message"),
    [
        (
            'Error: fetching manifest 127.0.0.1:5000/app: Get "http://127.0.0.1:5000/v2/": dial tcp 127.0.0.1:5000: connect: connection refused\n',
            UnreachableError,
            f"'{R}' cannot be read: fetching manifest 127.0.0.1:5000/app: Get \"http://127.0.0.1:5000/v2/\": dial tcp 127.0.0.1:5000: connect: connection refused",
        ),
        (
            "2026/11/24 10:00:00 retrying\nError: fetching manifest x: GET http://x: UNAUTHORIZED: authentication required\n",
            UnreachableError,
            f"'{R}' cannot be read: fetching manifest x: GET http://x: UNAUTHORIZED: authentication required",
        ),
        (
            "Error: fetching manifest x: GET http://x: MANIFEST_UNKNOWN: manifest unknown\n",
            MissingError,
            f"'{R}' is not in its registry: expected an image that was pushed (fetching manifest x: GET http://x: MANIFEST_UNKNOWN: manifest unknown)",
        ),
        ("exec: crane: not found\n", UnreachableError, f"'{R}' cannot be read: exec: crane: not found"),
        (" \n", UnreachableError, f"'{R}' cannot be read: crane ended without a word"),
    ],
)  # fmt: skip
async def test_a_failure_is_told_in_cranes_words(said, error, message):
    with pytest.raises(RegistryError) as raised:
        await registry.Registry(Crane({}, failure=said)).manifest(R)
    assert type(raised.value) is error
    assert str(raised.value) == message


async def test_what_is_written_is_asked_of_crane():
    crane = Crane(
        {
            ("copy", f"{R}@sha256:a", "127.0.0.1:5000/b@sha256:a"): "",
            ("push", "/registry-layout", f"{R}:1"): f"{R}@sha256:i\n",
            ("delete", f"{R}:1-a"): "",
        }
    )
    client = registry.Registry(crane)
    await client.copy(f"{R}@sha256:a", "127.0.0.1:5000/b@sha256:a")
    assert await client.push({"oci-layout": "{}"}, f"{R}:1") == "sha256:i"
    await client.delete(f"{R}:1-a")
    assert crane.asked == list(crane.answers)


async def test_what_cannot_be_written_is_told_in_cranes_words():
    client = registry.Registry(Crane({}, failure="retrying\nError: PUT http://x: DENIED: no\n"))
    for asked, message in (
        (client.copy("a", "b"), "'a' cannot be copied to 'b': PUT http://x: DENIED: no"),
        (client.push({}, f"{R}:1"), f"Publishing {R}:1 failed: PUT http://x: DENIED: no"),
        (client.delete(f"{R}:1"), f"'{R}:1' cannot be deleted: PUT http://x: DENIED: no"),
    ):
        with pytest.raises(PublishError) as raised:
            await asked
        assert str(raised.value) == message
