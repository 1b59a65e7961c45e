"""Rust: cargo on the build host's platform, for each target by the GNU linker of Debian's."""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import builders, cargo_manifests, crosscompile, images, libraries, packages
from pipeline.concurrency import concurrently
from pipeline.errors import ConfigError, SourceError
from pipeline.options import for_platform
from pipeline.stamp import Stamp
from pipeline.toolchain import OUT, Builder, Row, Runtime

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.cargo_manifests import Package, Program, Workspace
    from pipeline.platforms import PlatformSpec
    from pipeline.rust_options import RustOptions

SOURCE = "/src"
# One for all projects and platforms: registry, checkouts of git, and the lock by which one cargo waits
# for another. What is in it is named by its checksum. It makes a step of its own for `cargo fetch`
# pointless: nothing is fetched twice.
HOME, HOME_VOLUME = "/var/cache/pipeline/cargo", "pipeline-cargo-home"
TARGET = "/var/cache/pipeline/cargo-target"
LOCK = "Cargo.lock"
TOOLCHAIN_FILES = ("rust-toolchain", "rust-toolchain.toml")
"""What rustup reads, the first first."""

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
# cargo's own names of folders; the profiles of a project have folders of their names
_FOLDERS = {"dev": "debug", "test": "debug", "bench": "release"}


@dataclass(frozen=True)
class Rust:
    """A Cargo workspace, or a package alone, that was looked at, and the recipes for it."""

    source: dagger.Directory
    host: PlatformSpec
    options: RustOptions
    name: str
    version: str
    version_from: str
    programs: tuple[Program, ...]
    is_workspace: bool = False
    base: str | Mapping[str, str] = ""
    """[runtime] base."""

    named_by = cargo_manifests.FILE

    @property
    def binaries(self) -> tuple[str, ...]:
        return tuple(each.name for each in self.programs)

    @property
    def image(self) -> str:
        return self.options.image or images.RUST.format(version=self.version)

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        file, options = origins["file"], self.options
        rows = [
            ("toolchain", f"rust {self.version}", origins["toolchain"]),
            ("builder", self.image, file if options.image else self.version_from),
            ("programs", ", ".join(self.binaries), file if options.binaries else self.named_by),
        ]
        if options.features:
            rows.append(("features", ", ".join(options.features), file))
        if options.packages:
            rows.append(("packages", ", ".join(options.packages), file))
        return rows

    def builder(self, spec: PlatformSpec) -> Builder:  # noqa: ARG002 - the host's own for all
        return Builder(self.image, self.host, "[rust] image")

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """Rust on the host's own platform, set to compile for the platform."""
        return self._for_platform(spec, Stamp())

    def _for_platform(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        stage = self._stage(spec, stamp)
        # whoever is handed the stage compiles for the platform too
        stage = stage.with_env_variable("CARGO_BUILD_TARGET", spec.rust_triple)
        if flags := self._flags(spec):
            # the one list of flags that may have spaces in them
            stage = stage.with_env_variable("CARGO_ENCODED_RUSTFLAGS", "\x1f".join(flags))
        return stage

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:  # noqa: ARG002 - it is in no command
        return " ".join(self.arguments(spec))

    def arguments(self, spec: PlatformSpec) -> list[str]:
        """What compiles every program of the project for the platform."""
        words = ["cargo", "build", "--locked", "--target", spec.rust_triple]
        words += ["--profile", self.options.profile, *self._features()]
        if self.is_workspace:
            for package in dict.fromkeys(each.package for each in self.programs):
                words += ["--package", package]
        for program in self.programs:
            words += ["--bin", program.name]
        return words

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        """The project's programs for the platform."""
        return self._compiled(spec, stamp).directory(OUT)

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory | None:
        """The libraries that the programs load, where the default base might not have them."""
        if not self.options.packages and not for_platform(self.base, spec.platform):
            return None
        return libraries.needed(self._compiled(spec, stamp), spec, root, OUT)

    def test(self, command: Sequence[str] = ()) -> dagger.Container:
        """The project's tests on the host's own platform: `command`, else cargo test."""
        stage = packages.with_step(
            self._cached(self._stage(self.host, Stamp()), "test"), "as-changed"
        )
        for each in self.test_commands(command):
            stage = stage.with_exec([f"{packages.STEPS}/as-changed", *each])
        return stage

    def test_commands(self, command: Sequence[str] = ()) -> list[list[str]]:
        return [list(command) or ["cargo", "test", "--locked", *self._features()]]

    def runtime(self, spec: PlatformSpec) -> Runtime:  # noqa: ARG002 - the same everywhere
        return Runtime(images.RUNTIME_CC)

    def _compiled(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        """The build stage with the programs in it."""
        stage = self._cached(self._for_platform(spec, stamp), spec.slug)
        for step in ("as-changed", "cargo-build"):
            stage = packages.with_step(stage, step)
        profile = self.options.profile
        folder = f"{spec.rust_triple}/{_FOLDERS.get(profile, profile)}"
        steps = [f"{packages.STEPS}/{step}" for step in ("as-changed", "cargo-build")]
        return stage.with_exec(
            [*steps, folder, OUT, " ".join(self.binaries), *self.arguments(spec)]
        )

    def _stage(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        """Rust on the host's own platform, with what C of crates is compiled by, and the source."""
        stage = builders.stage(
            self.image, spec, self.host, libraries=self.options.packages, setting="[rust] packages"
        )
        if crosscompile.compilers(spec, self.host).is_cross:
            stage = packages.with_step(stage, "rust-std").with_exec(
                [f"{packages.STEPS}/rust-std", spec.rust_triple, spec.platform, spec.debian_arch]
            )
        stage = stage.with_mounted_cache(HOME, dag.cache_volume(HOME_VOLUME))
        given = {k: stamp.fill(v, platform=spec.platform) for k, v in self.options.env.items()}
        for name, value in {**_environment(spec, self.host), **given}.items():
            if value is not None:
                stage = stage.with_env_variable(name, value)
        # an image with rustup has one toolchain, which it calls otherwise than a rust-toolchain file
        stage = stage.with_env_variable("RUSTUP_TOOLCHAIN", "${RUST_VERSION}", expand=True)
        # what cargo has compiled in the checkout itself is no source
        return stage.with_workdir(SOURCE).with_directory(SOURCE, self.source, exclude=["target"])

    def _cached(self, stage: dagger.Container, use: str) -> dagger.Container:
        """The stage with a cache of compiled code.

        A project has its own: packages of two that are called the same, in /src both, are one to
        cargo. So has a platform, since cargo locks the folder for as long as it compiles. The image
        and the packages are part of the name because cargo does not see what C was compiled by; it
        does see Rust's version, flags and features, which are not.
        """
        by = hashlib.sha256("\n".join((self.image, *self.options.packages)).encode()).hexdigest()
        volume = f"pipeline-cargo-target-{self.name}-{by[:12]}-{use}"
        return stage.with_mounted_cache(
            TARGET, dag.cache_volume(volume), sharing=dagger.CacheSharingMode.LOCKED
        )

    def _features(self) -> list[str]:
        words = ["--no-default-features"] if self.options.no_default_features else []
        if self.options.features:
            words += ["--features", ",".join(self.options.features)]
        return words

    def _flags(self, spec: PlatformSpec) -> list[str]:
        """None where nothing is said, so that those of .cargo/config.toml apply.

        There is nothing to take out of paths: they are the same in every container.
        """
        level = [f"-Ctarget-cpu={spec.march}"] if spec.march else []
        return [*level, *self.options.rustflags]


def _environment(spec: PlatformSpec, host: PlatformSpec) -> dict[str, str]:
    """What cargo, and build scripts by the crates cc and pkg-config, read besides CC and its like.

    By the names of the target, which they look at first, and for what runs on the host its own.
    """
    triple = spec.rust_triple.replace("-", "_")
    tools = crosscompile.environment(spec, host)
    folders = (f"/usr/lib/{host.gnu_triple}/pkgconfig", "/usr/share/pkgconfig")
    return {
        "CARGO_HOME": HOME,
        "CARGO_TARGET_DIR": TARGET,
        f"CARGO_TARGET_{triple.upper()}_LINKER": crosscompile.compilers(spec, host).c,
        **{f"{tool}_{triple}": tools[tool] for tool in ("CC", "CXX", "AR")},
        **{f"TARGET_{tool}": tools[tool] for tool in ("CC", "CXX", "AR")},
        "HOST_CC": "gcc",
        "HOST_CXX": "g++",
        "HOST_AR": "ar",
        "HOST_PKG_CONFIG_LIBDIR": ":".join(folders),
    }


async def inspect(
    source: dagger.Directory,
    options: RustOptions,
    root_entries: Sequence[str],
    host: PlatformSpec,
    base: str | Mapping[str, str] = "",
) -> Rust:
    """Looks at the source before anything is built. `base` is that of [runtime].

    Raises SourceError where Cargo.toml or Cargo.lock is missing or there is nothing to compile,
    ConfigError where [rust] names what the workspace has not.
    """
    file = cargo_manifests.FILE
    if file not in root_entries:
        listed = ", ".join(root_entries[:8]) or "nothing"
        msg = (
            f"{file} is not in the source, which holds {listed}: expected a Cargo package or "
            "workspace at its root; point --source at the application's folder"
        )
        raise SourceError(msg)
    if LOCK not in root_entries:
        msg = (
            f"{LOCK} is not in the source: without it every build may be of other versions; write it "
            "with cargo generate-lockfile, and commit it"
        )
        raise SourceError(msg)
    workspace, asked, profiles = await concurrently(
        _workspace(source), _asked_version(source, root_entries), _profiles(source, root_entries)
    )
    _check_profile(options, (*workspace.profiles, *profiles))
    _check_features(options, workspace)
    programs = _programs(options, workspace)
    version, version_from = asked or _newest(workspace.rust_version)
    if not options.image and not _VERSION.fullmatch(version):
        msg = (
            f"{version_from} asks for Rust '{version}', of which there is no image: expected a "
            "version such as 1.96 or 1.96.0, stable, or set [rust] image"
        )
        raise SourceError(msg)
    return Rust(
        source=source,
        host=host,
        options=options,
        name=workspace.defaults[0].name if len(workspace.defaults) == 1 else programs[0].package,
        version=version,
        version_from=version_from,
        programs=programs,
        is_workspace=len(workspace.packages) > 1,
        base=base,
    )


async def _workspace(source: dagger.Directory) -> Workspace:
    """What the manifests of the source say together."""
    text, paths, files = await concurrently(
        source.file(cargo_manifests.FILE).contents(),
        source.glob(f"**/{cargo_manifests.FILE}"),
        source.glob("**/*.rs"),
    )
    root = cargo_manifests.parse(text)
    folders = [posixpath.dirname(path) or "." for path in paths]
    members = [each for each in cargo_manifests.members(root, folders) if each != "."]
    paths = [f"{folder}/{cargo_manifests.FILE}" for folder in members]
    texts = await concurrently(*(source.file(path).contents() for path in paths))
    manifests = {
        folder: cargo_manifests.parse(text, path)
        for folder, path, text in zip(members, paths, texts, strict=True)
    }
    return cargo_manifests.read({".": root, **manifests}, files)


async def _asked_version(
    source: dagger.Directory, root_entries: Sequence[str]
) -> tuple[str, str] | None:
    """The version that a file for rustup names, and the file; None where none names one."""
    for name in TOOLCHAIN_FILES:
        if name not in root_entries:
            continue
        text = await source.file(name).contents()
        channel = text.strip()
        if "[" in text:
            channel = str(cargo_manifests.parse(text, name).get("toolchain", {}).get("channel", ""))
        return (images.RUST_VERSION if channel in ("", "stable") else channel), name
    return None


async def _profiles(source: dagger.Directory, root_entries: Sequence[str]) -> tuple[str, ...]:
    """The profiles that the source's configuration of cargo adds."""
    path = ".cargo/config.toml"
    if ".cargo/" not in root_entries or not await source.exists(path):
        return ()
    return tuple(cargo_manifests.parse(await source.file(path).contents(), path).get("profile", ()))


def _newest(oldest: str) -> tuple[str, str]:
    """Our version of Rust, or the oldest that the source is for where that is newer."""

    def numbers(version: str) -> list[int]:
        return [int(part) for part in version.split(".")[:2]]

    if _VERSION.fullmatch(oldest) and numbers(oldest) > numbers(images.RUST_VERSION):
        return oldest, cargo_manifests.FILE
    return images.RUST_VERSION, "default"


def _check_profile(options: RustOptions, known: Sequence[str]) -> None:
    if options.profile not in known:
        msg = f"[rust] profile '{options.profile}' is not known: expected one of {', '.join(known)}"
        raise ConfigError(msg)


def _check_features(options: RustOptions, workspace: Workspace) -> None:
    """Raises ConfigError for a feature that no package of the workspace has."""
    members = [each.name for each in workspace.packages]
    known = list(dict.fromkeys(f for each in workspace.packages for f in each.features))
    dependencies = {d for each in workspace.packages for d in each.dependencies}
    for feature in options.features:
        of, slash, _ = feature.partition("/")
        of = of.removesuffix("?")
        if not slash and feature not in known:
            accepted = ", ".join(known) or "none, for there are none"
            msg = (
                f"[rust] features: '{feature}' is no feature of the workspace: expected {accepted}"
            )
            raise ConfigError(msg)
        if slash and of not in dependencies and of not in members:
            accepted = ", ".join(sorted({*dependencies, *members}))
            msg = f"[rust] features: '{of}' in '{feature}' is no dependency: expected one of {accepted}"
            raise ConfigError(msg)


def _programs(options: RustOptions, workspace: Workspace) -> tuple[Program, ...]:
    """The programs that are named, else those of the default members that can be compiled."""

    def lacking(package: Package, program: Program) -> list[str]:
        default = not options.no_default_features
        enabled = package.enabled(options.features, default=default)
        return [each for each in program.requires if each not in enabled]

    among = workspace.packages if options.binaries else workspace.defaults
    found = [(package, program) for package in among for program in package.programs]
    for name in options.binaries:
        if not any(program.name == name for _, program in found):
            accepted = ", ".join(program.name for _, program in found) or "none, for there are none"
            msg = f"[rust] binaries: '{name}' is no program of the workspace: expected {accepted}"
            raise ConfigError(msg)
    named = [each for each in found if not options.binaries or each[1].name in options.binaries]
    chosen = [program for package, program in named if not lacking(package, program)]
    for package, program in named:
        if (missing := lacking(package, program)) and (options.binaries or not chosen):
            msg = (
                f"'{program.name}' requires the features {', '.join(missing)}: add them to "
                "[rust] features"
            )
            raise ConfigError(msg)
    names = [program.name for program in chosen]
    twice = next((name for name in names if names.count(name) > 1), "")
    if twice:
        of = " and ".join(program.package for program in chosen if program.name == twice)
        msg = (
            f"Two programs are called '{twice}', of {of}: expected one of each name; rename one, or "
            "name other programs in [rust] binaries"
        )
        raise ConfigError(msg)
    if not chosen:
        kinds = ", ".join(package.name for package in workspace.packages)
        msg = (
            f"No program found in {kinds}: expected src/main.rs, a file in src/bin/ or [[bin]] in "
            "Cargo.toml; a library alone makes no image"
        )
        raise SourceError(msg)
    if options.binaries:
        chosen.sort(key=lambda program: options.binaries.index(program.name))
    return tuple(chosen)
