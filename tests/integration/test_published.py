"""Images in registries are proven by what their index names, whoever pushed them."""

from __future__ import annotations

import base64
import json
import subprocess

import pytest
from elves import program

from buildkit_engine.buildkit import lifecycle
from buildkit_engine.buildkit.state import State
from tests.integration.conftest import errors
from tests.integration.registries import HTPASSWD, PASSWORD, PUBLISHER

AMD64, ARM64, RISCV64 = "linux/amd64", "linux/arm64", "linux/riscv64"
TOOL = "/tool"
WHENCE = (
    "It was asked from a container of the engine, which reaches no registry on another machine's "
    "loopback, and knows no login but --username and --password: name platforms with --platforms "
    "to look at those alone, through the engine itself"
)


@pytest.fixture(autouse=True)
def within_reach(call):
    if not call.embedded:
        pytest.skip("containers of a Dagger engine do not reach a registry on loopback")


@pytest.fixture
def proven(call, tmp_path):
    """Verifies an image in a registry. There is no source: nothing is built."""
    return lambda address, *more, **options: call(
        "verify-published", f"--address={address}", *more, source=tmp_path, **options
    )


@pytest.fixture
def held(registry, repository):
    """Pushes images, each of a platform with the program of an architecture, as one index."""

    def push(*images: tuple[str, str]) -> str:
        entries = [
            registry.put_image(repository, platform, {TOOL: program(architecture)})
            for platform, architecture in images
        ]
        registry.put_images(repository, "latest", *entries)
        return repository

    return push


def test_every_platform_of_the_index_is_looked_at(proven, held):
    address = held((AMD64, "amd64"), (ARM64, "arm64"), (RISCV64, "arm64"))
    ran = proven(address)
    assert ran.code == 1
    assert errors(ran.error) == [
        ("wrong-architecture", RISCV64, TOOL),
        ("identical-variants", RISCV64, "/"),
    ]
    assert ran.refusal.startswith(f"{address}:latest: 2 errors, ")


def test_platforms_narrow_what_is_looked_at(proven, held):
    address = held((AMD64, "amd64"), (ARM64, "arm64"), (RISCV64, "arm64"))
    ran = proven(address, f"--platforms={ARM64},{AMD64}")
    assert (ran.code, ran.out) == (0, f"{address}:latest: nothing found")


def test_a_flavors_own_verify_applies(call, held, tmp_path):
    loose = f'[flavors.loose.verify]\nignore = ["wrong-architecture:{TOOL}"]\n'
    (tmp_path / "pipeline.toml").write_text(loose)
    address = held((AMD64, "amd64"), (ARM64, "amd64"))
    words = ("verify-published", f"--address={address}", f"--platforms={ARM64}")
    assert errors(call(*words, source=tmp_path).error) == [("wrong-architecture", ARM64, TOOL)]
    assert call("--flavor=loose", *words, source=tmp_path).code == 0


def test_programs_that_are_swapped_between_platforms_are_found(proven, held):
    ran = proven(held((AMD64, "arm64"), (ARM64, "amd64")))
    assert ran.code == 1
    assert errors(ran.error) == [
        ("wrong-architecture", AMD64, TOOL),
        ("wrong-architecture", ARM64, TOOL),
    ]


def test_an_entry_that_names_another_platform_than_its_image_is_found(proven, registry, repository):
    """The images are whole: it is the index that would give each machine the other's."""
    one = registry.put_image(repository, AMD64, {TOOL: program("amd64")})
    other = registry.put_image(repository, ARM64, {TOOL: program("arm64")})
    swapped = [{**one, "platform": other["platform"]}, {**other, "platform": one["platform"]}]
    registry.put_images(repository, "latest", *swapped)
    ran = proven(repository)
    assert ran.code == 1
    assert errors(ran.error) == [
        ("wrong-platform", ARM64, "/"),
        ("wrong-architecture", ARM64, TOOL),
        ("wrong-platform", AMD64, "/"),
        ("wrong-architecture", AMD64, TOOL),
    ]


def test_attestations_that_buildkit_pushes_are_no_images(proven, registry, repository, tmp_path):
    context = tmp_path / "context"
    context.mkdir()
    for architecture in ("amd64", "arm64"):
        (context / f"tool-{architecture}").write_bytes(program(architecture))
        (context / f"tool-{architecture}").chmod(0o755)
    (context / "Dockerfile").write_text(
        "FROM scratch\nARG TARGETARCH\nCOPY tool-$TARGETARCH /tool\n"
        'USER 65532\nENTRYPOINT ["/tool"]\n'
    )
    state = State.of_user()
    running, tools = lifecycle.up(state)
    daemon = running.address or f"unix://{state.socket}"
    subprocess.run(
        [
            tools.buildctl, "--addr", daemon, "build", "--frontend=dockerfile.v0",
            f"--local=context={context}", f"--local=dockerfile={context}",
            f"--opt=platform={AMD64},{ARM64}", "--opt=attest:provenance=mode=max",
            f"--output=type=image,name={repository},push=true",
        ],
        check=True,
    )  # fmt: skip
    assert registry.platforms(repository) == [AMD64, ARM64, "unknown/unknown", "unknown/unknown"]
    ran = proven(repository)
    assert (ran.code, ran.out) == (0, f"{repository}:latest: nothing found")


def test_an_image_without_an_index_is_of_its_own_platform(proven, registry, repository):
    entry = registry.put_image(repository, ARM64, {TOOL: program("amd64")})
    ran = proven(f"{repository}@{entry['digest']}")
    assert ran.code == 1
    assert errors(ran.error) == [("wrong-architecture", ARM64, TOOL)]


def test_what_publish_has_printed_is_an_address(proven, registry, held):
    address = held((AMD64, "amd64"), (ARM64, "arm64"))
    digest = registry.digest(address)
    held((AMD64, "arm64"), (ARM64, "amd64"))  # the tag has moved on
    ran = proven(f"{address}:latest@{digest}")
    assert (ran.code, ran.out) == (0, f"{address}@{digest}: nothing found")


def test_two_images_for_one_platform_are_both_looked_at(proven, held):
    ran = proven(held((AMD64, "amd64"), (AMD64, "arm64")))
    assert errors(ran.error) == [("wrong-architecture", AMD64, TOOL)]


def test_a_platform_that_the_index_has_not_is_refused(proven, held):
    address = held((AMD64, "amd64"), (ARM64, "arm64"))
    ran = proven(address, f"--platforms={AMD64},{RISCV64}")
    assert (ran.code, ran.refusal) == (
        1,
        f"'{address}:latest' holds nothing for '{RISCV64}': expected one of {AMD64}, {ARM64}",
    )


def test_a_platform_that_cannot_be_looked_at_is_no_silent_gap(proven, held):
    address = held((AMD64, "amd64"), ("windows/amd64", "amd64"))
    ran = proven(address)
    assert (ran.code, ran.refusal) == (
        1,
        f"'{address}:latest' holds 'windows/amd64', which cannot be looked at: leave it out with "
        f"--platforms={AMD64}",
    )
    assert proven(address, f"--platforms={AMD64}").code == 0


def test_an_image_that_is_not_there_is_told_so(proven, repository):
    ran = proven(f"{repository}:nothing")
    assert ran.code == 1
    assert ran.refusal.startswith(f"'{repository}:nothing' is not in its registry: expected an ")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--address="], "No address of an image: expected registry/repository[:tag]"),
        (["--address=app"], "Address 'app' names no registry: expected registry/repository[:tag]"),
        (["--address=r.example.com/a@sha256:0"], "Digest 'sha256:0' is not one: expected sha256: "),
        (["--address=r.example.com/a", "--username=me"], "A username is given without a password"),
        (["--address=r.example.com/a", "--platforms=linux/x"], "Unsupported platform 'linux/x'"),
    ],
)
def test_a_wrong_argument_is_refused_before_any_work(call, tmp_path, words, message):
    ran = call("verify-published", *words, source=tmp_path)
    assert ran.code == 1
    assert ran.refusal.startswith(message)
    assert "#1 " not in ran.error


def test_a_registry_that_is_down_is_told_so(proven, start_registry):
    registry = start_registry()
    registry.stop()
    ran = proven(f"{registry.address}/app")
    assert ran.code == 1
    assert ran.refusal.startswith(f"'{registry.address}/app:latest' cannot be read: ")
    assert "connection refused" in ran.refusal
    assert ran.refusal.endswith(f". {WHENCE}")


@pytest.fixture(scope="module")
def locked(start_registry):
    """An image with an error for arm64, in a registry that asks who is there."""
    registry = start_registry(htpasswd=HTPASSWD)
    address = f"{registry.address}/locked"
    entries = [registry.put_image(address, p, {TOOL: program("amd64")}) for p in (AMD64, ARM64)]
    registry.put_images(address, "latest", *entries)
    return address


LOGIN = (f"--username={PUBLISHER}", "--password=env://SECRET")


def test_whoever_has_the_password_sees_every_platform(proven, locked):
    ran = proven(locked, *LOGIN, env={"SECRET": PASSWORD})
    assert ran.code == 1
    assert errors(ran.error) == [
        ("wrong-architecture", ARM64, TOOL),
        ("identical-variants", ARM64, "/"),
    ]
    assert PASSWORD not in ran.error + ran.out


@pytest.mark.parametrize("login", [(), LOGIN], ids=["none", "wrong"])
def test_whoever_has_no_password_is_told_how_to_give_one(proven, locked, login):
    ran = proven(locked, *login, env={"SECRET": "not-the-password"})
    assert ran.code == 1
    assert ran.refusal.startswith(f"'{locked}:latest' cannot be read: ")
    assert "UNAUTHORIZED" in ran.refusal
    assert ran.refusal.endswith(f". {WHENCE}")
    assert "not-the-password" not in ran.error + ran.out


def test_where_only_the_engine_may_read_the_report_says_what_was_not_looked_at(
    proven, locked, tmp_path
):
    """The engine knows the user's own login: containers do not."""
    auth = base64.b64encode(f"{PUBLISHER}:{PASSWORD}".encode()).decode()
    config = {"auths": {locked.partition("/")[0]: {"auth": auth}}}
    (tmp_path / "config.json").write_text(json.dumps(config))
    ran = proven(locked, f"--platforms={AMD64}", env={"DOCKER_CONFIG": str(tmp_path)})
    assert ran.code == 0, ran.error
    assert ran.out == (
        f"{locked}:latest (only {AMD64}: which others it holds could not be read): nothing found"
    )
