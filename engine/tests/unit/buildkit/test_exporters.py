"""Records of --output, read back as buildctl reads them: as CSV."""

from __future__ import annotations

import csv
import json

import pytest

from buildkit_engine.buildkit.exporters import (
    LayoutFolder,
    LocalFolder,
    PushAsBuilt,
    PushByDigest,
    TarToStdout,
)

CONFIG = {"config": {"Env": ['A="quoted", and, commas', "B=line\nbreak"], "Cmd": []}, "os": "linux"}


def read_back(record: str) -> dict[str, str]:
    [row] = csv.reader(record.splitlines(keepends=True))
    return dict(field.split("=", 1) for field in row)


def push(**options) -> dict[str, str]:
    values = {"repository": "127.0.0.1:5050/app", "config": CONFIG, "base_config": None}
    return read_back(PushByDigest(**{**values, **options}).record())


@pytest.mark.parametrize(
    ("exporter", "expected"),
    [
        (TarToStdout(), {"type": "tar", "dest": "-"}),
        (LocalFolder("/a,b"), {"type": "local", "dest": "/a,b"}),
    ],
)
def test_files_are_exported_to_where_they_are_asked_for(exporter, expected):
    assert read_back(exporter.record()) == expected


def test_an_image_in_a_folder_says_no_more_than_its_platform():
    values = read_back(LayoutFolder("/a", {"os": "linux", "architecture": "arm64"}).record())
    assert json.loads(values.pop("containerimage.config")) == {
        "os": "linux",
        "architecture": "arm64",
        "config": {},
        "rootfs": {"type": "layers", "diff_ids": []},
    }
    assert values == {"type": "oci", "dest": "/a", "tar": "false"}


def test_a_push_names_no_tag_and_fixes_all_times():
    values = push()
    del values["containerimage.config"]
    assert values == {
        "type": "image",
        "name": "127.0.0.1:5050/app",
        "push": "true",
        "push-by-digest": "true",
        "oci-mediatypes": "true",
        "source-date-epoch": "0",
        "rewrite-timestamp": "true",
    }


def test_a_config_with_quotes_and_commas_is_read_back_whole():
    assert json.loads(push()["containerimage.config"]) == CONFIG


def test_a_base_config_is_passed_byte_for_byte():
    raw = b'{\n "os": "linux", "x": "a,\\"b\\""}'
    assert push(base_config=raw)["containerimage.base.config"] == raw.decode()


def test_layers_of_fixed_times_are_not_packed_anew():
    assert push(rewrite_times=False)["rewrite-timestamp"] == "false"


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        ({"compression": "zstd"}, {"compression": "zstd", "force-compression": "true"}),
        ({"oci": False}, {"oci-mediatypes": "false"}),
    ],
)
def test_media_types_and_compression_can_be_chosen(options, expected):
    values = push(**options)
    assert {name: values[name] for name in expected} == expected


def test_annotations_go_along():
    values = push(annotations=(("a.b/c", "x,y"),))
    assert values["annotation.a.b/c"] == "x,y"


def test_what_a_frontend_built_is_pushed_with_its_own_configuration():
    values = read_back(PushAsBuilt("127.0.0.1:5050/store").record())
    assert values["name"] == "127.0.0.1:5050/store"
    assert (values["push-by-digest"], values["rewrite-timestamp"]) == ("true", "true")
    assert not any(name.startswith("containerimage.") for name in values)
