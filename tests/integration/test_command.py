"""Any command, by the command line: on the host for every platform, published, read back, and run."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.integration.registries import elf_machine

C = """\
#include <stdio.h>
int main(void) { puts("hello from " FOR); return 0; }
"""
COMPILED = """\
platforms = ["linux/amd64", "linux/arm64", "linux/arm/v7"]
[build]
command = '$CC -O2 -DFOR="\\"$TARGETPLATFORM $VERSION\\"" -o out/hello hello.c'
image = "docker.io/library/debian:bookworm-slim"
compilers = true
outputs = ["out/hello"]
env = { VERSION = "{version}" }
[test]
command = ["sh", "-c", "$CC -fsyntax-only -DFOR='\\"x\\"' hello.c && echo checked"]
"""
TOLD = """\
[build]
command = "env | grep -E 'TARGET|BUILD|TRIPLE|DEBIAN_ARCH' | sort > told; cp told made"
image = "docker.io/library/debian:bookworm-slim"
outputs = { "/srv/told" = "told" }
[runtime]
entrypoint = ["/srv/told"]
"""
PLATFORMS = {
    "linux/amd64": ("EM_X86_64", ""),
    "linux/arm64": ("EM_AARCH64", "qemu-aarch64-static"),
    "linux/arm/v7": ("EM_ARM", "qemu-arm-static"),
}
SECONDS = 900


def source(folder: Path, toml: str) -> Path:
    (folder / "out").mkdir()
    (folder / "out/.keep").touch()
    (folder / "hello.c").write_text(C)
    (folder / "pipeline.toml").write_text(toml)
    return folder


@pytest.fixture(scope="module")
def published(call, registry, tmp_path_factory):
    app = source(tmp_path_factory.mktemp("command"), COMPILED)
    address = f"{registry.address}/command:1.2"
    ran = call("publish", f"--address={address}", "--version=1.2", source=app, timeout=SECONDS)
    assert ran.code == 0, ran.error
    return address


def test_the_index_has_exactly_the_platforms(published, registry):
    assert registry.platforms(published) == ["linux/amd64", "linux/arm/v7", "linux/arm64"]


@pytest.mark.parametrize("platform", PLATFORMS)
def test_the_program_is_for_its_platform_and_runs_there(published, registry, tmp_path, platform):
    machine, emulator = PLATFORMS[platform]
    files = registry.files(published, platform)
    info, data = files["usr/local/bin/hello"]
    assert (elf_machine(data), info.mode, info.mtime) == (machine, 0o755, 0)
    config = registry.config(published, platform)["config"]
    assert config["Entrypoint"] == ["/usr/local/bin/hello"]
    if emulator and shutil.which(emulator) is None:
        pytest.skip(f"{emulator} is not installed (apt-get install qemu-user-static)")
    for name, (_, content) in files.items():
        if re.search(r"(?:^|/)lib/.*\.so|(?:^|/)ld-linux|bin/hello$", name):
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            path.chmod(0o755)
    loader = next(p for p in sorted(tmp_path.rglob("ld-linux*")))
    folder = (
        loader.parent if "gnu" in loader.parent.name else next(tmp_path.rglob("libc.so.6")).parent
    )
    start = [emulator] if emulator else []
    done = subprocess.run(
        [*start, loader, "--library-path", folder, tmp_path / "usr/local/bin/hello"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"hello from {platform} 1.2\n"


def test_the_command_of_test_runs_on_the_host(call, tmp_path):
    ran = call("test", source=source(tmp_path, COMPILED), timeout=SECONDS)
    assert (ran.code, ran.out) == (0, "checked"), ran.error


def test_without_a_command_there_are_no_tests(call, tmp_path):
    ran = call("test", source=source(tmp_path, TOLD))
    assert (ran.code, ran.out) == (0, "No tests: name a command that tests the source in [test]")


def test_the_command_learns_what_a_dockerfile_does_and_each_tools_names(call, tmp_path):
    words = ("build", "--platform=linux/arm/v7", "file", "--path=/srv/told", "contents")
    ran = call(*words, source=source(tmp_path, TOLD))
    assert ran.code == 0, ran.error
    told = dict(line.split("=", 1) for line in ran.out.splitlines())
    assert {k: v for k, v in told.items() if not k.startswith("BUILD")} == {
        "TARGETPLATFORM": "linux/arm/v7",
        "TARGETOS": "linux",
        "TARGETARCH": "arm",
        "TARGETVARIANT": "v7",
        "GNU_TRIPLE": "arm-linux-gnueabihf",
        "RUST_TRIPLE": "armv7-unknown-linux-gnueabihf",
        "DEBIAN_ARCH": "armhf",
    }
    assert set(told) >= {"BUILDPLATFORM", "BUILDOS", "BUILDARCH", "BUILDVARIANT"}


def test_an_output_that_was_not_made_is_told_with_what_was(call, tmp_path):
    toml = TOLD.replace('"told" }', '"tolled" }')
    ran = call("artifacts", "--platforms=linux/arm64", "entries", source=source(tmp_path, toml))
    assert ran.code == 1
    message = "[build] outputs: 'tolled' was not made; the command made: made told"
    assert message in ran.error


def test_a_command_that_fails_is_told_in_its_own_words(call, tmp_path):
    toml = TOLD.replace("env |", "echo no such SDK >&2; exit 3; env |")
    ran = call("artifacts", "--platforms=linux/arm64", "entries", source=source(tmp_path, toml))
    # a command line ends with the code of the command that failed
    assert ran.code == 3
    assert "no such SDK" in ran.error
    # in the words of the embedded engine, or of Dagger
    assert re.search("exit code:? 3", ran.error)


def test_what_is_missing_is_asked_for_before_any_work(call, tmp_path):
    ran = call("plan", source=source(tmp_path, '[build]\ncommand = "make"\n'))
    message = '[build] image is missing: expected it, as in image = "docker.io/library/debian:bookworm-slim"'
    assert ran.code == 1
    assert message in ran.error
