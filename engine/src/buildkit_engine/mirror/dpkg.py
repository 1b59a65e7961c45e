"""What dpkg knows of packages that were unpacked without it.

Formats: dpkg's own manual, deb-control(5), deb-triggers(5), and what it writes below /var/lib/dpkg;
distroless images have a file a package below status.d, which scanners of images read.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

    from buildkit_engine.mirror.layers import Layer

_ROOT = "var/lib/dpkg"
_SCRIPTS = ("preinst", "postinst", "prerm", "postrm")
_KEPT = (*_SCRIPTS, "conffiles", "md5sums", "shlibs", "symbols", "triggers", "templates", "config")


@dataclass(frozen=True)
class Package:
    """One package: the files of its control archive, and the names of what it brings.

    The names begin with /, that of the root is /. ; `conffiles` are the settings among the files,
    with what is in each.
    """

    control: Mapping[str, bytes]
    names: tuple[str, ...]
    conffiles: Mapping[str, bytes]

    def field(self, name: str) -> str:
        """A field of its control file; "" where it has none."""
        found = re.search(rf"^{name}: *(.*)$", self.control["control"].decode(), re.MULTILINE)
        return found[1] if found else ""

    @property
    def name(self) -> str:
        """As dpkg names its files: with the architecture where several may be installed."""
        name = self.field("Package")
        is_same = self.field("Multi-Arch") == "same"
        return f"{name}:{self.field('Architecture')}" if is_same else name

    @property
    def status(self) -> str:
        """Its paragraph where it is installed."""
        first, _, rest = self.control["control"].decode().strip().partition("\n")
        text = f"{first}\nStatus: install ok installed\n{rest}\n"
        if self.conffiles:
            # the hash is of no secret, it tells whether somebody changed the file
            text += "Conffiles:\n" + "".join(
                f" {path} {hashlib.md5(data, usedforsecurity=False).hexdigest()}\n"
                for path, data in self.conffiles.items()
            )
        return text


def add_installed(packages: list[Package], layer: Layer) -> None:
    """The database of a Debian system in which the packages are installed."""
    layer.add_file(f"{_ROOT}/status", "\n".join(p.status for p in packages).encode())
    layer.add_file(f"{_ROOT}/info/format", b"1\n")
    layer.add_folder(f"{_ROOT}/updates", mode=0o755)
    # where it is missing, dpkg takes every trigger for activated
    layer.add_file(f"{_ROOT}/triggers/Unincorp", b"")
    interests: dict[str, list[str]] = defaultdict(list)
    for package in packages:
        info = f"{_ROOT}/info/{package.name}"
        layer.add_file(f"{info}.list", "".join(f"{name}\n" for name in package.names).encode())
        for name in _KEPT:
            if name in package.control:
                mode = 0o755 if name in _SCRIPTS else 0o644
                layer.add_file(f"{info}.{name}", package.control[name], mode=mode)
        for trigger, who in _interests(package):
            interests[trigger].append(who)
    for trigger, whose in interests.items():
        layer.add_file(f"{_ROOT}/triggers/{trigger}", "".join(f"{w}\n" for w in whose).encode())


def add_listed(packages: list[Package], architecture: str, layer: Layer) -> None:
    """The list that a distroless image has of its packages, for an architecture.

    Packages whose files are the same everywhere are taken from any architecture's.
    """
    for package in packages:
        text = re.sub(
            r"^Architecture: (?!all$).*$",
            f"Architecture: {architecture}",
            package.control["control"].decode(),
            flags=re.MULTILINE,
        )
        name = package.field("Package")
        layer.add_file(f"{_ROOT}/status.d/{name}", text.encode())
        layer.add_file(f"{_ROOT}/status.d/{name}.md5sums", package.control.get("md5sums", b""))


def _interests(package: Package) -> list[tuple[str, str]]:
    """In which triggers the package has an interest, as a file a trigger, and the line in it."""
    found = []
    for line in package.control.get("triggers", b"").decode().splitlines():
        kind, _, trigger = line.partition("#")[0].strip().partition(" ")
        trigger, noawait = trigger.strip(), "/noawait" if kind.endswith("-noawait") else ""
        if not kind.startswith("interest"):
            continue
        if trigger.startswith("/"):
            # one file for the triggers that are paths
            found.append(("File", f"{trigger} {package.name}{noawait}"))
        else:
            found.append((trigger, f"{package.name}{noawait}"))
    return found
