"""Default arguments from a .env file, as `dagger call` takes them."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from buildkit_engine.errors import UsageError

if TYPE_CHECKING:
    from buildkit_engine.cli.source import ModuleSource

_LINE = re.compile(r"\s*(?:export\s+)?([A-Za-z_][A-Za-z0-9_]*)\s*=(.*)")
_QUOTED = re.compile(r"""(['"])(.*)\1(?:\s+#.*)?""")
_REFERENCE = re.compile(r"\$(?:\{(\w+)\}|(\w+))")
_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


@dataclass(frozen=True)
class Default:
    """A value, and the variable that it is of."""

    value: str
    variable: str


@dataclass(frozen=True)
class Defaults:
    """The variables of the .env files that apply to a module.

    Beside the module's dagger.json a variable is called as the argument is. In the first .env from
    the caller's folder upwards, it begins with the module's name; and that one wins, as with
    Dagger. Relative paths in both start at the caller's folder.
    """

    variables: dict[str, Default]

    @classmethod
    def of(cls, source: ModuleSource, start: Path) -> Defaults:
        """Raises UsageError for a line that is not NAME=value."""
        found: dict[str, Default] = {}
        outer = next((f / ".env" for f in (start, *start.parents) if (f / ".env").is_file()), None)
        inner = source.root / ".env"
        if inner.is_file():
            found |= {name.lower(): Default(value, name) for name, value in _read(inner).items()}
        if outer:
            prefix = _key(source.name) + "_"
            for name, value in _read(outer).items():
                if name.lower().startswith(prefix):
                    found[name.lower().removeprefix(prefix)] = Default(value, name)
        return cls(found)

    def get(self, function: str, argument: str) -> Default | None:
        """The default of an argument; the function is "" for the constructor."""
        key = f"{_key(function)}_{_key(argument)}" if function else _key(argument)
        return self.variables.get(key)


def _key(name: str) -> str:
    """skipTests, skip_tests and skip-tests are one name."""
    return _UPPER.sub("_", name).replace("-", "_").lower()


def _read(path: Path) -> dict[str, str]:
    variables: dict[str, str] = {}
    for number, line in enumerate(path.read_text().splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if not match:
            # the line is not repeated: it may be part of a secret
            raise UsageError(f"{path}:{number}: the line is not NAME=value")
        name, raw = match[1], match[2].strip()
        quoted = _QUOTED.fullmatch(raw)
        value = quoted[2] if quoted else raw.partition(" #")[0].rstrip()
        if not quoted or quoted[1] != "'":
            value = _REFERENCE.sub(
                lambda m: variables.get(m[1] or m[2]) or os.environ.get(m[1] or m[2], ""), value
            )
        variables[name] = value
    return variables
