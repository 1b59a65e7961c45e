"""Rust: what is read of a source, and recipes compared by equality, with no engine."""

from __future__ import annotations

import hashlib

import dagger
import pytest
from dagger import dag

from pipeline import builders, libraries, platforms
from pipeline.cargo_manifests import Program
from pipeline.errors import ConfigError, PipelineError, SourceError
from pipeline.rust_options import RustOptions
from pipeline.stamp import Stamp
from pipeline.toolchains import rust
from tests.unit.cudachains import step
from tests.unit.fakes import FakeDirectory

AMD64, ARM64 = platforms.parse("linux/amd64"), platforms.parse("linux/arm64")
# of a final stage
ROOT = dag.container().from_("final").rootfs()
CARGO = '[package]\nname = "app"\nedition = "2021"\n'
APP = {"Cargo.toml": CARGO, "Cargo.lock": "", "src/main.rs": ""}
WORKSPACE = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\ndefault-members = ["crates/a"]\n[profile.dist]\ninherits = "release"\n',
    "Cargo.lock": "",
    "crates/a/Cargo.toml": '[package]\nname = "a"\n[features]\ntls = []\n[dependencies]\nlog = "0.4"\n',
    "crates/a/src/main.rs": "",
    "crates/b/Cargo.toml": '[package]\nname = "b"\nedition = "2021"\n[[bin]]\nname = "gui"\npath = "gui.rs"\nrequired-features = ["x11"]\n[features]\nx11 = []\n',
    "crates/b/gui.rs": "",
    "crates/b/src/bin/tool.rs": "",
}  # fmt: skip


async def inspect(files: dict[str, str], **options: object) -> rust.Rust:
    source = FakeDirectory(files)
    return await rust.inspect(source, RustOptions(**options), await source.entries(), AMD64)  # type: ignore[arg-type]


async def test_a_package_is_a_program_by_our_version_of_rust():
    build = await inspect(APP)
    assert (build.name, build.binaries, build.is_workspace) == ("app", ("app",), False)
    assert build.image == "docker.io/library/rust:1.96-bookworm"
    assert build.settings({"file": "pipeline.toml", "toolchain": "Cargo.toml"}) == [
        ("toolchain", "rust 1.96", "Cargo.toml"),
        ("builder", "docker.io/library/rust:1.96-bookworm", "default"),
        ("programs", "app", "Cargo.toml"),
    ]


async def test_a_workspace_has_the_programs_of_its_default_members():
    build = await inspect(WORKSPACE)
    assert (build.name, build.binaries, build.is_workspace) == ("a", ("a",), True)


async def test_programs_that_are_named_may_be_of_any_member():
    build = await inspect(WORKSPACE, binaries=("tool", "a"), profile="dist")
    assert build.programs == (Program("tool", "b"), Program("a", "a"))
    assert build.command(ARM64, Stamp()) == (
        "cargo build --locked --target aarch64-unknown-linux-gnu --profile dist --package b --package a --bin tool --bin a"
    )


async def test_programs_without_their_features_are_left_out():
    virtual = {**WORKSPACE, "Cargo.toml": '[workspace]\nmembers = ["crates/b", "crates/a"]\n'}
    assert (await inspect(virtual)).binaries == ("tool", "a")
    assert (await inspect(virtual, features=("x11",))).binaries == ("tool", "gui", "a")


@pytest.mark.parametrize(
    ("files", "image"),
    [
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "1.85"\n'}, "1.85"),
        ({"rust-toolchain": "1.90.0\n"}, "1.90.0"),
        ({"rust-toolchain": '[toolchain]\nchannel = "1.91"\n', "rust-toolchain.toml": ""}, "1.91"),
        ({"rust-toolchain.toml": '[toolchain]\nchannel = "stable"\n'}, "1.96"),
        ({"rust-toolchain.toml": '[toolchain]\ncomponents = ["clippy"]\n'}, "1.96"),
        # the oldest that a package is for: any newer one compiles it
        ({"Cargo.toml": CARGO + 'rust-version = "1.63"\n'}, "1.96"),
        ({"Cargo.toml": CARGO + 'rust-version = "1.100.1"\n'}, "1.100.1"),
    ],
)
async def test_the_version_is_that_of_rust_toolchain_or_new_enough(files, image):
    build = await inspect({**APP, **files})
    assert build.image == f"docker.io/library/rust:{image}-bookworm"


async def test_an_image_of_ones_own_has_the_version_that_it_has():
    files = {**APP, "rust-toolchain": "nightly-2026-01-01"}
    assert (await inspect(files, image="rust:mine")).image == "rust:mine"


async def test_a_profile_may_be_of_cargos_configuration():
    files = {**APP, ".cargo/config.toml": '[profile.small]\ninherits = "release"\n'}
    assert (await inspect(files, profile="small")).options.profile == "small"


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"main.rs": ""}, {}, "Cargo.toml is not in the source, which holds main.rs: expected a Cargo package or workspace at its root; point --source at the application's folder"),
        ({"Cargo.toml": CARGO, "src/main.rs": ""}, {}, "Cargo.lock is not in the source: without it every build may be of other versions; write it with cargo generate-lockfile, and commit it"),
        ({**APP, "Cargo.toml": "["}, {}, "Cargo.toml: not valid TOML: Invalid initial character for a key part (at end of document)"),
        ({"Cargo.toml": CARGO, "Cargo.lock": "", "src/lib.rs": ""}, {}, "No program found in app: expected src/main.rs, a file in src/bin/ or [[bin]] in Cargo.toml; a library alone makes no image"),
        (WORKSPACE, {"binaries": ("c",)}, "[rust] binaries: 'c' is no program of the workspace: expected a, tool, gui"),
        (WORKSPACE, {"binaries": ("gui",)}, "'gui' requires the features x11: add them to [rust] features"),
        (WORKSPACE, {"features": ("ssl",)}, "[rust] features: 'ssl' is no feature of the workspace: expected default, tls, x11"),
        (WORKSPACE, {"features": ("serde/derive",)}, "[rust] features: 'serde' in 'serde/derive' is no dependency: expected one of a, b, log"),
        (WORKSPACE, {"profile": "fast"}, "[rust] profile 'fast' is not known: expected one of dev, release, test, bench, dist"),
        ({**APP, "rust-toolchain": "nightly"}, {}, "rust-toolchain asks for Rust 'nightly', of which there is no image: expected a version such as 1.96 or 1.96.0, stable, or set [rust] image"),
        ({**APP, "rust-toolchain.toml": "[toolchain"}, {}, "rust-toolchain.toml: not valid TOML: Expected ']' at the end of a table declaration (at end of document)"),
        (
            {**WORKSPACE, "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\n', "crates/b/src/bin/a.rs": ""}, {},
            "Two programs are called 'a', of a and b: expected one of each name; rename one, or name other programs in [rust] binaries",
        ),
    ],
)  # fmt: skip
async def test_a_source_that_cannot_be_built_is_refused(files, options, message):
    with pytest.raises(PipelineError) as raised:
        await inspect(files, **options)
    assert str(raised.value) == message
    assert isinstance(raised.value, SourceError | ConfigError)


async def test_features_of_members_and_dependencies_may_be_named():
    build = await inspect(
        WORKSPACE, features=("a/tls", "log?/std", "tls"), no_default_features=True
    )
    assert build.test_commands() == [
        ["cargo", "test", "--locked", "--no-default-features", "--features", "a/tls,log?/std,tls"]
    ]


def build(host: str = "linux/amd64", base: str = "", **options: object) -> rust.Rust:
    return rust.Rust(
        source=dag.directory(),
        host=platforms.parse(host),
        options=RustOptions(image="rust:1", **options),  # type: ignore[arg-type]
        name="app",
        version="1.96",
        version_from="default",
        programs=(Program("server", "app"), Program("tool", "app")),
        base=base,
    )


def stage(
    spec: platforms.PlatformSpec,
    host: platforms.PlatformSpec,
    *packages: str,
    std: bool,
    **more: str,
) -> dagger.Container:
    """The container with Rust and the source, written out."""
    container = builders.stage("rust:1", spec, host, libraries=packages, setting="[rust] packages")
    triple = spec.rust_triple
    if std:
        container = step(container, "rust-std").with_exec(
            ["/opt/pipeline/rust-std", triple, spec.platform, spec.debian_arch]
        )
    container = container.with_mounted_cache(
        "/var/cache/pipeline/cargo", dag.cache_volume("pipeline-cargo-home")
    )
    prefix = f"{spec.gnu_triple}-" if std else ""
    level = f" -march={spec.march}" if spec.march else ""
    of, host_folder = triple.replace("-", "_"), f"/usr/lib/{host.gnu_triple}/pkgconfig"
    environment = {
        "CARGO_HOME": "/var/cache/pipeline/cargo",
        "CARGO_TARGET_DIR": "/var/cache/pipeline/cargo-target",
        f"CARGO_TARGET_{of.upper()}_LINKER": f"{prefix}gcc",
        f"CC_{of}": f"{prefix}gcc{level}",
        f"CXX_{of}": f"{prefix}g++{level}",
        f"AR_{of}": f"{prefix}ar",
        "TARGET_CC": f"{prefix}gcc{level}",
        "TARGET_CXX": f"{prefix}g++{level}",
        "TARGET_AR": f"{prefix}ar",
        "HOST_CC": "gcc",
        "HOST_CXX": "g++",
        "HOST_AR": "ar",
        "HOST_PKG_CONFIG_LIBDIR": f"{host_folder}:/usr/share/pkgconfig",
        **more,
    }
    for name, value in environment.items():
        container = container.with_env_variable(name, value)
    container = container.with_env_variable("RUSTUP_TOOLCHAIN", "${RUST_VERSION}", expand=True)
    container = container.with_workdir("/src")
    return container.with_directory("/src", dag.directory(), exclude=["target"])


def cached(container: dagger.Container, use: str, *packages: str) -> dagger.Container:
    by = hashlib.sha256("\n".join(("rust:1", *packages)).encode()).hexdigest()[:12]
    return container.with_mounted_cache(
        "/var/cache/pipeline/cargo-target",
        dag.cache_volume(f"pipeline-cargo-target-app-{by}-{use}"),
        sharing=dagger.CacheSharingMode.LOCKED,
    )


@pytest.mark.parametrize("host", ["linux/amd64", "linux/arm64"])
@pytest.mark.parametrize("target", ["linux/amd64", "linux/arm64", "linux/arm/v7"])
def test_every_platform_is_compiled_on_the_host(host, target):
    spec, runs_on = platforms.parse(target), platforms.parse(host)
    found = stage(spec, runs_on, std=host != target, APP_VERSION="1.2")
    found = found.with_env_variable("CARGO_BUILD_TARGET", spec.rust_triple)
    found = cached(found, spec.slug)
    found = step(step(found, "as-changed"), "cargo-build")
    expected = found.with_exec(
        ["/opt/pipeline/as-changed", "/opt/pipeline/cargo-build", f"{spec.rust_triple}/release",
         "/out/programs", "server tool",
         "cargo", "build", "--locked", "--target", spec.rust_triple, "--profile", "release", "--bin", "server", "--bin", "tool"]
    ).directory("/out/programs")  # fmt: skip
    compiled = build(host, env={"APP_VERSION": "{version}", "REVISION": "{revision}"})
    assert compiled.compile(spec, Stamp(version="1.2")) == expected


def test_the_build_stage_has_no_compiled_code_of_others():
    found = stage(ARM64, AMD64, "libssl-dev", std=True)
    found = found.with_env_variable("CARGO_BUILD_TARGET", "aarch64-unknown-linux-gnu")
    assert build(packages=("libssl-dev",)).build_stage(ARM64) == found


def test_a_level_of_processors_and_flags_reach_rustc():
    spec = platforms.parse("linux/amd64/v3")
    found = stage(spec, AMD64, std=False)
    found = found.with_env_variable("CARGO_BUILD_TARGET", "x86_64-unknown-linux-gnu")
    flags = "-Ctarget-cpu=x86-64-v3\x1f-Clink-arg=-Wl,-z,now"
    expected = found.with_env_variable("CARGO_ENCODED_RUSTFLAGS", flags)
    assert build(rustflags=("-Clink-arg=-Wl,-z,now",)).build_stage(spec) == expected


@pytest.mark.parametrize(
    ("profile", "folder"), [("dev", "debug"), ("bench", "release"), ("dist", "dist")]
)
def test_a_profile_has_a_folder(profile, folder):
    found = stage(AMD64, AMD64, std=False)
    found = found.with_env_variable("CARGO_BUILD_TARGET", "x86_64-unknown-linux-gnu")
    found = step(step(cached(found, "linux_amd64"), "as-changed"), "cargo-build")
    expected = found.with_exec(
        ["/opt/pipeline/as-changed", "/opt/pipeline/cargo-build",
         f"x86_64-unknown-linux-gnu/{folder}", "/out/programs", "server tool",
         "cargo", "build", "--locked", "--target", "x86_64-unknown-linux-gnu", "--profile", profile, "--bin", "server", "--bin", "tool"]
    ).directory("/out/programs")  # fmt: skip
    assert build(profile=profile).compile(AMD64, Stamp()) == expected


def with_tests(host: platforms.PlatformSpec, *command: str) -> dagger.Container:
    found = step(cached(stage(host, host, std=False), "test"), "as-changed")
    return found.with_exec(["/opt/pipeline/as-changed", *command])


def test_tests_run_on_the_host():
    assert build("linux/arm64").test() == with_tests(ARM64, "cargo", "test", "--locked")


def test_a_command_takes_the_place_of_the_tests():
    assert build().test(("make", "check")) == with_tests(AMD64, "make", "check")


def test_what_the_default_base_has_is_not_looked_for():
    assert build().libraries(ARM64, Stamp(), ROOT) is None
    assert build().runtime(ARM64).base == "gcr.io/distroless/cc-debian12:nonroot"


@pytest.mark.parametrize(
    ("packages", "base"),
    [(("libssl-dev",), ""), ((), "debian:12")],
)
def test_libraries_come_along_with_packages_or_another_base(packages, base):
    made = build(packages=packages, base=base)
    compiled = made._compiled(ARM64, Stamp())
    expected = libraries.needed(compiled, ARM64, ROOT, "/out/programs")
    assert made.libraries(ARM64, Stamp(), ROOT) == expected
