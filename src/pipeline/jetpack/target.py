"""What a project asks of a JetPack, refused where it cannot be, and what follows from it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline.errors import ConfigError
from pipeline.jetpack import boards, lookup
from pipeline.jetpack.libraries import NAMES
from pipeline.jetpack.toolkits import TOOLKITS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from pipeline.jetpack.libraries import Library
    from pipeline.jetpack.releases import Release
    from pipeline.jetpack.toolkits import Toolkit

ARCHITECTURES_LABEL = "pipeline.cuda.architectures"
"""Label of an image that says which GPUs it is for: 87,110."""

_CAPABILITY = re.compile(r"(?:sm_|compute_)?(\d{1,2})\.?(\d)")


@dataclass(frozen=True)
class Target:
    """A release, and what of it a project uses."""

    release: Release
    jetpack: str
    """The JetPack that was asked for: 6.2."""
    architectures: tuple[int, ...]
    libraries: tuple[Library, ...]

    @property
    def dev_packages(self) -> tuple[str, ...]:
        """Packages for an arm64 container to compile in."""
        of_libraries = (package for library in self.libraries for package in library.dev)
        return tuple(dict.fromkeys((*self.release.toolkit.compiler, *of_libraries)))

    @property
    def runtime_packages(self) -> tuple[str, ...]:
        """Packages that the final image needs for these; none where the device mounts CUDA.

        What programs were linked to says the same from their side: `release.runtime_packages`.
        """
        if self.release.mounts_cuda:
            return ()
        return tuple(package for library in self.libraries for package in library.runtime)

    @property
    def cross_packages(self) -> tuple[str, ...]:
        """Packages for an amd64 builder with the target's headers and libraries.

        The package of the whole target comes first: it is enough for all but cuDNN and TensorRT.
        """
        return (
            *self.release.toolkit.builder.target,
            *(package for library in self.libraries for package in library.cross),
        )

    @property
    def without_cross(self) -> tuple[str, ...]:
        """Libraries for which no cross package is known: their files come from `dev_packages`."""
        return tuple(library.name for library in self.libraries if not library.cross)

    @property
    def cmake_architectures(self) -> str:
        return cmake_architectures(self.architectures)

    @property
    def nvcc_flags(self) -> tuple[str, ...]:
        """The same for nvcc itself."""
        return tuple(f"-gencode=arch=compute_{sm},code=sm_{sm}" for sm in self.architectures)

    @property
    def flavor(self) -> str:
        """A name for a flavor, and a suffix for tags: jp62."""
        return "jp" + self.jetpack.replace(".", "").replace("-", "")


def request(
    jetpack: str,
    architectures: Iterable[str] = (),
    libraries: Iterable[str] = (),
    board: str = "",
) -> Target:
    """What a project asks of a JetPack.

    jetpack: a JetPack, an L4T or a board, as `lookup.find` takes it. architectures: compute
    capabilities, 8.7, 87 or sm_87; those of the board, or else of all boards of the release, where
    none is given. libraries: of `libraries.NAMES`. board: where the release has several.
    Raises ConfigError, before anything is built, for what cannot be.
    """
    release, version = lookup.resolve(jetpack)
    named = lookup.board(board) if board else boards.named(jetpack)
    if named and named.name not in release.boards:
        raise ConfigError(
            f"Board '{board}' is not served by {_title(release, version)}, which is for "
            f"{' and '.join(release.boards)}: expected {lookup.served(named)}"
        )
    title = _title(release, version)
    chosen = tuple(
        _architecture(each, release, title)
        for each in _distinct("Architecture", architectures, capability)
    )
    for sm in chosen:
        if named and sm != named.architecture:
            raise ConfigError(
                f"sm_{sm} is not of board '{named.name}': expected sm_{named.architecture}"
            )
    if not chosen:
        chosen = (named.architecture,) if named else release.architectures
    found = tuple(
        _library(each, release.toolkit, title)
        for each in _distinct("Library", libraries, _library_name)
    )
    return Target(release, version, chosen, found)


def capability(written: str) -> int:
    """A compute capability without its point: 87 for 8.7, 87, sm_87 or compute_87.

    Raises ConfigError for what is none.
    """
    match = _CAPABILITY.fullmatch(written.strip().lower())
    if match is None:
        raise ConfigError(
            f"Architecture '{written}' is no compute capability: expected a form of 8.7, 87 or sm_87"
        )
    return int(match[1] + match[2])


def server_architectures(cuda: str, architectures: Iterable[str] = ()) -> tuple[int, ...]:
    """What to compile for on amd64 servers with a version of CUDA, 12.6.

    Raises ConfigError for what that CUDA cannot compile, and where nothing is given and no default
    is known.
    """
    toolkit = lookup.toolkit(cuda)
    written = _distinct("Architecture", architectures, capability)
    chosen = tuple(capability(each) for each in written)
    for sm in chosen:
        if sm not in toolkit.architectures:
            raise ConfigError(
                f"CUDA {toolkit.version} does not compile for sm_{sm}: expected one of "
                f"{_list(toolkit.architectures)}"
            )
    if not (chosen or toolkit.server_architectures):
        raise ConfigError(
            f"No architectures are given, and CUDA {toolkit.version} has no default: expected some "
            f"of {_list(toolkit.architectures)}"
        )
    return chosen or toolkit.server_architectures


def cmake_architectures(architectures: Sequence[int]) -> str:
    """CMAKE_CUDA_ARCHITECTURES for exactly these: 72-real;87-real.

    `-real` leaves out PTX, which a device's driver would have to compile when the program starts.
    """
    return ";".join(f"{sm}-real" for sm in architectures)


def labelled_architectures(label: str) -> tuple[int, ...]:
    """The GPUs that an image says it is for, 87 for sm_87; none where the label is no such list."""
    words = label.split(",")
    return tuple(int(word) for word in words) if all(map(str.isdecimal, words)) else ()


def _architecture(written: str, release: Release, title: str) -> int:
    sm = capability(written)
    if sm in release.architectures:
        return sm
    cuda = release.toolkit
    if sm in cuda.architectures:
        reason = f"sm_{sm} is of no board of {title}"
    else:
        low, high = min(cuda.architectures), max(cuda.architectures)
        reason = (
            f"sm_{sm} cannot be compiled by CUDA {cuda.version} of {title}, "
            f"which knows sm_{low} to sm_{high}"
        )
    other = boards.of_architecture(sm)
    if other is None:
        hint = "no Jetson has it"
    elif sm == other.former_architecture:
        hint = f"{other.title} is sm_{other.architecture} since CUDA 13"
    else:
        hint = f"for {other.title} take {lookup.served(other)}"
    raise ConfigError(f"{reason}: expected {_list(release.architectures)}; {hint}")


def _library(written: str, toolkit: Toolkit, title: str) -> Library:
    name = _library_name(written)
    if library := toolkit.library(name):
        return library
    accepted = f"expected one of {', '.join(each.name for each in toolkit.libraries)}"
    if name not in NAMES:
        near = lookup.nearest(name, NAMES)
        offer = f" (nearest: {', '.join(near)})" if near else ""
        raise ConfigError(f"Library '{written}' is not known{offer}: {accepted}")
    versions = dict.fromkeys(each.version for each in TOOLKITS if each.library(name))
    raise ConfigError(
        f"Library '{written}' is not in CUDA {toolkit.version} of {title} "
        f"(it is in {', '.join(versions)}): {accepted}"
    )


def _library_name(written: str) -> str:
    return written.strip().lower()


def _distinct(kind: str, written: Iterable[str], key: Callable[[str], object]) -> list[str]:
    """What is written, unless two of it are the same thing."""
    seen: dict[object, str] = {}
    for each in written:
        if (same := key(each)) in seen:
            raise ConfigError(
                f"{kind} '{each}' is given twice (as '{seen[same]}' before): name each once"
            )
        seen[same] = each
    return list(seen.values())


def _title(release: Release, version: str) -> str:
    return f"JetPack {version} (L4T {release.suite})"


def _list(architectures: Iterable[int]) -> str:
    return ", ".join(f"sm_{sm}" for sm in architectures)
