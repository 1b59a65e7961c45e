"""Go: cross-compiled by Go itself; where C is compiled too, by the GNU compilers of the target."""

from __future__ import annotations

import hashlib
import posixpath
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import bases, builders, images, libraries
from pipeline.concurrency import concurrently
from pipeline.errors import ConfigError, SourceError
from pipeline.toolchain import OUT, Builder, Row, Runtime, executed

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagger

    from pipeline.options import GoOptions
    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp

SOURCE = "/src"
# One of each for all projects and platforms: Go keys what it keeps by content and by target.
MODULES, MODULES_VOLUME = "/var/cache/pipeline/go-mod", "pipeline-go-mod"
COMPILED, COMPILED_VOLUME = "/var/cache/pipeline/go-build", "pipeline-go-build"
MODULE_FILES = ["**/go.mod", "**/go.sum", "go.work", "go.work.sum"]
"""What `go mod download` reads: its step is not repeated when a .go file changes."""

_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?(?:(?:rc|beta)\d+)?")
_COMMENTS = re.compile(r"//[^\n]*|/\*.*?\*/", re.DOTALL)
_PACKAGE_CLAUSE = re.compile(r"^\s*package\s+(\w+)", re.MULTILINE)
_COMPILES_C = re.compile(r'^\s*import\s+"C"', re.MULTILINE)
# the constraint by which a generator or a script stays out of the package it lies in
_NEVER_BUILT = re.compile(r"^//(?:go:build|\s*\+build)\s+ignore\b", re.MULTILINE)
_MAJOR_SUFFIX = re.compile(r"v\d+")


@dataclass(frozen=True)
class GoModule:
    """What a go.mod says: the module's path and the version of Go that it asks for."""

    path: str
    version: str

    @classmethod
    def parse(cls, text: str) -> GoModule:
        """Raises SourceError where the file names no module."""
        words = [line.partition("//")[0].split() for line in text.splitlines()]
        found = {w[0]: w[1].strip('"') for w in reversed(words) if len(w) == 2}  # noqa: PLR2004
        if "module" not in found:
            msg = "go.mod names no module: expected a line such as 'module example.com/app'"
            raise SourceError(msg)
        version = found.get("toolchain", "").removeprefix("go")
        return cls(found["module"], version if version[:1].isdigit() else found.get("go", ""))

    @property
    def image(self) -> str:
        """Go's own image of the version; raises SourceError where there can be none."""
        if not _VERSION.fullmatch(self.version):
            msg = (
                f"go.mod asks for Go '{self.version}': expected a version such as 1.26 or 1.26.3 "
                "after 'go', or set [go] image"
            )
            raise SourceError(msg)
        return images.GO.format(version=self.version)

    @property
    def name(self) -> str:
        """What Go calls the program at the module's root."""
        return self.program(".")

    def program(self, package: str) -> str:
        """What Go calls the program of a package: a major version is no name."""
        parts = posixpath.normpath(f"{self.path}/{package}").split("/")
        if len(parts) > 1 and _MAJOR_SUFFIX.fullmatch(parts[-1]):
            parts.pop()
        return parts[-1]


@dataclass(frozen=True)
class Go:
    """A Go module that was looked at, and the recipes for it."""

    source: dagger.Directory
    host: PlatformSpec
    module: GoModule
    image: str
    image_named: bool
    packages: tuple[str, ...]
    packages_named: bool
    binaries: tuple[str, ...]
    ldflags: tuple[str, ...]
    tags: tuple[str, ...]
    env: tuple[tuple[str, str], ...]
    vendored: bool
    cgo: bool = False
    target_packages: tuple[str, ...] = ()
    """Debian's, of the platform, that C code is linked against."""

    named_by = "go.mod"

    @property
    def name(self) -> str:
        return self.module.name

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        image_from = origins["file"] if self.image_named else "go.mod"
        packages_from = origins["file"] if self.packages_named else "the source's folders"
        rows = [
            ("toolchain", f"go {self.module.version}", origins["toolchain"]),
            ("builder", self.image, image_from),
            ("packages", ", ".join(self.packages), packages_from),
        ]
        if self.cgo:
            rows.append(("cgo", ", ".join(("gcc", *self.target_packages)), origins["file"]))
        return rows

    def builder(self, spec: PlatformSpec) -> Builder:  # noqa: ARG002 - the host's own for all
        return Builder(self.image, self.host, "[go] image")

    def build_stage(self, spec: PlatformSpec) -> dagger.Container:
        """Go on the host's own platform, set to compile for the platform."""
        stage = self._stage(spec)
        for name, value in spec.go_env.items():
            stage = stage.with_env_variable(name, value)
        return stage

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:
        return " ".join(self.arguments(spec, stamp))

    def arguments(self, spec: PlatformSpec, stamp: Stamp) -> list[str]:
        """What compiles and links every program of the project for the platform."""
        filled = [stamp.fill(flag, platform=spec.platform) for flag in self.ldflags]
        arguments = ["go", "build", "-trimpath", "-buildvcs=false"]
        if self.tags:
            arguments.append(f"-tags={','.join(self.tags)}")
        if flags := [flag for flag in filled if flag is not None]:
            arguments.append(f"-ldflags={' '.join(flags)}")
        return [*arguments, "-o", f"{OUT}/", *self.packages]

    def compile(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Directory:
        """The project's programs for the platform."""
        return self._compiled(spec, stamp).directory(OUT)

    def libraries(
        self, spec: PlatformSpec, stamp: Stamp, root: dagger.Directory
    ) -> dagger.Directory | None:
        """The libraries that C code was linked against; what Go alone links is whole."""
        if not self.cgo:
            return None
        return libraries.needed(self._compiled(spec, stamp), spec, root, OUT)

    def test(self, command: Sequence[str] = ()) -> dagger.Container:
        """The project's tests on the host's own platform: `command`, else go vet and go test."""
        return executed(self._stage(self.host), self.test_commands(command))

    def test_commands(self, command: Sequence[str] = ()) -> list[list[str]]:
        if command:
            return [list(command)]
        tags = [f"-tags={','.join(self.tags)}"] if self.tags else []
        return [["go", verb, *tags, "./..."] for verb in ("vet", "test")]

    def runtime(self, spec: PlatformSpec) -> Runtime:  # noqa: ARG002 - the same everywhere
        return Runtime(images.RUNTIME_LIBC if self.cgo else images.RUNTIME)

    def _compiled(self, spec: PlatformSpec, stamp: Stamp) -> dagger.Container:
        """The build stage with the programs in it."""
        return self.build_stage(spec).with_exec(self.arguments(spec, stamp))

    def _stage(self, spec: PlatformSpec) -> dagger.Container:
        """Go on the host's own platform, with the source and the modules it needs."""
        if self.cgo:
            stage = builders.stage(
                self.image,
                spec,
                self.host,
                libraries=self.target_packages,
                setting="[go] libraries",
            )
        else:
            stage = bases.from_(self.image, self.host)
        stage = stage.with_workdir(SOURCE)
        for variable, path, volume in (
            ("GOMODCACHE", MODULES, MODULES_VOLUME),
            ("GOCACHE", COMPILED, self._compiled_volume),
        ):
            stage = stage.with_mounted_cache(path, dag.cache_volume(volume))
            stage = stage.with_env_variable(variable, path)
        stage = stage.with_env_variable("CGO_ENABLED", "1" if self.cgo else "0")
        for name, value in self.env:
            stage = stage.with_env_variable(name, value)
        if not self.vendored:
            stage = stage.with_directory(SOURCE, self.source, include=MODULE_FILES)
            stage = stage.with_exec(["go", "mod", "download"])
        return stage.with_directory(SOURCE, self.source)

    @property
    def _compiled_volume(self) -> str:
        """C is another matter: Go does not see what headers and libraries of the system it read."""
        if not self.cgo:
            return COMPILED_VOLUME
        by = "\n".join((self.image, *self.target_packages))
        return f"{COMPILED_VOLUME}-cgo-{hashlib.sha256(by.encode()).hexdigest()[:12]}"


async def inspect(
    source: dagger.Directory,
    options: GoOptions,
    root_entries: Sequence[str],
    host: PlatformSpec,
) -> Go:
    """Looks at the source before anything is built.

    Raises SourceError where go.mod or a package is missing, a package is no program, or one is of C
    alone and C is not compiled.
    """
    if "go.mod" not in root_entries:
        listed = ", ".join(root_entries[:8]) or "nothing"
        msg = (
            f"go.mod is not in the source, which holds {listed}: expected a Go module at its "
            "root; point --source at the application's folder"
        )
        raise SourceError(msg)
    text, packages = await concurrently(
        source.file("go.mod").contents(), _packages(source, options, root_entries)
    )
    module = GoModule.parse(text)
    binaries = tuple(module.program(_clean(p)) for p in packages)
    twice = next((b for b in binaries if binaries.count(b) > 1), None)
    if twice:
        msg = (
            f"[go] packages: two programs would be called '{twice}': name one package of each name"
        )
        raise ConfigError(msg)
    return Go(
        source=source,
        host=host,
        module=module,
        image=options.image or module.image,
        image_named=bool(options.image),
        packages=tuple(f"./{_clean(p)}" if _clean(p) != "." else "." for p in packages),
        packages_named=bool(options.packages),
        binaries=binaries,
        ldflags=options.ldflags,
        tags=options.tags,
        env=tuple(sorted(options.env.items())),
        vendored="vendor/" in root_entries,
        cgo=options.cgo,
        target_packages=options.libraries,
    )


async def _packages(
    source: dagger.Directory, options: GoOptions, root_entries: Sequence[str]
) -> tuple[str, ...]:
    """The packages that the project names, each a program; else those that are found."""
    if not options.packages:
        return await _programs(source, root_entries, cgo=options.cgo)
    names = await concurrently(
        *(_package_name(source, p, cgo=options.cgo) for p in options.packages)
    )
    for package, name in zip(options.packages, names, strict=True):
        if name != "main":
            msg = (
                f"[go] packages: '{package}' is package {name}, not a program: "
                "expected package main"
            )
            raise SourceError(msg)
    return options.packages


async def _programs(
    source: dagger.Directory, root_entries: Sequence[str], *, cgo: bool
) -> tuple[str, ...]:
    """The packages main at the root and below cmd/, where the project does not name any."""
    candidates = ["."]
    if "cmd/" in root_entries:
        folders = await source.directory("cmd").entries()
        candidates += [f"cmd/{f.rstrip('/')}" for f in folders if f.endswith("/")]
    names = await concurrently(*(_package_name(source, c, missing="", cgo=cgo) for c in candidates))
    found = tuple(c for c, name in zip(candidates, names, strict=True) if name == "main")
    if not found:
        msg = (
            "No program found: expected package main at the root of the source or below cmd/, "
            "or [go] packages in pipeline.toml"
        )
        raise SourceError(msg)
    return found


async def _package_name(
    source: dagger.Directory, package: str, missing: str | None = None, *, cgo: bool
) -> str:
    """The name after `package` in a folder's files; "main" where any file says so."""
    path = _clean(package)
    if path.startswith("..") or "..." in path:
        msg = (
            f"[go] packages: '{package}' is not one package: expected a folder such as ./cmd/server"
        )
        raise ConfigError(msg)
    if path != "." and not await source.exists(path):
        if missing is not None:
            return missing
        msg = f"[go] packages: '{package}' is not in the source: expected a folder of it"
        raise SourceError(msg)
    folder = source if path == "." else source.directory(path)
    # what Go leaves out: tests, and names that begin so
    files = [
        f for f in await folder.glob("*.go") if not f.endswith("_test.go") and f[0] not in "_."
    ]
    name, of_c = missing or "", ""
    for file in files:
        text = await folder.file(file).contents()
        if _NEVER_BUILT.search(text):
            continue
        code = _COMMENTS.sub("", text)
        clause = _PACKAGE_CLAUSE.search(code)
        if not cgo and _COMPILES_C.search(code):
            # as if it were not there: another file may take its place
            of_c = file if clause and clause[1] == "main" else of_c
            continue
        name = clause[1] if clause else name
        if name == "main":
            return name
    if of_c and not name:
        msg = f"'{_clean(posixpath.join(path, of_c))}' compiles C (import \"C\"): set cgo = true in [go]"
        raise SourceError(msg)
    if not name and missing is None:
        msg = f"[go] packages: '{package}' holds no Go files: expected package main"
        raise SourceError(msg)
    return name


def _clean(package: str) -> str:
    return posixpath.normpath(package)
