"""What is refused before any build, and what fails later: each with one clear line."""

from __future__ import annotations

import time

import pytest

from tests.integration.registries import HTPASSWD, CuttingProxy

ADDRESS = "--address=registry.example.com/app"
ALL_PLATFORMS = (
    "linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/arm64, linux/arm/v7, linux/arm/v6, "
    "linux/386, linux/riscv64, linux/ppc64le, linux/s390x"
)
EXAMPLE = "expected registry/repository[:tag], such as registry.example.com/team/app:1.2"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--platforms=linux/bogus99"], f"Unsupported platform 'linux/bogus99': expected one of {ALL_PLATFORMS}"),
        (["--platforms=linux/amd64,linux/arm64,linux/x86_64"], "is given twice (as 'linux/amd64' before): name each platform once"),
        (["--tags=a b"], "Tag 'a b' is not one: expected up to 128 letters, digits, '.', '_' and '-', not beginning with '.' or '-'"),
        (["--address=registry.example.com/App"], f"Address 'registry.example.com/App' is not a repository (lower case, no spaces): {EXAMPLE}"),
        (["--address=app"], f"Address 'app' names no registry: {EXAMPLE}"),
        (["--username=me"], "A username is given without a password: expected both, or neither"),
        (["--created=yesterday"], "created 'yesterday' is not a time: expected RFC 3339, such as 2026-01-31T12:00:00Z"),
    ],
)  # fmt: skip
def test_a_wrong_argument_is_refused_before_any_build(call, app, words, message):
    address = [] if any(w.startswith("--address") for w in words) else [ADDRESS]
    ran = call("publish", *address, *words, source=app)
    refused(ran, message, call)


def test_an_empty_list_of_platforms_is_refused(call, app):
    ran = call("publish", ADDRESS, "--platforms=", source=app)
    refused(ran, "No platform given: expected at least one, such as linux/amd64,linux/arm64", call)


@pytest.mark.parametrize(
    ("path", "text", "message"),
    [
        ("pipeline.toml", 'nme = "x"\n', "pipeline.toml: unknown key 'nme': expected one of platforms, go, cuda, rust, cmake, "),
        ("pipeline.toml", "name = 3\n", "pipeline.toml: name has the wrong type (number): expected a string"),
        ("pipeline.toml", "[go]\n[rust]\n", "pipeline.toml: [rust] is the table of another toolchain: this project's is 'go': expected [go], or no table"),
        ("pipeline.toml", '[go]\npackages = ["./internal/api"]\n', "[go] packages: './internal/api' is package api, not a program: expected package main"),
        ("pipeline.toml", '[go]\npackages = ["./cmd/nothing"]\n', "[go] packages: './cmd/nothing' is not in the source: expected a folder of it"),
        ("pipeline.toml", '[runtime.base]\n"linux/amd64" = "a"\n[runtime]\nentrypoint = ["/x"]\n', "[runtime] base has no image for linux/arm64, only for linux/amd64: add one"),
        ("pipeline.toml", '[runtime]\nentrypoint = ["/x"]\nfiles = { "/etc/x" = "nowhere.toml" }\n', "'nowhere.toml' is not in the source: [runtime] files names a file or folder of it"),
        ("go.mod", None, "go.mod is not in the source, which holds cmd/, go.sum, internal/, pipeline.toml: expected a Go module at its root; point --source at the application's folder"),
    ],
)  # fmt: skip
def test_a_wrong_source_is_refused_before_any_build(call, app, path, text, message):
    if path == "go.mod":
        (app / path).unlink()
        (app / "pipeline.toml").write_text('toolchain = "go"\n')
    else:
        (app / path).write_text(text)
    refused(call("publish", ADDRESS, source=app), message, call)


def test_a_source_without_a_toolchain_is_refused(call, tmp_path):
    (tmp_path / "README").write_text("nothing to build\n")
    ran = call("publish", ADDRESS, source=tmp_path)
    refused(ran, "No toolchain recognised in the source, which holds README: expected go.mod", call)


def test_a_missing_source_is_refused(call, tmp_path):
    ran = call("publish", ADDRESS, source=tmp_path / "nowhere")
    assert ran.code != 0
    assert "nowhere" in ran.error
    assert "no such" in ran.error.lower() or "not exist" in ran.error or "not found" in ran.error
    assert "Traceback" not in ran.error
    assert "go build" not in ran.error


def test_a_configuration_that_is_named_must_exist(call, app):
    ran = call("--config=other.toml", "plan", source=app)
    refused(
        ran,
        "config 'other.toml' is not in the source: expected a file, such as pipeline.toml",
        call,
    )


def refused(ran, message: str, call) -> None:
    assert ran.code == 1, ran.error
    assert message in ran.error
    assert "go build" not in ran.error
    if call.embedded:
        assert message in ran.refusal
        assert "Traceback" not in ran.error


# -- what fails later


@pytest.mark.parametrize("skipped", [(), ("--skip-verify",)], ids=["verified", "as it is pushed"])
def test_a_compile_error_is_told_in_the_compilers_words(call, app, repository, registry, skipped):
    file = app / "internal/api/api.go"
    file.write_text(file.read_text().replace("api.draining.Load()", "api.drainin.Load()"))
    ran = call("publish", f"--address={repository}", "--skip-tests", *skipped, source=app)
    assert ran.code == 1
    assert "api.drainin undefined" in ran.error
    assert registry.tags(repository) == []
    if call.embedded:
        assert "Traceback" not in ran.error
        assert "go build" in ran.refusal


def test_a_failing_test_pushes_nothing(call, app, repository, registry):
    file = app / "internal/api/api_test.go"
    file.write_text(file.read_text().replace("Hello, Ada!", "Hello, Bob!"))
    ran = call("publish", f"--address={repository}", source=app)
    assert ran.code == 1
    assert "--- FAIL: TestGreetUsesTheName" in ran.error
    assert registry.tags(repository) == []
    if call.embedded:
        assert "Traceback" not in ran.error
        assert ran.refusal == "go test ./...: exit code 1"


@pytest.fixture(scope="module")
def locked(start_registry):
    """A registry that asks who is there."""
    return start_registry(htpasswd=HTPASSWD)


def login(password: str, address: str) -> list[str]:
    return [
        "publish", "--platforms=linux/amd64,linux/arm64", f"--address={address}", "--skip-tests",
        "--username=publisher", f"--password=env://{password}",
    ]  # fmt: skip


def test_credentials_are_given_to_the_registry(call, app, locked):
    ran = call(*login("RIGHT", f"{locked.address}/locked"), source=app, env={"RIGHT": "correct"})
    assert ran.code == 0, ran.error
    assert ran.out.startswith(f"{locked.address}/locked:latest@sha256:")
    assert "correct" not in ran.error + ran.out


def test_a_wrong_password_is_told_and_not_repeated(call, app, locked):
    address = f"{locked.address}/locked-out"
    ran = call(*login("WRONG", address), source=app, env={"WRONG": "not-the-password"})
    assert ran.code == 1
    assert f"Publishing {address}:latest failed" in ran.error
    assert "401 Unauthorized" in ran.error or "UNAUTHORIZED" in ran.error
    assert "not-the-password" not in ran.error + ran.out
    assert "(no tag was written)" in ran.error


def test_a_registry_that_is_down_is_named(call, app, start_registry):
    registry = start_registry()
    registry.stop()
    ran = call("publish", f"--address={registry.address}/app", "--skip-tests", source=app)
    assert ran.code == 1
    assert f"Publishing {registry.address}/app:latest failed" in ran.error
    assert "connection refused" in ran.error
    if call.embedded:
        assert "Traceback" not in ran.error


@pytest.mark.parametrize(
    "trigger",
    [
        b"PUT /v2/cut/blobs/uploads/",
        b"PUT /v2/cut/manifests/sha256:",
        b"PUT /v2/cut/manifests/latest",
    ],
)
def test_a_registry_that_is_killed_in_mid_push_has_no_new_tag(call, app, start_registry, trigger):
    registry = start_registry()
    if not call.embedded and b"sha256" in trigger:
        pytest.skip("a Dagger engine pushes the variants with the index: by other requests")
    proxy = CuttingProxy(registry, trigger, cut=lambda: registry.stop(9))
    try:
        file = app / "internal/api/api.go"
        file.write_text(file.read_text().replace("Hello, ", f"Hello, cut off at {time.time()}, "))
        ran = call("publish", f"--address={proxy.address}/cut", "--skip-tests", source=app)
    finally:
        proxy.close()
    assert proxy.triggered.is_set(), "the registry was never asked for what it should have died of"
    assert ran.code == 1
    assert f"Publishing {proxy.address}/cut:latest failed" in ran.error
    assert "(no tag was written)" in ran.error
    registry.start()
    assert registry.tags(f"{registry.address}/cut") == []


def test_the_tags_written_before_a_failure_are_named(call, app, start_registry):
    registry = start_registry()
    proxy = CuttingProxy(registry, b"PUT /v2/cut/manifests/two", cut=lambda: registry.stop(9))
    try:
        ran = call(
            "publish",
            f"--address={proxy.address}/cut",
            "--tags=one,two",
            "--skip-tests",
            source=app,
        )
    finally:
        proxy.close()
    assert ran.code == 1
    assert f"Publishing {proxy.address}/cut:two failed" in ran.error
    assert f"(tags already written: {proxy.address}/cut:one@sha256:" in ran.error
    registry.start()
    assert registry.tags(f"{registry.address}/cut") == ["one"]
