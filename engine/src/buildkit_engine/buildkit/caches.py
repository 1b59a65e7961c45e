"""Where the build cache is read from and written to, beyond the daemon: --cache-from, --cache-to."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

from buildkit_engine.buildkit.exporters import csv_record
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.errors import RequestError, UsageError

_COMPRESSIONS = ("uncompressed", "gzip", "estargz", "zstd")
_BOOLEANS = ("true", "false")
_EXPORTED = {
    "mode": ("min", "max"),
    "compression": _COMPRESSIONS,
    "force-compression": _BOOLEANS,
    "oci-mediatypes": _BOOLEANS,
    "image-manifest": _BOOLEANS,
    "ignore-error": _BOOLEANS,
}
# by type: the key that says where, and the values that further keys may have; () for any
_TO: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "registry": ("ref", _EXPORTED | {"registry.insecure": _BOOLEANS}),
    "local": ("dest", _EXPORTED | {"tag": ()}),
}
_FROM: dict[str, tuple[str, dict[str, tuple[str, ...]]]] = {
    "registry": ("ref", {"registry.insecure": _BOOLEANS}),
    "local": ("src", {"tag": (), "digest": ()}),
}


@dataclass(frozen=True)
class Caches:
    """Records as buildctl takes them."""

    read: tuple[str, ...] = ()
    written: tuple[str, ...] = ()

    @classmethod
    def parse(cls, read: list[str], written: list[str]) -> Caches:
        """Raises UsageError for what BuildKit would refuse, or ignore, later."""
        return cls(
            tuple(_record("--cache-from", text, _FROM) for text in read),
            tuple(_record("--cache-to", text, _TO) for text in written),
        )

    @property
    def reading(self) -> list[str]:
        return [word for record in self.read for word in ("--import-cache", record)]

    @property
    def writing(self) -> list[str]:
        return [word for record in self.written for word in ("--export-cache", record)]


def _record(flag: str, text: str, types: dict[str, tuple[str, dict[str, tuple[str, ...]]]]) -> str:
    what = f"{flag} '{text}'"
    values = _values(what, text)
    kind = values.get("type", "")
    if kind not in types:
        raise UsageError(f"{what}: type '{kind}': expected one of {', '.join(types)}")
    where, others = types[kind]
    if where not in values:
        raise UsageError(f"{what}: type={kind} needs {where}=…")
    for key in values.keys() - {"type", where}:
        if key not in others:
            raise UsageError(f"{what}: '{key}': expected one of {', '.join((where, *others))}")
        if others[key] and values[key] not in others[key]:
            accepted = ", ".join(others[key])
            raise UsageError(f"{what}: {key} '{values[key]}': expected one of {accepted}")
    if kind == "local":
        values[where] = str(Path(values[where]).absolute())
    else:
        _check_reference(what, values[where])
    return csv_record(values)


def _values(what: str, text: str) -> dict[str, str]:
    if "=" not in text:
        # as with docker buildx: a reference alone
        return {"type": "registry", "ref": text}
    pairs = [field.partition("=") for field in next(csv.reader([text]))]
    values = {key.strip().lower(): value for key, _, value in pairs}
    if not all(value for _, _, value in pairs) or len(values) < len(pairs):
        raise UsageError(f"{what}: expected key=value, each key once, separated by commas")
    return values


def _check_reference(what: str, reference: str) -> None:
    try:
        Reference.parse(reference)
    except RequestError as error:
        raise UsageError(f"{what}: {error}") from None
