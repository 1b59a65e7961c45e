"""Programs and libraries: would the kernel and the loader take them?"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator
from typing import TYPE_CHECKING

from . import foreign, injected
from .found import Found
from .libraries import Loader
from .search import expanded

if TYPE_CHECKING:
    from .elf import Elf, Header
    from .image import Image

_GLIBC_LOADERS = "ld-linux"
_MUSL_LOADERS = "ld-musl"


def check(image: Image) -> Iterator[Found]:
    """Architecture, loader, libraries and symbol versions of every ELF file."""
    loader = Loader(image)
    reached: set[str] = set()
    fitting = []
    for header in image.of_base:
        yield from _architecture(image, header)
    yield from _foreign(image)
    for elf in image.own:
        wrong = [*_architecture(image, elf), *_arm_version(image, elf)]
        yield from wrong
        if not wrong:
            fitting.append(elf)
    if image.command:
        image.elf(image.command.path)  # the base's as well: it is what the image starts
    for path, reason in image.corrupt.items():
        yield Found(
            "corrupt-binary", path, f"an ELF file that cannot be read ({reason})", "a whole file",
            "Copy it again from where it was built; look for cut downloads and text-mode copies.",
        )  # fmt: skip
    for elf in fitting:
        yield from _rpath(loader, elf)
        if elf.interpreter and not elf.soname:
            yield from _interpreter(image, elf)
            # what is the same on every processor is told once
            yield from dict.fromkeys(_needs(loader, elf, reached))
    for elf in fitting:
        if elf.path not in reached and (elf.soname or not elf.interpreter):
            yield from _on_demand(loader, elf)


def _foreign(image: Image) -> Iterator[Found]:
    """Programs of other operating systems, where they are to be executed."""
    request = image.request
    for path, head in image.heads.items():
        entry = image.root.entries[path]
        if not foreign.is_alike(head) or not (entry.is_executable or image.is_command(path)):
            continue
        if seen := foreign.system(image.root.head(entry, foreign.HEAD)):
            expected = _kind(
                request.machines[0], request.bits, is_little_endian=request.is_little_endian
            )
            yield _wrong(image, path, seen, f"a Linux program for {expected}")


def _architecture(image: Image, elf: Header) -> Iterator[Found]:
    request = image.request
    own, *also = request.machines
    seen = _kind(elf.machine, elf.bits, is_little_endian=elf.is_little_endian)
    expected = _kind(own, request.bits, is_little_endian=request.is_little_endian)
    if elf.machine not in also and seen != expected:
        yield _wrong(image, elf.path, seen, expected)


def _arm_version(image: Image, elf: Elf) -> Iterator[Found]:
    most = image.request.arm_version
    if most and elf.arm_version > most:
        yield _wrong(image, elf.path, f"code for ARMv{elf.arm_version}", f"ARMv{most} at most")


def _wrong(image: Image, path: str, seen: str, expected: str) -> Found:
    platform = image.request.platform
    remedy = f"Compile it for {platform}, or copy it from an image of {platform}."
    return Found("wrong-architecture", path, seen, expected, remedy)


def _kind(machine: str, bits: int, *, is_little_endian: bool) -> str:
    """A machine as readers of `file` know it."""
    order = "little" if is_little_endian else "big"
    return f"{machine.removeprefix('EM_')} ({bits}-bit, {order}-endian)"


def _interpreter(image: Image, elf: Elf) -> Iterator[Found]:
    if image.root.file(elf.interpreter):
        return
    loaders = [
        posixpath.basename(path)
        for path in image.root.entries
        if posixpath.basename(path).startswith((_GLIBC_LOADERS, _MUSL_LOADERS))
    ]
    wants_musl = _MUSL_LOADERS in elf.interpreter
    if wants_musl and any(name.startswith(_GLIBC_LOADERS) for name in loaders):
        why = "a musl program on a glibc image"
    elif not wants_musl and any(name.startswith(_MUSL_LOADERS) for name in loaders):
        why = "a glibc program on a musl image"
    elif loaders:
        why = f"the image's loader is {loaders[0]}"
    else:
        why = "a dynamic program on an image without a libc"
    yield Found(
        "missing-interpreter",
        elf.path,
        f"{elf.interpreter} is missing: {why}",
        "a loader that is in the image",
        "Link it statically, or choose a base image with the libc that it was linked to.",
    )


def _needs(loader: Loader, program: Elf, reached: set[str]) -> Iterator[Found]:
    if not loader.image.root.file(program.interpreter):
        return  # without its loader it gets no further
    is_of_musl = bool(loader.musl(program))
    told: set[str] = set()
    for hwcaps in loader.processors(program):
        for by, name, library in loader.needs(program, hwcaps):
            if library is not None:
                reached.add(library.path)
                if not is_of_musl:  # musl's loader asks for symbols alone, whatever their versions
                    yield from _symbol_versions(by, name, library, program)
            elif not (name in told or _is_mounted(loader.image, name) or _is_loader(program, name)):
                told.add(name)
                remedy = "" if is_of_musl else _misplaced(loader, name)
                yield _missing(program.path, name, by.path, remedy)


def _on_demand(loader: Loader, library: Elf) -> Iterator[Found]:
    """A library that no program links to is loaded by its path, by whoever has loaded others."""
    for name in library.needed:
        if not loader.is_anywhere(name) and not _is_mounted(loader.image, name):
            yield _missing(library.path, name, library.path, "", is_certain=False)


def _misplaced(loader: Loader, name: str) -> str:
    """What to do for a library that is there, where glibc's loader does not look, or not always."""
    if loader.is_configured(name):
        return (
            "Its folder is in /etc/ld.so.conf, but the loader reads /etc/ld.so.cache alone: run "
            "ldconfig in the base image, set LD_LIBRARY_PATH or a RUNPATH, or put it into "
            f"/usr/lib/{loader.image.request.gnu_triple}."
        )
    if folder := loader.level_of(name):
        return (
            f"Only newer processors look into {folder}: put a build for every processor of "
            f"{loader.image.request.platform} beside glibc-hwcaps."
        )
    return ""


def _missing(path: str, name: str, by: str, remedy: str, *, is_certain: bool = True) -> Found:
    needed_by = "" if by == path else f", needed by {by}"
    return Found(
        "missing-library",
        path,
        f"{name} is missing{needed_by}",
        "every library that it needs",
        remedy or f"Copy {name} and what it needs into the image, or link it statically.",
        is_certain,
    )


def _symbol_versions(by: Elf, name: str, library: Elf, program: Elf) -> Iterator[Found]:
    if not library.defines_versions:
        return  # musl's have none: nothing can be said
    missing = [v for v in by.needs_versions.get(name, ()) if v not in library.defines_versions]
    if not missing:
        return
    family = missing[0].partition("_")[0]
    alike = (v for v in library.defines_versions if v.partition("_")[0] == family)
    newest = max((v for v in alike if v[-1:].isdigit()), key=_by_number, default="")
    through = "" if by.path == program.path else f" (through {by.path})"
    yield Found(
        "missing-symbol-version",
        program.path,
        f"needs {', '.join(missing)} of {name}{through}",
        f"{newest} at most, as {library.path} has it" if newest else f"one that {library.path} has",
        "Build it on a distribution no newer than the base image, or choose a newer base image.",
    )


def _by_number(version: str) -> tuple[int, ...]:
    _, _, number = version.rpartition("_")
    return tuple(int(part) for part in number.split(".") if part.isdigit())


def _rpath(loader: Loader, elf: Elf) -> Iterator[Found]:
    root = loader.image.root
    for folder in (*elf.rpath, *elf.runpath):
        if folder.startswith(("$ORIGIN", "${ORIGIN}")):
            continue
        places = expanded(elf, folder, loader)
        if not folder.startswith("/"):
            seen = f"'{folder}', which depends on where it is started"
        elif not any(root.resolve(p) for p in places) and not injected.is_folder(folder):
            seen = f"'{folder}', which is not in the image"
        else:
            continue
        yield Found(
            "foreign-rpath",
            elf.path,
            f"looks for libraries in {seen}",
            "$ORIGIN or folders of the image",
            "Link without -rpath, or set it with patchelf --set-rpath.",
        )


def _is_mounted(image: Image, name: str) -> bool:
    """The device has it."""
    return injected.is_library(name) or name in image.request.mounted


def _is_loader(program: Elf, name: str) -> bool:
    """The loader is loaded already, wherever it is."""
    return name == posixpath.basename(program.interpreter)
