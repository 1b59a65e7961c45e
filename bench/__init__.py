"""What this module costs beside its rivals: measured in one run, on one machine, by `make bench`."""

from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCKERFILES = Path(__file__).parent / "dockerfiles"
GO_TOOLS = Path(__file__).parent / "tools"
