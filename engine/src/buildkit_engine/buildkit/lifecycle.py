"""`up` and `down`: one BuildKit daemon and one registry on loopback for each state folder."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from buildkit_engine.buildkit import (
    forkserver,
    interrupts,
    leftovers,
    processes,
    tools,
    webserver,
)
from buildkit_engine.buildkit.daemons import HOST_VARIABLE, Daemon
from buildkit_engine.buildkit.nodes import Nodes
from buildkit_engine.buildkit.state import Running, telling_of_the_disk
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.buildkit.tools import Tools

PREFERRED_REGISTRY_PORT = 5050
_USUAL_REGISTRIES = ("https://registry-1.docker.io/v2/", "https://gcr.io/v2/")
_PROBE_SECONDS = 2
_READY_SECONDS = 120
_MOST_WORDS = 500
_LOGGED = re.compile(r'\b(?:msg|err(?:or)?)="((?:[^"\\]|\\.)*)"')
# the cache keeps this much whatever happens, is never larger than that, and leaves some of the
# disk free: BuildKit's own limit is most of the disk
RESERVED_SPACE, MAX_USED_SPACE, MIN_FREE_SPACE = "2GB", "20GB", "10%"
# all that the engine writes into its state folder: a folder with more in it is somebody's
_OWN = {
    "buildkit",
    "buildkitd.sock",
    "buildkitd.toml",
    "configs",
    "environments",
    "forks",
    "freeze",
    "locks",
    "logs",
    "mirror",
    "registrations",
    "registry",
    "registry.yml",
    "running.json",
    "schema",
    "secret-salt",
    "sessions",
    "shim",
    "tmp",
    "tools",
    "traces.sock",
}
MIRRORED_HOSTS = ("docker.io", "gcr.io", "nvcr.io", "ghcr.io", "quay.io", "public.ecr.aws")


def up(state: State) -> tuple[Running, Tools]:
    """The running engine: reused where it answers, else started.

    Raises SetupError with the daemon's own last words where it does not start.
    """
    with telling_of_the_disk(state):
        return _up(state, Nodes.chosen() or Daemon.chosen(state))


def _up(state: State, daemon: Daemon | Nodes | None) -> tuple[Running, Tools]:
    running, found = Running.load(state), tools.locate(state)
    if not tools.built(found) or not (running and answers(state, running, found, daemon)):
        found = tools.ensure(state, for_containers=daemon is None)
        with state.locked("up"):
            running = Running.load(state)
            if not (running and answers(state, running, found, daemon)):
                running = _start(state, running, found, daemon)
    if daemon is None:
        return running, found
    # with a daemon of the user's own there are no stand-ins
    registry = running.registry if daemon.reaches_this_machine else ""
    running = replace(running, registry=registry, stand_ins=False)
    if isinstance(daemon, Daemon):
        daemon.check(found)
        return replace(running, address=daemon.address), found
    nodes = daemon.asked(found)
    for platform in {node.own for node in nodes}:
        tools.ensure_shim(state, platform)
    return replace(running, address=nodes[0].daemon.address, nodes=nodes), found


def down(state: State) -> bool:
    """Ends what `up` started; False where nothing ran. Caches and images stay."""
    if not state.root.exists():
        return False
    with telling_of_the_disk(state), state.locked("up"):
        running = Running.load(state)
        if running:
            _end(running)
        # a record may be lost where the processes are not
        unknown = leftovers.end_services(state) + webserver.end(state.root)
        unknown += forkserver.end(state.forks)
        leftovers.remove(state)
        Running.forget(state)
    return running is not None or unknown > 0


def clean(state: State) -> None:
    """`down`, and removes the state folder with all caches, images and tools."""
    if not state.root.exists():
        return
    foreign = {path.name for path in state.root.iterdir()} - _OWN
    if foreign:
        named = ", ".join(sorted(foreign)[:3])
        raise SetupError(
            f"{state.root} holds what is not the engine's ({named}): remove the engine's files by hand"
        )
    down(state)
    with telling_of_the_disk(state):
        shutil.rmtree(state.root)


def answers(
    state: State, running: Running, found: Tools, daemon: Daemon | Nodes | None = None
) -> bool:
    """True where all that is needed runs and listens: this version's daemon, unless there is one
    of the user's own, and this version's registry, unless that daemon cannot reach it.
    """
    needs_registry = daemon is None or daemon.reaches_this_machine
    return (daemon is not None or _daemon_answers(state, running, found)) and (
        not needs_registry or _registry_answers(running, found)
    )


def _daemon_answers(state: State, running: Running, found: Tools) -> bool:
    runs = processes.runs(running.daemon_pid, found.buildkitd)
    return runs and processes.answers_unix(state.socket)


def _registry_answers(running: Running, found: Tools) -> bool:
    runs = processes.runs(running.registry_pid, found.registry)
    return runs and processes.answers_tcp(running.registry)


def _end(running: Running) -> None:
    processes.end(running.daemon_pid, running.daemon)
    processes.end(running.registry_pid, running.registry_program)


def _start(
    state: State, before: Running | None, found: Tools, daemon: Daemon | Nodes | None
) -> Running:
    """Starts what does not answer; what does is left alone, with the solves that it is at."""
    running = before or Running(0, 0, "", stand_ins=False, decided=False)
    if daemon and not daemon.reaches_this_machine:
        return running
    if daemon is None and os.geteuid() != 0:
        msg = (
            "BuildKit's daemon needs root: run buildkit-engine as root, or name a daemon of your "
            f"own with {HOST_VARIABLE}"
        )
        raise SetupError(msg)
    try:
        if not _registry_answers(running, found):
            running = _with_registry(state, found, running)
        same_registry = before is not None and before.registry == running.registry
        if daemon is not None or (same_registry and _daemon_answers(state, running, found)):
            return running
        processes.end(running.daemon_pid, running.daemon)
        leftovers.end_services(state, keep=running.registry_pid)
        leftovers.remove(state)
        if not running.decided:
            running = replace(running, stand_ins=not usual_registries_answer(), decided=True)
        return _with_daemon(state, found, running)
    except BaseException:
        # all of it: what is half started would be taken for whole
        _end(Running.load(state) or running)
        Running.forget(state)
        raise


def usual_registries_answer() -> bool:
    """Whether base images can be had from where they are usually had; 2 s at most."""

    def answers_http(url: str) -> bool:
        try:
            urlopen(url, timeout=_PROBE_SECONDS).close()  # noqa: S310 - both addresses are https
        except HTTPError:
            return True  # 401: it answers, and asks who is there
        except (URLError, OSError):
            return False
        return True

    pool = ThreadPoolExecutor(len(_USUAL_REGISTRIES))
    probes = [pool.submit(answers_http, url) for url in _USUAL_REGISTRIES]
    pool.shutdown(wait=False)
    try:
        return all(probe.result(timeout=_PROBE_SECONDS) for probe in probes)
    except TimeoutError:
        return False


def _with_registry(state: State, found: Tools, running: Running) -> Running:
    """The registry at its port, or at another where somebody else has taken that."""
    processes.end(running.registry_pid, running.registry_program)
    leftovers.end_services(state, keep=running.daemon_pid)
    port = int(running.registry.rpartition(":")[2] or PREFERRED_REGISTRY_PORT)
    address = f"127.0.0.1:{processes.free_port(port)}"
    log = state.folder("logs") / "registry.log"
    config = state.folder() / "registry.yml"
    config.write_text(registry_config(address, state.folder("registry")))
    # known before it is ready: whatever ends this process, the next one ends that
    with interrupts.held():
        pid = processes.start([found.registry, "serve", str(config)], log=log)
        running = replace(
            running, registry=address, registry_pid=pid, registry_program=found.registry
        )
        running.save(state)
    ready = processes.wait_until(
        lambda: processes.answers_tcp(address), pid=pid, seconds=_READY_SECONDS
    )
    if not ready:
        raise SetupError(f"the registry did not start at {address}: {_last_words(log)}")
    return running


def _with_daemon(state: State, found: Tools, running: Running) -> Running:
    log = state.folder("logs") / "buildkitd.log"
    config = state.folder() / "buildkitd.toml"
    config.write_text(daemon_config(state, running.registry, stand_ins=running.stand_ins))
    state.socket.unlink(missing_ok=True)
    command = [
        found.buildkitd,
        f"--addr=unix://{state.socket}",
        f"--root={state.folder('buildkit')}",
        f"--config={config}",
        "--containerd-worker=false",
        "--oci-worker=true",
        # a step asks for it by name, as withExec(insecureRootCapabilities:) does
        "--allow-insecure-entitlement=security.insecure",
    ]
    env = {
        # whole logs: a failed command's output is read from the progress
        "BUILDKIT_STEP_LOG_MAX_SIZE": "-1",
        "BUILDKIT_STEP_LOG_MAX_SPEED": "-1",
        "TMPDIR": str(state.temporary),
    }
    with interrupts.held():
        pid = processes.start(command, log=log, env=env)
        running = replace(running, daemon_pid=pid, daemon=found.buildkitd)
        running.save(state)
    ready = processes.wait_until(lambda: _workers(found, state), pid=pid, seconds=_READY_SECONDS)
    if not ready:
        raise SetupError(f"buildkitd did not start: {_last_words(log)}")
    return running


def registry_config(address: str, storage: Path) -> str:
    """The registry's configuration, in JSON: which is YAML as well."""
    config = {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(storage)},
            "delete": {"enabled": True},
        },
        "http": {"addr": address},
    }
    return json.dumps(config, indent=2)


def daemon_config(state: State, registry: str, *, stand_ins: bool) -> str:
    """buildkitd.toml: the loopback registry over plain HTTP, the mirror in front of others, a
    socket of its own for traces, and how much the cache may grow.
    """
    lines = [f'[registry."{registry}"]', "  http = true", "  insecure = true"]
    for host in MIRRORED_HOSTS if stand_ins else ():
        lines += [f'[registry."{host}"]', f'  mirrors = ["{registry}/{host}"]']
    # by default all daemons of a machine listen at one path: each takes it from the one before,
    # and of two that start at once, one fails
    lines += ["[otel]", f'  socketPath = "{state.trace_socket}"']
    # sources that were copied in are the easiest to have again; all else, cache volumes too, goes
    # by its last use once there is more of it than this
    lines += [
        "[worker.oci]",
        f'  defaultCgroupParent = "{leftovers.cgroup(state)}"',
        "  gc = true",
        "  [[worker.oci.gcpolicy]]",
        '    filters = ["type==source.local", "type==source.git.checkout"]',
        '    keepDuration = "48h"',
        '    maxUsedSpace = "1GB"',
        "  [[worker.oci.gcpolicy]]",
        "    all = true",
        f'    reservedSpace = "{RESERVED_SPACE}"',
        f'    maxUsedSpace = "{MAX_USED_SPACE}"',
        f'    minFreeSpace = "{MIN_FREE_SPACE}"',
    ]
    return "\n".join(lines) + "\n"


def _workers(found: Tools, state: State) -> bool:
    if not processes.answers_unix(state.socket):
        return False
    command = [found.buildctl, "--addr", f"unix://{state.socket}", "debug", "workers"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _last_words(log: Path) -> str:
    """The last line that a program wrote, without what its logger puts around it."""
    lines = log.read_text(errors="replace").strip().splitlines()
    last = lines[-1] if lines else "it said nothing"
    message = _LOGGED.search(last)
    return (message[1] if message else last).removeprefix("buildkitd: ")[:_MOST_WORDS]
