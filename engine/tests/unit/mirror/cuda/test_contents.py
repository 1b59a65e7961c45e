"""Where the files of wheels are in packages."""

from __future__ import annotations

import tarfile

import pytest

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.cuda import contents, packages
from buildkit_engine.mirror.layers import Layer
from engine.tests.unit.mirror.cuda.conftest import PROFILE, write_wheel

CUDA = "usr/local/cuda-13.2"


def filled(name: str, machine: str, found, folder) -> dict[str, tuple[tarfile.TarInfo, bytes]]:
    """What a package holds besides folders, by name, with what is in the files."""
    package = next(each for each in packages.PACKAGES if each.name == name)
    with Layer(folder / "layer.tar.gz") as layer:
        contents.add(package, machine, found, layer)
    entries = {}
    with tarfile.open(folder / "layer.tar.gz") as tar:
        for info in tar:
            if not info.isdir():
                entries[info.name] = (info, tar.extractfile(info).read() if info.isfile() else b"")
    return entries


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        (
            "cuda-nvcc-13-2",
            [
                "bin/crt/link.stub",
                "bin/nvcc",
                "bin/nvcc.profile",
                "targets/sbsa-linux/include/fatbinary_section.h",
            ],
        ),
        (
            "libnvvm-13-2",
            [
                "nvvm/bin/cicc",
                "nvvm/include/nvvm.h",
                "nvvm/lib64/libnvvm.so",
                "nvvm/lib64/libnvvm.so.4",
                "nvvm/libdevice/libdevice.10.bc",
            ],
        ),
        ("cuda-crt-13-2", ["targets/sbsa-linux/include/crt/host_config.h"]),
        (
            "cuda-cccl-13-2",
            [
                "targets/sbsa-linux/include/cccl/cub/cub.cuh",
                "targets/sbsa-linux/lib/cmake/cub/cub-config.cmake",
            ],
        ),
        ("cuda-culibos-dev-13-2", ["targets/sbsa-linux/lib/libculibos.a"]),
        ("cuda-cudart-13-2", ["targets/sbsa-linux/lib/libcudart.so.13"]),
        (
            "cuda-cudart-dev-13-2",
            [
                "targets/sbsa-linux/include/cuda.h",
                "targets/sbsa-linux/lib/libcudadevrt.a",
                "targets/sbsa-linux/lib/libcudart.so",
                "targets/sbsa-linux/lib/libcudart_static.a",
            ],
        ),
        ("cuda-driver-dev-13-2", ["targets/sbsa-linux/lib/stubs/libcuda.so"]),
        ("libnvjpeg-13-2", ["targets/sbsa-linux/lib/libnvjpeg.so.13"]),
        (
            "libnvjpeg-dev-13-2",
            ["targets/sbsa-linux/include/nvjpeg.h", "targets/sbsa-linux/lib/libnvjpeg.so"],
        ),
    ],
)
def test_a_package_has_its_files_where_nvidias_has_them(found, tmp_path, name, expected):
    names = sorted(filled(name, "arm64", found, tmp_path))
    assert names == [f"{CUDA}/{each}" for each in expected]
    on_amd64 = sorted(filled(name, "amd64", found, tmp_path))
    assert on_amd64 == [each.replace("sbsa-linux", "x86_64-linux") for each in names]


def test_where_cuda_is_follows_from_the_machine(found, tmp_path):
    entries = filled(packages.CONFIG, "amd64", found, tmp_path)
    _, text = entries.pop("etc/ld.so.conf.d/000_cuda.conf")
    assert text == b"/usr/local/cuda/targets/x86_64-linux/lib\n"
    assert {name: info.linkname for name, (info, _) in entries.items()} == {
        f"{CUDA}/include": "targets/x86_64-linux/include",
        f"{CUDA}/lib64": "targets/x86_64-linux/lib",
    }


def test_programs_may_be_executed_and_links_lead_to_libraries(found, tmp_path):
    program, _ = filled("cuda-nvcc-13-2", "amd64", found, tmp_path)[f"{CUDA}/bin/nvcc"]
    assert program.mode == 0o755
    link, _ = filled("libnvvm-13-2", "amd64", found, tmp_path)[f"{CUDA}/nvvm/lib64/libnvvm.so"]
    assert link.linkname == "libnvvm.so.4"


def test_nvcc_looks_into_the_folder_of_the_machine_that_it_is_told(found, tmp_path):
    _, text = filled("cuda-nvcc-13-2", "amd64", found, tmp_path)[f"{CUDA}/bin/nvcc.profile"]
    assert text.decode() == (
        'INCLUDES        +=  "-I$(TOP)/$(_TARGET_DIR_)/include" $(_SPACE_)\n'
        'SYSTEM_INCLUDES +=  "-isystem" "$(TOP)/$(_TARGET_DIR_)/include/cccl" $(_SPACE_)\n'
        'LIBRARIES        =+ $(_SPACE_) "-L$(TOP)/$(_TARGET_DIR_)/lib/stubs" '
        '"-L$(TOP)/$(_TARGET_DIR_)/lib"\n'
    )


def test_a_profile_that_is_not_known_is_refused(found, tmp_path):
    changed = PROFILE.replace("-I$(TOP)/include", "-I$(TOP)/headers")
    write_wheel(found["nvidia-cuda-nvcc"], "nvidia-cuda-nvcc", {"bin/nvcc.profile": changed})
    message = r"^nvcc\.profile of NVIDIA's wheel has no \"-I\$\(TOP\)/include\": its version is not known$"
    with pytest.raises(SetupError, match=message):
        filled("cuda-nvcc-13-2", "amd64", found, tmp_path)


def test_each_repository_has_each_package_for_its_machine(found):
    every = list(contents.every({"amd64": found, "arm64": found}))
    of = {
        platform: [each for each in every if each.repository is repository]
        for platform, repository in packages.REPOSITORIES.items()
    }
    names = [package.name for package in packages.PACKAGES]
    for platform, machine in (("linux/amd64", "amd64"), ("linux/arm64", "arm64")):
        fields = [each.control.fields for each in of[platform]]
        assert [each["Package"] for each in fields] == names
        assert {each["Architecture"] for each in fields} == {machine}
    nvcc = next(e for e in of["linux/arm64"] if e.control.fields["Package"] == "cuda-nvcc-13-2")
    assert nvcc.path == "pool/main/c/cuda-nvcc-13-2/cuda-nvcc-13-2_13.2.78-1_arm64.deb"
    assert nvcc.control.fields["Depends"] == (
        "build-essential, cuda-crt-13-2, cuda-cudart-dev-13-2, libnvvm-13-2"
    )
    assert of["linux/amd64"][0].path == "cuda-nvcc-13-2_13.2.78-1_amd64.deb"


def test_what_packages_depend_on_is_there():
    names = {package.name for package in packages.PACKAGES}
    needed = {name for package in packages.PACKAGES for name in package.depends}
    assert needed - names == {"build-essential"}


def test_other_packages_are_another_recipe(monkeypatch):
    before = packages.recipe()
    assert packages.recipe() == before
    monkeypatch.setattr(packages, "PACKAGES", packages.PACKAGES[1:])
    assert packages.recipe() != before
