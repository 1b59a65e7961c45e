"""A Dockerfile as it is, for every platform: published, read back, and run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT, errors
from tests.integration.emulated import compare
from tests.integration.machines import why_none
from tests.integration.registries import elf_machine

EXAMPLE = ROOT / "examples" / "dockerfile-app"
PLATFORMS = {
    "linux/amd64": ("EM_X86_64", "amd64", ""),
    "linux/arm64": ("EM_AARCH64", "arm64", "qemu-aarch64-static"),
    "linux/arm/v7": ("EM_ARM", "arm", "qemu-arm-static"),
}
PROGRAM = "usr/local/bin/clock"
DEBIAN = "FROM docker.io/library/debian:bookworm-slim\n"
SECONDS = 900


@pytest.fixture(scope="module")
def published(call, registry):
    """The example, tested, verified and published for all of its platforms."""
    address = f"{registry.address}/dockerfile-app"
    flags = (f"--address={address}", "--version=1.2.3", "--revision=abc123")
    ran = call("publish", *flags, source=EXAMPLE, timeout=SECONDS)
    assert ran.code == 0, ran.error
    return f"{address}:1.2.3", ran


@pytest.fixture
def app(tmp_path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(EXAMPLE, tmp_path / "app"))


@pytest.fixture
def write(tmp_path):
    """Makes a source of a Dockerfile and what pipeline.toml says of it."""

    def source(dockerfile: str, toml: str = "", **files: bytes) -> Path:
        folder = tmp_path / "source"
        folder.mkdir()
        (folder / "Dockerfile").write_text(dockerfile)
        (folder / "pipeline.toml").write_text(toml)
        for name, data in files.items():
            (folder / name).write_bytes(data)
            (folder / name).chmod(0o755)
        return folder

    return source


def test_the_index_has_exactly_the_platforms_of_pipeline_toml(published, registry):
    reference, ran = published
    assert registry.platforms(reference) == ["linux/amd64", "linux/arm/v7", "linux/arm64"]
    assert "Under emulation" not in ran.error


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_program_is_for_its_platform_and_runs_there(published, registry, tmp_path, platform):
    machine, goarch, emulator = PLATFORMS[platform]
    _, data = registry.files(published[0], platform)[PROGRAM]
    assert elf_machine(data) == machine
    if emulator and shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    program = tmp_path / "clock"
    program.write_bytes(data)
    program.chmod(0o755)
    start = [emulator] if emulator else []
    done = subprocess.run([*start, program], capture_output=True, text=True, check=True)
    assert re.fullmatch(rf"clock 1\.2\.3 linux/{goarch}\n\d\d:\d\d UTC\n", done.stdout)


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_dockerfiles_configuration_stands_and_labels_are_added(published, registry, platform):
    config = registry.config(published[0], platform)["config"]
    assert config["Entrypoint"] == [f"/{PROGRAM}"]
    assert config["User"] == "65532"
    oci = {k.rpartition(".")[2]: v for k, v in config["Labels"].items() if "opencontainers" in k}
    assert oci == {"title": "clock", "version": "1.2.3", "revision": "abc123"}


def test_what_pipeline_toml_says_of_the_runtime_is_over_the_dockerfile(call, app, tmp_path):
    with (app / "pipeline.toml").open("a") as toml:
        toml.write(
            '\n[runtime]\nuser = "1000:1000"\nargs = ["Europe/Prague"]\nenv = { TZ = "UTC" }\n'
            'files = { "/etc/clock.mod" = "go.mod" }\n'
        )
    words = ("build", "--platform=linux/arm64")
    asked = {
        "user": "1000:1000",
        "entrypoint": f"/{PROGRAM}",
        "default-args": "Europe/Prague",
        "env-variable --name=TZ": "UTC",
    }
    for question, answer in asked.items():
        ran = call(*words, *question.split(), source=app)
        assert (ran.code, ran.out) == (0, answer), ran.error
    ran = call(*words, "file", "--path=/etc/clock.mod", "contents", source=app)
    assert ran.out == (EXAMPLE / "go.mod").read_text().strip()


def test_artifacts_are_what_the_stage_for_them_holds(call, tmp_path):
    ran = call("artifacts", "export", f"--path={tmp_path / 'out'}", source=EXAMPLE)
    assert ran.code == 0, ran.error
    found = {
        str(p.relative_to(tmp_path / "out")): p
        for p in (tmp_path / "out").rglob("*")
        if p.is_file()
    }
    machines = {name: elf_machine(path.read_bytes()) for name, path in found.items()}
    assert machines == {
        "linux_amd64/clock": "EM_X86_64",
        "linux_arm64/clock": "EM_AARCH64",
        "linux_arm_v7/clock": "EM_ARM",
    }


def test_a_stage_that_tests_and_fails_keeps_the_image_from_the_registry(
    call, app, repository, registry
):
    tests = app / "main_test.go"
    tests.write_text(tests.read_text().replace("12:00 UTC", "13:00 UTC"))
    ran = call("publish", f"--address={repository}", source=app)
    assert ran.code == 1
    assert "--- FAIL: TestTheTimeIsThatOfTheZone" in ran.error
    assert registry.tags(repository) == []


def test_a_command_is_run_in_the_stage_that_tests(call, app):
    with (app / "pipeline.toml").open("a") as toml:
        toml.write('\n[test]\ncommand = ["go", "test", "-run", "Zone", "-v", "./..."]\n')
    ran = call("test", source=app)
    assert ran.code == 0, ran.error
    assert "--- PASS: TestTheTimeIsThatOfTheZone" in ran.out


def test_without_tests_it_says_how_to_name_some(call, write):
    ran = call("test", source=write("FROM scratch\nCOPY Dockerfile /\n"))
    assert (ran.code, ran.out) == (
        0,
        "No tests: name a stage of Dockerfile that tests in [dockerfile] test_target, or a command "
        "that the image runs in [test]",
    )


def test_build_arguments_a_target_and_a_secret_reach_the_dockerfile(call, write):
    text = (
        f"{DEBIAN.strip()} AS first\nARG NAME=none\nARG VERSION=none\nARG OTHER=other\n"
        "RUN --mount=type=secret,id=token echo $NAME $VERSION $OTHER $(wc -c < /run/secrets/token) > /f\n"
        "FROM first\nRUN echo last > /f\n"
    )
    toml = (
        '[dockerfile]\ntarget = "first"\nargs = { NAME = "{platform}", VERSION = "{version}", '
        'OTHER = "{revision}" }\nsecrets = { token = "env://THE_TOKEN" }\n'
    )
    source = write(text, toml)
    words = ("build", "--platform=current", "--version=1.2", "file", "--path=/f", "contents")
    given = {"THE_TOKEN": "fifteen-letters"}
    ran = call("--secrets=env://THE_TOKEN", *words, source=source, env=given)
    assert ran.code == 0, ran.error
    assert re.fullmatch(r"linux/\w+ 1\.2 other 15", ran.out)
    assert "fifteen-letters" not in ran.error

    ran = call(*words, source=source)
    message = "[dockerfile] secrets: 'token' was not given: expected --secrets env://THE_TOKEN"
    refused(ran, f"{message} before the function's name", call)
    ran = call("--secrets=env://PATH", *words, source=source)
    message = "secret 'env://PATH' is none of [dockerfile] secrets: expected one of env://THE_TOKEN"
    refused(ran, message, call)


def test_programs_of_another_platform_that_are_copied_in_are_refused(
    call, write, registry, published, repository
):
    _, data = registry.files(published[0], "linux/amd64")[PROGRAM]
    base = "gcr.io/distroless/static-debian12:nonroot"
    text = f'FROM {base}\nCOPY clock /clock\nENTRYPOINT ["/clock"]\n'
    source = write(text, clock=data)
    both = "--platforms=linux/amd64,linux/arm64"
    ran = call("publish", both, f"--address={repository}", source=source)
    assert ran.code == 1
    assert set(errors(ran.error)) == {
        ("wrong-architecture", "linux/arm64", "/clock"),
        ("identical-variants", "linux/arm64", "/"),
    }
    assert registry.tags(repository) == []


def test_an_error_in_the_dockerfile_is_told_before_anything_is_built(
    call, app, repository, registry
):
    dockerfile = app / "Dockerfile"
    dockerfile.write_text(dockerfile.read_text().replace("GOOS=$TARGETOS GOARCH=$TARGETARCH ", ""))
    ran = call("publish", f"--address={repository}", "--skip-tests", source=app)
    assert ran.code == 1
    assert errors(ran.error) == [("untargeted-compile", "-", "Dockerfile:21")]
    assert registry.tags(repository) == []


def test_steps_that_would_be_emulated_are_named_and_can_be_forbidden(call, write):
    text = f"{DEBIAN}RUN --mount=type=cache,target=/c \\\n    uname -m > /machine\nRUN true\n"
    source = write(text)
    told = (
        "Under emulation, several times as slow as on the build host:\n"
        "    Dockerfile:2  RUN uname -m > /machine  (linux/s390x)\n"
        "    Dockerfile:4  RUN true  (linux/s390x)"
    )
    ran = call("plan", "--platforms=linux/s390x", source=source)
    assert ran.code == 0, ran.error
    assert told in ran.out
    assert re.search(r"build linux/s390x +linux/s390x +emulated +Dockerfile", ran.out)
    (source / "pipeline.toml").write_text('[dockerfile]\nemulation = "forbid"\n')
    ran = call("build", "--platform=linux/s390x", "sync", source=source)
    message = (
        "Dockerfile has steps that would run under emulation, which [dockerfile] emulation forbids: "
        "line 2: RUN uname -m > /machine; line 4: RUN true: move them to a stage "
        "FROM --platform=$BUILDPLATFORM, as lint shows"
    )
    refused(ran, message, call)


def test_emulation_is_refused_where_the_engine_has_no_emulator(call, write):
    source = write(f"{DEBIAN}RUN uname -m > /machine\n")
    if not re.search(r"^linux/s390x +no ", call("doctor", source=source).out, re.MULTILINE):
        pytest.skip("this engine runs linux/s390x")
    ran = call("build", "--platform=linux/s390x", "sync", source=source)
    assert "    Dockerfile:2  RUN uname -m > /machine  (linux/s390x)" in ran.error
    refused(
        ran, "linux/s390x would be compiled under emulation, and this engine does not run", call
    )


def test_lint_looks_at_the_file_and_the_stages_that_are_built(call, write):
    text = (
        "FROM --platform=linux/amd64 scratch AS image\nFROM scratch AS image2\nADD https://a/b /b\n"
    )
    source = write(text, '[dockerfile]\nfile = "build.Dockerfile"\ntarget = "image"\n')
    (source / "Dockerfile").rename(source / "build.Dockerfile")
    ran = call("lint", source=source)
    assert ran.out == "build.Dockerfile: nothing found", ran.error
    ran = call("lint", "--dockerfile=build.Dockerfile", source=source)
    assert "unchecked-download" in ran.out


@pytest.mark.long
@pytest.mark.skipif(bool(why_none()), reason=why_none())
def test_a_naive_dockerfile_works_under_emulation_and_takes_a_multiple_of_the_time(
    call, app, tmp_path, record_property
):
    good = (app / "Dockerfile").read_text()
    # and without caches: Go under QEMU would find there what it has compiled as a cross compiler
    better = r"--platform=\$BUILDPLATFORM |--mount=type=cache,\S+ \\\n *|GOOS=\S+ GOARCH=\S+ GOARM=\S+ \\\n *"
    text = re.sub(better, "", good)
    naive = Path(shutil.copytree(app, tmp_path / "naive"))
    (naive / "Dockerfile").write_text(text)
    toml = naive / "pipeline.toml"
    toml.write_text(toml.read_text().replace('"forbid"', '"warn"'))
    made = compare(
        call, tmp_path, {"cross": app, "emulated": naive},
        program="clock", step="go build -trimpath", record=record_property,
    )  # fmt: skip
    told = {kind: "Under emulation" in each.said for kind, each in made.items()}
    assert told == {"cross": False, "emulated": True}
    assert made["emulated"].seconds > 2 * made["cross"].seconds


def refused(ran, message: str, call) -> None:
    assert ran.code == 1, ran.error
    assert message in ran.error
    if call.embedded:
        assert message in ran.refusal
        assert "Traceback" not in ran.error
