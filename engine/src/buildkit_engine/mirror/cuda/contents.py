"""What is in each package: files of wheels, at the places where NVIDIA's packages have them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.cuda import packages, stubs, wheels
from buildkit_engine.mirror.cuda.debs import Control
from buildkit_engine.mirror.cuda.packages import CONFIG, DRIVER, ROOT, TARGETS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from buildkit_engine.mirror.cuda.packages import Package, Repository
    from buildkit_engine.mirror.layers import Layer

_PROFILE = "bin/nvcc.profile"
# a wheel has the files of one machine and names their folder itself; in a package, nvcc chooses it,
# by -target-dir where that is given: the words are those of the wheel of 13.0
_PROFILE_CHANGES = (
    ('"-I$(TOP)/include"', '"-I$(TOP)/$(_TARGET_DIR_)/include"'),
    ('"$(TOP)/include/cccl"', '"$(TOP)/$(_TARGET_DIR_)/include/cccl"'),
    (
        '"-L$(TOP)/lib/stubs" "-L$(TOP)/lib"',
        '"-L$(TOP)/$(_TARGET_DIR_)/lib/stubs" "-L$(TOP)/$(_TARGET_DIR_)/lib"',
    ),
)
_ALTERNATIVES = ("/usr/local/cuda cuda", "/usr/local/cuda-13 cuda-13")
_PRIORITY = 132


@dataclass(frozen=True)
class Content:
    """One package of one repository: where it is there, what it says, what is in it."""

    repository: Repository
    path: str
    control: Control
    fill: Callable[[Layer], None]


def every(found: dict[str, dict[str, Path]]) -> Iterator[Content]:
    """The packages of all repositories, of wheels by machine and name."""
    for repository in packages.REPOSITORIES.values():
        for package in packages.PACKAGES:
            yield _content(package, repository, found[repository.machine])


def _content(package: Package, repository: Repository, found: dict[str, Path]) -> Content:
    machine = repository.machine
    control = _control(
        package.name,
        package.full_version,
        machine,
        f"{package.title} (stand-in for NVIDIA's package)",
        package.depends,
        section=package.section,
        scripts=_scripts() if package.name == CONFIG else {},
    )
    name = control.file_name
    folder = "" if repository.is_flat else f"pool/main/{name[0]}/{package.name}/"

    def fill(layer: Layer) -> None:
        add(package, machine, found, layer)
        if package.wheel:
            terms = wheels.license_of(found[package.wheel])
            layer.add_file(f"usr/share/doc/{package.name}/copyright", terms)

    return Content(repository, folder + name, control, fill)


def add(package: Package, machine: str, found: dict[str, Path], layer: Layer) -> None:
    """Adds a package's files for a machine, of wheels by name."""
    target = f"targets/{TARGETS[machine]}"
    if package.members:
        for member in wheels.members(found[package.wheel]):
            if place := _place(package, member.path):
                data = _profile(member.data) if member.path == _PROFILE else member.data
                layer.add_file(f"{ROOT}/{place.format(target=target)}", data, member.mode)
    if package.name == DRIVER:
        names = stubs.functions(_driver_header(found[package.wheel]))
        layer.add_file(
            f"{ROOT}/{target}/lib/stubs/libcuda.so", stubs.library(machine, names), mode=0o755
        )
    for name, to in package.links:
        layer.add_link(f"{ROOT}/{name.format(target=target)}", to.format(target=target))
    if package.name == CONFIG:
        libraries = f"/usr/local/cuda/{target}/lib\n"
        layer.add_file("etc/ld.so.conf.d/000_cuda.conf", libraries.encode())


def _place(package: Package, path: str) -> str:
    for beginning, place in package.members:
        if path.startswith(beginning):
            return place + path.removeprefix(beginning)
    return ""


def _profile(data: bytes) -> bytes:
    text = data.decode()
    for old, new in _PROFILE_CHANGES:
        if old not in text:
            raise SetupError(
                f"nvcc.profile of NVIDIA's wheel has no {old}: its version is not known"
            )
        text = text.replace(old, new)
    return text.encode()


def _driver_header(wheel: Path) -> str:
    return next(m.data.decode() for m in wheels.members(wheel) if m.path == "include/cuda.h")


def _control(
    name: str,
    version: str,
    machine: str,
    title: str,
    depends: tuple[str, ...],
    *,
    section: str = "devel",
    scripts: dict[str, str] | None = None,
) -> Control:
    fields = {
        "Package": name,
        "Version": version,
        "Architecture": machine,
        "Maintainer": "buildkit-engine",
        "Section": section,
        "Priority": "optional",
        "Multi-Arch": "foreign" if machine == "all" else "",
        "Depends": ", ".join(depends),
        "Description": title,
    }
    return Control(fields, scripts or {})


def _scripts() -> dict[str, str]:
    """What makes /usr/local/cuda lead to this version."""
    install = "\n".join(
        f"update-alternatives --install {each} /{ROOT} {_PRIORITY}" for each in _ALTERNATIVES
    )
    remove = "\n".join(
        f"update-alternatives --remove {each.split()[1]} /{ROOT}" for each in _ALTERNATIVES
    )
    return {
        "postinst": f"#!/bin/sh\nset -e\n{install}\nldconfig\n",
        "prerm": f"#!/bin/sh\nset -e\n{remove}\n",
    }
