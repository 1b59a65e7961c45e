"""Rust, by the command line: cross-compiled with C in a build script, published, read back, run."""

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

from tests.integration.conftest import ROOT
from tests.integration.emulators import serving, starting
from tests.integration.registries import elf_machine, free_port

RUST_APP = ROOT / "examples" / "rust-app"
PLATFORMS = ["linux/amd64", "linux/arm64", "linux/arm/v7"]
PROGRAMS = ["usr/local/bin/healthcheck", "usr/local/bin/rust-app"]
SECONDS = 1200
COMPILING = "Compiling rust-app"


@pytest.fixture
def app(tmp_path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(RUST_APP, tmp_path / "app"))


@pytest.fixture(scope="module")
def published(call, registry):
    """The example, tested, verified and published for three platforms."""
    address = f"{registry.address}/rust-app:1.2.3"
    ran = call(
        "publish", f"--platforms={','.join(PLATFORMS)}", f"--address={address}", "--version=1.2.3",
        source=RUST_APP, timeout=SECONDS,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    return address


def test_the_index_has_exactly_the_three_platforms(published, registry):
    assert sorted(registry.platforms(published)) == sorted(PLATFORMS)


@pytest.mark.parametrize(
    ("platform", "machine"),
    list(zip(PLATFORMS, ["EM_X86_64", "EM_AARCH64", "EM_ARM"], strict=True)),
)
def test_config_and_programs_are_of_the_platform(published, registry, platform, machine):
    config = registry.config(published, platform)
    named = [config["os"], config["architecture"], config.get("variant", "")]
    assert "/".join(filter(None, named)) == platform
    assert config["config"]["Entrypoint"] == ["/usr/local/bin/rust-app"]
    files = registry.files(published, platform)
    ours = [name for name in files if name.startswith("usr/local/bin/")]
    assert sorted(ours) == PROGRAMS
    assert {elf_machine(files[name][1]) for name in ours} == {machine}


@pytest.mark.parametrize(
    ("platform", "architecture"), list(zip(PLATFORMS, ["x86_64", "aarch64", "arm"], strict=True))
)
def test_the_image_runs_and_its_c_part_counts(call, published, tmp_path, platform, architecture):
    root = tmp_path / "root"
    exported = call(
        "--source", str(RUST_APP), "build", f"--platform={platform}", "rootfs", "export",
        f"--path={root}", timeout=SECONDS,
    )  # fmt: skip
    assert exported.code == 0, exported.error
    port = free_port()
    with serving(starting(platform, root, PROGRAMS[1]), port) as server:
        at = f"http://127.0.0.1:{port}"
        version = json.load(urllib.request.urlopen(f"{at}/version"))  # noqa: S310 - on loopback
        assert version == {"version": "dev", "architecture": architecture}
        sum_of = json.load(urllib.request.urlopen(f"{at}/crc32", data=b"123456789"))  # noqa: S310 - the same
        assert sum_of == {"crc32": "cbf43926"}
        healthy = subprocess.run(
            starting(platform, root, PROGRAMS[0]), env={"PORT": str(port)}, check=False
        )
        assert healthy.returncode == 0
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0


def test_the_version_is_compiled_in(published, registry):
    program = registry.files(published, "linux/arm64")[PROGRAMS[1]][1]
    assert b"1.2.3" in program


@pytest.mark.long
def test_an_unchanged_source_compiles_nothing_and_an_edit_only_what_is_edited(call, app):
    if not call.embedded:
        pytest.skip("what was cached is read from the embedded engine's progress")
    words = ("artifacts", "--platforms=linux/arm64", "sync")

    def build():
        ran = call(*words, source=app, timeout=SECONDS)
        assert ran.code == 0, ran.error
        return ran

    build()
    assert COMPILING not in build().error
    library = app / "src" / "lib.rs"
    library.write_text(library.read_text().replace('"status":"ok"', f'"status":"{time.time()}"'))
    edited = build()
    assert COMPILING in edited.error
    # by apt
    assert " Get:1 " not in edited.error


@pytest.mark.long
def test_a_checkout_with_older_times_is_not_taken_for_what_was_compiled_before(call, app, tmp_path):
    """Cargo goes by times of files: a cache of compiled code must not answer for another commit."""
    contents = []
    for number, seconds in enumerate((time.time(), 1)):
        library = app / "src" / "lib.rs"
        text = (RUST_APP / "src" / "lib.rs").read_text()
        library.write_text(text.replace('"status":"ok"', f'"status":"{time.time()}-{number}"'))
        for path in app.rglob("*"):
            os.utime(path, (seconds, seconds))
        out = tmp_path / str(number)
        ran = call(
            "artifacts", "--platforms=linux/arm64", "export", f"--path={out}",
            source=app, timeout=SECONDS,
        )  # fmt: skip
        assert ran.code == 0, ran.error
        said = re.search(r'"status":"([\d.]+-\d)"', library.read_text())
        program = (out / "linux_arm64" / "rust-app").read_bytes()
        contents.append(said[1].encode() in program)
    assert contents == [True, True]


@pytest.mark.long
def test_the_same_source_elsewhere_gives_the_same_digest(call, app, repository, tmp_path):
    if not call.embedded:
        pytest.skip("a Dagger engine stamps the time of the build into the image")
    other = Path(shutil.copytree(app, tmp_path / "elsewhere" / "clone"))
    # not a word of it is compiled: cargo compiles all the same
    with (other / "src" / "lib.rs").open("a") as library:
        library.write("// \n")
    digests = []
    for source in (app, other):
        ran = call(
            "publish", "--platforms=linux/arm64", f"--address={repository}", "--skip-tests",
            source=source, timeout=SECONDS,
        )  # fmt: skip
        assert ran.code == 0, ran.error
        digests.append(ran.out.partition("@")[2])
    assert digests[0] == digests[1]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('binaries = ["serve"]', "[rust] binaries: 'serve' is no program of the workspace: expected rust-app, healthcheck"),
        ('features = ["tls"]', "[rust] features: 'tls' is no feature of the workspace: expected default"),
        ('profile = "fast"', "[rust] profile 'fast' is not known: expected one of dev, release, test, bench"),
    ],
)  # fmt: skip
def test_what_the_workspace_has_not_is_refused_before_any_work(call, app, text, message):
    (app / "pipeline.toml").write_text(f"[rust]\n{text}\n")
    ran = call("plan", source=app)
    assert ran.code != 0
    assert message in ran.error


def failed(call, app, *, config: str = "", platform: str = "linux/arm64") -> str:
    (app / "pipeline.toml").write_text(f"[rust]\n{config}\n")
    ran = call("artifacts", f"--platforms={platform}", "sync", source=app, timeout=SECONDS)
    assert ran.code != 0
    return ran.error


def test_a_compile_error_is_told_in_the_compilers_words(call, app):
    library = app / "src" / "lib.rs"
    library.write_text(library.read_text().replace("self.asked", "self.asks", 1))
    error = failed(call, app)
    assert "error[E0609]: no field `asks` on type `&App`" in error
    assert "src/lib.rs:" in error


def test_an_edition_that_is_newer_than_the_image_is_told_in_cargos_words(call, app):
    manifest = app / "Cargo.toml"
    manifest.write_text(manifest.read_text().replace('edition = "2021"', 'edition = "2099"'))
    assert "2099" in failed(call, app)


def test_a_linker_that_is_not_there_is_explained(call, app):
    (app / "pipeline.toml").write_text('[rust]\nrustflags = ["-Clinker=mold"]\n')
    ran = call("verify", "--platforms=linux/arm64", source=app, timeout=SECONDS)
    assert ran.code != 0
    error = ran.error
    assert "error: linker `mold` not found" in error
    assert "rustc is told to link by mold, which the build container has not" in error


def test_a_lock_file_that_does_not_fit_is_refused(call, app):
    with (app / "Cargo.toml").open("a") as manifest:
        manifest.write('\n[dependencies]\nrust-app-other = { path = "other" }\n')
    (app / "other" / "src").mkdir(parents=True)
    (app / "other" / "Cargo.toml").write_text(
        '[package]\nname = "rust-app-other"\nversion = "1.0.0"\n'
    )
    (app / "other" / "src" / "lib.rs").write_text("")
    error = failed(call, app)
    assert "--locked was passed" in error


@pytest.mark.long
def test_a_package_that_the_platform_has_not_is_named(call, app):
    error = failed(call, app, config='packages = ["libnothing-dev"]')
    assert (
        "[rust] packages: no package 'libnothing-dev' for linux/arm64 ('arm64' to apt) in the "
        "sources of Debian GNU/Linux 12 (bookworm)"
    ) in error


@pytest.mark.long
def test_a_platform_without_a_std_is_refused(call, app):
    error = failed(call, app, platform="linux/arm/v6")
    if "rustup target add" in error:
        pytest.skip("the image has rustup, which has a std for it")
    assert (
        "[rust] image has no std for linux/arm/v6 ('arm-unknown-linux-gnueabi' to Rust): " in error
    )


@pytest.mark.long
def test_libraries_of_the_platform_are_linked_and_come_along(call, app, registry, repository):
    build_script = app / "build.rs"
    text = build_script.read_text()
    linked = 'fn main() {\n    println!("cargo:rustc-link-lib=z");\n'
    build_script.write_text(text.replace("fn main() {\n", linked, 1))
    main = app / "src" / "main.rs"
    text = main.read_text().replace(
        'extern "C" {', 'extern "C" {\n    fn zlibVersion() -> *const std::ffi::c_char;', 1
    )
    uses = '    // SAFETY: zlib gives a string of its own.\n    eprintln!("zlib at {:?}", unsafe { zlibVersion() });\n'
    main.write_text(
        text.replace(
            "fn main() -> io::Result<()> {\n", f"fn main() -> io::Result<()> {{\n{uses}", 1
        )
    )
    (app / "pipeline.toml").write_text('[rust]\npackages = ["zlib1g-dev"]\n')
    ran = call(
        "publish", "--platforms=linux/arm64", f"--address={repository}", "--skip-tests",
        source=app, timeout=SECONDS,
    )  # fmt: skip
    assert ran.code == 0, ran.error
    files = registry.files(f"{repository}:latest", "linux/arm64")
    assert elf_machine(files["usr/lib/aarch64-linux-gnu/libz.so.1"][1]) == "EM_AARCH64"
