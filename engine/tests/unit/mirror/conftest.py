"""Programs of the machine, replaced by scripts."""

from __future__ import annotations

import os

import pytest


@pytest.fixture
def fake_path(tmp_path, monkeypatch):
    """A PATH of its own; adds shell scripts to it."""
    folder = tmp_path / "path"
    folder.mkdir()
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")

    def add(name: str, script: str) -> None:
        (folder / name).write_text(f"#!/bin/sh\n{script}\n")
        (folder / name).chmod(0o755)

    return add
