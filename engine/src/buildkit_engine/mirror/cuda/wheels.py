"""NVIDIA's wheels: which, and how they are fetched by the machine's own pip."""

from __future__ import annotations

import sys
import zipfile
from dataclasses import dataclass
from typing import TYPE_CHECKING

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.programs import attempt, explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

_TOP = "nvidia/cu13/"
"""Below it, a wheel has the toolkit's own paths."""
_PLATFORMS = {"amd64": "manylinux2014_x86_64", "arm64": "manylinux2014_aarch64"}
"""By Debian's names; pip takes those for older systems as well."""
_PYTHON = "3.12"
"""The wheels are for any: it is only that pip wants one for another platform."""


@dataclass(frozen=True)
class Wheel:
    """One version of a distribution; `sha256` by Debian's name of the machine."""

    name: str
    version: str
    sha256: dict[str, str]


# of CUDA 13.2.1, which JetPack 7.2 has: the versions that NVIDIA's cuda-toolkit 13.2.1 asks for
WHEELS = {
    wheel.name: wheel
    for wheel in (
        Wheel(
            "nvidia-cuda-nvcc",
            "13.2.78",
            {
                "amd64": "c3bd144dd9b6b25e062589acb7bbd43d93d3120c72fad71da808f9817aba1239",
                "arm64": "dfc76950c775cd00ce588f15192f08c9b858c0dcfa7da685acf39a3d0d8f588b",
            },
        ),
        Wheel(
            "nvidia-nvvm",
            "13.2.78",
            {
                "amd64": "f5aa433631109bbdec81802c5b5f319bf10bc891fe2f212e4e445845211d6f77",
                "arm64": "88075f87a361a1dce95c799cabc028f7093af616a5702dcfb74eba4045dbbd5f",
            },
        ),
        Wheel(
            "nvidia-cuda-crt",
            "13.2.78",
            {
                "amd64": "2c8615ee30ed466cb6298ecb8ffe9e6ea8b252ca833206152d155750bf831608",
                "arm64": "3f5f1d7bf8a89e98f19f45a2f18bb5df99a806433bfb6f0bc487d9e8f4b3677b",
            },
        ),
        Wheel(
            "nvidia-cuda-runtime",
            "13.2.75",
            {
                "amd64": "72bf454902da594e0b833cadeddc8b7100ce1c7cf7ed9023943931be1aa913b7",
                "arm64": "36e539e8deb01568025830c1454216c26ef4b4529507220b1d8ef739bf5c6439",
            },
        ),
        Wheel(
            "nvidia-cuda-cccl",
            "13.2.75",
            {
                "amd64": "11a2b1948e8709805a0ccf04441baf5279a9219c13eb11dc13d57bb023151768",
                "arm64": "d3b4129c84a8b94ac09fc3042c98c71bd0821e140f0ae213b319a9a86506d781",
            },
        ),
        Wheel(
            "nvidia-cuda-culibos",
            "13.2.75",
            {
                "amd64": "8776414b1b55908db35fec2b2e0085b94f49879d904a382ccd43df0010150e6e",
                "arm64": "16caf5ffb6c6b6a9cf46e7551c1246b5ab8fdccc525715e5a74cadbe03cab60a",
            },
        ),
        Wheel(
            "nvidia-nvjpeg",
            "13.1.0.48",
            {
                "amd64": "605ad70cd040104d58535a7b42d1f6423845c43548b7ac841ec0bdbb8ac282b8",
                "arm64": "b4d4b7da5f6d2baa9ad42d6b4b3e55e3a203422e2f7bfa3fc21ba510afe01838",
            },
        ),
    )
}


@dataclass(frozen=True)
class Member:
    """A file of a wheel, by the toolkit's own path."""

    path: str
    mode: int
    data: bytes


def fetch(names: Iterable[str], machine: str, folder: Path) -> dict[str, Path]:
    """The wheels' files by their names, each with the checksum that is known here.

    Raises SetupError where pip cannot have them.
    """
    folder.mkdir(parents=True, exist_ok=True)
    wanted = [WHEELS[name] for name in sorted(names)]
    requirements = folder / "requirements.txt"
    requirements.write_text(
        "".join(f"{w.name}=={w.version} --hash=sha256:{w.sha256[machine]}\n" for w in wanted)
    )
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--no-input"]
    command += ["--disable-pip-version-check", "--only-binary=:all:", "--require-hashes"]
    command += ["--platform", _PLATFORMS[machine], "--python-version", _PYTHON]
    done = attempt([*command, "--dest", str(folder), "--requirement", str(requirements)])
    if done.returncode:
        raise SetupError(explained("pip download", done.stderr))
    return {
        w.name: next(folder.glob(f"{w.name.replace('-', '_')}-{w.version}-*.whl")) for w in wanted
    }


def members(wheel: Path) -> Iterator[Member]:
    """What of the toolkit is in a wheel, ordered by path."""
    with zipfile.ZipFile(wheel) as archive:
        for info in sorted(archive.infolist(), key=lambda each: each.filename):
            if info.filename.startswith(_TOP) and not info.is_dir():
                path = info.filename.removeprefix(_TOP)
                executable = info.external_attr >> 16 & 0o111
                yield Member(path, 0o755 if executable else 0o644, archive.read(info))


def license_of(wheel: Path) -> bytes:
    """NVIDIA's terms, as the wheel has them."""
    with zipfile.ZipFile(wheel) as archive:
        name = next(n for n in archive.namelist() if n.endswith(".dist-info/licenses/License.txt"))
        return archive.read(name)
