"""Dockerfiles: what the daemon's frontend is asked, and what it answers."""

from __future__ import annotations

import base64
import json
import re

import pytest

from buildkit_engine.buildkit.buildctl import Buildctl
from buildkit_engine.buildkit.exporters import PushAsBuilt
from buildkit_engine.buildkit.frontend import (
    DockerBuild,
    MissingImageError,
    build,
    check_syntax,
)
from buildkit_engine.errors import ExecError, RequestError, SolveError

STORE = PushAsBuilt("127.0.0.1:5050/store")
ASKED = DockerBuild(platform="linux/amd64")


@pytest.fixture
def run(program):
    buildctl = Buildctl(program.path, "unix:///x")

    def run(asked: DockerBuild = ASKED, **secrets: bytes) -> str:
        return build(buildctl, asked, "/context", STORE, secrets)

    return run


def progress(*, error: str = "", logs: list[tuple[int, bytes]] = ()) -> str:
    started = {"digest": "sha256:a", "name": "RUN x", "started": "now"}
    ended = {**started, "completed": "now", "error": error}
    told = [
        {"vertex": "sha256:a", "stream": stream, "data": base64.b64encode(data).decode()}
        for stream, data in logs
    ]
    lines = [{"vertexes": [started]}, *({"logs": [log]} for log in told), {"vertexes": [ended]}]
    return "\n".join(json.dumps(line) for line in lines)


def process_failed(command: str, code: int = 3) -> str:
    return f"process {json.dumps(command)} did not complete successfully: exit code: {code}"


def test_the_frontend_gets_the_folder_and_what_is_asked(run, program):
    program.says(metadata={"containerimage.digest": "sha256:b"})
    asked = DockerBuild("build/D", "linux/arm64", "stage", (("A", "x=1,2"), ("B", "")))
    assert run(asked) == "sha256:b"
    assert program.option("--frontend") == ["dockerfile.v0"]
    assert program.option("--local") == ["context=/context", "dockerfile=/context"]
    assert program.option("--opt") == [
        "cmdline=docker/dockerfile",
        "filename=build/D",
        "platform=linux/arm64",
        "target=stage",
        "build-arg:A=x=1,2",
        "build-arg:B=",
    ]


def test_secrets_go_by_their_names_and_never_by_arguments(run, program):
    program.says(metadata={"containerimage.digest": "sha256:b"})
    run(token=b"s3cret")
    assert program.option("--secret")[0].startswith("id=token,src=/proc/self/fd/")
    assert bytes.fromhex(program.seen["secrets"][0]) == b"s3cret"
    assert "s3cret" not in " ".join(program.seen["argv"])


@pytest.mark.parametrize(
    ("text", "command"),
    [
        ("/bin/sh -c echo 'a  b' && exit 3", ("/bin/sh", "-c", "echo 'a  b' && exit 3")),
        ("/bin/false now", ("/bin/false", "now")),
    ],
)
def test_a_run_that_fails_is_an_exec_error(run, program, text, command):
    told = progress(error=process_failed(text), logs=[(1, b"out\n"), (2, b"err\n")])
    program.says(stderr=f"{told}\nerror: failed to solve: …\n", code=1)
    with pytest.raises(ExecError) as raised:
        run()
    error = raised.value
    assert (error.cmd, error.exit_code) == (command, 3)
    assert (error.stdout, error.stderr) == ("out", "err")


def test_secrets_are_stars_in_what_a_run_said_also_in_parts(run, program):
    logs = [(1, b"1 s3c"), (2, b"s3cret"), (1, b"ret 2"), (2, b" s3c")]
    program.says(stderr=progress(error=process_failed("x"), logs=logs), code=1)
    with pytest.raises(ExecError) as raised:
        run(token=b"s3cret")
    assert (raised.value.stdout, raised.value.stderr) == ("1 *** 2", "*** s3c")


def test_a_base_image_that_is_missing_is_told_by_its_reference(run, program):
    words = "debian:12: failed to resolve source metadata for docker.io/library/debian:12: no"
    program.says(stderr=f"error: failed to solve: {words}\n", code=1)
    with pytest.raises(MissingImageError, match=f"^{re.escape(words)}$") as raised:
        run()
    assert raised.value.reference == "docker.io/library/debian:12"


def test_what_is_no_dockerfile_is_told_in_the_frontends_words(run, program):
    words = "dockerfile parse error on line 1: unknown instruction: FRO"
    program.says(stderr=f"Dockerfile:1\n >>> FRO\nerror: failed to solve: {words}\n", code=1)
    with pytest.raises(SolveError, match=f"^{words}$"):
        run()


@pytest.mark.parametrize(
    "text",
    [
        "FROM a\n# syntax=x/y:1\n",
        "\ufeff# syntax=docker/dockerfile:1\nFROM a\n",
        "# Syntax = docker.io/docker/dockerfile-upstream@sha256:0 more\nFROM a\n",
        "# escape=`\n# syntax=moby/dockerfile\nFROM a\n",
        "# a comment\n# syntax=x/y:1\nFROM a\n",
        "",
    ],
)
def test_syntax_lines_of_the_frontend_that_is_built_in_are_taken(text):
    check_syntax(text)


@pytest.mark.parametrize("name", ["x/y:1", "docker/dockerfile2", "example.com/docker/dockerfile:1"])
def test_other_syntax_lines_are_refused(name):
    message = (
        f'dockerBuild syntax frontend "{name}" is unsupported: '
        "expected docker/dockerfile, which is built in"
    )
    with pytest.raises(RequestError, match=f"^{re.escape(message)}$"):
        check_syntax(f"# escape=`\n#syntax={name}\nFROM a\n")
