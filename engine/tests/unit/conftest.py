"""What a session has seen of this machine, without the program that copies it."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import pytest

from buildkit_engine.errors import RequestError
from buildkit_engine.model.snapshots import Snapshots


@dataclass
class FakeFreezer:
    """Copies names alone, and keeps what it was asked for."""

    asked: list = field(default_factory=list)
    error: str = ""

    def copy(self, wanted, target) -> None:
        self.asked.append(wanted)
        if self.error:
            raise RequestError(self.error)
        for path in Path(wanted.root).iterdir():
            (target / path.name).touch()


@pytest.fixture
def freezer():
    return FakeFreezer()


@pytest.fixture
def snapshots(freezer, tmp_path_factory):
    return Snapshots(freezer, tmp_path_factory.mktemp("scratch"), "session")
