"""Directory.dockerBuild: contexts, and base images that are made on demand."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from buildkit_engine.buildkit import frontend
from buildkit_engine.buildkit.exporters import PushAsBuilt
from buildkit_engine.buildkit.frontend import DockerBuild, MissingImageError
from buildkit_engine.dockerfiles import Dockerfiles
from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import ImageSource, LocalSource
from buildkit_engine.model.files import Directory

ASKED = DockerBuild(platform="linux/amd64")
MADE = Directory(ImageSource("", "docker.io/library/alpine@sha256:" + "2" * 64, "").output, "/src")


class Evaluator:
    """Has one Dockerfile, and exports a folder with it."""

    host_platform = "linux/arm64"

    solver = SimpleNamespace(dockerfile=lambda asked, build: build(SimpleNamespace(), asked))

    def read(self, file) -> bytes:
        if file.path != "/src/Dockerfile":
            raise RequestError(f"stat {file.path}: no such file or directory")
        return b"FROM a\n"

    def export_directory(self, _directory, target: Path) -> None:
        target.mkdir()
        (target / "Dockerfile").write_text("FROM a\n")


@pytest.fixture
def dockerfiles(tmp_path):
    return Dockerfiles(Evaluator(), "127.0.0.1:5050/store", tmp_path / "s", lambda *_: False)


@pytest.fixture
def built(monkeypatch):
    """The folders that were built, with what was in them; images that are missing once."""
    seen = SimpleNamespace(folders=[], missing=[], exporters=set())

    def build(_buildctl, _asked, folder, exporter, _secrets) -> str:
        seen.folders.append((folder, sorted(p.name for p in Path(folder).iterdir())))
        seen.exporters.add(exporter)
        if seen.missing:
            raise MissingImageError("missing", seen.missing.pop(0))
        return "sha256:a"

    monkeypatch.setattr(frontend, "build", build)
    return seen


def test_a_whole_folder_of_this_machine_is_built_where_it_is(dockerfiles, built, tmp_path):
    folder = tmp_path / "host" / "sub"
    folder.mkdir(parents=True)
    (folder / "Dockerfile").write_text("FROM a\n")
    directory = Directory(LocalSource("", str(tmp_path / "host"), "s").output, "/sub")
    assert dockerfiles.build(directory, ASKED, {}) == "sha256:a"
    assert built.folders == [(str(folder), ["Dockerfile"])]
    assert built.exporters == {PushAsBuilt("127.0.0.1:5050/store")}


@pytest.mark.parametrize("path", ["/out", "/out/deeper"])
def test_a_link_out_of_what_the_session_has_is_not_followed_here(
    dockerfiles, built, tmp_path, path
):
    (tmp_path / "s").mkdir()
    (tmp_path / "host").mkdir()
    secret = tmp_path / "secret"
    (secret / "deeper").mkdir(parents=True)
    (tmp_path / "host" / "out").symlink_to(secret)
    for folder in (secret, secret / "deeper"):
        (folder / "Dockerfile").write_text("FROM secret\n")
    directory = Directory(LocalSource("", str(tmp_path / "host"), "s").output, path)
    with pytest.raises(RequestError, match=r'^failed to read Dockerfile "Dockerfile": stat'):
        dockerfiles.build(directory, ASKED, {})
    assert built.folders == []


def test_a_dockerfile_that_is_a_link_out_is_read_as_the_build_would(dockerfiles, tmp_path):
    (tmp_path / "host").mkdir()
    (tmp_path / "Elsewhere").write_text("FROM secret\n")
    (tmp_path / "host" / "Dockerfile").symlink_to(tmp_path / "Elsewhere")
    directory = Directory(LocalSource("", str(tmp_path / "host"), "s").output, "/")
    with pytest.raises(RequestError, match=r'^failed to read Dockerfile "Dockerfile": stat'):
        dockerfiles.build(directory, ASKED, {})


def test_any_other_directory_is_exported_and_does_not_stay(dockerfiles, built, tmp_path):
    (tmp_path / "s").mkdir()
    dockerfiles.build(MADE, ASKED, {})
    [(folder, entries)] = built.folders
    assert entries == ["Dockerfile"]
    assert Path(folder).parent == tmp_path / "s"
    assert list((tmp_path / "s").iterdir()) == []


def test_a_missing_dockerfile_is_named_before_anything_is_copied(dockerfiles, built, tmp_path):
    asked = DockerBuild("none", "linux/amd64")
    words = 'failed to read Dockerfile "none": '
    with pytest.raises(RequestError, match=f"^{words}stat /src/none: no such file or directory$"):
        dockerfiles.build(MADE, asked, {})
    local = Directory(LocalSource("", str(tmp_path), "s").output)
    with pytest.raises(RequestError, match=f"^{words}no such file or directory$"):
        dockerfiles.build(local, asked, {})
    assert built.folders == []


def test_base_images_are_made_as_the_build_asks_for_them(dockerfiles, built, tmp_path):
    (tmp_path / "s").mkdir()
    made = []
    built.missing = ["docker.io/library/a:1", "docker.io/library/b:1"]
    with_mirror = Dockerfiles(
        dockerfiles.evaluator,
        dockerfiles.repository,
        dockerfiles.scratch,
        lambda *asked: bool(made.append(asked) or True),
    )
    assert with_mirror.build(MADE, ASKED, {}) == "sha256:a"
    assert made == [(f"docker.io/library/{n}:1", "linux/amd64") for n in ("a", "b")]


@pytest.mark.parametrize("mirrors", [False, True])
def test_a_base_image_that_cannot_be_had_is_an_error(dockerfiles, built, tmp_path, mirrors):
    (tmp_path / "s").mkdir()
    built.missing = ["ghcr.io/a:1"] * 3
    asking = Dockerfiles(
        dockerfiles.evaluator, dockerfiles.repository, dockerfiles.scratch, lambda *_: mirrors
    )
    with pytest.raises(MissingImageError):
        asking.build(MADE, ASKED, {})
    assert len(built.folders) == (3 if mirrors else 1)
