"""Platforms by their many names."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.model.platforms import as_published, canonical


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("Linux/AMD64", "linux/amd64"),
        ("linux/x86_64", "linux/amd64"),
        ("linux/aarch64", "linux/arm64"),
        ("linux/arm/v7", "linux/arm/v7"),
        ("linux/bogus99", "linux/bogus99"),
        ("windows/amd64", "windows/amd64"),
        ("arm64", "linux/arm64"),
        ("x86_64", "linux/amd64"),
    ],
)
def test_a_platform_gets_the_name_that_image_configs_have(text, expected):
    assert canonical(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("", "cannot parse platform specifier"),
        ("linux/", "cannot parse platform specifier"),
        ("/amd64", "cannot parse platform specifier"),
        ("linux/arm/v7/x", "cannot parse platform specifier"),
        ("bogus99", "unknown operating system or architecture"),
    ],
)
def test_what_is_no_platform_is_refused(text, reason):
    with pytest.raises(RequestError, match=f'^"{re.escape(text)}": {reason}$'):
        canonical(text)


@pytest.mark.parametrize(
    ("platform", "expected"),
    [
        ("linux/amd64", "linux/amd64"),
        ("linux/arm64/v8", "linux/arm64"),
        ("linux/amd64/v1", "linux/amd64"),
        ("linux/amd64/v3", "linux/amd64/v3"),
        ("linux/arm", "linux/arm/v7"),
        ("linux/arm/v6", "linux/arm/v6"),
    ],
)
def test_indexes_leave_out_the_variant_that_is_understood(platform, expected):
    assert as_published(platform) == expected
