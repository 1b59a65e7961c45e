"""Making stand-ins, with a stand-in for crane that is a registry in memory."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest

from buildkit_engine.buildkit.daemons import host_platform
from buildkit_engine.buildkit.references import Reference
from buildkit_engine.buildkit.state import State
from buildkit_engine.buildkit.tools import locate
from buildkit_engine.errors import RegistryError, RequestError, SetupError
from buildkit_engine.mirror import build, recipes
from buildkit_engine.mirror.build import Mirror
from buildkit_engine.mirror.recipes import LABEL, UNPACKED_LABEL, recipe_for

REGISTRY = "127.0.0.1:5050"
DEBIAN = Reference.parse("debian:bookworm-slim")
DISTROLESS = Reference.parse("gcr.io/distroless/static-debian12:nonroot")
BASE = Reference.parse("gcr.io/distroless/base-debian12:nonroot")
CRANE = Reference.parse("gcr.io/go-containerregistry/crane:v0.21.8")
GOLANG = Reference.parse("golang:1.26-bookworm")
ARM64, ARMV7, HOST = "linux/arm64", "linux/arm/v7", host_platform()


class FakeCrane:
    """Holds configurations by digest, and indexes by tag: digests by platform."""

    def __init__(self) -> None:
        self.configs: dict[str, dict] = {}
        self.indexes: dict[str, dict[str, str]] = {}

    def digest(self, reference, platform):
        try:
            return self.indexes[str(reference)][platform]
        except KeyError:
            raise RegistryError("MANIFEST_UNKNOWN") from None

    def config(self, reference, _platform, **_options):
        if reference.digest not in self.configs:
            raise RegistryError("MANIFEST_UNKNOWN")
        return json.dumps(self.configs[reference.digest]).encode()

    def manifest(self, reference):
        if str(reference) not in self.indexes:
            raise RegistryError("MANIFEST_UNKNOWN")
        parts = ("os", "architecture", "variant")
        return {
            "manifests": [
                {"digest": digest, "platform": dict(zip(parts, p.split("/"), strict=False))}
                for p, digest in self.indexes[str(reference)].items()
            ]
        }

    def run(self, verb, *words):
        if verb == "push":
            layout, (_, digest) = Path(words[0]), words[1].split("@")
            blobs = layout / "blobs" / "sha256"
            manifest = json.loads((blobs / digest.removeprefix("sha256:")).read_text())
            config = blobs / manifest["config"]["digest"].removeprefix("sha256:")
            for layer in manifest["layers"]:
                assert (blobs / layer["digest"].removeprefix("sha256:")).stat().st_size
            self.configs[digest] = json.loads(config.read_text())
            return ""
        assert (verb, words[0], words[1]) == ("index", "append", "--tag")
        digests = [word.split("@")[1] for word in words[3:] if word != "--manifest"]
        self.indexes[words[2]] = {platform_of(self.configs[d]): d for d in digests}
        return ""


def platform_of(config: dict) -> str:
    return "/".join(config[k] for k in ("os", "architecture", "variant") if k in config)


@pytest.fixture
def crane():
    return FakeCrane()


@pytest.fixture
def said():
    return []


@pytest.fixture
def made(monkeypatch):
    """What was asked of the makers of roots: how, the Debian architecture, and the release."""
    made = []

    def maker(name):
        def make(archive, packages, layer, *_args, **_options) -> None:
            made.append((name, archive.architecture, archive.suite))
            layer.add_file("packages", f"{name} {archive.architecture} {packages}".encode())

        return make

    for name in ("configured", "unpacked", "bare"):
        monkeypatch.setattr(build.roots, name, maker(name))
    monkeypatch.setattr(build.golang, "exact", lambda version, _architecture: f"{version}.3")
    monkeypatch.setattr(build.golang, "settings", lambda: (("GOPROXY", "http://proxy"),))
    monkeypatch.setattr(
        build.golang,
        "toolchain",
        lambda version, architecture, layer: layer.add_file(
            "usr/local/go/VERSION", f"{version} {architecture}".encode()
        ),
    )
    return made


@pytest.fixture
def mirror(tmp_path, crane, said, made):
    return Mirror(State(tmp_path / "state"), crane, REGISTRY, said.append)


def test_a_stand_in_is_made_once(mirror, said):
    first = mirror.provide(DEBIAN, HOST)
    assert mirror.provide(DEBIAN, HOST) == first
    making, done = said
    assert making == f"making a stand-in for docker.io/library/debian:bookworm-slim ({HOST})"
    assert done.startswith(f"made docker.io/library/debian:bookworm-slim ({HOST}): 0.0 MB in ")


def test_two_that_ask_at_the_same_time_make_one(mirror, made):
    threads = [threading.Thread(target=mirror.provide, args=(DEBIAN, HOST)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert len(made) == 1


def test_a_stand_in_says_what_it_stands_in_for_and_which_recipe_made_it(mirror):
    config = json.loads(mirror.provide(DISTROLESS, ARM64)[1])
    assert config["config"] == {
        "Env": [
            "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt",
        ],
        "Labels": {LABEL: "gcr.io/distroless/static-debian12:nonroot"},
        "User": "65532",
        "WorkingDir": "/home/nonroot",
    }
    assert platform_of(config) == ARM64
    # no label: those are inherited by what is built on it
    assert config["dev.buildkit-engine.recipe"] == recipe_for(DISTROLESS).digest
    assert len(config["history"]) == len(config["rootfs"]["diff_ids"]) == 1


def test_only_platforms_that_are_asked_for_are_made_and_join_one_index(mirror, crane, made):
    arm64, _ = mirror.provide(BASE, ARM64)
    tag = f"{REGISTRY}/gcr.io/distroless/base-debian12:nonroot"
    assert crane.indexes[tag] == {ARM64: arm64}
    armv7, _ = mirror.provide(BASE, ARMV7)
    assert crane.indexes[tag] == {ARMV7: armv7, ARM64: arm64}
    assert made == [("bare", "arm64", "bookworm"), ("bare", "armhf", "bookworm")]


def test_files_that_are_the_same_everywhere_come_from_the_hosts_packages(mirror, made):
    mirror.provide(DISTROLESS, ARMV7)
    own = recipes.ARCHITECTURES[HOST].debian
    assert made == [("bare", own, "bookworm")]


@pytest.mark.parametrize("host", [ARM64, "linux/amd64"])
def test_packages_are_configured_on_the_hosts_platform_and_only_unpacked_on_others(
    mirror, made, monkeypatch, host
):
    monkeypatch.setattr(build, "host_platform", lambda: host)
    labels = [
        json.loads(mirror.provide(DEBIAN, platform)[1])["config"]["Labels"]
        for platform in ("linux/amd64", ARM64)
    ]
    ways = {architecture: way for way, architecture, _ in made}
    own, other = ("arm64", "amd64") if host == ARM64 else ("amd64", "arm64")
    assert ways == {own: "configured", other: "unpacked"}
    unpacked = [UNPACKED_LABEL in each for each in labels]
    assert unpacked == [other == "amd64", other == "arm64"]


def test_go_comes_as_a_second_layer_with_the_machines_settings(mirror):
    config = json.loads(mirror.provide(GOLANG, ARM64)[1])
    assert config["config"]["Env"][-2:] == ["GOLANG_VERSION=1.26.3", "GOPROXY=http://proxy"]
    assert len(config["rootfs"]["diff_ids"]) == 2


def test_the_engines_own_tools_come_as_a_second_layer(mirror, monkeypatch):
    made = []

    def tools(built, names, folder, layer) -> None:
        made.append((built, names, folder))
        layer.add_file("ko-app/crane", b"")

    monkeypatch.setattr(build.own, "tools", tools)
    config = json.loads(mirror.provide(CRANE, HOST)[1])
    assert made == [(locate(mirror.state).bin, ("crane",), "/ko-app")]
    assert len(config["rootfs"]["diff_ids"]) == 2
    with pytest.raises(RequestError, match=rf"^no stand-in for '{CRANE}' on 'linux/s390x'"):
        mirror.provide(CRANE, "linux/s390x")


def test_one_that_another_recipe_made_is_made_anew(mirror, crane, monkeypatch):
    before, _ = mirror.provide(DEBIAN, HOST)
    monkeypatch.setattr(recipes, "_CODE", 999)
    after, raw = mirror.provide(DEBIAN, HOST)
    assert json.loads(raw)["dev.buildkit-engine.recipe"] == recipe_for(DEBIAN).digest
    assert crane.indexes[str(DEBIAN.mirrored(REGISTRY))] == {HOST: after}
    # what was built on the older one still finds it
    assert before in crane.configs


def test_what_somebody_else_put_into_the_registry_is_used_as_it_is(mirror, crane, said):
    alpine = Reference.parse("alpine:3")
    crane.configs["sha256:own"] = {"os": "linux", "architecture": "amd64", "config": {}}
    crane.indexes[str(alpine.mirrored(REGISTRY))] = {"linux/amd64": "sha256:own"}
    assert mirror.provide(alpine, "linux/amd64")[0] == "sha256:own"
    assert said == []


def test_several_are_made_together(mirror, crane):
    mirror.provide_all([(DEBIAN, HOST), (DISTROLESS, ARM64), (DISTROLESS, ARMV7)])
    assert sorted(len(index) for index in crane.indexes.values()) == [1, 2]


def test_what_cannot_be_made_is_refused_before_anything_is(mirror, said):
    with pytest.raises(RequestError, match=r"^no stand-in for 'docker\.io/library/alpine:3'"):
        mirror.provide_all([(DEBIAN, HOST), (Reference.parse("alpine:3"), HOST)])
    assert said == []


@pytest.mark.parametrize(
    ("text", "platform", "message"),
    [
        (
            "python:3.12-slim",
            ARM64,
            "no stand-in for 'docker.io/library/python:3.12-slim', and its registry does not "
            "answer from here: expected one of docker.io/library/python:3.11-slim, "
            "docker.io/library/python:3.11-slim-bookworm, docker.io/library/python:3.13-slim, "
            "docker.io/library/python:3.13-slim-trixie; or give the engine a network and start it "
            "anew (buildkit-engine clean, buildkit-engine up)",
        ),
        (
            "debian:bookworm-slim",
            "linux/riscv64",
            "no stand-in for 'docker.io/library/debian:bookworm-slim' on 'linux/riscv64': expected "
            "one of linux/amd64, linux/arm64, linux/arm/v7, linux/ppc64le, linux/s390x",
        ),
        (
            "debian:bookworm-slim@sha256:" + "a" * 64,
            ARM64,
            "no stand-in has the digest of 'docker.io/library/debian:bookworm-slim@sha256:"
            + "a" * 64
            + "', and its registry does not answer from here: name the tag alone, "
            "'docker.io/library/debian:bookworm-slim'",
        ),
    ],
    ids=["tag", "platform", "digest"],
)
def test_what_cannot_be_stood_in_for_is_refused_with_what_can(mirror, text, platform, message):
    with pytest.raises(RequestError) as refused:
        mirror.provide(Reference.parse(text), platform)
    assert str(refused.value) == message


def test_what_a_killed_process_left_is_removed_and_no_tag_names_what_failed(
    mirror, crane, tmp_path, monkeypatch
):
    making = tmp_path / "state" / "mirror" / "making"
    name = f"docker.io_library_debian_bookworm-slim-{HOST.replace('/', '_')}-left"
    (making / name).mkdir(parents=True)
    (making / name / "0.tar.gz").write_text("half")
    whole = build.roots.configured

    def fail(*_args) -> None:
        raise SetupError("no")

    monkeypatch.setattr(build.roots, "configured", fail)
    with pytest.raises(SetupError):
        mirror.provide(DEBIAN, HOST)
    assert (crane.indexes, list(making.iterdir())) == ({}, [])
    monkeypatch.setattr(build.roots, "configured", whole)
    mirror.provide(DEBIAN, HOST)
    assert list(making.iterdir()) == []
