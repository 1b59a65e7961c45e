"""What a Dockerfile takes: a frontend, arguments, secrets."""

from __future__ import annotations

import pytest

from pipeline.lint import inputs
from pipeline.lint.dockerfile import parse


@pytest.mark.parametrize(
    ("text", "other"),
    [
        ("# syntax=docker/dockerfile:1\nFROM a", None),
        ("# syntax = docker.io/docker/dockerfile-upstream:1.7-labs\nFROM a", None),
        ("# a comment\n# syntax=example.com/own:1\nFROM a", None),
        ("FROM a\n# syntax=example.com/own:1", None),
        ("# syntax=example.com/own:1\nFROM a", (1, "example.com/own:1")),
        ("\ufeff# escape=`\n#SYNTAX=docker/dockerfile2\nFROM a", (2, "docker/dockerfile2")),
    ],
)
def test_a_frontend_of_somebody_elses_is_found(text, other):
    assert inputs.other_frontend(text) == other


def test_arguments_are_those_of_every_arg():
    text = "ARG A=1\nFROM a\nARG B C=2\nARG A\nFROM b\nONBUILD ARG D"
    assert inputs.arguments(parse(text)) == ["A", "B", "C", "D"]


@pytest.mark.parametrize(
    ("name", "is_predefined"),
    [("HTTPS_PROXY", True), ("no_proxy", True), ("BUILDKIT_SYNTAX", True), ("MY_PROXY", False)],
)
def test_some_arguments_need_no_arg(name, is_predefined):
    assert inputs.is_predefined(name) is is_predefined


def test_secrets_have_the_ids_of_their_mounts_and_the_line_that_needs_them():
    text = (
        "FROM a\nRUN --mount=type=secret,id=one --mount=type=cache,target=/c x\n"
        "RUN --mount=type=secret,target=/run/two,required y\n"
        "RUN --mount=type=secret,id=one,required=true z\n"
        "RUN --mount=type=secret,id=three,required=false z\n"
    )
    assert inputs.secrets(parse(text)) == {"one": 4, "two": 3, "three": 0}
