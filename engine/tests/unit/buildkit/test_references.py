"""References as Docker reads them."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.buildkit.references import Reference
from buildkit_engine.errors import RequestError

DIGEST = "sha256:" + "0123456789abcdef" * 4


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("debian", ("docker.io", "library/debian", "latest", "")),
        ("debian:bookworm-slim", ("docker.io", "library/debian", "bookworm-slim", "")),
        ("grafana/loki", ("docker.io", "grafana/loki", "latest", "")),
        ("docker.io/debian", ("docker.io", "library/debian", "latest", "")),
        ("index.docker.io/grafana/loki:3", ("docker.io", "grafana/loki", "3", "")),
        ("localhost/app", ("localhost", "app", "latest", "")),
        ("localhost:5000/app", ("localhost:5000", "app", "latest", "")),
        ("127.0.0.1:5050/team/app:v1", ("127.0.0.1:5050", "team/app", "v1", "")),
        ("[::1]:5000/app:v1", ("[::1]:5000", "app", "v1", "")),
        ("ghcr.io/o/r:1.2.3_x-Y", ("ghcr.io", "o/r", "1.2.3_x-Y", "")),
        ("gcr.io/a/b__c/d--e/f.g", ("gcr.io", "a/b__c/d--e/f.g", "latest", "")),
        (f"debian@{DIGEST}", ("docker.io", "library/debian", "", DIGEST)),
        (f"debian:12@{DIGEST}", ("docker.io", "library/debian", "12", DIGEST)),
        # without a slash, what follows the colon is a tag
        ("localhost:5000", ("docker.io", "library/localhost", "5000", "")),
    ],
)
def test_a_reference_is_completed_as_docker_does(text, expected):
    found = Reference.parse(text)
    assert (found.registry, found.repository, found.tag, found.digest) == expected


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Debian",
        "ghcr.io/Owner/repo",
        "debian:",
        "debian:-x",
        "debian:a:b",
        "debian\n",
        "debian:ümlaut",
        "debian:" + "x" * 129,
        "debian@sha256:0123",
        f"debian@{DIGEST.upper()}",
        "/debian",
        "team//app",
        "team/app/",
        "https://ghcr.io/o/r",
        "registry:port/app",
        "..:1/app",
        "-host.example/app",
        "a b",
    ],
)
def test_what_is_no_reference_is_refused_by_its_text(text):
    message = f"invalid reference format '{text}': expected [registry/]repository[:tag][@sha256:…]"
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        Reference.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "docker.io/library/debian:12",
        f"ghcr.io/o/r@{DIGEST}",
        f"127.0.0.1:5050/app:v1@{DIGEST}",
    ],
)
def test_a_complete_reference_is_written_as_it_was_read(text):
    assert str(Reference.parse(text)) == text


def test_a_tag_and_a_digest_are_both_kept():
    found = Reference.parse("debian:12").at(DIGEST)
    assert str(found) == f"docker.io/library/debian:12@{DIGEST}"
    assert found.name == "docker.io/library/debian"


@pytest.mark.parametrize(
    ("registry", "expected"),
    [
        ("localhost", True),
        ("localhost:5000", True),
        ("127.0.0.1", True),
        ("127.8.9.1:80", True),
        ("[::1]", True),
        ("[::1]:5000", True),
        ("docker.io", False),
        ("localhost.example:5000", False),
        ("10.0.0.1:5000", False),
        ("127.0.0.1.example", False),
        ("[2001:db8::1]:5000", False),
    ],
)
def test_loopback_is_known_by_the_registry(registry, expected):
    assert Reference.parse(f"{registry}/app").on_loopback is expected


def test_the_mirror_keeps_a_reference_under_its_whole_name():
    mirrored = Reference.parse("debian:12").mirrored("127.0.0.1:5050")
    assert str(mirrored) == "127.0.0.1:5050/docker.io/library/debian:12"
