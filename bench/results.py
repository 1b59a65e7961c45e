"""All that one run of the benchmark found, and how it is kept."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from bench.cases import Case, Setting
from bench.measuring import Measured
from bench.run import Run


@dataclass(frozen=True)
class Results:
    """The runs, and on what they were made."""

    command: str
    date: str
    """Of its beginning, as the machine's clock had it (UTC)."""
    minutes: float
    machine: dict[str, str]
    versions: dict[str, str]
    load: float
    """Processes that wanted a processor in the minute before it began."""
    skipped: dict[str, str]
    """Rivals that could not be measured, each with the reason."""
    failed: dict[str, str]
    """Rivals that failed in a setting, each with what was said last."""
    notes: list[str]
    runs: list[Run]

    def save(self, path: Path) -> None:
        path.write_text(json.dumps(asdict(self), indent=1) + "\n")

    @classmethod
    def load_from(cls, path: Path) -> Results:
        """Raises ValueError for a file that holds something else."""
        try:
            found = json.loads(path.read_text())
            return cls(**(found | {"runs": [_run(run) for run in found["runs"]]}))
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(
                f"'{path}' holds no results of this version: expected what `make bench` writes"
            ) from error


def _run(found: dict[str, Any]) -> Run:
    case = found["case"]
    setting = Setting(tuple(case["setting"]["platforms"]), case["setting"]["apps"])
    return Run(
        **found
        | {"case": Case(**case | {"setting": setting}), "measured": Measured(**found["measured"])}
    )
