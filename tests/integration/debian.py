"""Debian's packages: what dpkg knows of an image's, and a mirror whose lists are out of step."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.integration.conftest import Ran

_OUT_OF_STEP = re.compile(r"^.*(?:Mirror sync in progress|Hash Sum mismatch).*$", re.MULTILINE)


def skip_where_the_mirror_is_out_of_step(ran: Ran) -> None:
    """Skips the test where apt failed, and said that its mirror has other lists than it signed."""
    told = _OUT_OF_STEP.search(ran.error)
    if ran.code != 0 and told and re.search(r"\bapt\b", ran.refusal):
        pytest.skip(f"the mirror of Debian is being changed: {told[0].strip()}")


def installed(root: Path) -> dict[str, str]:
    """Each package's state, in dpkg's two letters, by the build host's own dpkg-query."""
    shown = subprocess.check_output(
        ["dpkg-query", f"--admindir={root}/var/lib/dpkg", "--show",
         "--showformat=${Package} ${db:Status-Abbrev}\n"], text=True,
    )  # fmt: skip
    return dict(line.split() for line in shown.splitlines())
