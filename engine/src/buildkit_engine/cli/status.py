"""What `status` and `inspect` print."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from buildkit_engine.buildkit import lifecycle, tools
from buildkit_engine.buildkit.crane import Crane
from buildkit_engine.buildkit.state import Running
from buildkit_engine.errors import RegistryError
from buildkit_engine.mirror.build import host_platform
from buildkit_engine.mirror.recipes import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from buildkit_engine.buildkit.references import Reference
    from buildkit_engine.buildkit.state import State

_ATTESTATION = "unknown/unknown"


def status(state: State) -> str:
    """What runs, how much it keeps, and which images are stand-ins."""
    running, found = Running.load(state), tools.locate(state)
    lines = [f"state      {state.root} ({_megabytes(_size(state.root))})"]
    if running is None or not lifecycle.answers(state, running, found):
        return "\n".join([*lines, "daemon     does not run: buildkit-engine up"])
    lines += [
        f"daemon     unix://{state.socket} (process {running.daemon_pid}, {host_platform()})",
        f"registry   {running.registry} (process {running.registry_pid})",
    ]
    if running.stand_ins:
        names = list(stand_ins(Crane(found.crane), running.registry))
        lines.append("base images  stand-ins: the usual registries did not answer at start")
        lines += [f"  {name}" for name in names]
    else:
        lines.append("base images  from the usual registries")
    return "\n".join(lines)


def stand_ins(crane: Crane, registry: str) -> Iterator[str]:
    """The references that the mirror stands in for."""
    for repository in crane.run("catalog", registry).split():
        host = repository.partition("/")[0]
        if host not in lifecycle.MIRRORED_HOSTS:
            continue
        for tag in crane.run("ls", f"{registry}/{repository}").split():
            if "-staging" not in tag:
                yield f"{repository}:{tag}"


def index_table(crane: Crane, reference: Reference) -> str:
    """A line a platform that the reference holds: size, digest, and what it stands on."""
    digest = crane.digest(reference)
    manifest: Any = crane.manifest(reference)
    children = manifest.get("manifests") or [{"digest": digest}]
    rows = [("PLATFORM", "SIZE", "DIGEST")]
    originals = set()
    for child in children:
        variant = reference.at(child["digest"])
        # a plain image says its platform in its configuration alone
        platform = _platform(child.get("platform")) or _platform(_config(crane, variant))
        if platform == _ATTESTATION:
            continue
        image: Any = crane.manifest(variant)
        size = image["config"]["size"] + sum(layer["size"] for layer in image["layers"])
        rows.append((platform, _megabytes(size), child["digest"]))
        if original := _stand_in_for(crane, variant, platform):
            originals.add(original)
    lines = [f"{reference.name}:{reference.tag}@{digest}", *_columns(rows)]
    lines += [f"base image {o} is a stand-in made on this machine" for o in sorted(originals)]
    return "\n".join(lines)


def _stand_in_for(crane: Crane, reference: Reference, platform: str) -> str:
    config = _config(crane, reference, platform)
    return str((config.get("config", {}).get("Labels") or {}).get(LABEL, ""))


def _config(crane: Crane, reference: Reference, platform: str = "") -> dict[str, Any]:
    try:
        return json.loads(crane.config(reference, platform or host_platform()))
    except RegistryError:
        return {}


def _platform(raw: dict[str, str] | None) -> str:
    if not raw:
        return ""
    parts = (raw.get("os", ""), raw.get("architecture", ""), raw.get("variant", ""))
    return "/".join(part for part in parts if part)


def _columns(rows: list[tuple[str, ...]]) -> list[str]:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return [
        "  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)).rstrip() for row in rows
    ]


def _size(folder: Path) -> int:
    return sum(p.lstat().st_blocks * 512 for p in folder.rglob("*") if p.is_file())


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
