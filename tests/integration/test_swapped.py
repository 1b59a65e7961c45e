"""An index whose platforms hold each other's programs never gets a tag."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from elves import program

from tests.integration.conftest import GO_APP, errors
from tests.integration.registries import elf_machine
from tests.integration.sites import serving

BOTH = "--platforms=linux/amd64,linux/arm64"
SERVER = "/usr/local/bin/server"
OTHER = {"linux/amd64": "linux_arm64", "linux/arm64": "linux_amd64"}


@pytest.fixture(scope="module")
def compiled(call, tmp_path_factory) -> Path:
    """The example's own programs, one folder a platform."""
    folder = tmp_path_factory.mktemp("compiled")
    ran = call("artifacts", BOTH, "export", f"--path={folder}", source=GO_APP)
    assert ran.code == 0, ran.error
    machines = [elf_machine((folder / name / "server").read_bytes()) for name in OTHER.values()]
    assert machines == ["EM_AARCH64", "EM_X86_64"]
    return folder


@pytest.fixture
def swapped(call, app, compiled):
    """The example, in which each platform fetches the server that was compiled for the other."""
    if not call.embedded:
        pytest.skip("the loopback of a Dagger engine is its own")
    with serving(compiled) as site:
        urls = (f'"{p}" = "{site}/{folder}/server"' for p, folder in OTHER.items())
        sums = (
            f'"{p}" = "{hashlib.sha256((compiled / folder / "server").read_bytes()).hexdigest()}"'
            for p, folder in OTHER.items()
        )
        (app / "pipeline.toml").write_text(
            'name = "server"\n[[fetch]]\n'
            f"url = {{ {', '.join(urls)} }}\nsha256 = {{ {', '.join(sums)} }}\n"
            f'destination = "{SERVER}"\nmode = "0755"\n'
        )
        yield app


BOTH_WRONG = [("wrong-architecture", p, SERVER) for p in ("linux/amd64", "linux/arm64")]


def test_programs_that_are_swapped_are_not_published(call, swapped, registry, repository):
    ran = call(
        "publish", BOTH, f"--address={repository}", "--tags=1,2", "--skip-tests", source=swapped
    )
    assert ran.code == 1
    assert errors(ran.error) == BOTH_WRONG
    assert registry.tags(repository) == []


def test_a_tag_that_is_there_stays_what_it_was(call, swapped, registry, repository):
    whole = registry.put_image(repository, "linux/amd64", {"/tool": program("amd64")})
    registry.put_images(repository, "latest", whole)
    before = registry.digest(repository)
    ran = call("image", BOTH, "publish", f"--address={repository}", "--tags=new", source=swapped)
    assert ran.code == 1
    assert errors(ran.error) == BOTH_WRONG
    assert (registry.tags(repository), registry.digest(repository)) == (["latest"], before)


def test_swapped_programs_go_out_only_where_nobody_wants_to_look_and_are_said_to(
    call, swapped, registry, repository
):
    ran = call(
        "publish", BOTH, f"--address={repository}", "--skip-tests", "--skip-verify", source=swapped
    )
    assert ran.code == 0, ran.error
    # a reference a line, for scripts; the warning is for whoever watches
    assert ran.out == f"{repository}:latest@{registry.digest(repository)}"
    said = f"publish | {repository}:latest is to be published without proof of what is in it: --skip-verify"
    assert said in ran.error.splitlines()
    machines = [elf_machine(registry.files(repository, p)[SERVER.lstrip("/")][1]) for p in OTHER]
    assert machines == ["EM_AARCH64", "EM_X86_64"]
    assert errors(call("verify-published", f"--address={repository}", source=swapped).error) == (
        BOTH_WRONG
    )


def test_a_variant_that_was_built_elsewhere_is_looked_at_too(
    call, app, registry, repository, start_registry
):
    """Its configuration says arm64; what it starts is for amd64."""
    elsewhere = start_registry()
    address = f"{elsewhere.address}/elsewhere"
    entry = elsewhere.put_image(address, "linux/arm64", {"/tool": program("amd64")})
    ran = call(
        "image", BOTH, "with-container", f"--container={address}@{entry['digest']}",
        "publish", f"--address={repository}", source=app,
    )  # fmt: skip
    assert ran.code == 1
    assert errors(ran.error) == [("wrong-architecture", "linux/arm64", "/tool")]
    assert registry.tags(repository) == []
