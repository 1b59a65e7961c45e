"""What containers are pushed as."""

from __future__ import annotations

import json

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.llb.ops import ImageSource
from buildkit_engine.model.config import BaseImage, ImageConfig
from buildkit_engine.model.container import Container
from buildkit_engine.model.image import image_config, variants

FILES = ImageSource("files", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64").output


def container(platform: str) -> Container:
    return Container(platform, FILES)


def test_the_config_of_an_image_on_no_base_has_no_layers_yet():
    made = Container("linux/arm/v7", FILES, ImageConfig(cmd=("serve",)))
    assert image_config(made) == {
        "os": "linux",
        "architecture": "arm",
        "variant": "v7",
        "config": {"Cmd": ["serve"]},
        "history": [],
        "rootfs": {"type": "layers", "diff_ids": []},
    }


def test_the_config_of_an_image_names_the_layers_of_its_base():
    history = [{"created_by": "base"}]
    layers = {"type": "layers", "diff_ids": ["sha256:1"]}
    raw = {"os": "linux", "architecture": "amd64", "rootfs": layers, "history": history}
    base = BaseImage("docker.io/library/debian@sha256:ab", json.dumps(raw).encode())
    found = image_config(Container("linux/amd64").from_(base))
    assert (found["rootfs"], found["history"]) == (layers, history)
    assert "variant" not in found


def test_variants_are_sorted_by_platform():
    given = [container(p) for p in ("linux/arm64", "linux/amd64", "linux/arm/v7")]
    found = variants(given[0], given[1:])
    assert [v.platform for v in found] == ["linux/amd64", "linux/arm/v7", "linux/arm64"]


def test_a_container_without_files_is_no_variant():
    only = container("linux/arm64")
    assert variants(Container("linux/amd64"), [only]) == [only]


def test_two_variants_of_one_platform_are_refused():
    with pytest.raises(RequestError, match=r'^duplicate platform "linux/amd64"$'):
        variants(container("linux/amd64"), [container("linux/arm64"), container("linux/amd64")])


def test_there_must_be_something_to_publish():
    with pytest.raises(RequestError, match=r"^no containers to export$"):
        variants(Container("linux/amd64"), [])
