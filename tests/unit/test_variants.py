"""What is wrong with a platform's image beside others, or by its configuration."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from pipeline import platforms, verification


def variants(*names):
    """Variants of the platforms; what is compared is never asked of their containers."""
    return [SimpleNamespace(spec=platforms.parse(name)) for name in names]


def test_another_platform_in_the_configuration_is_an_error():
    found = verification._wrong_platform(platforms.parse("linux/arm64"), "linux/amd64")
    assert (found.rule, found.severity, found.path) == ("wrong-platform", "error", "/")
    assert (found.seen, found.expected) == ("linux/amd64", "linux/arm64")
    assert found.platform == "linux/arm64"


def test_the_same_programs_for_another_machine_are_an_error_of_the_later_platform():
    two = variants("linux/amd64", "linux/arm64")
    (found,) = verification._identical(two, ["same", "same"])
    assert (found.rule, found.severity) == ("identical-variants", "error")
    assert (found.platform, found.seen) == ("linux/arm64", "the programs of linux/amd64")


@pytest.mark.parametrize(
    ("names", "fingerprints"),
    [
        (("linux/amd64", "linux/arm64"), ("one", "other")),
        (("linux/amd64", "linux/arm64"), ("", "")),
        (("linux/arm/v6", "linux/arm/v7"), ("same", "same")),
    ],
    ids=["other-programs", "no-programs", "the-same-machine"],
)
def test_programs_that_may_be_alike_are_no_finding(names, fingerprints):
    assert verification._identical(variants(*names), fingerprints) == []
