"""What `status` and `inspect` print."""

from __future__ import annotations

import json
import os
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from typing import TYPE_CHECKING, Any

from buildkit_engine.buildkit import forkserver, lifecycle, tools, usage, webserver
from buildkit_engine.buildkit.crane import Crane
from buildkit_engine.buildkit.daemons import HOST_VARIABLE, Daemon, host_platform
from buildkit_engine.buildkit.nodes import NODES_VARIABLE, Nodes
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.state import Running
from buildkit_engine.errors import RegistryError, SetupError
from buildkit_engine.mirror.build import Mirror
from buildkit_engine.mirror.recipes import LABEL

if TYPE_CHECKING:
    from collections.abc import Iterator

    from buildkit_engine.buildkit.nodes import Node
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.buildkit.tools import Tools

_ATTESTATION = "unknown/unknown"


def status(state: State) -> str:
    """What runs, how much it keeps, and which images are stand-ins."""
    running, found = Running.load(state), tools.locate(state)
    nodes = Nodes.chosen()
    daemon = nodes or Daemon.chosen(state)
    if running is None or not lifecycle.answers(state, running, found, daemon):
        running = None
    lines = [f"version    {version('buildkit-engine')}, BuildKit {tools.buildkit_version()}"]
    lines += _disk_use(state, running, found, own=daemon is None)
    if nodes:
        lines += [f"nodes      ({NODES_VARIABLE})", *_nodes(nodes, found)]
        if not nodes.reaches_this_machine:
            lines.append("registry   none: not every node reaches this machine's loopback")
        lines.append("base images  as the nodes get them: no stand-ins")
    elif isinstance(daemon, Daemon):
        lines.append(f"daemon     {daemon.address} ({HOST_VARIABLE})")
        if not daemon.reaches_this_machine:
            lines.append("registry   none: that daemon does not reach this machine's loopback")
        lines.append("base images  as that daemon gets them: no stand-ins")
    elif running is None:
        lines.append("daemon     does not run: buildkit-engine up")
    else:
        lines.append(
            f"daemon     unix://{state.socket} (process {running.daemon_pid}, {host_platform()})"
        )
    if running and running.registry:
        lines.append(f"registry   {running.registry} (process {running.registry_pid})")
    lines += _beside(state)
    if running and not daemon:
        lines += _base_images(state, running, found)
    return "\n".join(lines)


def _beside(state: State) -> Iterator[str]:
    """What runs beside daemon and registry."""
    if address := webserver.address_of(state.served):
        yield f"apt        http://{address} (stand-ins for NVIDIA's apt repositories)"
    if pids := ", ".join(str(pid) for pid, _ in forkserver.running(state.forks)):
        yield f"SDK        imported for the next calls (process {pids})"


def _nodes(nodes: Nodes, found: Tools) -> list[str]:
    """A line a node: what it is for, where it is, and whether it answers."""

    def state_of(node: Node) -> str:
        try:
            return f"answers: its machine is {node.asked(found.buildctl).own}"
        except SetupError as error:
            return str(error).removeprefix(f"{node} of {NODES_VARIABLE} ")

    with ThreadPoolExecutor(max_workers=len(nodes.all)) as pool:
        states = pool.map(state_of, nodes.all)
        return _columns(
            [
                ("  " + ", ".join(node.platforms), node.daemon.address, state)
                for node, state in zip(nodes.all, states, strict=True)
            ]
        )


def _disk_use(state: State, running: Running | None, found: Tools, *, own: bool) -> list[str]:
    """The state folder, a line a part; a part that holds nothing is not told."""
    sizes = {
        name: usage.folder_size(state.root / folder)
        for name, folder in (("images", "registry"), ("tools", "tools"), ("packages", "mirror"))
        if (state.root / folder).exists()
    }
    if running and own:
        # to count its files would take longer
        cache = usage.cache_size(state, running, found)
    else:
        cache = usage.folder_size(state.root / "buildkit")
    total = _megabytes(sum(sizes.values()) + cache)
    limit = (
        f"  (at most {lifecycle.MAX_USED_SPACE}, {lifecycle.MIN_FREE_SPACE} of the disk stay free; "
        "less: buildkit-engine prune)"
    )
    return [
        f"state      {state.root} ({total})",
        f"  cache    {_megabytes(cache)}{limit}",
        *(f"  {name:8} {_megabytes(size)}" for name, size in sizes.items() if size),
    ]


def _base_images(state: State, running: Running, found: Tools) -> list[str]:
    if not running.stand_ins:
        return ["base images  from the usual registries"]
    mirror = Mirror(state, Crane(found.crane), running.registry, say=print)
    references = list(stand_ins(mirror.crane, running.registry))
    with ThreadPoolExecutor(max_workers=os.cpu_count()) as pool:
        targets = [Reference.parse(r).mirrored(running.registry) for r in references]
        platforms = [sorted(found) for found in pool.map(mirror.platforms, targets)]
    rows = [("  " + r, ", ".join(p)) for r, p in zip(references, platforms, strict=True)]
    return [
        "base images  stand-ins: the usual registries did not answer at start",
        *(_columns(rows) if rows else ()),
    ]


def stand_ins(crane: Crane, registry: str) -> Iterator[str]:
    """The references that the mirror stands in for."""
    for repository in crane.run("catalog", registry).split():
        host = repository.partition("/")[0]
        if host in lifecycle.MIRRORED_HOSTS:
            for tag in crane.run("ls", f"{registry}/{repository}").split():
                # what older versions left on the way to a tag
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


def _megabytes(size: int) -> str:
    return f"{size / 1_000_000:.1f} MB"
