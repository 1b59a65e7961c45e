"""Files that differ by platform: tini for three of them, from a server on loopback."""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile

import pytest
from elves import program

from tests.integration.registries import elf_machine
from tests.integration.sites import serving

THREE = "--platforms=linux/amd64,linux/arm64,linux/arm/v7"
TINI = {
    "linux/amd64": ("amd64", program("amd64", padding=b"tini")),
    "linux/arm64": ("arm64", program("arm64", padding=b"tini")),
    "linux/arm/v7": ("armhf", program("arm", bits=32, padding=b"tini")),
}
MACHINES = {"linux/amd64": "EM_X86_64", "linux/arm64": "EM_AARCH64", "linux/arm/v7": "EM_ARM"}


def archive(data):
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as tar:
        info = tarfile.TarInfo("./tini/bin/tini")
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))
    return gzip.compress(packed.getvalue(), mtime=0)


@pytest.fixture(scope="module")
def site(engine, tmp_path_factory):
    """The address of a server on loopback that has tini, as files and in archives."""
    if engine == "dagger":
        pytest.skip("the loopback of a Dagger engine is its own")
    folder = tmp_path_factory.mktemp("site")
    for name, data in TINI.values():
        (folder / f"tini-{name}").write_bytes(data)
        (folder / f"tini-{name}.tgz").write_bytes(archive(data))
    with serving(folder) as address:
        yield address


def settings(url, files, *, member="", platforms=tuple(TINI)):
    sums = (f'"{p}" = "{hashlib.sha256(files[p]).hexdigest()}"' for p in platforms)
    lines = [
        'name = "server"',
        "[[fetch]]",
        f'url = "{url}"',
        f"sha256 = {{ {', '.join(sums)} }}",
        'destination = "/sbin/tini"',
        'mode = "0755"',
        *([f'member = "{member}"'] if member else []),
        "[runtime]",
        'entrypoint = ["/sbin/tini", "--", "/usr/local/bin/server"]',
    ]
    return "\n".join(lines) + "\n"


@pytest.mark.parametrize("packed", [False, True], ids=["files", "archives"])
def test_each_platform_gets_its_own_file(call, app, registry, repository, site, packed):
    if packed:
        files = {p: archive(data) for p, (_, data) in TINI.items()}
        text = settings(f"{site}/tini-{{debian_arch}}.tgz", files, member="tini/bin/tini")
    else:
        files = {p: data for p, (_, data) in TINI.items()}
        text = settings(f"{site}/tini-{{debian_arch}}", files)
    (app / "pipeline.toml").write_text(text)
    ran = call("publish", THREE, f"--address={repository}", "--skip-tests", source=app)
    assert ran.code == 0, ran.error
    for platform, machine in MACHINES.items():
        info, data = registry.files(repository, platform)["sbin/tini"]
        assert (elf_machine(data), data, info.mode) == (machine, TINI[platform][1], 0o755)
        command = registry.config(repository, platform)["config"]["Entrypoint"]
        assert command == ["/sbin/tini", "--", "/usr/local/bin/server"]


def test_another_file_than_the_checksum_says_is_refused_before_anything_is_built(
    call, app, registry, repository, site
):
    wrong = {p: data for p, (_, data) in TINI.items()} | {"linux/arm64": b"another"}
    (app / "pipeline.toml").write_text(settings(f"{site}/tini-{{debian_arch}}", wrong))
    ran = call("publish", THREE, f"--address={repository}", source=app)
    assert ran.code == 1
    expected = hashlib.sha256(b"another").hexdigest()
    assert ran.refusal.startswith(
        f"[[fetch]] /sbin/tini for linux/arm64: {site}/tini-arm64 with sha256 {expected} "
        "cannot be had: "
    )
    assert "go build" not in ran.error
    assert registry.tags(repository) == []


def test_a_platform_without_a_checksum_is_refused(call, app, site):
    files = {p: data for p, (_, data) in TINI.items()}
    text = settings(f"{site}/tini-{{debian_arch}}", files, platforms=("linux/amd64", "linux/arm64"))
    (app / "pipeline.toml").write_text(text)
    ran = call("verify", THREE, source=app)
    assert ran.refusal == (
        "[[fetch]] /sbin/tini has no sha256 for linux/arm/v7, "
        "only for linux/amd64, linux/arm64: add one"
    )


def test_a_file_that_is_not_in_its_archive_is_refused(call, app, site):
    files = {p: archive(data) for p, (_, data) in TINI.items()}
    text = settings(f"{site}/tini-{{debian_arch}}.tgz", files, member="tini/sbin/tini")
    (app / "pipeline.toml").write_text(text)
    ran = call("verify", "--platforms=linux/arm64", source=app)
    assert ran.refusal == (
        "[[fetch]] /sbin/tini for linux/arm64: tini-arm64.tgz cannot be unpacked: "
        "no 'tini/sbin/tini' in it, but ./tini/bin/tini"
    )
