"""Packages of Debian in final stages: what is in the images, what dpkg knows of it, and what runs."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT
from tests.integration.debian import installed, skip_where_the_mirror_is_out_of_step
from tests.integration.registries import elf_machine

CPP_APP = ROOT / "examples" / "cpp-app"
DEBIAN = "docker.io/library/debian:bookworm-slim"
DISTROLESS = "gcr.io/distroless/base-debian12:nonroot"
TRIPLES = {
    "linux/amd64": "x86_64-linux-gnu",
    "linux/arm64": "aarch64-linux-gnu",
    "linux/arm/v7": "arm-linux-gnueabihf",
}
MACHINES = {"linux/amd64": "EM_X86_64", "linux/arm64": "EM_AARCH64", "linux/arm/v7": "EM_ARM"}
RELEASE = 'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\n'


@pytest.fixture
def with_packages(app):
    """Writes the pipeline.toml of the example with packages on a base."""

    def write(base, *packages, **more):
        lines = ['name = "server"', "[runtime]", f'base = "{base}"']
        lines += [f"packages = {json.dumps(packages)}"]
        lines += [f"{key} = {json.dumps(value)}" for key, value in more.items()]
        (app / "pipeline.toml").write_text("\n".join(lines) + "\n")
        return app

    return write


def publish(call, app, repository, *platforms):
    """What was said, once it is published; skipped where this machine's mirror lacks lists."""
    words = [f"--platforms={','.join(platforms)}", f"--address={repository}", "--skip-tests"]
    ran = call("publish", *words, source=app, timeout=600)
    skip_where_the_mirror_is_out_of_step(ran)
    assert ran.code == 0, ran.error
    return ran


@pytest.mark.parametrize("platform", TRIPLES)
def test_packages_are_in_the_image_with_what_they_need(
    call, with_packages, registry, repository, platform, tmp_path
):
    app = with_packages(DEBIAN, "libcurl4", "media-types")
    ran = publish(call, app, repository, platform)
    root = registry.root(repository, platform, tmp_path)
    library = root / "usr/lib" / TRIPLES[platform] / "libcurl.so.4"
    assert elf_machine(library.read_bytes()) == MACHINES[platform]
    assert (root / "etc/mime.types").is_file()
    # the links of the base are still links
    assert (root / "lib").readlink() == Path("usr/lib")
    assert (root / "usr/local/bin/server").is_file()
    states = installed(root)
    # libnghttp2-14: because libcurl4 depends on it
    wanted = ("libc6", "libcurl4", "libnghttp2-14", "media-types")
    assert [states[name] for name in wanted] == ["ii"] * 4
    # its script has yet to run: dpkg says so, and the user was told
    assert states["libgssapi-krb5-2"] == "iU"
    assert f"{platform}: scripts of packages are not executed: libgssapi-krb5-2 (postinst)" in (
        ran.error
    )
    audited = subprocess.run(
        ["dpkg", f"--root={root}", "--verify", "libcurl4", "media-types"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    changed = [line for line in audited.stdout.splitlines() if "/usr/share/" not in line]
    assert changed == []
    automatic = (root / "var/lib/apt/extended_states").read_text()
    assert "Package: libnghttp2-14\n" in automatic
    assert "Package: libcurl4\n" not in automatic
    # nothing of apt's is left in it
    assert not list((root / "var/cache/apt").glob("archives/*.deb"))


@pytest.mark.skipif(shutil.which("qemu-aarch64-static") is None, reason="qemu-user-static")
def test_a_program_of_a_package_runs_with_its_libraries(
    call, with_packages, registry, repository, tmp_path
):
    app = with_packages(DEBIAN, "curl")
    publish(call, app, repository, "linux/arm64")
    root = registry.root(repository, "linux/arm64", tmp_path)
    told = subprocess.check_output(
        ["qemu-aarch64-static", "-L", root, root / "usr/bin/curl", "--version"], text=True
    )
    assert told.startswith("curl 7.88.1 (aarch64-unknown-linux-gnu) libcurl/7.88.1")


def test_a_distroless_image_lists_its_packages_one_a_file(
    call, with_packages, registry, repository
):
    app = with_packages(DISTROLESS, "libpq5")
    publish(call, app, repository, "linux/amd64", "linux/arm64")
    for platform, architecture in (("linux/amd64", "amd64"), ("linux/arm64", "arm64")):
        files = registry.files(repository, platform)
        folder = "var/lib/dpkg/status.d"
        for name in ("libpq5", "libkrb5-3"):
            text = files[f"{folder}/{name}"][1].decode()
            assert text.startswith(f"Package: {name}\n")
            assert f"\nArchitecture: {architecture}\n" in text
            assert f"{folder}/{name}.md5sums" in files
        # what the base has is not taken again, nor is a database that no distroless image has
        assert "var/lib/dpkg/status" not in files
        # it is where the loader looks: verified before it was pushed
        assert any(name.startswith(f"usr/lib/{TRIPLES[platform]}/libpq.so.5") for name in files)


def test_a_library_that_a_package_brings_is_the_packages(call, registry, repository, tmp_path):
    """A second copy of it, from where the program was linked, would be none of dpkg's."""
    app = Path(shutil.copytree(CPP_APP, tmp_path / "app"))
    with (app / "pipeline.toml").open("a") as config:
        config.write('[runtime]\npackages = ["zlib1g"]\n')
    publish(call, app, repository, "linux/arm64")
    files = registry.files(repository, "linux/arm64")
    listed = files["var/lib/dpkg/status.d/zlib1g.md5sums"][1].decode()
    sums = {path: known for known, path in map(str.split, listed.splitlines())}
    there = [path for path in files if "/libz.so" in path]
    # the name that programs load it by is a link of the package's
    assert len(there) == 1
    path = there[0].removeprefix("usr/")
    [known] = [sums[name] for name in sums if name.removeprefix("usr/") == path]
    assert hashlib.md5(files[there[0]][1], usedforsecurity=False).hexdigest() == known


def test_certificates_are_bundled_as_their_script_would(
    call, with_packages, registry, repository, tmp_path
):
    # a base that has nothing but the name of its release
    base = f"{repository}-base"
    entry = registry.put_image(
        base, "linux/arm64",
        {"etc/os-release": RELEASE.encode(), "var/lib/dpkg/status.d/none.md5sums": b""},
    )  # fmt: skip
    registry.put_images(base, "1", entry)
    app = with_packages(f"{base}:1", "ca-certificates")
    # scripts, in a base without a shell and perl
    with (app / "pipeline.toml").open("a") as file:
        file.write('[verify]\nignore = ["missing-script-interpreter"]\n')
    ran = publish(call, app, repository, "linux/arm64")
    root = registry.root(repository, "linux/arm64", tmp_path)
    bundle = (root / "etc/ssl/certs/ca-certificates.crt").read_text()
    certificates = list((root / "usr/share/ca-certificates/mozilla").iterdir())
    assert bundle.count("BEGIN CERTIFICATE") == len(certificates) > 100
    # by their hashes, as OpenSSL looks for them
    hashed = [link for link in (root / "etc/ssl/certs").iterdir() if link.name.endswith(".0")]
    assert len(hashed) > 100
    assert all((root / "etc/ssl/certs" / link.readlink()).is_symlink() for link in hashed)
    assert "ca-certificates (" not in ran.error


def test_an_unchanged_image_is_found_again(call, with_packages, registry, repository):
    app = with_packages(DEBIAN, "media-types")
    publish(call, app, repository, "linux/arm64")
    before = registry.digest(repository)
    again = publish(call, app, repository, "linux/arm64")
    assert "Get:1 " not in again.error
    assert registry.digest(repository) == before


def test_a_setuid_program_of_a_package_keeps_its_mode_and_is_not_pushed_unasked(
    call, with_packages, registry, repository
):
    app = with_packages(DEBIAN, "sudo")
    ran = call("publish", "--platforms=linux/arm64", f"--address={repository}", source=app)
    assert ran.code == 1
    assert "setuid-added" in ran.error
    assert "/usr/bin/sudo" in ran.error
    with (app / "pipeline.toml").open("a") as file:
        file.write('[verify]\nignore = ["setuid-added:/usr/bin/sudo"]\n')
    publish(call, app, repository, "linux/arm64")
    info, _ = registry.files(repository, "linux/arm64")["usr/bin/sudo"]
    assert (info.mode, info.uid, info.gid, info.mtime) == (0o4755, 0, 0, 0)


def test_a_development_package_is_not_pushed(call, with_packages, registry, repository):
    app = with_packages(DEBIAN, "libnghttp2-dev")
    ran = call("publish", "--platforms=linux/arm64", f"--address={repository}", source=app)
    assert ran.code == 1
    assert "development package libnghttp2-dev" in ran.error
    assert registry.tags(repository) == []


@pytest.mark.parametrize(
    ("package", "reason"),
    [
        ("libssl9", "package 'libssl9' is not in its sources for arm64: expected another name, such as libssl3 "),
        ("nosuch7", "package 'nosuch7' is not in its sources for arm64: expected another name"),
        ("libc6-i386", "package 'libc6-i386' is not there for arm64, only for amd64: leave it out of what arm64 gets"),
        ("tini=9.9", "package 'tini' has no version '9.9': expected 0.19.0-1"),
    ],
)  # fmt: skip
def test_a_package_that_there_is_not_is_refused(call, with_packages, package, reason):
    app = with_packages(DEBIAN, package)
    ran = call("runtime-stage", "--platform=linux/arm64", "sync", source=app)
    assert ran.code == 1
    assert ran.refusal.startswith(f"[runtime] packages for linux/arm64 on '{DEBIAN}': {reason}")


@pytest.mark.parametrize(
    ("files", "reason"),
    [
        ({"etc/os-release": b'ID=alpine\nPRETTY_NAME="Alpine Linux v3.20"\n'},
         "[runtime] packages: the base '{base}' is Alpine Linux v3.20: expected a base of Debian or Ubuntu, or "
         "packages_image, an image with apt of its release"),
        ({"bin/sh": b""},
         "[runtime] packages: the base '{base}' has no /etc/os-release: expected a base of Debian or Ubuntu"),
        ({"etc/os-release": RELEASE.encode()},
         "[runtime] packages for linux/arm64 on '{base}': it has no list of packages in /var/lib/dpkg: "
         "expected a base of Debian, Ubuntu or distroless"),
    ],
    ids=["alpine", "no release", "no database"],
)  # fmt: skip
def test_a_base_that_cannot_have_packages_is_refused(
    call, with_packages, registry, repository, files, reason
):
    registry.put_images(repository, "1", registry.put_image(repository, "linux/arm64", files))
    base = f"{repository}:1"
    app = with_packages(base, "tini")
    ran = call("runtime-stage", "--platform=linux/arm64", "sync", source=app)
    assert (ran.code, ran.refusal) == (1, reason.format(base=base))


def test_the_plan_names_the_packages_and_where_they_are_unpacked(call, with_packages):
    app = with_packages(DEBIAN, "tini", packages_image="example.com/apt")
    ran = call("plan", "--platforms=linux/arm64", source=app)
    line = next(line for line in ran.out.splitlines() if line.startswith("packages linux/arm64"))
    assert " ".join(line.split()) == (
        "packages linux/arm64 linux/amd64 unpacked example.com/apt "
        "unpacks tini, executes no script of theirs"
    )


@pytest.mark.long
@pytest.mark.skipif(os.geteuid() != 0, reason="chroot takes root")
@pytest.mark.parametrize("packages", [("libcurl4", "media-types"), ("tini", "sudo")], ids="-".join)
def test_the_database_is_that_of_an_installation(
    call, with_packages, registry, repository, tmp_path, packages
):
    """The same packages, by apt in the base itself: on the build host's platform, where it runs."""
    base = with_packages(DEBIAN)
    publish(call, base, f"{repository}-base", "linux/amd64")
    theirs = registry.root(f"{repository}-base", "linux/amd64", tmp_path / "theirs")
    shutil.copy("/etc/resolv.conf", theirs / "etc/resolv.conf")
    install = (
        "mount --bind /dev $0/dev; export DEBIAN_FRONTEND=noninteractive; chroot $0 apt-get -qq update;"
        f"chroot $0 apt-get -qq install -y --no-install-recommends {' '.join(packages)}"
    )
    subprocess.run(["unshare", "--mount", "sh", "-ec", install, theirs], check=True)
    app = with_packages(DEBIAN, *packages)
    with (app / "pipeline.toml").open("a") as file:
        file.write('[verify]\nignore = ["setuid-added:/usr/bin/sudo"]\n')
    publish(call, app, repository, "linux/amd64")
    ours = registry.root(repository, "linux/amd64", tmp_path / "ours")
    info = "var/lib/dpkg/info"
    for folder in (ours / info, theirs / info):
        assert folder.is_dir()
    by_name = [{f.name: f.read_bytes() for f in (root / info).iterdir()} for root in (ours, theirs)]
    assert by_name[0] == by_name[1]
    ours_are, theirs_are = installed(ours), installed(theirs)
    # what has yet to run: scripts of packages, and triggers
    waiting = {name for name, state in ours_are.items() if state in ("iU", "it")}
    assert ours_are == theirs_are | {name: ours_are[name] for name in waiting}
    assert waiting <= {"libc-bin", "libgssapi-krb5-2", "sudo"}
