"""--cache-from and --cache-to: what buildctl is given, and what is refused."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit.caches import Caches
from buildkit_engine.errors import UsageError


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("host/app:cache", "type=registry,ref=host/app:cache"),
        ("type=registry,ref=host/app:cache,mode=max", "type=registry,ref=host/app:cache,mode=max"),
        ("type=local,dest=/c,mode=max,tag=v1", "type=local,dest=/c,mode=max,tag=v1"),
        ('type=local,"dest=/a,b"', 'type=local,"dest=/a,b"'),
    ],
)
def test_a_place_to_write_to_is_given_as_buildctl_takes_it(text, expected):
    assert Caches.parse([], [text]).writing == ["--export-cache", expected]


def test_several_places_are_read_in_order_and_paths_are_of_the_folder_it_is_called_in(
    monkeypatch, tmp_path
):
    monkeypatch.chdir(tmp_path)
    caches = Caches.parse(["type=local,src=cache", "host/app:cache"], [])
    assert caches.reading == [
        *("--import-cache", f"type=local,src={tmp_path}/cache"),
        *("--import-cache", "type=registry,ref=host/app:cache"),
    ]
    assert caches.writing == []


@pytest.mark.parametrize(
    ("read", "text", "message"),
    [
        (False, "type=s3,bucket=b", "type 's3': expected one of registry, local"),
        (False, "ref=host/app", "type '': expected one of registry, local"),
        (False, "type=registry", "type=registry needs ref=…"),
        (True, "type=local,dest=/c", "type=local needs src=…"),
        (False, "type=registry,ref=host/app,mode=all", "mode 'all': expected one of min, max"),
        (
            True,
            "type=registry,ref=host/app,mode=max",
            "'mode': expected one of ref, registry.insecure",
        ),
        (
            False,
            "type=local,dest=/c,dest=/d",
            "expected key=value, each key once, separated by commas",
        ),
        (
            False,
            "type=local,dest=",
            "expected key=value, each key once, separated by commas",
        ),
        (
            False,
            "type=registry,ref=HOST APP",
            "invalid reference format 'HOST APP': expected [registry/]repository[:tag][@sha256:…]",
        ),
    ],
)
def test_what_buildkit_would_refuse_or_ignore_is_refused_first(read, text, message):
    flag = "--cache-from" if read else "--cache-to"
    with pytest.raises(UsageError) as refused:
        Caches.parse([text] if read else [], [] if read else [text])
    assert str(refused.value) == f"{flag} '{text}': {message}"
