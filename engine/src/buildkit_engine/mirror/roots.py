"""Root filesystems as layers: tar files with fixed times, owners and order."""

from __future__ import annotations

import io
import json
import os
import shutil
import tarfile
from dataclasses import dataclass
from pathlib import Path

from buildkit_engine.buildkit.children import Children
from buildkit_engine.errors import SetupError

_HOST_CERTIFICATES = Path("/etc/ssl/certs/ca-certificates.crt")
_SLIM = ("/usr/share/doc/*", "/usr/share/man/*", "/usr/share/locale/*", "/usr/share/info/*")
_EXECUTABLE = ("bin", "pkg/tool")
_USERS = """\
root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
"""
_GROUPS = """\
root:x:0:
nobody:x:65534:
tty:x:5:
staff:x:50:
nonroot:x:65532:
"""


def bootstrapped(suite: str, packages: tuple[str, ...], target: Path) -> None:
    """Debian's smallest root of this machine's platform with `packages`, by mmdebstrap.

    It fetches from where the machine's own apt does, if that knows the suite, and apt verifies it.
    """
    command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(packages)}"]
    command += [f"--dpkgopt=path-exclude={pattern}" for pattern in _SLIM]
    sources = _sources(suite)
    mirror = ["-"] if sources else []
    # its folders are below the target's, which whoever made that removes
    env = {"SOURCE_DATE_EPOCH": "0", "TMPDIR": str(target.parent)}
    _run([*command, suite, str(target), *mirror], env, given=sources, prefix=_isolated())


def _isolated() -> tuple[str, ...]:
    """A prefix for root, whose mounts would be the machine's: they end with the command, and so
    does every process that it starts.
    """
    if os.geteuid() != 0:
        return ()
    return ("unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc")


def unpacked(packages: tuple[str, ...], target: Path, scratch: Path) -> None:
    """A root of data only, for programs that need no libc: packages unpacked, nothing executed.

    The packages hold the same files for every architecture.
    """
    downloads, root = scratch / "debs", scratch / "root"
    downloads.mkdir()
    root.mkdir()
    _run(["apt-get", "download", "-qq", *packages], {}, cwd=downloads)
    for deb in sorted(downloads.glob("*.deb")):
        _run(["dpkg-deb", "--extract", str(deb), str(root)], {})
    certificates = sorted(root.glob("usr/share/ca-certificates/mozilla/*.crt"))
    for pattern in _SLIM:
        shutil.rmtree(root / pattern.strip("/*"), ignore_errors=True)
    layer = Layer(target)
    layer.add_tree(root, "")
    layer.add_file("etc/passwd", _USERS.encode())
    layer.add_file("etc/group", _GROUPS.encode())
    layer.add_file(
        "etc/ssl/certs/ca-certificates.crt", b"".join(c.read_bytes() for c in certificates)
    )
    layer.add_folder("home/nonroot", mode=0o700, owner=65532)
    layer.add_folder("tmp", mode=0o1777)
    layer.close()


def go_toolchain(version: str, target: Path) -> str:
    """Go's own distribution at /usr/local/go, from the Go module that holds it.

    `version` may lack the patch: then the newest is taken. Returns the version that was.
    """
    go = shutil.which("go")
    if go is None:
        msg = "Go is not installed: stand-ins for golang images are made with it"
        raise SetupError(msg)
    arch = _run([go, "env", "GOHOSTARCH"], {}).strip()
    exact = _newest(go, version, arch)
    module = f"golang.org/toolchain@v0.0.1-go{exact}.linux-{arch}"
    found = json.loads(_run([go, "mod", "download", "-json", module], {}))
    layer = Layer(target)
    # modules are kept read-only and without executable bits
    layer.add_tree(Path(found["Dir"]), "usr/local/go", executable=_EXECUTABLE)
    layer.add_folder("go/bin", mode=0o777)
    layer.add_folder("go/src", mode=0o777)
    if _HOST_CERTIFICATES.exists():
        # what this machine trusts, its containers trust: closed networks have an authority of
        # their own in front of their module proxies
        layer.add_file("etc/ssl/certs/ca-certificates.crt", _HOST_CERTIFICATES.read_bytes())
    layer.close()
    return exact


def go_settings() -> tuple[tuple[str, str], ...]:
    """What the machine's go settings say of module proxies, where they are not Go's defaults.

    Without those that hold credentials: an image is no place for them.
    """
    go = shutil.which("go") or "go"
    changed = json.loads(_run([go, "env", "-json", "-changed"], {}))
    names = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOINSECURE")
    return tuple(
        (name, changed[name]) for name in names if changed.get(name) and "@" not in changed[name]
    )


def _newest(go: str, version: str, arch: str) -> str:
    if version.count(".") > 1:
        return version
    suffix = f".linux-{arch}"
    listed = _run([go, "list", "-m", "-versions", "golang.org/toolchain"], {}).split()
    patches = [
        int(patch)
        for v in listed
        if v.startswith(f"v0.0.1-go{version}.") and v.endswith(suffix)
        for patch in [v.removeprefix(f"v0.0.1-go{version}.").removesuffix(suffix)]
        if patch.isdigit()
    ]
    if not patches:
        raise SetupError(f"no Go toolchain '{version}' for linux/{arch} is published")
    return f"{version}.{max(patches)}"


@dataclass
class Layer:
    """A layer as a tar file: entries sorted as they come, times 0, owned by root."""

    path: Path

    def __post_init__(self) -> None:
        self._tar = tarfile.open(self.path, "w", format=tarfile.GNU_FORMAT)  # noqa: SIM115 - see close
        self._folders: set[str] = set()

    def add_tree(self, root: Path, prefix: str, executable: tuple[str, ...] = ()) -> None:
        """All below `root`. Where `executable` folders are named, all else is made readable and
        writable as an installation is, and the files below those folders may be executed.
        """
        for path in sorted(root.rglob("*")):
            relative = str(path.relative_to(root))
            info = self._tar.gettarinfo(path, arcname=f"{prefix}/{relative}".lstrip("/"))
            if executable:
                below = any(relative.startswith(f"{folder}/") for folder in executable)
                may_enter = info.isdir() or below
                info.mode = 0o755 if may_enter else 0o644
            if info.islnk():
                # hard links of the build host's own layout are no property of the image
                info.type, info.size, info.linkname = tarfile.REGTYPE, path.stat().st_size, ""
            if info.isfile():
                with path.open("rb") as data:
                    self._add(info, data)
            else:
                self._add(info, None)

    def add_file(self, name: str, data: bytes, mode: int = 0o644) -> None:
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), mode
        self._add(info, io.BytesIO(data))

    def add_folder(self, name: str, *, mode: int, owner: int = 0) -> None:
        info = tarfile.TarInfo(name)
        info.type, info.mode = tarfile.DIRTYPE, mode
        self._add(info, None, owner=owner)

    def close(self) -> None:
        self._tar.close()

    def _add(self, info: tarfile.TarInfo, data: io.IOBase | None, owner: int = 0) -> None:
        info.mtime = 0
        info.uid = info.gid = owner
        info.uname = info.gname = ""
        self._parents(info.name)
        self._folders.add(info.name)
        self._tar.addfile(info, data)  # type: ignore[arg-type]

    def _parents(self, name: str) -> None:
        for parent in reversed(Path(name).parents):
            folder = str(parent)
            if folder != "." and folder not in self._folders:
                self._folders.add(folder)
                info = tarfile.TarInfo(folder)
                info.type, info.mode = tarfile.DIRTYPE, 0o755
                self._tar.addfile(info)


def _sources(suite: str) -> str:
    """The machine's apt sources of a suite, its updates and security fixes; "" where it has none."""
    form = "$(CREATED_BY)|$(REPO_URI)|$(RELEASE)|$(COMPONENT)|$(SIGNED_BY)"
    lines = set()
    for target in _run(["apt-get", "indextargets", "--format", form], {}).splitlines():
        kind, uri, release, component, key = target.split("|")
        if kind == "Packages" and release in (suite, f"{suite}-updates", f"{suite}-security"):
            options = f"[signed-by={key}] " if key.startswith("/") else ""
            lines.add(f"deb {options}{uri} {release} {component}\n")
    return "".join(sorted(lines))


def _run(
    command: list[str],
    env: dict[str, str],
    cwd: Path | None = None,
    given: str | None = None,
    prefix: tuple[str, ...] = (),
) -> str:
    try:
        done = Children().run(
            [*prefix, *command], env={**os.environ, **env}, cwd=cwd or "/", given=given
        )
    except FileNotFoundError:
        msg = f"{command[0]} is not installed: stand-in images are made with it"
        raise SetupError(msg) from None
    if done.returncode:
        words = done.stderr.strip()[-1500:]
        raise SetupError(f"{command[0]} failed while a stand-in image was made: {words}")
    return done.stdout
