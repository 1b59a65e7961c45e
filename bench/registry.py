"""The registry that all rivals push to: it can be emptied, and says what it has been given."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

from buildkit_engine.buildkit import lifecycle, processes

_READY_SECONDS = 30
_MANIFESTS = (
    "application/vnd.oci.image.index.v1+json, application/vnd.oci.image.manifest.v1+json, "
    "application/vnd.docker.distribution.manifest.list.v2+json, "
    "application/vnd.docker.distribution.manifest.v2+json"
)


class PushRegistry:
    """The distribution project's registry on loopback, with a folder of its own."""

    def __init__(self, program: str, folder: Path) -> None:
        self._program, self._folder = program, folder
        self._pid = 0
        self.address = f"127.0.0.1:{processes.free_port(0)}"

    def __enter__(self) -> PushRegistry:
        self.empty()
        return self

    def __exit__(self, *_: object) -> None:
        processes.end(self._pid, self._program)

    def empty(self) -> None:
        """Starts it anew at the same address, with nothing in it."""
        processes.end(self._pid, self._program)
        shutil.rmtree(self._folder, ignore_errors=True)
        self._folder.mkdir(parents=True)
        config = self._folder / "registry.yml"
        config.write_text(lifecycle.registry_config(self.address, self._folder / "data"))
        log = self._folder / "log"
        self._pid = processes.start([self._program, "serve", str(config)], log=log)
        ready = processes.wait_until(
            lambda: processes.answers_tcp(self.address), pid=self._pid, seconds=_READY_SECONDS
        )
        if not ready:
            raise OSError(f"the registry did not start at {self.address}: {log.read_text()}")

    def stored(self) -> int:
        """Bytes of all blobs and manifests; what two images share counts once."""
        blobs = self._folder / "data" / "docker" / "registry" / "v2" / "blobs"
        return sum(path.stat().st_size for path in blobs.glob("sha256/*/*/data"))

    def platforms(self, name: str) -> set[str]:
        """The platforms of what the tag `latest` of a repository names."""
        found = self._json(f"{name}/manifests/latest")
        if "manifests" in found:
            parts = [m["platform"] for m in found["manifests"]]
        else:
            parts = [self._json(f"{name}/blobs/{found['config']['digest']}")]
        return {
            "/".join(p[k] for k in ("os", "architecture", "variant") if p.get(k)) for p in parts
        }

    def _json(self, path: str) -> dict[str, Any]:
        address = f"http://{self.address}/v2/{path}"
        request = Request(address, headers={"Accept": _MANIFESTS})  # noqa: S310 - it is http
        with urlopen(request) as answer:  # noqa: S310 - the same
            return json.load(answer)
