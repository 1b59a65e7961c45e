"""What a stage hands on to the image, directly or by another stage."""

from __future__ import annotations

import pytest

from pipeline.lint.copies import copied_out, folder_of
from pipeline.lint.dockerfile import parse

BUILD = "FROM --platform=$BUILDPLATFORM"


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ("FROM c\nCOPY --from=one /a /b/ /x/", ["/a", "/b"]),
        ("FROM c\nCOPY --from=0 / /", ["/"]),
        ("FROM c\nRUN --mount=from=one,target=/x cp /x/a /a", ["/"]),
        ("FROM c\nRUN --mount=from=one,src=/out,target=/x cp /x/a /a", ["/out"]),
        (f"{BUILD} one AS two\nFROM c\nCOPY --from=two /a /", ["/a"]),
        (f"{BUILD} b AS two\nCOPY --from=one /a /out/\nFROM c\nCOPY --from=two /out /", ["/a"]),
        (f"{BUILD} b AS two\nCOPY --from=one /a /out/\nFROM c\nCOPY --from=two /out/a /", ["/a"]),
        (f"{BUILD} b AS two\nWORKDIR /out\nCOPY --from=one /a .\nFROM c\nCOPY --from=two /out /", ["/a"]),
        (f"{BUILD} b AS two\nCOPY --from=one /a /b /bin/\nFROM c\nCOPY --from=two /out /", []),
        (f"{BUILD} b AS two\nRUN --mount=from=one,target=/x /x/a\nFROM c\nCOPY --from=two /out /", []),
        ("FROM c AS unused\nCOPY --from=one /a /\nFROM d", []),
        ("FROM --platform=linux/amd64 c\nCOPY --from=one /a /", []),
    ],
)  # fmt: skip
def test_what_the_image_takes_from_a_stage(taken, expected):
    parsed = parse(f"{BUILD} a AS one\n{taken}\n")
    assert copied_out(parsed, parsed.stages[0]) == expected


def test_stages_that_copy_from_each_other_do_not_go_on_for_ever():
    parsed = parse(
        f"{BUILD} a AS one\nCOPY --from=two /a /a\n{BUILD} b AS two\nCOPY --from=one /a /a\n"
        "FROM c\nCOPY --from=two /a /\n"
    )
    assert copied_out(parsed, parsed.stages[0]) == ["/a"]


def test_an_instruction_runs_in_the_folder_of_each_workdir_above_it():
    parsed = parse("FROM a AS one\nWORKDIR /x\nFROM one\nWORKDIR y\nRUN a\nWORKDIR /z\nRUN b\n")
    assert [folder_of(parsed.final, run) for run in parsed.final.runs] == ["/x/y", "/z"]
