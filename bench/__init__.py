"""What this module costs beside its rivals: measured in one run, on one machine, by `make bench`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILES = Path(__file__).parent / "dockerfiles"
NOTHING = Path(__file__).parent / "nothing"
"""A Dagger module whose one function does nothing."""
GO_TOOLS = Path(__file__).parent / "tools"
