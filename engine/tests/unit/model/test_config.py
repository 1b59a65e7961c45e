"""Image configurations."""

from __future__ import annotations

import json

import pytest

from buildkit_engine.model.config import BaseImage, ImageConfig

RAW = {
    "Env": ["PATH=/bin", "EMPTY=", "EQUALS=a=b"],
    "User": "me",
    "WorkingDir": "/src",
    "Entrypoint": ["/entry"],
    "Cmd": ["serve"],
    "Labels": {"b": "2", "a": "1"},
    "ExposedPorts": {"80/tcp": {}, "53/udp": {}},
    "StopSignal": "SIGINT",
    "Volumes": {"/data": {}},
}


def base(**values) -> BaseImage:
    return BaseImage("docker.io/library/debian@sha256:ab", json.dumps(values).encode())


def test_a_config_is_read():
    found = ImageConfig.parse(RAW)
    assert found == ImageConfig(
        env=(("PATH", "/bin"), ("EMPTY", ""), ("EQUALS", "a=b")),
        user="me",
        workdir="/src",
        entrypoint=("/entry",),
        cmd=("serve",),
        labels=(("a", "1"), ("b", "2")),
        ports=("53/udp", "80/tcp"),
        rest='{"StopSignal": "SIGINT", "Volumes": {"/data": {}}}',
    )


def test_a_config_is_written_as_it_was_read_also_what_the_engine_does_not_look_at():
    assert ImageConfig.parse(RAW).as_json() == RAW


@pytest.mark.parametrize("raw", [{}, {"Env": None, "Labels": None, "Cmd": None, "User": ""}])
def test_what_is_empty_is_not_written(raw):
    assert ImageConfig.parse(raw) == ImageConfig()
    assert ImageConfig().as_json() == {}


def test_a_variable_is_replaced_in_its_place_and_a_new_one_comes_last():
    config = ImageConfig(env=(("A", "1"), ("B", "2")))
    assert config.with_variable("A", "3").env == (("A", "3"), ("B", "2"))
    assert config.with_variable("C", "3").env == (("A", "1"), ("B", "2"), ("C", "3"))
    assert config.without_variable("A").env == (("B", "2"),)
    assert config.without_variable("missing") == config


def test_an_empty_variable_is_not_a_missing_one():
    config = ImageConfig(env=(("A", ""),))
    assert config.variable("A") == ""
    assert config.variable("B") is None
    assert config.with_variable("A", "1").env == (("A", "1"),)


def test_what_an_image_does_not_set_of_its_own_stays_as_it_was():
    former = ImageConfig.parse({**RAW, "Labels": {"a": "0", "c": "3"}, "Env": ["A=0", "PATH=/x"]})
    own = ImageConfig.parse({"Labels": {"a": "1"}, "Env": ["PATH=/bin"], "User": "other"})
    found = own.over(former)
    assert dict(found.env) == {"A": "0", "PATH": "/bin"}
    assert found.labels == (("a", "1"), ("c", "3"))
    assert found.ports == ("53/udp", "80/tcp")
    assert (found.user, found.workdir, found.cmd) == ("other", "", ())


def test_labels_and_ports_are_sorted_and_each_once():
    config = ImageConfig().with_label("b", "1").with_label("a", "1").with_label("b", "2")
    assert config.labels == (("a", "1"), ("b", "2"))
    assert config.without_label("a").labels == (("b", "2"),)
    assert ImageConfig().with_port("80/tcp").with_port("53/udp").with_port("80/tcp").ports == (
        "53/udp",
        "80/tcp",
    )


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"os": "linux", "architecture": "amd64"}, "linux/amd64"),
        ({"os": "linux", "architecture": "arm64", "variant": "v8"}, "linux/arm64"),
        ({"os": "linux", "architecture": "amd64", "variant": "v1"}, "linux/amd64"),
        ({"os": "linux", "architecture": "amd64", "variant": "v3"}, "linux/amd64/v3"),
        ({"os": "linux", "architecture": "arm", "variant": "v7"}, "linux/arm/v7"),
        ({"os": "windows", "architecture": "amd64"}, "windows/amd64"),
        ({"architecture": "s390x"}, "linux/s390x"),
    ],
)
def test_the_platform_of_an_image_is_the_one_that_its_config_names(values, expected):
    assert base(**values).platform == expected


def test_an_image_without_a_config_has_an_empty_one():
    assert base(os="linux", config=None).config == ImageConfig()
    assert base(os="linux").config == ImageConfig()


LAYERS = {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]}


def test_a_history_with_an_entry_for_every_layer_is_kept():
    history = [{"created_by": "a"}, {"created_by": "b", "empty_layer": True}, {"created_by": "c"}]
    assert base(rootfs=LAYERS, history=history).history == history


@pytest.mark.parametrize("history", [None, [], [{"created_by": "a"}]])
def test_a_history_that_does_not_fit_the_layers_is_made_anew(history):
    entry = {
        "created": "1970-01-01T00:00:00Z",
        "created_by": "docker.io/library/debian@sha256:ab",
    }
    assert base(rootfs=LAYERS, history=history).history == [entry, entry]
