"""The main job: one command, one index, right in every part."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest

from tests.integration.emulators import serving
from tests.integration.registries import elf_machine, free_port

BOTH = "--platforms=linux/amd64,linux/arm64"
SHARED_LIBRARY_FREE = ("usr/local/bin/server", "usr/local/bin/healthcheck")


@pytest.fixture(scope="module")
def published(call, registry):
    """The example, published once under two tags."""
    address = f"{registry.address}/published"
    ran = call(
        "publish", BOTH, f"--address={address}", "--tags=1.2.3,latest",
        "--version=1.2.3", "--revision=abc123",
        source=Path(__file__).parents[2] / "examples/go-app",
    )  # fmt: skip
    assert ran.code == 0, ran.error
    return address, ran


def test_every_tag_is_printed_with_the_same_digest(published):
    address, ran = published
    first, second = ran.out.splitlines()
    assert first.startswith(f"{address}:1.2.3@sha256:")
    assert second.startswith(f"{address}:latest@sha256:")
    assert first.partition("@")[2] == second.partition("@")[2]


def test_the_index_has_exactly_the_two_platforms(published, registry):
    address, _ = published
    for tag in ("1.2.3", "latest"):
        assert registry.platforms(f"{address}:{tag}") == ["linux/amd64", "linux/arm64"]


@pytest.mark.parametrize(
    ("platform", "machine"), [("linux/amd64", "EM_X86_64"), ("linux/arm64", "EM_AARCH64")]
)
def test_config_and_every_elf_file_are_of_the_platform(published, registry, platform, machine):
    address, _ = published
    config = registry.config(f"{address}:1.2.3", platform)
    assert f"{config['os']}/{config['architecture']}" == platform
    files = registry.files(f"{address}:1.2.3", platform)
    machines = {name: elf_machine(data) for name, (_, data) in files.items()}
    programs = {name: found for name, found in machines.items() if found}
    assert set(SHARED_LIBRARY_FREE) <= set(programs)
    assert set(programs.values()) == {machine}


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_the_configuration_is_what_pipeline_toml_says(published, registry, platform):
    address, _ = published
    config = registry.config(f"{address}:latest", platform)["config"]
    assert config["User"] == "65532:65532"
    assert config["Entrypoint"] == ["/usr/local/bin/server"]
    assert "PORT=8080" in config["Env"]
    assert config["ExposedPorts"] == {"8080/tcp": {}}
    oci = {k.rpartition(".")[2]: v for k, v in config["Labels"].items() if "opencontainers" in k}
    assert oci == {"title": "go-app", "version": "1.2.3", "revision": "abc123"}


def test_flavors_are_published_together_each_under_a_tag_of_its_own(call, registry, app):
    settings = app / "pipeline.toml"
    flavor = '\n[flavors.traced.runtime.env]\nTRACE = "1"\n'
    settings.write_text(settings.read_text() + flavor)
    address = f"{registry.address}/flavors:1.2"
    flags = (f"--address={address}", "--flavors=plain,traced", "--skip-tests")
    ran = call("publish", *flags, source=app)
    assert ran.code == 0, ran.error
    first, second = ran.out.splitlines()
    assert first.startswith(f"{address}@sha256:")
    assert second.startswith(f"{address}-traced@sha256:")
    for reference in (address, f"{address}-traced"):
        assert registry.platforms(reference) == ["linux/amd64", "linux/arm64"]
    assert "TRACE=1" in registry.config(f"{address}-traced", "linux/arm64")["config"]["Env"]
    assert "TRACE=1" not in registry.config(address, "linux/arm64")["config"]["Env"]


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_files_have_fixed_times_and_modes(published, registry, platform):
    address, _ = published
    files = registry.files(f"{address}:latest", platform)
    for name in SHARED_LIBRARY_FREE:
        info, _ = files[name]
        assert (info.mtime, info.mode, info.uid, info.gid) == (0, 0o755, 0, 0)


@pytest.mark.parametrize(
    ("platform", "emulator"), [("linux/amd64", None), ("linux/arm64", "qemu-aarch64-static")]
)
def test_the_image_runs_and_answers_with_its_platform(
    published, registry, tmp_path, platform, emulator
):
    if emulator and shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    address, _ = published
    files = registry.files(f"{address}:1.2.3", platform)
    for name in ("server", "healthcheck"):
        (tmp_path / name).write_bytes(files[f"usr/local/bin/{name}"][1])
        (tmp_path / name).chmod(0o755)
    start = [emulator] if emulator else []
    port = free_port()
    with serving([*start, str(tmp_path / "server")], port) as server:
        answer = urllib.request.urlopen(f"http://127.0.0.1:{port}/version")
        found = json.load(answer)
        assert (found["platform"], found["version"], found["revision"]) == (
            platform, "1.2.3", "abc123",
        )  # fmt: skip
        healthy = subprocess.run(
            [*start, str(tmp_path / "healthcheck")], env={"PORT": str(port)}, check=False
        )
        assert healthy.returncode == 0
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0


def commands(error: str, what: str) -> list[str]:
    """The progress lines of steps that were executed, and not found in the cache."""
    return [
        line
        for line in error.splitlines()
        if what in line
        and re.match(r"#\d+ \[", line)
        and f"CACHED {line.partition(' ')[2]}" not in error
    ]


def packages(error: str) -> set[str]:
    """What `go build -v` said that it compiled."""
    return set(re.findall(r"^#\d+ \| ([a-z][\w./-]*)$", error, re.MULTILINE))


@pytest.mark.long
def test_an_unchanged_publish_compiles_nothing_an_edit_little_and_a_revision_only_links(
    call, app, repository
):
    if not call.embedded:
        pytest.skip("what was cached is read from the embedded engine's progress")
    toml = app / "pipeline.toml"
    toml.write_text(toml.read_text().replace("[go]\n", '[go]\nenv = { GOFLAGS = "-v" }\n'))

    def publish(revision: str):
        ran = call(
            "publish", BOTH, f"--address={repository}", f"--revision={revision}", "--skip-tests",
            source=app,
        )  # fmt: skip
        assert ran.code == 0, ran.error
        return ran

    first = publish("one")
    again = publish("one")
    assert commands(again.error, "go build") == []
    assert again.out == first.out

    file = app / "internal/api/api.go"
    file.write_text(file.read_text().replace("Hello, ", f"Hello at {time.time()}, "))
    edited = publish("one")
    assert commands(edited.error, "go build")
    assert commands(edited.error, "go mod download") == []
    assert packages(edited.error) == {
        "example.com/go-app/internal/api",
        "example.com/go-app/cmd/server",
    }
    assert edited.out != first.out

    linked = publish(f"r{time.time()}")
    assert commands(linked.error, "go build")
    assert packages(linked.error) == set()
    assert linked.out != edited.out


@pytest.mark.long
def test_the_same_source_elsewhere_at_another_time_gives_the_same_digest(
    call, app, repository, tmp_path
):
    if not call.embedded:
        pytest.skip("a Dagger engine stamps the time of the build into the image")
    other = Path(shutil.copytree(app, tmp_path / "elsewhere" / "clone"))
    for path in other.rglob("*"):
        os.utime(path, (1, 1))
        path.chmod(0o700 if path.is_dir() else 0o600)
    digests = set()
    for source in (app, other):
        ran = call("publish", BOTH, f"--address={repository}", "--skip-tests", source=source)
        assert ran.code == 0, ran.error
        digests.add(ran.out.partition("@")[2])
    assert len(digests) == 1


BINFMT = Path("/proc/sys/fs/binfmt_misc")


@pytest.fixture
def without_emulators():
    """No foreign program can be executed while the test runs."""
    entries = [p for p in BINFMT.glob("qemu-*") if p.read_text().startswith("enabled")]
    for entry in entries:
        entry.write_text("0")
    yield
    for entry in entries:
        entry.write_text("1")


def test_nothing_foreign_is_executed(call, app, repository, registry, without_emulators):
    file = app / "cmd/server/main.go"
    file.write_text(file.read_text().replace("stopping", f"stopping {time.time()}"))
    ran = call("publish", BOTH, f"--address={repository}", source=app)
    assert ran.code == 0, ran.error
    assert registry.platforms(f"{repository}:latest") == ["linux/amd64", "linux/arm64"]
