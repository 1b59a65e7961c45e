"""`up` and `down`: one BuildKit daemon and one registry on loopback for each state folder."""

from __future__ import annotations

import json
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.error import HTTPError, URLError
from urllib.request import urlopen

from buildkit_engine.buildkit import processes, tools
from buildkit_engine.buildkit.state import Running
from buildkit_engine.errors import SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.buildkit.tools import Tools

PREFERRED_REGISTRY_PORT = 5050
_USUAL_REGISTRIES = ("https://registry-1.docker.io/v2/", "https://gcr.io/v2/")
_PROBE_SECONDS = 2
_READY_SECONDS = 30
_LOG_TAIL = 1500
# all that the engine writes into its state folder: a folder with more in it is somebody's
_OWN = {
    "buildkit",
    "buildkitd.sock",
    "buildkitd.toml",
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
    "tools",
}
MIRRORED_HOSTS = ("docker.io", "gcr.io", "nvcr.io", "ghcr.io", "quay.io", "public.ecr.aws")


def up(state: State) -> tuple[Running, Tools]:
    """The running engine: reused where it answers, else started.

    Raises SetupError with the daemon's own last words where it does not start.
    """
    running = Running.load(state)
    found = tools.locate(state)
    if running and tools.built(found) and answers(state, running, found):
        return running, found
    found = tools.ensure(state)
    with state.locked("up"):
        running = Running.load(state)
        if running and answers(state, running, found):
            return running, found
        return _start(state, running, found), found


def down(state: State) -> bool:
    """Ends what `up` started; False where nothing ran. Caches and images stay."""
    running = Running.load(state)
    if running is None:
        return False
    with state.locked("up"):
        _end(running)
        Running.forget(state)
    return True


def clean(state: State) -> None:
    """`down`, and removes the state folder with all caches, images and tools."""
    down(state)
    if not state.root.exists():
        return
    foreign = {path.name for path in state.root.iterdir()} - _OWN
    if foreign:
        named = ", ".join(sorted(foreign)[:3])
        raise SetupError(
            f"{state.root} holds what is not the engine's ({named}): remove the engine's files by hand"
        )
    shutil.rmtree(state.root)


def answers(state: State, running: Running, found: Tools) -> bool:
    """True where this version's daemon and registry both run and listen."""
    return (
        processes.runs(running.daemon_pid, found.buildkitd)
        and processes.runs(running.registry_pid, found.registry)
        and processes.answers_unix(state.socket)
        and processes.answers_tcp(running.registry)
    )


def _end(running: Running) -> None:
    processes.end(running.daemon_pid, running.daemon)
    processes.end(running.registry_pid, running.registry_program)


def _start(state: State, before: Running | None, found: Tools) -> Running:
    if before:
        _end(before)
    port = int(before.registry.rsplit(":", 1)[1]) if before else PREFERRED_REGISTRY_PORT
    registry = f"127.0.0.1:{processes.free_port(port)}"
    stand_ins = before.stand_ins if before else not usual_registries_answer()
    running = Running(0, 0, registry, stand_ins, found.buildkitd, found.registry)
    try:
        running = replace(running, registry_pid=_start_registry(state, found, registry))
        # known before it is ready: whatever ends this process, the next one ends that
        running.save(state)
        return _with_daemon(state, found, running)
    except BaseException:
        _end(running)
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


def _start_registry(state: State, found: Tools, address: str) -> int:
    log = state.folder("logs") / "registry.log"
    config = state.folder() / "registry.yml"
    config.write_text(registry_config(address, state.folder("registry")))
    pid = processes.start([found.registry, "serve", str(config)], log=log)
    ready = processes.wait_until(
        lambda: processes.answers_tcp(address), pid=pid, seconds=_READY_SECONDS
    )
    if not ready:
        processes.end(pid, found.registry)
        raise SetupError(f"the registry did not start at {address}: {_tail(log)}")
    return pid


def _with_daemon(state: State, found: Tools, running: Running) -> Running:
    log = state.folder("logs") / "buildkitd.log"
    config = state.folder() / "buildkitd.toml"
    config.write_text(daemon_config(running.registry, stand_ins=running.stand_ins))
    state.socket.unlink(missing_ok=True)
    pid = processes.start(
        [
            found.buildkitd,
            f"--addr=unix://{state.socket}",
            f"--root={state.folder('buildkit')}",
            f"--config={config}",
            "--containerd-worker=false",
            "--oci-worker=true",
            # a step asks for it by name, as withExec(insecureRootCapabilities:) does
            "--allow-insecure-entitlement=security.insecure",
        ],
        log=log,
        # whole logs: a failed command's output is read from the progress
        env={"BUILDKIT_STEP_LOG_MAX_SIZE": "-1", "BUILDKIT_STEP_LOG_MAX_SPEED": "-1"},
    )
    running = replace(running, daemon_pid=pid)
    running.save(state)
    try:
        ready = processes.wait_until(
            lambda: _workers(found, state), pid=pid, seconds=_READY_SECONDS
        )
    except BaseException:
        processes.end(pid, found.buildkitd)
        raise
    if not ready:
        processes.end(pid, found.buildkitd)
        raise SetupError(f"buildkitd did not start: {_tail(log)}")
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


def daemon_config(registry: str, *, stand_ins: bool) -> str:
    """buildkitd.toml: the loopback registry over plain HTTP, and the mirror in front of others."""
    lines = [f'[registry."{registry}"]', "  http = true", "  insecure = true"]
    for host in MIRRORED_HOSTS if stand_ins else ():
        lines += [f'[registry."{host}"]', f'  mirrors = ["{registry}/{host}"]']
    return "\n".join(lines) + "\n"


def _workers(found: Tools, state: State) -> bool:
    if not processes.answers_unix(state.socket):
        return False
    command = [found.buildctl, "--addr", f"unix://{state.socket}", "debug", "workers"]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def _tail(log: Path) -> str:
    return log.read_text(errors="replace")[-_LOG_TAIL:].strip()
