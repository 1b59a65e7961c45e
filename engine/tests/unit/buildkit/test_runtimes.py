"""The image stores of container runtimes, with programs that stand in for them."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit import runtimes
from buildkit_engine.errors import RequestError

NAME = "docker.io/library/app:v1"


@pytest.fixture
def runtime(tmp_path, monkeypatch):
    """Makes a program that writes down what it is asked, and answers."""
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")

    def runtime(program: str, *, runs: bool = True, says: str = "Loaded image: old:tag") -> None:
        script = f"""#!/bin/sh
echo "{program} $@" >> {tmp_path}/asked
case $1 in
version) exit {0 if runs else 1};;
load) cat > {tmp_path}/loaded; echo "{says}";;
esac
"""
        (tmp_path / program).write_text(script)
        (tmp_path / program).chmod(0o755)

    return runtime


def asked(tmp_path) -> list[str]:
    return (tmp_path / "asked").read_text().splitlines()


def test_the_first_runtime_that_answers_is_asked(runtime):
    runtime("docker", runs=False)
    runtime("nerdctl")
    runtime("podman")
    assert runtimes.answering(NAME) == "podman"


def test_without_a_runtime_it_is_said_which_could_be(monkeypatch):
    monkeypatch.setenv("PATH", "/nonesuch")
    message = (
        f"cannot export image '{NAME}': no container runtime answers on this machine: "
        "expected one of docker, podman, finch, nerdctl on PATH, with its daemon running"
    )
    with pytest.raises(RequestError, match=f"^{message}$"):
        runtimes.answering(NAME)


@pytest.mark.parametrize(
    ("says", "loaded"),
    [("Loaded image ID: sha256:0123abcd", "sha256:0123abcd"), ("Loaded image: a:b", "a:b")],
)
def test_an_image_is_loaded_and_named(runtime, tmp_path, says, loaded):
    runtime("docker", says=says)
    (tmp_path / "image.tar").write_bytes(b"an image")
    runtimes.load("docker", tmp_path / "image.tar", NAME)
    assert (tmp_path / "loaded").read_bytes() == b"an image"
    assert asked(tmp_path) == ["docker load", f"docker tag {loaded} {NAME}"]


def test_a_runtime_that_says_nothing_of_an_image_is_told(runtime, tmp_path):
    runtime("docker", says="nothing")
    (tmp_path / "image.tar").write_bytes(b"")
    with pytest.raises(RequestError, match=r"^unexpected output from docker load: nothing$"):
        runtimes.load("docker", tmp_path / "image.tar", NAME)


def test_a_runtimes_refusal_is_in_its_own_words(runtime, tmp_path):
    (tmp_path / "docker").write_text("#!/bin/sh\necho 'no space left' >&2\nexit 1\n")
    (tmp_path / "docker").chmod(0o755)
    (tmp_path / "image.tar").write_bytes(b"")
    with pytest.raises(RequestError, match=r"^docker load failed: no space left$"):
        runtimes.load("docker", tmp_path / "image.tar", NAME)
