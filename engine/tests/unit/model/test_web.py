"""Files of the web."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.llb import llb_pb2 as pb
from buildkit_engine.llb.marshal import marshal
from buildkit_engine.model.web import web_file

URL = "https://example.com/a/b.txt"
DIGEST = "sha256:" + "0" * 64


def source_of(file) -> pb.SourceOp:
    return file.output.op.body()["source"]


def test_a_file_is_what_buildkit_gets_from_the_address():
    file = web_file(URL)
    assert file.path == "/b.txt"
    attrs = {"http.filename": "b.txt", "http.perm": "0600"}
    assert source_of(file) == pb.SourceOp(identifier=URL, attrs=attrs)


def test_a_checksum_and_a_header_go_along():
    file = web_file(URL, name="n", mode=0o755, checksum=DIGEST, header_secret="handle")
    assert dict(source_of(file).attrs) == {
        "http.filename": "n",
        "http.perm": "0755",
        "http.checksum": DIGEST,
        "http.authheadersecret": "handle",
    }
    assert marshal(file.output).secret_ids == ("handle",)


@pytest.mark.parametrize(
    ("url", "options", "message"),
    [
        ("a/b", {}, "unsupported protocol scheme \"\" of 'a/b': expected http or https"),
        (
            "docker-image://a",
            {},
            "unsupported protocol scheme \"docker-image\" of 'docker-image://a': "
            "expected http or https",
        ),
        ("http://[", {}, "invalid address 'http://[': expected http://… or https://…"),
        (URL, {"name": "a/b"}, 'file name "a/b" must not contain a directory'),
        (
            URL,
            {"checksum": "md5:0"},
            'invalid checksum "md5:0": expected sha256: and 64 hexadecimal digits',
        ),
    ],
)
def test_what_is_no_file_of_the_web_is_refused(url, options, message):
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        web_file(url, **options)
