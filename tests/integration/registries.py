"""Real registries on loopback, and what is read back from them."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import signal
import socket
import socketserver
import subprocess
import tarfile
import threading
import time
import urllib.request
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from elftools.elf.dynamic import DynamicSegment
from elftools.elf.elffile import ELFFile

PUBLISHER, PASSWORD = "publisher", "correct"
# this user with this password, as htpasswd -B writes it
HTPASSWD = "publisher:$2b$05$L1PFs121Ima2teKW7pOYleGYrBW70MppI4blizGc2QF9ttUTCIdyi\n"
_OCI = "application/vnd.oci.image"
_KINDS = {
    "layer": f"{_OCI}.layer.v1.tar",
    "manifest": f"{_OCI}.manifest.v1+json",
    "config": f"{_OCI}.config.v1+json",
}
_DOCKER = {
    "layer": "application/vnd.docker.image.rootfs.diff.tar",
    "manifest": "application/vnd.docker.distribution.manifest.v2+json",
    "config": "application/vnd.docker.container.image.v1+json",
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@dataclass
class Registry:
    """The distribution project's registry, on a folder of its own."""

    program: str
    crane: str
    folder: Path
    port: int
    htpasswd: str = ""
    deletes: bool = False
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.port}"

    def start(self) -> None:
        config: dict[str, Any] = {
            "version": "0.1",
            "log": {"level": "error", "accesslog": {"disabled": True}},
            "storage": {
                "filesystem": {"rootdirectory": str(self.folder / "data")},
                "delete": {"enabled": self.deletes},
            },
            "http": {"addr": self.address},
        }
        if self.htpasswd:
            users = self.folder / "htpasswd"
            users.write_text(self.htpasswd)
            login = base64.b64encode(f"{PUBLISHER}:{PASSWORD}".encode()).decode()
            known = {"auths": {self.address: {"auth": login}}}
            (self.folder / "config.json").write_text(json.dumps(known))
            config["auth"] = {"htpasswd": {"realm": "test", "path": str(users)}}
        path = self.folder / "registry.yml"
        path.write_text(json.dumps(config))
        with (self.folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [self.program, "serve", str(path)], stdout=log, stderr=log
            )
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", self.port)).close()
            except OSError:
                time.sleep(0.02)
            else:
                return
        raise AssertionError((self.folder / "log").read_text())

    def stop(self, sig: int = signal.SIGTERM) -> None:
        if self._process is not None:
            os.kill(self._process.pid, sig)
            self._process.wait()
            self._process = None

    def tags(self, repository: str) -> list[str]:
        """The tags of a repository; none where it does not exist."""
        done = self._crane("ls", repository)
        return done.stdout.decode().split() if done.returncode == 0 else []

    def digest(self, reference: str) -> str:
        return self._checked("digest", reference).decode().strip()

    def index(self, reference: str) -> dict[str, Any]:
        return json.loads(self._checked("manifest", reference))

    def put_index(self, repository: str, tag: str, index: dict[str, Any]) -> None:
        """Writes a tag that names the index as it is given."""
        self._put_manifest(repository, tag, index)

    def size(self, reference: str) -> int:
        return len(self._checked("manifest", reference))

    def put_image(
        self,
        repository: str,
        platform: str,
        files: dict[str, bytes],
        *,
        tag: str = "",
        docker: bool = False,
        **configuration: Any,
    ) -> dict[str, Any]:
        """Writes an image of programs, by no tool; the entry that an index would have of it.

        Without a tag it has only its digest. `docker` is for media types of before OCI.
        """
        kinds = _DOCKER if docker else _KINDS
        packed = io.BytesIO()
        with tarfile.open(fileobj=packed, mode="w") as tar:
            for name, data in files.items():
                info = tarfile.TarInfo(name.lstrip("/"))
                info.size, info.mode = len(data), 0o755
                tar.addfile(info, io.BytesIO(data))
        of = dict(zip(("os", "architecture", "variant"), platform.split("/"), strict=False))
        layer = self._put_blob(repository, packed.getvalue(), kinds["layer"])
        config = {
            **of,
            "config": {"User": "65532", "Entrypoint": [next(iter(files))]},
            "rootfs": {"type": "layers", "diff_ids": [layer["digest"]]},
            **configuration,
        }
        manifest = {
            "schemaVersion": 2,
            "mediaType": kinds["manifest"],
            "config": self._put_blob(repository, json.dumps(config).encode(), kinds["config"]),
            "layers": [layer],
        }
        data = json.dumps(manifest).encode()
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        self._put_manifest(repository, tag or digest, manifest)
        return {
            "mediaType": manifest["mediaType"],
            "digest": digest,
            "size": len(data),
            "platform": of,
        }

    def put_attestation(self, repository: str, subject: str) -> dict[str, Any]:
        """Writes what says something of an image, as BuildKit does; its entry in an index."""
        entry = self.put_image(repository, "unknown/unknown", {"/statement": subject.encode()})
        kind = {"vnd.docker.reference.type": "attestation-manifest"}
        return {**entry, "annotations": {**kind, "vnd.docker.reference.digest": subject}}

    def put_images(
        self, repository: str, tag: str, *entries: dict[str, Any], **more: dict[str, str]
    ) -> None:
        """Writes a tag that names an index of images that are there already."""
        media_type = f"{_OCI.replace('image', 'image.index')}.v1+json"
        index = {"schemaVersion": 2, "mediaType": media_type, "manifests": list(entries), **more}
        self._put_manifest(repository, tag, index)

    def _put_manifest(self, repository: str, reference: str, manifest: dict[str, Any]) -> None:
        self._request(
            f"/v2/{self._name(repository)}/manifests/{reference}",
            "PUT",
            json.dumps(manifest).encode(),
            manifest["mediaType"],
        )

    def _put_blob(self, repository: str, data: bytes, media_type: str) -> dict[str, Any]:
        digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
        place = self._request(f"/v2/{self._name(repository)}/blobs/uploads/", "POST", b"", "")
        self._request(f"{place}&digest={digest}", "PUT", data, "application/octet-stream")
        return {"mediaType": media_type, "digest": digest, "size": len(data)}

    def _request(self, path: str, method: str, data: bytes, media_type: str) -> str:
        """Where the registry says that it goes on."""
        headers = {"Content-Type": media_type} if media_type else {}
        if self.htpasswd:
            login = f"{PUBLISHER}:{PASSWORD}".encode()
            headers["Authorization"] = f"Basic {base64.b64encode(login).decode()}"
        path = path.removeprefix(f"http://{self.address}")
        request = urllib.request.Request(
            f"http://{self.address}{path}", data=data, headers=headers, method=method
        )
        with urllib.request.urlopen(request) as answer:  # noqa: S310 - the address is http
            return answer.headers.get("Location", "")

    def _name(self, repository: str) -> str:
        return repository.removeprefix(f"{self.address}/")

    def platforms(self, reference: str) -> list[str]:
        """The platforms of an index, in its order."""
        found = [m["platform"] for m in self.index(reference)["manifests"]]
        return ["/".join(p[k] for k in ("os", "architecture", "variant") if k in p) for p in found]

    def config(self, reference: str, platform: str) -> dict[str, Any]:
        return json.loads(self._checked("config", reference, "--platform", platform))

    def files(self, reference: str, platform: str) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
        """Every file of one platform's image, read from its layers."""
        data = self._checked("export", reference, "-", "--platform", platform)
        with tarfile.open(fileobj=io.BytesIO(data)) as tar:
            return {
                m.name: (m, (tar.extractfile(m) or io.BytesIO()).read()) for m in tar if m.isfile()
            }

    def root(self, reference: str, platform: str, folder: Path) -> Path:
        """One platform's image, below a folder."""
        root = folder / "root"
        root.mkdir(parents=True)
        data = self._checked("export", reference, "-", "--platform", platform)
        subprocess.run(["tar", "-xpf", "-", "-C", root], input=data, check=True)
        return root

    def _checked(self, *arguments: str) -> bytes:
        done = self._crane(*arguments)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout

    def _crane(self, *arguments: str) -> subprocess.CompletedProcess[bytes]:
        env = {**os.environ, "DOCKER_CONFIG": str(self.folder)} if self.htpasswd else None
        return subprocess.run([self.crane, *arguments], env=env, capture_output=True, check=False)


def elf_machine(data: bytes) -> str:
    """The machine that an ELF file is for, as <elf.h> names it; "" for another kind of file."""
    if not data.startswith(b"\x7fELF"):
        return ""
    return str(ELFFile(io.BytesIO(data)).header["e_machine"])


def needed(data: bytes) -> set[str]:
    """The names of the libraries that an ELF file is loaded with."""
    [dynamic] = ELFFile(io.BytesIO(data)).iter_segments("PT_DYNAMIC")
    assert isinstance(dynamic, DynamicSegment)
    return {tag.needed for tag in dynamic.iter_tags() if tag.entry.d_tag == "DT_NEEDED"}


class CuttingProxy(socketserver.ThreadingTCPServer):
    """In front of a registry: passes all on, until it sees `trigger`; then it calls `cut`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, registry: Registry, trigger: bytes, cut: Any) -> None:
        super().__init__(("127.0.0.1", 0), _Pipe)
        self.registry, self.trigger, self.cut = registry, trigger, cut
        self.triggered = threading.Event()
        threading.Thread(target=self.serve_forever, args=(0.02,), daemon=True).start()

    @property
    def address(self) -> str:
        return f"127.0.0.1:{self.server_address[1]}"

    def close(self) -> None:
        self.shutdown()
        self.server_close()


class _Pipe(socketserver.BaseRequestHandler):
    server: CuttingProxy

    def handle(self) -> None:
        try:
            upstream = socket.create_connection(("127.0.0.1", self.server.registry.port))
        except OSError:
            return
        with upstream:
            back = threading.Thread(target=_copy, args=(upstream, self.request), daemon=True)
            back.start()
            while data := self._received():
                if self.server.trigger in data and not self.server.triggered.is_set():
                    self.server.triggered.set()
                    self.server.cut()
                    return
                try:
                    upstream.sendall(data)
                except OSError:
                    return

    def _received(self) -> bytes:
        try:
            return self.request.recv(65536)
        except OSError:
            return b""


def _copy(source: socket.socket, target: socket.socket) -> None:
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        return
