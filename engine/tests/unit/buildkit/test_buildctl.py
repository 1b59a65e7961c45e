"""Solves, by a program that stands in for buildctl."""

from __future__ import annotations

import base64
import csv
import json
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from buildkit_engine.buildkit.buildctl import Buildctl, Result
from buildkit_engine.buildkit.caches import Caches
from buildkit_engine.buildkit.credentials import Credentials
from buildkit_engine.buildkit.exporters import LocalFolder, PushByDigest, TarToStdout
from buildkit_engine.errors import ExecError, SolveError, StoppedError
from buildkit_engine.llb.marshal import marshal
from buildkit_engine.llb.ops import (
    BindMount,
    Copy,
    ExecOp,
    FileOp,
    ImageSource,
    LayoutSource,
    LocalSource,
)

IMAGE = ImageSource("from debian", "docker.io/library/debian@sha256:" + "1" * 64, "linux/amd64")
SHIM = ("/shim/shim", "run", "-expect", "success", "--")


def command(*args: str, shim=SHIM, **options) -> ExecOp:
    mounts = (BindMount("/", IMAGE.output),)
    return ExecOp("run", (*shim, *args), "linux/amd64", mounts, **options)


def failing(digest: str, error: str, *, out: str = "", err: str = "") -> str:
    """The progress of an operation that fails after it said something."""
    times = {"started": "2026-01-01T00:00:00Z", "completed": "2026-01-01T00:00:01Z"}
    logs = [
        {"vertex": digest, "stream": stream, "data": base64.b64encode(text.encode()).decode()}
        for stream, text in ((1, out), (2, err))
    ]
    vertex = {"digest": digest, "name": "run", "error": error, **times}
    return "\n".join(json.dumps(line) for line in ({"logs": logs}, {"vertexes": [vertex]})) + "\n"


@pytest.fixture
def buildctl(program):
    return Buildctl(program.path, "unix:///run/buildkitd.sock")


# -- what buildctl is given


def test_a_solve_gives_the_definition_on_standard_input(buildctl, program):
    definition = marshal(IMAGE.output)
    assert buildctl.solve(definition) == Result()
    assert bytes.fromhex(program.seen["stdin"]) == definition.data
    argv = program.seen["argv"]
    assert argv[:4] == ["--addr", "unix:///run/buildkitd.sock", "build", "--progress=rawjson"]
    assert "--output" not in argv


def test_local_folders_are_bound_to_their_names(buildctl, program):
    source = LocalSource("load", "/src", "session")
    copied = FileOp("copy", None, (Copy(source.output, "/", "/"),))
    buildctl.solve(marshal(copied.output))
    assert program.option("--local") == [f"{source.name}=/src"]


def test_images_in_folders_are_bound_to_their_names(buildctl, program):
    carried = LayoutSource("carry", "/carried", "sha256:" + "3" * 64, "linux/arm64")
    buildctl.solve(marshal(carried.output))
    assert program.option("--oci-layout") == [f"{carried.name}=/carried"]


def test_a_daemon_with_certificates_of_its_own_gets_them(buildctl, program, tmp_path):
    theirs = replace(buildctl, address="tcp://builder:1234", tls=str(tmp_path))
    theirs.solve(marshal(IMAGE.output))
    assert program.option("--tlsdir") == [str(tmp_path)]


def test_its_own_files_are_in_the_scratch_folder_and_go(buildctl, program, tmp_path):
    scratch = tmp_path / "scratch"
    scratch.mkdir()
    replace(buildctl, scratch=scratch).solve(marshal(IMAGE.output))
    [metadata] = program.option("--metadata-file")
    assert Path(metadata).parent.parent == scratch
    assert list(scratch.iterdir()) == []


@pytest.mark.parametrize(
    "value", [b"s3cret\xff\0", b"", b"long" * 40_000], ids=["binary", "empty", "long"]
)
def test_secrets_go_by_memory_and_never_by_arguments_or_the_environment(buildctl, program, value):
    op = command("true", secret_env=(("TOKEN", "token"),))
    buildctl.solve(marshal(op.output), secrets={"token": value, "unused": b"0ther"})
    seen = program.seen
    [[id_field, source_field]] = csv.reader(program.option("--secret"))
    assert id_field == "id=token"
    assert source_field.startswith("src=/proc/self/fd/")
    assert bytes.fromhex(seen["secrets"][0]) == value
    said = json.dumps([seen["argv"], seen["env"]])
    assert "s3cret" not in said
    assert "0ther" not in json.dumps(seen)


def test_a_session_that_was_given_credentials_signs_in_with_them(program, tmp_path, monkeypatch):
    monkeypatch.setenv("DOCKER_CONFIG", str(tmp_path))
    credentials = Credentials()
    buildctl = Buildctl(program.path, "unix:///x", credentials=credentials)
    buildctl.solve(marshal(IMAGE.output))
    assert program.seen["env"]["DOCKER_CONFIG"] == str(tmp_path)
    credentials.add("ghcr.io", "me", b"password")
    buildctl.solve(marshal(IMAGE.output))
    assert program.seen["env"]["DOCKER_CONFIG"] == credentials.environment["DOCKER_CONFIG"]
    credentials.close()


def test_root_capabilities_are_asked_for_where_a_command_has_them(buildctl, program):
    buildctl.solve(marshal(command("true").output))
    assert program.option("--allow") == []
    buildctl.solve(marshal(command("true", insecure=True).output))
    assert program.option("--allow") == ["security.insecure"]


# -- what comes of it


def test_a_tar_stream_is_returned(buildctl, program):
    program.says(stdout="a tar stream")
    assert buildctl.solve(marshal(IMAGE.output), TarToStdout()) == Result(files=b"a tar stream")
    assert program.option("--output") == ["type=tar,dest=-"]


def test_what_is_printed_is_no_file_where_files_go_to_a_folder(buildctl, program):
    program.says(stdout="noise")
    assert buildctl.solve(marshal(IMAGE.output), LocalFolder("/out")) == Result()


def test_a_push_returns_what_the_exporter_tells(buildctl, program):
    program.says(metadata={"containerimage.digest": "sha256:ab"})
    exporter = PushByDigest("127.0.0.1:5050/app", {"os": "linux"}, None)
    found = buildctl.solve(marshal(IMAGE.output), exporter)
    assert found == Result(metadata={"containerimage.digest": "sha256:ab"})


def test_a_failed_command_is_an_exec_error_of_the_users_own_words(buildctl, program):
    op = command("sh", "-c", "echo out; exit 3")
    error = 'process "/shim/shim run" did not complete successfully: exit code: 3'
    program.says(stderr=failing(op.digest, error, out="out\n", err="err\n"), code=1)
    with pytest.raises(ExecError, match=r"^exit code: 3$") as raised:
        buildctl.solve(marshal(op.output))
    assert raised.value.extensions == {
        "_type": "EXEC_ERROR",
        "cmd": ["sh", "-c", "echo out; exit 3"],
        "exitCode": 3,
        "stdout": "out",
        "stderr": "err",
    }


def test_the_exit_code_is_also_taken_from_buildctls_last_line(buildctl, program):
    op = command("false")
    last = "error: failed to solve: process did not complete successfully: exit code: 42\n"
    program.says(stderr=failing(op.digest, "process did not complete") + last, code=1)
    with pytest.raises(ExecError, match=r"^exit code: 42$"):
        buildctl.solve(marshal(op.output))


def test_a_command_that_should_have_failed_is_told_by_its_own_exit_code(buildctl, program):
    op = command("true", shim=("/shim/shim", "run", "-expect", "failure", "--"))
    program.says(stderr=failing(op.digest, "exit code: 124"), code=1)
    with pytest.raises(ExecError, match=r"^exit code: 0$"):
        buildctl.solve(marshal(op.output))


def test_a_command_of_the_engines_own_that_fails_is_no_exec_error(buildctl, program):
    op = command("/shim/shim", "tree", "/in", shim=())
    text = failing(op.digest, "exit code: 125", err="shim: /in: no such directory\n")
    program.says(stderr=text, code=1)
    with pytest.raises(SolveError, match=r"^/in: no such directory$") as raised:
        buildctl.solve(marshal(op.output))
    assert raised.value.vertex == op.digest


def test_an_operation_that_fails_otherwise_is_a_solve_error_without_the_wrapping(buildctl, program):
    error = 'failed to compute cache key: "/missing": not found'
    program.says(stderr=failing(IMAGE.digest, error), code=1)
    with pytest.raises(SolveError, match=r'^"/missing": not found$') as raised:
        buildctl.solve(marshal(IMAGE.output))
    assert raised.value.vertex == IMAGE.digest


def test_what_is_missing_is_told_by_its_path(buildctl, program):
    error = (
        "failed to compute cache key: failed to calculate checksum of ref abc::def: "
        '"/missing": not found'
    )
    program.says(stderr=failing(IMAGE.digest, error), code=1)
    with pytest.raises(SolveError, match=r"^stat /missing: no such file or directory$"):
        buildctl.solve(marshal(IMAGE.output))


def test_where_no_operation_failed_buildctls_own_words_are_the_error(buildctl, program):
    program.says(stderr="error: failed to solve: no such daemon\n", code=1)
    with pytest.raises(SolveError, match=r"^no such daemon$"):
        buildctl.solve(marshal(IMAGE.output))


@pytest.mark.parametrize("size", [10, 2_000_000], ids=["small", "large"])
def test_a_buildctl_that_ends_before_it_reads_says_why(buildctl, program, size):
    program.says(stderr="error: no daemon\n", code=1, reads=False)
    definition = replace(marshal(IMAGE.output), data=b"x" * size)
    with pytest.raises(SolveError, match=r"^no daemon$"):
        buildctl.solve(definition)


# -- the end


def test_stop_ends_a_solve_that_is_under_way(buildctl, program):
    program.says(seconds=30)
    raised: list[BaseException] = []

    def solve() -> None:
        try:
            buildctl.solve(marshal(IMAGE.output))
        except SolveError as error:
            raised.append(error)

    thread = threading.Thread(target=solve)
    thread.start()
    until = time.monotonic() + 60
    while not program.started and time.monotonic() < until:
        time.sleep(0.01)
    buildctl.children.stop()
    thread.join(timeout=60)
    assert not thread.is_alive()
    assert [str(error) for error in raised] == ["buildctl ended without a word"]


def test_after_stop_no_further_solve_starts(buildctl, program):
    buildctl.children.stop()
    with pytest.raises(StoppedError, match=r"^stopped$"):
        buildctl.solve(marshal(IMAGE.output))
    assert not program.started


# -- caches beyond the daemon


def test_caches_are_read_where_a_command_of_the_users_may_be_in_them(program):
    caches = Caches.parse(["host/app:cache"], ["type=local,dest=/c"])
    buildctl = Buildctl(program.path, "unix:///x", caches=caches)
    buildctl.solve(marshal(command("make").output))
    assert program.option("--import-cache") == ["type=registry,ref=host/app:cache"]
    assert program.option("--export-cache") == []
    buildctl.solve(marshal(IMAGE.output))
    assert program.option("--import-cache") == []


def test_caches_are_written_by_the_solve_that_is_told_to(program):
    caches = Caches.parse([], ["type=local,dest=/c"])
    buildctl = Buildctl(program.path, "unix:///x", caches=caches)
    buildctl.solve(marshal(command("make").output), write_caches=True)
    assert program.option("--export-cache") == ["type=local,dest=/c"]
