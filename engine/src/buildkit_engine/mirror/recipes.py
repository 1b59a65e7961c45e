"""Which images can be stood in for, and from what. Data; `build` does the work."""

from __future__ import annotations

import difflib
import hashlib
import re
from dataclasses import astuple, dataclass, replace
from typing import TYPE_CHECKING, Literal

from buildkit_engine.buildkit.daemons import host_platform

if TYPE_CHECKING:
    from buildkit_engine.buildkit.references import Reference

LABEL = "dev.buildkit-engine.stand-in-for"
"""Says what an image stands in for; what is built on the image inherits it."""
UNPACKED_LABEL = "dev.buildkit-engine.stand-in-note"
UNPACKED_NOTE = "packages are unpacked, their scripts have not run"
_CODE = 5
"""Counts changes of how recipes are carried out: stand-ins that older code made are made anew."""
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


@dataclass(frozen=True)
class Architecture:
    """One platform by the names of those who publish for it."""

    debian: str
    go: str


ARCHITECTURES = {
    "linux/amd64": Architecture("amd64", "amd64"),
    "linux/arm64": Architecture("arm64", "arm64"),
    "linux/arm/v7": Architecture("armhf", "arm"),
    "linux/ppc64le": Architecture("ppc64el", "ppc64le"),
    "linux/s390x": Architecture("s390x", "s390x"),
}


@dataclass(frozen=True)
class Recipe:
    """How one image is made.

    `packages` are Debian's, of the release `suite`. A "debian" root has all that is essential
    besides: configured for the build host's own platform, unpacked for others. A "bare" one has
    exactly the packages; "data" is a bare one whose files are the same on every platform. `go` is a
    Go version. `trusts_as_here` is for images whose programs download: they have this machine's
    certificates. `tools` are programs of the engine's own, of its own versions, which are there for
    the build host's platform alone. `folders` and `links` are added, what `left_out` names is not.
    """

    repository: str
    tag: str
    suite: str
    packages: tuple[str, ...]
    root: Literal["debian", "bare", "data"] = "debian"
    platforms: tuple[str, ...] = tuple(ARCHITECTURES)
    go: str = ""
    trusts_as_here: bool = False
    tools: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()
    links: tuple[tuple[str, str], ...] = ()
    left_out: tuple[str, ...] = ()
    env: tuple[tuple[str, str], ...] = (("PATH", _PATH),)
    user: str = ""
    workdir: str = ""
    command: tuple[str, ...] = ("bash",)

    @property
    def reference(self) -> str:
        return f"{self.repository}:{self.tag}"

    @property
    def digest(self) -> str:
        """Another one for whatever would make another image, but for newer packages."""
        return hashlib.sha256(repr((_CODE, astuple(self))).encode()).hexdigest()[:16]


_STATIC = ("base-files", "ca-certificates", "media-types", "netbase", "tzdata")
_BASE = (*_STATIC, "libc6", "libssl3")
_CC = (*_BASE, "gcc-12-base", "libgcc-s1", "libgomp1", "libstdc++6")


def _distroless(name: str, tag: str, packages: tuple[str, ...]) -> Recipe:
    nonroot = tag == "nonroot"
    return Recipe(
        repository=f"gcr.io/distroless/{name}",
        tag=tag,
        # the name says it, whatever Debian the build host runs
        suite="bookworm",
        packages=packages,
        root="data" if packages is _STATIC else "bare",
        env=(("PATH", _PATH), ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")),
        user="65532" if nonroot else "0",
        workdir="/home/nonroot" if nonroot else "/",
        command=(),
        # a script: nothing there could follow its first line
        left_out=("usr/sbin/update-ca-certificates",),
    )


def _debian(suite: str) -> Recipe:
    return Recipe("docker.io/library/debian", f"{suite}-slim", suite, ("ca-certificates",))


def _ubuntu(version: str) -> Recipe:
    # whatever Ubuntu it is: programs that are built on one of them may run on another, and a newer
    # Debian has a newer libc than the oldest of them
    return Recipe("docker.io/library/ubuntu", version, "bookworm", ("ca-certificates",))


_L4T = Recipe(
    repository="nvcr.io/nvidia/l4t-base",
    tag="r32.7.1",
    suite="bookworm",
    packages=("ca-certificates",),
    # Jetsons alone
    platforms=("linux/arm64",),
)


def _python(version: str, suite: str, tag: str) -> Recipe:
    return Recipe(
        repository="docker.io/library/python",
        tag=tag,
        suite=suite,
        packages=("ca-certificates", "netbase", "python3", "python3-pip", "python3-venv", "tzdata"),
        # Debian's Python under the names, and with the habits, of the official image: its pip
        # installs into /usr/local, where nothing else is managed
        folders=(f"usr/local/lib/python{version}/dist-packages",),
        links=(
            *((f"usr/local/bin/{n}", "/usr/bin/python3") for n in ("python", "python3")),
            (f"usr/local/bin/python{version}", f"/usr/bin/python{version}"),
            *((f"usr/local/bin/{n}", "/usr/bin/pip3") for n in ("pip", "pip3")),
            (f"usr/local/lib/python{version}/site-packages", "dist-packages"),
        ),
        left_out=(f"usr/lib/python{version}/EXTERNALLY-MANAGED",),
        env=(("PATH", _PATH), ("LANG", "C.UTF-8")),
        command=("python3",),
    )


# the Python of each Debian release; tags without a release are taken as of the one that has it
_PYTHONS = {"3.11": "bookworm", "3.13": "trixie"}
_GOLANG = Recipe(
    repository="docker.io/library/golang",
    tag="",
    suite="bookworm",
    packages=("ca-certificates", "g++", "gcc", "git", "libc6-dev", "make", "pkg-config"),
    platforms=("linux/amd64", "linux/arm64", "linux/arm/v7"),
    env=(
        ("PATH", f"/go/bin:/usr/local/go/bin:{_PATH}"),
        ("GOTOOLCHAIN", "local"),
        ("GOPATH", "/go"),
    ),
    workdir="/go",
)
_RUST = Recipe(
    repository="docker.io/library/rust",
    tag="",
    suite="bookworm",
    packages=("ca-certificates", "g++", "gcc", "git", "libc6-dev", "make", "pkg-config"),
    platforms=("linux/amd64", "linux/arm64", "linux/arm/v7"),
    env=(("PATH", f"/usr/local/cargo/bin:{_PATH}"), ("CARGO_HOME", "/usr/local/cargo")),
    trusts_as_here=True,
)
# The versions of Rust that Debian 12 has: its own, and those that it builds browsers with. There is no
# rustup with them: what is compiled for other platforms takes the std of the same packages there.
_RUSTS = {
    # Debian numbers the cargo that came with it otherwise
    "1.63": ("rustc=1.63.*", "cargo", "libstd-rust-dev=1.63.*"),
    "1.85": ("rustc-web=1.85.*", "cargo-web=1.85.*", "libstd-rust-web-dev=1.85.*"),
    "1.96": ("rustc-web=1.96.*", "cargo-web=1.96.*", "libstd-rust-web-dev=1.96.*"),
}
TOOLS = "/ko-app"
"""Where images that ko has built have their program."""
_CRANE = Recipe(
    repository="gcr.io/go-containerregistry/crane",
    tag="v0.21.8",
    suite="bookworm",
    packages=_STATIC,
    root="data",
    platforms=(host_platform(),),
    tools=("crane",),
    env=(("PATH", f"{_PATH}:{TOOLS}"), ("SSL_CERT_FILE", "/etc/ssl/certs/ca-certificates.crt")),
    user="65532",
    command=(),
    left_out=("usr/sbin/update-ca-certificates",),
)
FIXED = (
    _CRANE,
    *(_debian(suite) for suite in ("bookworm", "trixie")),
    *(_ubuntu(version) for version in ("18.04", "20.04", "22.04", "24.04")),
    _L4T,
    *(
        _python(version, suite, tag)
        for version, suite in _PYTHONS.items()
        for tag in (f"{version}-slim", f"{version}-slim-{suite}")
    ),
    *(
        _distroless(name, tag, packages)
        for name, packages in (
            ("static-debian12", _STATIC),
            ("base-debian12", _BASE),
            ("cc-debian12", _CC),
        )
        for tag in ("latest", "nonroot")
    ),
)
USUAL = ("docker.io/library/debian:bookworm-slim", "gcr.io/distroless/static-debian12:nonroot")
"""What `mirror` makes when nothing is named: what most builds begin and end with."""
_RUST_TAG = re.compile(r"(\d+\.\d+)(?:\.0)?(?:-slim)?(?:-bookworm)?")
_GOLANG_TAG = re.compile(r"(\d+\.\d+(?:\.\d+)?)(?:-bookworm)?")


def recipe_for(reference: Reference) -> Recipe | None:
    """How to make what the tagged reference names; None where no stand-in is known."""
    for recipe in FIXED:
        if (reference.name, reference.tag) == (recipe.repository, recipe.tag):
            return recipe
    version = _GOLANG_TAG.fullmatch(reference.tag)
    if reference.name == _GOLANG.repository and version:
        return replace(_GOLANG, tag=reference.tag, go=version[1])
    version = _RUST_TAG.fullmatch(reference.tag)
    if reference.name == _RUST.repository and version and version[1] in _RUSTS:
        packages = (*_RUST.packages, *_RUSTS[version[1]])
        return replace(_RUST, tag=reference.tag, packages=packages)
    return None


def known() -> tuple[str, ...]:
    """What can be stood in for, for people to read."""
    return (
        f"{_GOLANG.repository}:VERSION-bookworm",
        *(f"{_RUST.repository}:{version}-bookworm" for version in _RUSTS),
        *(r.reference for r in FIXED),
    )


def nearest(reference: Reference) -> tuple[str, ...]:
    """What can be stood in for under this name; else what has a name like it; else everything."""
    same = tuple(name for name in known() if name.rpartition(":")[0] == reference.name)
    like = difflib.get_close_matches(f"{reference.name}:{reference.tag}", known(), n=3, cutoff=0.75)
    return same or tuple(like) or known()
