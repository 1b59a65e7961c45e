"""What apt reads of a repository: its packages, and the checksums of those lists, signed."""

from __future__ import annotations

import gzip
import hashlib
from email.utils import formatdate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.mirror.cuda.debs import Control
    from buildkit_engine.mirror.cuda.packages import Repository
    from buildkit_engine.mirror.cuda.signing import Signer

_ORIGIN = "buildkit-engine"
_LABEL = "stand-in for NVIDIA's packages"


def write(
    repository: Repository, debs: list[tuple[Control, Path]], root: Path, signer: Signer
) -> None:
    """The lists of a repository at `root`, whose packages are below it."""
    paragraphs = []
    for control, path in sorted(debs, key=lambda each: each[1]):
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        paragraphs.append(
            f"{control.text}Filename: {_below(path, root, repository)}\n"
            f"Size: {path.stat().st_size}\nSHA256: {digest}\n"
        )
    lists = "\n".join(paragraphs).encode()
    if repository.is_flat:
        top, folder = root, ""
    else:
        top = root / "dists" / repository.suite
        folder = f"{repository.component}/binary-{repository.machine}/"
    files = {
        f"{folder}Packages": lists,
        f"{folder}Packages.gz": gzip.compress(lists, mtime=0),
    }
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    release = _release(repository, files)
    (top / "Release").write_text(release)
    (top / "InRelease").write_text(signer.signed(release))


def _below(path: Path, root: Path, repository: Repository) -> str:
    name = str(path.relative_to(root))
    return f"./{name}" if repository.is_flat else name


def _release(repository: Repository, files: dict[str, bytes]) -> str:
    fields = {"Origin": _ORIGIN, "Label": _LABEL}
    if not repository.is_flat:
        fields |= {
            "Suite": repository.suite,
            "Codename": repository.suite,
            "Components": repository.component,
        }
    fields |= {"Architectures": repository.machine, "Date": formatdate(usegmt=True)}
    lines = [f"{name}: {value}" for name, value in fields.items()]
    lines.append("SHA256:")
    lines += [
        f" {hashlib.sha256(content).hexdigest()} {len(content)} {name}"
        for name, content in sorted(files.items())
    ]
    return "\n".join(lines) + "\n"
