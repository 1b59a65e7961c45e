"""Repositories of packages, as dpkg and apt read them."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest

from buildkit_engine.buildkit.state import State
from buildkit_engine.errors import SetupError
from buildkit_engine.mirror.cuda import debs, repository, wheels
from buildkit_engine.mirror.cuda.debs import Control
from buildkit_engine.mirror.cuda.repository import KEY, Made
from buildkit_engine.mirror.cuda.signing import new_signer

FIELDS = {
    "Package": "sample",
    "Version": "1.2-1",
    "Architecture": "arm64",
    "Maintainer": "buildkit-engine",
    "Depends": "",
    "Description": "a package",
}


def dpkg_deb(*words: str) -> str:
    return subprocess.run(["dpkg-deb", *words], capture_output=True, text=True, check=True).stdout


@pytest.mark.parametrize("text", [b"even", b"odd"])
def test_dpkg_reads_the_package_that_was_written(tmp_path, text):
    control = Control(FIELDS, {"postinst": "#!/bin/sh\n"})
    assert control.file_name == "sample_1.2-1_arm64.deb"

    def fill(layer):
        layer.add_file("usr/bin/program", text, mode=0o755)
        layer.add_link("usr/bin/other", "program")

    made = []
    for name in ("first.deb", "second.deb"):
        debs.write(control, fill, tmp_path / name)
        made.append((tmp_path / name).read_bytes())
    # the same bytes whenever it is made, and nothing left beside it
    assert made[0] == made[1]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["first.deb", "second.deb"]
    deb = str(tmp_path / "first.deb")
    assert dpkg_deb("--field", deb).splitlines() == [
        f"{name}: {value}" for name, value in FIELDS.items() if value
    ]
    assert "-rwxr-xr-x 0/0" in dpkg_deb("--contents", deb)
    assert "postinst" in dpkg_deb("--info", deb)
    dpkg_deb("--extract", deb, str(tmp_path / "root"))
    assert (tmp_path / "root/usr/bin/other").read_bytes() == text


@dataclass
class Apt:
    """apt in a folder of its own."""

    folder: Path

    def __call__(self, *words: str, code: int = 0) -> str:
        options = {
            "APT::Architecture": "arm64",
            "APT::Architectures": "arm64",
            "APT::Sandbox::User": "root",
            "Dir::Cache": self.folder,
            "Dir::Etc::sourcelist": self.folder / "sources.list",
            "Dir::Etc::sourceparts": "/dev/null",
            "Dir::State": self.folder,
            "Dir::State::status": self.folder / "status",
        }
        given = [word for name, value in options.items() for word in ("-o", f"{name}={value}")]
        done = subprocess.run(
            ["apt-get", *given, *words],
            capture_output=True,
            text=True,
            cwd=self.folder,
            check=False,
        )
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    def trusts(self, key, source: str) -> None:
        line = f"deb [arch=arm64 signed-by={key}] {source}\n"
        (self.folder / "sources.list").write_text(line)


@pytest.fixture
def apt(tmp_path):
    folder = tmp_path / "apt"
    (folder / "lists/partial").mkdir(parents=True)
    (folder / "archives/partial").mkdir(parents=True)
    (folder / "status").touch()
    return Apt(folder)


@pytest.fixture
def state(tmp_path, found, monkeypatch):
    """A state in which the wheels are made up; `asked` are the machines they were fetched for."""
    state = State(tmp_path / "state")
    asked = []
    monkeypatch.setattr(wheels, "fetch", lambda _, machine, __: asked.append(machine) or found)
    return state, asked


def test_what_was_made_is_found_again(state):
    state, asked = state
    says = []
    made = repository.provide(state, says.append)
    assert sorted(asked) == ["amd64", "arm64"]
    assert says[0] == "making packages of CUDA 13.2 from NVIDIA's wheels"
    assert says[2].startswith("made 22 packages: ")
    assert repository.provide(state, says.append) == made
    assert len(asked) == 2
    assert len(says) == 3
    # what it was made from is not kept
    assert list((state.root / "mirror/making").iterdir()) == []


def test_what_another_recipe_made_is_made_anew(state, monkeypatch):
    state, _ = state
    made = repository.provide(state, print)
    monkeypatch.setattr(repository.packages, "recipe", lambda: "another")
    anew = repository.provide(state, print)
    assert anew.recipe == "another"
    assert anew.fingerprint != made.fingerprint
    assert Made.load(state.served) == anew


def test_nothing_is_served_where_wheels_cannot_be_had(state, monkeypatch):
    state, _ = state

    def fetch(*_):
        raise SetupError("pip failed")

    monkeypatch.setattr(wheels, "fetch", fetch)
    with pytest.raises(SetupError, match=r"^pip failed$"):
        repository.provide(state, print)
    assert not state.served.exists()


def test_settings_say_all_that_apt_needs_of_each_platform(state):
    state, _ = state
    made = repository.provide(state, print)
    assert repository.settings("127.0.0.1:5051", made) == {
        "linux/amd64": {
            "url": "http://127.0.0.1:5051/compute/cuda/repos/ubuntu2404/x86_64",
            "suite": "/",
            "component": "",
            "key": "http://127.0.0.1:5051/stand-ins.asc",
            "fingerprint": made.fingerprint,
        },
        "linux/arm64": {
            "url": "http://127.0.0.1:5051/jetson/common",
            "suite": "r39.2",
            "component": "main",
            "key": "http://127.0.0.1:5051/stand-ins.asc",
            "fingerprint": made.fingerprint,
        },
    }


@pytest.mark.parametrize(
    ("path", "suite"),
    [("jetson/common", "r39.2 main"), ("compute/cuda/repos/ubuntu2404/x86_64", "/")],
)
def test_apt_verifies_what_the_key_has_signed(state, apt, path, suite):
    state, _ = state
    repository.provide(state, print)
    apt.trusts(state.served / KEY, f"file:{state.served / path} {suite}")
    said = apt("update")
    assert "W:" not in said
    if suite != "/":
        apt("download", "libnvjpeg-13-2")
        assert [p.name for p in apt.folder.glob("*.deb")] == [
            "libnvjpeg-13-2_13.1.0.48-1_arm64.deb"
        ]


def test_apt_refuses_what_another_key_has_signed(state, apt, tmp_path):
    state, _ = state
    repository.provide(state, print)
    with new_signer() as other:
        (tmp_path / "other.asc").write_text(other.key)
    apt.trusts(tmp_path / "other.asc", f"file:{state.served}/jetson/common r39.2 main")
    assert "is not signed" in apt("update", code=100)


def test_apt_refuses_a_package_that_was_changed_later(state, apt):
    state, _ = state
    repository.provide(state, print)
    apt.trusts(state.served / KEY, f"file:{state.served}/jetson/common r39.2 main")
    apt("update")
    [deb] = state.served.rglob("libnvjpeg-13-2_*_arm64.deb")
    shutil.copy(next(state.served.rglob("cuda-crt-13-2_*_arm64.deb")), deb)
    assert "Hash Sum mismatch" in apt("download", "libnvjpeg-13-2", code=100)


def test_without_gpg_it_is_told_what_is_missing(monkeypatch):
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SetupError, match=r"^gpg is not installed: stand-ins are made with it$"):
        new_signer().__enter__()


def test_nobody_can_sign_with_the_key_afterwards():
    with new_signer() as signer:
        assert len(signer.fingerprint) == 40
        assert signer.key.startswith("-----BEGIN PGP PUBLIC KEY BLOCK-----")
        assert "PRIVATE" not in signer.key
    assert not signer.home.exists()
