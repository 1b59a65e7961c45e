"""A Dockerfile for one platform: what is built, where each RUN is executed, on what it stands."""

from __future__ import annotations

import pytest

from pipeline import platforms
from pipeline.errors import PlatformError
from pipeline.lint.dockerfile import parse
from pipeline.lint.targeted import Root, Step, Targeted

AMD64, ARM64, ARMV7 = (platforms.parse(p) for p in ("linux/amd64", "linux/arm64", "linux/arm/v7"))
CHOICE = (
    "FROM --platform=linux/amd64 a AS app-amd64\nRUN one\n"
    "FROM --platform=$BUILDPLATFORM b AS app-arm64\nRUN two\n"
    "FROM app-$TARGETARCH\nRUN three\n"
)


def targeted(text: str, spec=ARM64, host=AMD64, **arguments: str) -> Targeted:
    return Targeted(parse(text), host, spec, arguments)


@pytest.mark.parametrize(
    ("text", "host", "steps"),
    [
        ("FROM a\nRUN x", AMD64, [Step(2, "RUN x", ARM64)]),
        ("FROM a\nRUN x", ARM64, [Step(2, "RUN x", ARM64)]),
        ("FROM --platform=$BUILDPLATFORM a\nRUN x", AMD64, [Step(2, "RUN x", AMD64)]),
        ("FROM --platform=${TARGETOS}/${TARGETARCH} a\nRUN x", AMD64, [Step(2, "RUN x", ARM64)]),
        ("FROM --platform=linux/arm/v7 a\nRUN x", AMD64, [Step(2, "RUN x", ARMV7)]),
        ("FROM --platform=$BUILDPLATFORM a AS b\nFROM b\nRUN x", AMD64, [Step(3, "RUN x", AMD64)]),
        ("FROM a AS unused\nRUN x\nFROM c\nCOPY f /", AMD64, []),
        ("FROM a AS b\nRUN x\nFROM scratch\nCOPY --from=b /f /", AMD64, [Step(2, "RUN x", ARM64)]),
        ("FROM a AS b\nRUN x\nFROM --platform=$BUILDPLATFORM c\nRUN --mount=from=b y", AMD64,
         [Step(2, "RUN x", ARM64), Step(4, "RUN y", AMD64)]),
        ("FROM a\nONBUILD RUN x", AMD64, []),
        (CHOICE, AMD64, [Step(4, "RUN two", AMD64), Step(6, "RUN three", AMD64)]),
        ("ARG P=linux/arm/v7\nFROM --platform=$P a\nRUN x", AMD64, [Step(3, "RUN x", ARMV7)]),
        ('ARG B=$BUILDPLATFORM\nARG P="${B}"\nFROM --platform=$P a\nRUN x', AMD64, [Step(4, "RUN x", AMD64)]),
        ("FROM --platform=${P:-linux/arm/v7} a\nRUN x", AMD64, [Step(2, "RUN x", ARMV7)]),
        ("FROM --platform=${P:+linux/arm/v7} a\nRUN x", AMD64, [Step(2, "RUN x", ARM64)]),
        ('FROM a\nRUN ["x",  "y"]\nRUN a && \\\n   b', AMD64, [Step(2, "RUN x y", ARM64), Step(3, "RUN a && b", ARM64)]),
        (f"FROM a\nRUN {'x' * 80}", AMD64, [Step(2, f"RUN {'x' * 72}…", ARM64)]),
    ],
)  # fmt: skip
def test_each_run_that_is_built_has_its_platform(text, host, steps):
    assert targeted(text, host=host).steps == steps


def test_a_build_argument_wins_over_a_default():
    text = "ARG P=linux/amd64\nFROM --platform=$P a\nRUN x"
    assert targeted(text, P="linux/arm/v7").steps == [Step(3, "RUN x", ARMV7)]


def test_variables_of_platforms_are_those_of_the_build():
    text = "ARG TARGETVARIANT\nFROM a-$TARGETARCH$TARGETVARIANT-$BUILDARCH-$BUILDOS"
    assert targeted(text, ARMV7, ARM64).base == Root("a-armv7-arm64-linux", ARMV7, 2)


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("FROM debian:12 AS a\nFROM a", Root("debian:12", ARM64, 1)),
        ("ARG V=12\nFROM debian:${V} AS a\nFROM A AS b\nFROM b", Root("debian:12", ARM64, 2)),
        ("FROM golang AS a\nFROM scratch\nCOPY --from=a /f /", None),
        (CHOICE, Root("b", AMD64, 3)),
    ],
)
def test_the_base_is_the_image_that_the_final_stage_begins_with(text, base):
    assert targeted(text).base == base


def test_every_image_that_is_built_on_is_a_root_once():
    text = "FROM a AS x\nFROM --platform=$BUILDPLATFORM a AS y\nFROM b AS z\nFROM a\n"
    text += "COPY --from=x /f /\nCOPY --from=y /f /"
    assert targeted(text).roots == [Root("a", ARM64, 1), Root("a", AMD64, 2)]


def test_a_stage_of_an_unknown_platform_is_refused_by_its_line():
    with pytest.raises(
        PlatformError, match=r"^line 2: Unsupported platform 'linux/vax': expected one"
    ):
        _ = targeted("FROM a AS b\nFROM --platform=linux/vax c\nRUN x").steps
