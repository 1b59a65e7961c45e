"""Packages in final stages: the recipe compared by equality, and what is said of bases and scripts."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import dagger
import pytest
from dagger import dag

from pipeline import platforms, runtime_packages
from pipeline.errors import ConfigError
from pipeline.options import RuntimeOptions

AMD64, ARM64 = platforms.parse("linux/amd64"), platforms.parse("linux/arm64")
STEP = Path(runtime_packages.__file__).with_name("steps") / "add-packages"

BOOKWORM = """\
PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
"""
DISTROLESS = """\
PRETTY_NAME="Distroless"
NAME="Debian GNU/Linux"
ID="debian"
VERSION_ID="12"
VERSION="Debian GNU/Linux 12 (bookworm)"
"""
JAMMY = """\
PRETTY_NAME="Ubuntu 22.04.5 LTS"
VERSION_ID="22.04"
VERSION="22.04.5 LTS (Jammy Jellyfish)"
VERSION_CODENAME=jammy
ID=ubuntu
ID_LIKE=debian
"""
BIONIC = 'ID=ubuntu\nVERSION="18.04.6 LTS (Bionic Beaver)"\nVERSION_ID="18.04"\n'
ALPINE = 'NAME="Alpine Linux"\nID=alpine\nVERSION_ID=3.20.3\nPRETTY_NAME="Alpine Linux v3.20"\n'


@pytest.mark.parametrize(
    ("release", "image"),
    [
        (BOOKWORM, "docker.io/library/debian:bookworm-slim"),
        (DISTROLESS, "docker.io/library/debian:bookworm-slim"),
        (JAMMY, "docker.io/library/ubuntu:22.04"),
        (BIONIC, "docker.io/library/ubuntu:18.04"),
    ],
)
def test_apt_is_that_of_the_bases_own_release(release, image):
    assert runtime_packages.image_of(release, "base") == image


@pytest.mark.parametrize(
    ("release", "name"),
    [
        (ALPINE, "Alpine Linux v3.20"),
        ("ID=void\n", "void"),
        ("", "of an unknown distribution"),
        # it does not say which release it is
        ('ID=debian\nPRETTY_NAME="Debian GNU/Linux trixie/sid"\n', "Debian GNU/Linux trixie/sid"),
    ],
)
def test_a_base_of_another_distribution_is_refused(release, name):
    with pytest.raises(ConfigError) as raised:
        runtime_packages.image_of(release, "example.com/base:1")
    assert str(raised.value) == (
        f"[runtime] packages: the base 'example.com/base:1' is {name}: expected a base of Debian or "
        "Ubuntu, or packages_image, an image with apt of its release"
    )


def test_a_host_container_adds_the_packages_to_a_copy_of_the_base():
    options = RuntimeOptions(packages=("ca-certificates", "libssl3=3.0.22-1~deb12u2"))
    stage = dag.container(platform=dagger.Platform("linux/arm64")).from_("base")
    builder = dag.container(platform=dagger.Platform("linux/amd64")).from_("docker.io/x/debian:12")
    made = runtime_packages.recipe(
        stage, options, ARM64, builder=builder, image="docker.io/x/debian:12"
    )
    cache = dag.cache_volume("pipeline-runtime-apt-arm64-docker.io-x-debian-12")
    assert made == (
        builder.with_new_file(
            "/opt/pipeline/add-packages", STEP.read_text(), permissions=0o755
        )
        .with_user("root")
        .with_env_variable("DEBIAN_FRONTEND", "noninteractive")
        .with_mounted_directory("/target", stage.rootfs())
        .with_mounted_cache(
            "/var/cache/pipeline/downloads", cache, sharing=dagger.CacheSharingMode.LOCKED
        )
        .with_exec(
            ["/opt/pipeline/add-packages", "/target", "arm64", "/var/cache/pipeline/downloads",
             "/out/packages", "ca-certificates", "libssl3=3.0.22-1~deb12u2"]
        )
        .directory("/out/packages")
    )  # fmt: skip


class Refused(dagger.ExecError):
    """A step that failed with these words."""

    def __new__(cls, _stderr: str) -> Refused:
        return Exception.__new__(cls)

    def __init__(self, stderr: str) -> None:
        self.stderr = stderr


class Made:
    """What the step left, by the names of its files."""

    def __init__(self, **texts: str) -> None:
        self.texts = texts
        self.new = dag.directory().with_new_file("usr/bin/tini", "")

    def file(self, name: str) -> SimpleNamespace:
        async def contents() -> str:
            return self.texts[name]

        return SimpleNamespace(contents=contents)

    def directory(self, name: str) -> dagger.Directory:
        assert name == "files"
        return self.new


@pytest.fixture
def add(monkeypatch):
    """Adds packages to a stage, with a step that has left what is given."""

    async def add(made: Made, **options) -> runtime_packages.Added:
        monkeypatch.setattr(runtime_packages, "recipe", lambda *_args, **_named: made)
        given = RuntimeOptions(packages=("tini",), packages_image="apt", **options)
        stage = dag.container().from_("base")
        return await runtime_packages.add(stage, given, ARM64, base="base", host=AMD64)

    return add


async def test_what_is_new_is_one_layer_with_fixed_times(add):
    made = Made(removed="", scripts="tini postinst\n")
    added = await add(made)
    expected = dag.container().from_("base").with_directory("/", made.new.with_timestamps(0))
    assert added == runtime_packages.Added(expected, ("tini postinst",))


async def test_files_that_a_newer_version_has_not_are_removed(add):
    made = Made(removed="/usr/lib/libx.so.1.1\n/usr/share/x\n", scripts="")
    added = await add(made)
    expected = dag.container().from_("base").without_files(["/usr/lib/libx.so.1.1", "/usr/share/x"])
    assert added.stage == expected.with_directory("/", made.new.with_timestamps(0))


async def test_what_the_step_refuses_is_said_in_its_words(add):
    made = Made(removed="", scripts="")

    def refuse(_name: str) -> SimpleNamespace:
        async def contents() -> str:
            raise Refused("Reading lists...\npackage 'tiny' is not in its sources for arm64\n")

        return SimpleNamespace(contents=contents)

    made.file = refuse  # type: ignore[method-assign]
    with pytest.raises(ConfigError) as raised:
        await add(made)
    assert str(raised.value) == (
        "[runtime] packages for linux/arm64 on 'base': package 'tiny' is not in its sources for arm64"
    )


def test_scripts_that_did_not_run_are_told():
    assert runtime_packages.told("linux/arm64", ()) == ""
    assert runtime_packages.told("linux/arm64", ("sudo postinst preinst", "perl preinst")) == (
        "linux/arm64: scripts of packages are not executed: sudo (postinst, preinst); perl (preinst); "
        "users, alternatives and caches that they would make are not there, and dpkg lists those with "
        "a postinst as unpacked"
    )
