"""Dealings with registries, with stand-ins for crane, the mirror and the evaluator."""

from __future__ import annotations

import json
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from buildkit_engine.buildkit.frontend import DockerBuild
from buildkit_engine.buildkit.state import Running
from buildkit_engine.dockerfiles import Dockerfiles
from buildkit_engine.errors import RegistryError, RequestError, SolveError
from buildkit_engine.images import RegistryImages
from buildkit_engine.llb.ops import Copy, FileOp, ImageSource
from buildkit_engine.mirror.recipes import LABEL
from buildkit_engine.model.config import ImageConfig
from buildkit_engine.model.container import Container
from buildkit_engine.model.files import Directory
from buildkit_engine.schema.context import PushOptions

FILES = ImageSource("files", "docker.io/library/alpine@sha256:" + "2" * 64, "linux/amd64").output
AMD64, ARM64 = (Container(f"linux/{arch}", FILES) for arch in ("amd64", "arm64"))
DIGEST = "sha256:" + "a" * 64
ON_LOOPBACK = "127.0.0.1:5050/app:v1"


@dataclass(frozen=True)
class FakeCrane:
    """Holds tags; remembers what it was asked."""

    held: set[str] = field(default_factory=set)
    ran: list[tuple[str, ...]] = field(default_factory=list)

    def digest(self, reference):
        self.ran.append(("digest", str(reference)))
        if str(reference) not in self.held:
            raise RegistryError("MANIFEST_UNKNOWN")
        return DIGEST

    def config(self, reference, platform, **_options):
        self.ran.append(("config", str(reference), platform))
        return b'{"os": "linux", "architecture": "amd64"}'

    def run(self, *arguments):
        self.ran.append(arguments)
        return f"127.0.0.1:5050/app@{DIGEST}\n"


@dataclass
class FakeEvaluator:
    """Pushes by giving each image a digest that names its platform."""

    error: Exception | None = None

    def push(self, images, _repository, **_options):
        if self.error:
            raise self.error
        return [f"sha256:{image.platform.rpartition('/')[2]}" for image in images]


@pytest.fixture
def images(tmp_path):
    """Makes them, with or without stand-ins; the mirror makes what it is asked for."""

    def images(*, stand_ins=False, allow=False) -> RegistryImages:
        crane = FakeCrane()

        def provide(_reference, platform) -> tuple[str, bytes]:
            labels = {LABEL: platform}
            return DIGEST, json.dumps({"config": {"Labels": labels}}).encode()

        return RegistryImages(
            running=Running(1, 2, "127.0.0.1:5050", stand_ins=stand_ins),
            crane=crane,
            mirror=SimpleNamespace(provide=provide),
            evaluator=FakeEvaluator(),
            scratch=tmp_path,
            session_id="session",
            allow_stand_ins=allow,
        )

    return images


# -- resolving


def test_a_tag_is_resolved_to_its_digest_once_a_session(images):
    known = images()
    known.crane.held.add("docker.io/library/debian:12")
    found = known.resolve("debian:12", "linux/amd64")
    assert found.ref == f"docker.io/library/debian:12@{DIGEST}"
    assert known.resolve("debian:12", "linux/amd64") is found
    assert known.crane.ran == [
        ("digest", "docker.io/library/debian:12"),
        ("config", f"docker.io/library/debian:12@{DIGEST}", "linux/amd64"),
    ]


def test_a_digest_is_not_asked_for(images):
    known = images()
    found = known.resolve(f"debian@{DIGEST}", "linux/amd64")
    assert found.ref == f"docker.io/library/debian@{DIGEST}"
    assert [name for name, *_ in known.crane.ran] == ["config"]


def test_with_stand_ins_the_mirror_provides_the_image_of_the_platform(images):
    known = images(stand_ins=True)
    found = known.resolve("debian:12", "linux/arm64/v8")
    # the daemon is given the usual name: it goes through the same mirror
    assert found.ref == f"docker.io/library/debian:12@{DIGEST}"
    assert found.config.labels == ((LABEL, "linux/arm64"),)
    assert known.crane.ran == []


@pytest.mark.parametrize("stand_ins", [False, True])
def test_an_image_that_no_registry_has_is_an_error(images, stand_ins):
    with pytest.raises(RegistryError, match="MANIFEST_UNKNOWN"):
        images(stand_ins=stand_ins).resolve("127.0.0.1:5050/app:v1", "linux/amd64")


# -- publishing


def test_one_image_is_tagged_after_it_was_pushed(images):
    known = images()
    assert known.publish(ON_LOOPBACK, [AMD64], PushOptions()) == f"{ON_LOOPBACK}@sha256:amd64"
    assert known.crane.ran == [("tag", "127.0.0.1:5050/app@sha256:amd64", "v1")]


def test_several_images_become_one_index_in_their_order(images):
    known = images()
    published = known.publish(ON_LOOPBACK, [AMD64, ARM64], PushOptions(oci=False))
    assert published == f"{ON_LOOPBACK}@{DIGEST}"
    assert known.crane.ran == [
        (
            *("index", "append", "--tag", ON_LOOPBACK, "--docker-empty-base"),
            *("--manifest", "127.0.0.1:5050/app@sha256:amd64"),
            *("--manifest", "127.0.0.1:5050/app@sha256:arm64"),
        )
    ]


def test_a_digest_cannot_be_published_to(images):
    address = f"127.0.0.1:5050/app@{DIGEST}"
    message = f"^cannot publish to '{address}': a digest is the result of a push$"
    with pytest.raises(RequestError, match=message):
        images().publish(address, [AMD64], PushOptions())


def test_a_push_that_fails_writes_no_tag(images):
    known = images()
    known.evaluator.error = SolveError("unauthorized")
    with pytest.raises(RegistryError, match=f"^failed to push {ON_LOOPBACK}: unauthorized$"):
        known.publish(ON_LOOPBACK, [AMD64], PushOptions())
    assert known.crane.ran == []


STAND_IN = Container(
    "linux/amd64", FILES, ImageConfig(labels=((LABEL, "docker.io/library/debian:12"),))
)


def test_a_stand_in_does_not_leave_this_machine(images):
    message = "^refused to push ghcr.io/o/r:v1: its base is a stand-in for docker.io/library/debian"
    with pytest.raises(RequestError, match=message):
        images().publish("ghcr.io/o/r:v1", [AMD64, STAND_IN], PushOptions())


@pytest.mark.parametrize(
    "address", ["ghcr.io/o/r:v1", "localhost.example.com/r:v1", "10.0.0.1:5000/r"]
)
def test_files_that_were_copied_from_a_stand_in_do_not_leave_either(images, address):
    known = images(stand_ins=True)
    base = known.resolve("debian:12", "linux/amd64")
    source = ImageSource("from debian", base.ref, "linux/amd64").output
    copied = FileOp("copy", FILES, (Copy(source, "/usr/lib/x", "/x"),)).output
    message = "it has files of a stand-in for linux/amd64, made here"
    with pytest.raises(RequestError, match=message):
        known.publish(address, [Container("linux/amd64", copied)], PushOptions())


@pytest.mark.parametrize(
    ("address", "allow"),
    [
        (ON_LOOPBACK, False),
        ("[::1]:5000/app:v1", False),
        ("localhost:5000/app:v1", False),
        ("localhost/app:v1", False),
        ("ghcr.io/o/r:v1", True),
    ],
)
def test_a_stand_in_may_be_pushed_to_loopback_or_where_it_is_allowed(images, address, allow):
    known = images(allow=allow)
    assert known.publish(address, [STAND_IN], PushOptions()).startswith(address)


# -- annotations, and images from elsewhere


def test_an_index_of_annotated_images_is_written_here_since_crane_leaves_them_out(
    images, monkeypatch
):
    known = images()
    pushed = {}

    def run(_crane, *arguments):
        if arguments[0] == "manifest":
            return json.dumps({"mediaType": "m", "of": arguments[1]})
        pushed["arguments"] = arguments
        pushed["index"] = json.loads(Path(arguments[2], "index.json").read_text())
        return f"127.0.0.1:5050/app@{DIGEST}\n"

    monkeypatch.setattr(FakeCrane, "run", run)
    annotated = replace(AMD64, annotations=(("a", "1"),))
    assert known.publish(ON_LOOPBACK, [annotated, ARM64], PushOptions()).endswith(DIGEST)
    assert pushed["arguments"][:2] == ("push", "--index")
    assert pushed["arguments"][3] == ON_LOOPBACK
    amd64, arm64 = pushed["index"]["manifests"]
    assert amd64["annotations"] == {"a": "1"}
    assert amd64["platform"] == {"os": "linux", "architecture": "amd64"}
    assert "annotations" not in arm64
    assert list(known.scratch.iterdir()) == []


def test_a_dockerfile_is_built_once_a_session(images, monkeypatch):
    known = images()
    builds = []

    def build(dockerfiles, directory, asked, _secrets):
        builds.append((dockerfiles.repository, directory, asked))
        return DIGEST

    monkeypatch.setattr(Dockerfiles, "build", build)
    asked = DockerBuild(platform="linux/amd64")
    directory = Directory(FILES)
    found = known.built(directory, asked, {})
    assert found.ref == f"127.0.0.1:5050/buildkit-engine/store@{DIGEST}"
    assert known.built(Directory(FILES), asked, {}) is found
    assert known.built(directory, replace(asked, target="t"), {}) is not found
    assert [build[0] for build in builds] == ["127.0.0.1:5050/buildkit-engine/store"] * 2


def test_where_the_daemon_reaches_no_store_a_file_of_an_image_is_refused(images):
    known = images()
    known.running = Running(1, 2, "", stand_ins=False, address="tcp://builder:1234")
    message = (
        "^this takes the registry on this machine's loopback, which the daemon at "
        "'tcp://builder:1234' does not reach: publish the image instead$"
    )
    with pytest.raises(RequestError, match=message):
        known.tarball([AMD64], PushOptions())
