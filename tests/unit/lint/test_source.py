"""Dockerfiles of a source."""

from __future__ import annotations

import pytest

from pipeline.errors import SourceError
from pipeline.lint import lint_source
from tests.unit.fakes import FakeDirectory


async def test_a_dockerfile_is_read_from_the_source():
    source = FakeDirectory({"docker/web.Dockerfile": "FROM debian:12\n"})
    found = await lint_source(source, "docker/web.Dockerfile")
    assert found.subject == "docker/web.Dockerfile"
    assert [(f.path, f.line, f.rule) for f in found.findings] == [
        ("docker/web.Dockerfile", 1, "unpinned-base")
    ]


async def test_a_missing_dockerfile_is_refused_with_those_that_are_there():
    names = [
        "web.Dockerfile",
        "deploy/Dockerfile.arm64",
        "Containerfile",
        "mydockerfiles.txt",
        "a.go",
    ]
    with pytest.raises(SourceError) as raised:
        await lint_source(FakeDirectory(dict.fromkeys(names, "")), "Dockerfile")
    assert str(raised.value) == (
        "Dockerfile 'Dockerfile' is not in the source, which has Containerfile, "
        "deploy/Dockerfile.arm64, web.Dockerfile: name one with --dockerfile"
    )


async def test_a_source_without_any_dockerfile_says_so():
    with pytest.raises(SourceError) as raised:
        await lint_source(FakeDirectory({"go.mod": ""}), "Dockerfile")
    assert str(raised.value) == (
        "Dockerfile 'Dockerfile' is not in the source, which has no file of that kind: "
        "name one with --dockerfile"
    )


async def test_a_folder_is_no_dockerfile():
    with pytest.raises(SourceError, match=r"which has docker/Dockerfile: name one"):
        await lint_source(FakeDirectory({"docker/Dockerfile": ""}), "docker")
