"""The GPUs of JetPack 4, whose CUDA no wheel has: a kernel of the example is compiled for them.

nvcc is that of Debian (non-free), CUDA 11.8, the last that knows sm_53. It proves the flags and the
kernel: what it makes is for a newer driver than JetPack 4 has.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from buildkit_engine.buildkit.state import State
from buildkit_engine.mirror import apt
from pipeline import jetpack
from tests.integration.conftest import ROOT
from tests.integration.devicecode import device_code
from tests.integration.registries import elf_machine

SOURCES = ROOT / "examples" / "cuda-app" / "src"
COMPILER = "aarch64-linux-gnu-g++-11"
"""The newest that nvcc of 11.8 takes."""
HEADERS = ("nvidia-cuda-runtime-cu11==11.8.89", "nvidia-cuda-nvcc-cu11==11.8.89")
TOOLS = "/usr/lib/nvidia-cuda-toolkit/bin"

pytestmark = [
    pytest.mark.long,
    pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root"),
]


@pytest.fixture(scope="module")
def root(tmp_path_factory) -> Path:
    """A root with nvcc and the cross compiler; nothing of it is installed on this machine."""
    folder = tmp_path_factory.mktemp("cuda-11")
    own = apt.sources("bookworm")
    if not own:
        pytest.skip("this machine's apt has no source of Debian packages")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(apt, "sources", lambda _: own.replace(" main", " main contrib non-free"))
        archive = apt.Archive(State(folder / "state"), "bookworm", "amd64", print)
        # by itself: with its dependencies come gigabytes of libraries
        debs = archive.alone(("nvidia-cuda-toolkit",))
        debs += archive.with_dependencies(("g++-11-aarch64-linux-gnu", "coreutils", "dash"))
    made = folder / "root"
    (made / "tmp").mkdir(parents=True)
    for deb in debs:
        subprocess.run(["dpkg-deb", "--extract", deb, made], check=True, timeout=120)
    for wheel in _wheels(folder / "wheels"):
        with zipfile.ZipFile(wheel) as packed:
            packed.extractall(made, [n for n in packed.namelist() if "/include/" in n])
    shutil.copytree(SOURCES, made / "src")
    return made


def _wheels(folder: Path) -> list[Path]:
    kinds = [f"--platform={kind}_x86_64" for kind in ("manylinux1", "manylinux2014")]
    pip = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", f"--dest={folder}"]
    subprocess.run([*pip, "--only-binary=:all:", *kinds, *HEADERS], check=True, timeout=300)
    return sorted(folder.glob("*.whl"))


def test_a_kernel_is_compiled_for_every_board_of_jetpack_4(root):
    target = jetpack.request("4.6")
    includes = [f"-I/nvidia/{part}/include" for part in ("cuda_runtime", "cuda_nvcc")]
    compiled = ["-ccbin", COMPILER, *target.nvcc_flags, *includes, "-c", "/src/saxpy.cu"]
    subprocess.run(
        ["chroot", root, "/usr/bin/env", f"PATH={TOOLS}:/usr/bin:/bin", "nvcc", *compiled, "-o", "/saxpy.o"],
        check=True,
        timeout=120,
        env=os.environ | {"PATH": f"{os.environ['PATH']}:/usr/sbin:/sbin"},
    )  # fmt: skip
    program = (root / "saxpy.o").read_bytes()
    assert elf_machine(program) == "EM_AARCH64"
    assert device_code(program) == {("sass", 53), ("sass", 62), ("sass", 72)}
