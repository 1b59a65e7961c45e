"""NVIDIA's wheels: how pip is asked for them, and what is read of them."""

from __future__ import annotations

import re
from subprocess import CompletedProcess

import pytest

from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.cuda import wheels
from buildkit_engine.mirror.cuda.wheels import WHEELS, Member


@pytest.mark.parametrize("name", WHEELS)
def test_every_wheel_is_known_by_its_checksum_for_both_machines(name):
    checksums = WHEELS[name].sha256
    assert set(checksums) == {"amd64", "arm64"}
    assert all(re.fullmatch(r"[0-9a-f]{64}", each) for each in checksums.values())
    assert len(set(checksums.values())) == 2


@pytest.mark.parametrize(
    ("machine", "platform"),
    [("amd64", "manylinux2014_x86_64"), ("arm64", "manylinux2014_aarch64")],
)
def test_pip_fetches_versions_with_their_checksums_for_the_machine(
    tmp_path, monkeypatch, machine, platform
):
    asked = []

    def attempt(command):
        asked.append(command)
        (tmp_path / "nvidia_nvjpeg-13.1.0.48-py3-none-any.whl").touch()
        return CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(wheels, "attempt", attempt)
    found = wheels.fetch(["nvidia-nvjpeg"], machine, tmp_path)
    assert found == {"nvidia-nvjpeg": tmp_path / "nvidia_nvjpeg-13.1.0.48-py3-none-any.whl"}
    [command] = asked
    assert command[1:4] == ["-m", "pip", "download"]
    assert {"--no-deps", "--only-binary=:all:", "--require-hashes"} <= set(command)
    assert command[command.index("--platform") + 1] == platform
    assert (tmp_path / "requirements.txt").read_text() == (
        f"nvidia-nvjpeg==13.1.0.48 --hash=sha256:{WHEELS['nvidia-nvjpeg'].sha256[machine]}\n"
    )


def test_of_what_pip_says_the_first_error_is_told(tmp_path, monkeypatch):
    said = "ERROR: Could not find a version (from versions: none)\nERROR: No match\n"
    monkeypatch.setattr(wheels, "attempt", lambda command: CompletedProcess(command, 1, "", said))
    message = r"^pip download failed while a stand-in was made: Could not find a version \(from versions: none\)$"
    with pytest.raises(SetupError, match=message):
        wheels.fetch(["nvidia-nvjpeg"], "amd64", tmp_path)


def test_members_have_the_toolkits_own_paths_and_are_executable_where_the_wheel_says(found):
    assert list(wheels.members(found["nvidia-nvvm"])) == [
        Member("include/nvvm.h", 0o644, b"header"),
        Member("lib/libnvvm.so.4", 0o644, b"library"),
        Member("nvvm/bin/cicc", 0o755, b"cicc"),
        Member("nvvm/libdevice/libdevice.10.bc", 0o644, b"device"),
    ]


def test_the_terms_are_those_in_the_wheel(found):
    assert wheels.license_of(found["nvidia-nvjpeg"]) == b"terms of nvidia-nvjpeg"
