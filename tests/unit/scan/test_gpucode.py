"""What a section of code for GPUs tells, whole or damaged."""

from __future__ import annotations

import struct

import pytest

from pipeline.scan import gpucode

MAGIC = struct.pack("<I", 0xBA55ED50)
NOTHING = (frozenset(), frozenset())


@pytest.mark.parametrize(
    "section",
    [b"", b"no code", MAGIC, MAGIC + bytes(60), MAGIC + bytes(4) + b"\xff" * 8, MAGIC * 20],
    ids=["empty", "text", "cut off", "sizes of nothing", "larger than its section", "nested"],
)
def test_a_damaged_section_tells_nothing_and_ends(section):
    assert gpucode.read(section) == NOTHING
