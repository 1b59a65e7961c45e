"""Go programs of other people, as their modules are, cross-compiled for linux/arm64 without a change."""

from __future__ import annotations

import shutil
from dataclasses import dataclass

import pytest

from tests.integration import others, sources
from tests.integration.emulators import started

pytestmark = pytest.mark.long
# one Go for all of them: each asks for another one in its go.mod
GO = '[go]\nimage = "docker.io/library/golang:1.26-bookworm"\n'


@dataclass(frozen=True)
class Module:
    """A module with programs, what its pipeline.toml says more, and what the first of them does."""

    path: str
    version: str
    programs: tuple[str, ...]
    arguments: tuple[str, ...]
    says: str
    given: str = ""
    config: str = GO


OTHERS = (
    Module("github.com/junegunn/fzf", "v0.65.2", ("fzf",), ("--filter=arm",), "hello arm\n", "hello amd\nhello arm\n"),
    # /v4 is no name: the program is yq
    Module("github.com/mikefarah/yq/v4", "v4.53.6", ("yq",), ("-o=json", "-I=0", ".a"), '{"b":[1,2]}\n', "a: {b: [1, 2]}\n"),
    Module("github.com/google/go-containerregistry", "v0.21.9", ("crane", "gcrane", "registry"), ("digest", "{image}"), "{digest}\n",
           config=f'name = "crane"\n{GO}'),
    Module("honnef.co/go/tools", "v0.8.2", ("staticcheck", "structlayout", "structlayout-optimize", "structlayout-pretty"),
           ("-explain", "S1000"), "Use plain channel send or receive instead of single-case select", config=f'name = "staticcheck"\n{GO}'),
)  # fmt: skip


@pytest.mark.parametrize("module", OTHERS, ids=lambda module: module.path)
def test_a_program_of_others_is_built_proven_and_runs(call, registry, repository, tmp_path, module):
    source = sources.go_module(module.path, module.version, tmp_path)
    (source / "pipeline.toml").write_text(module.config)
    root = others.built(call, source, tmp_path, module.programs)
    # what crane asks a registry for
    registry.put_image(repository, others.PLATFORM, {"/program": b""}, tag="1.2")
    image = f"{repository}:1.2"
    ran = started(
        root, others.PLATFORM, f"usr/local/bin/{module.programs[0]}",
        *(argument.replace("{image}", image) for argument in module.arguments),
        given=module.given.encode(),
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert module.says.replace("{digest}", registry.digest(image)) in ran.stdout.decode()
    shutil.rmtree(root)
