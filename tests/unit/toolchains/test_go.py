"""Go: what is read of a source, and recipes compared by equality, with no engine."""

from __future__ import annotations

import dagger
import pytest
from dagger import dag

from pipeline import builders, libraries, platforms
from pipeline.errors import ConfigError, PipelineError, SourceError
from pipeline.options import GoOptions
from pipeline.stamp import Stamp
from pipeline.toolchains import go
from tests.unit.fakes import FakeDirectory

MOD = "module example.com/team/app\n\ngo 1.26\n"
MAIN = "// Command app.\npackage main\n\nfunc main() {}\n"
LIBRARY = "package library\n"
IN_C = 'package main\n\n// #include <stdio.h>\nimport "C"\n\nfunc main() {}\n'
AMD64 = platforms.parse("linux/amd64")
# of a final stage
ROOT = dag.container().from_("final").rootfs()


async def inspect(files: dict[str, str], **options: object) -> go.Go:
    source = FakeDirectory(files)
    return await go.inspect(source, GoOptions(**options), await source.entries(), AMD64)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "path", "version", "name"),
    [
        ("module example.com/app\ngo 1.26\n", "example.com/app", "1.26", "app"),
        ("module example.com/app/v2 // two\n\ngo 1.26.3\n", "example.com/app/v2", "1.26.3", "app"),
        ("go 1.24.0\ntoolchain go1.26.1\nmodule app\n", "app", "1.26.1", "app"),
        ('module "example.com/x"\ngo 1.27rc1\nrequire a v1.0.0\n', "example.com/x", "1.27rc1", "x"),
        ("module v2\ngo 1.26\n", "v2", "1.26", "v2"),
        ("module x\ngo 1.26\ntoolchain default\n", "x", "1.26", "x"),
    ],
)
def test_go_mod_is_read(text, path, version, name):
    module = go.GoModule.parse(text)
    assert (module.path, module.version, module.name) == (path, version, name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("go 1.26\n", "go.mod names no module: expected a line such as 'module example.com/app'"),
        ("module x\n", "go.mod asks for Go '': expected a version such as 1.26 or 1.26.3 after 'go', or set [go] image"),
        ("module x\ngo latest\n", "go.mod asks for Go 'latest': expected a version such as 1.26 or 1.26.3 after 'go', or set [go] image"),
    ],
)  # fmt: skip
def test_a_go_mod_that_cannot_be_used_is_refused(text, message):
    with pytest.raises(SourceError) as raised:
        _ = go.GoModule.parse(text).image
    assert str(raised.value) == message


async def test_an_image_of_ones_own_needs_no_version():
    build = await inspect({"go.mod": "module x\n", "main.go": MAIN}, image="golang:mine")
    assert build.image == "golang:mine"


async def test_files_that_go_never_builds_make_no_program():
    generator = "//go:build ignore\n\npackage main\n"
    files = {
        "go.mod": MOD,
        "lib.go": LIBRARY,
        "gen.go": generator,
        "_x.go": MAIN,
        "cmd/a/m.go": MAIN,
    }
    assert (await inspect(files)).binaries == ("a",)


async def test_a_major_version_is_no_programs_name():
    assert (await inspect({"go.mod": MOD, "cmd/v2/m.go": MAIN})).binaries == ("cmd",)


async def test_the_root_package_is_a_program_named_like_the_module():
    build = await inspect({"go.mod": MOD, "main.go": MAIN})
    assert (build.packages, build.binaries) == ((".",), ("app",))
    assert build.image == "docker.io/library/golang:1.26-bookworm"
    assert not build.vendored


async def test_programs_below_cmd_are_found_and_libraries_are_not():
    build = await inspect(
        {"go.mod": MOD, "lib.go": LIBRARY, "cmd/a/main.go": MAIN, "cmd/b/x.go": MAIN, "cmd/c/c.go": LIBRARY}
    )  # fmt: skip
    assert (build.packages, build.binaries) == (("./cmd/a", "./cmd/b"), ("a", "b"))


async def test_packages_that_are_named_are_taken_as_named():
    build = await inspect(
        {"go.mod": MOD, "tool/x.go": MAIN, "cmd/a/main.go": MAIN}, packages=("tool/",)
    )
    assert (build.packages, build.binaries, build.packages_named) == (
        ("./tool",),
        ("tool",),
        True,
    )


async def test_a_clause_is_read_behind_comments_and_beside_test_files():
    files = {
        "go.mod": MOD,
        "a_test.go": "package other_test\n",
        "b.go": "/*\npackage no\n*/\n\npackage main\n",
    }
    assert (await inspect(files)).binaries == ("app",)


async def test_vendored_modules_are_not_downloaded():
    assert (await inspect({"go.mod": MOD, "main.go": MAIN, "vendor/modules.txt": ""})).vendored


@pytest.mark.parametrize(
    ("files", "options", "message"),
    [
        ({"main.go": MAIN}, {}, "go.mod is not in the source, which holds main.go: expected a Go module at its root; point --source at the application's folder"),
        ({}, {}, "go.mod is not in the source, which holds nothing: expected a Go module at its root; point --source at the application's folder"),
        ({"go.mod": MOD, "l.go": LIBRARY}, {}, "No program found: expected package main at the root of the source or below cmd/, or [go] packages in pipeline.toml"),
        ({"go.mod": MOD, "lib/l.go": LIBRARY}, {"packages": ("./lib",)}, "[go] packages: './lib' is package library, not a program: expected package main"),
        ({"go.mod": MOD}, {"packages": ("./cmd/a",)}, "[go] packages: './cmd/a' is not in the source: expected a folder of it"),
        ({"go.mod": MOD, "a/x.txt": ""}, {"packages": ("a",)}, "[go] packages: 'a' holds no Go files: expected package main"),
        ({"go.mod": MOD}, {"packages": ("./...",)}, "[go] packages: './...' is not one package: expected a folder such as ./cmd/server"),
        ({"go.mod": MOD}, {"packages": ("../x",)}, "[go] packages: '../x' is not one package: expected a folder such as ./cmd/server"),
        ({"go.mod": MOD, "cmd/a/m.go": IN_C}, {}, "'cmd/a/m.go' compiles C (import \"C\"): set cgo = true in [go]"),
        ({"go.mod": MOD, "m.go": IN_C}, {"packages": (".",)}, "'m.go' compiles C (import \"C\"): set cgo = true in [go]"),
        ({"go.mod": MOD, "a/x/m.go": MAIN, "b/x/m.go": MAIN}, {"packages": ("a/x", "b/x")}, "[go] packages: two programs would be called 'x': name one package of each name"),
    ],
)  # fmt: skip
async def test_a_source_that_cannot_be_built_is_refused(files, options, message):
    with pytest.raises(PipelineError) as raised:
        await inspect(files, **options)
    assert str(raised.value) == message
    assert isinstance(raised.value, SourceError | ConfigError)


async def test_c_is_compiled_where_it_is_asked_for_or_replaced_where_it_is_not():
    files = {"go.mod": MOD, "m.go": IN_C}
    found = await inspect(files, cgo=True, libraries=("libsqlite3-dev",))
    assert (found.binaries, found.cgo, found.target_packages) == (
        ("app",),
        True,
        ("libsqlite3-dev",),
    )
    assert (await inspect({**files, "other.go": MAIN})).binaries == ("app",)


def build(host: str = "linux/amd64", **changes: object) -> go.Go:
    values = {
        "source": dag.directory(),
        "host": platforms.parse(host),
        "module": go.GoModule("example.com/app", "1.26"),
        "image": "golang:1.26",
        "image_named": True,
        "packages": ("./cmd/a", "./cmd/b"),
        "packages_named": True,
        "binaries": ("a", "b"),
        "ldflags": ("-s -w", "-X main.version={version}", "-X main.revision={revision}"),
        "tags": (),
        "env": (),
        "vendored": False,
    }
    return go.Go(**{**values, **changes})  # type: ignore[arg-type]


def stage(host: str) -> dagger.Container:
    """The build stage, written out."""
    return (
        dag.container(platform=dagger.Platform(host))
        .from_("golang:1.26")
        .with_workdir("/src")
        .with_mounted_cache("/var/cache/pipeline/go-mod", dag.cache_volume("pipeline-go-mod"))
        .with_env_variable("GOMODCACHE", "/var/cache/pipeline/go-mod")
        .with_mounted_cache("/var/cache/pipeline/go-build", dag.cache_volume("pipeline-go-build"))
        .with_env_variable("GOCACHE", "/var/cache/pipeline/go-build")
        .with_env_variable("CGO_ENABLED", "0")
    )


def with_source(container: dagger.Container) -> dagger.Container:
    modules = ["**/go.mod", "**/go.sum", "go.work", "go.work.sum"]
    return (
        container.with_directory("/src", dag.directory(), include=modules)
        .with_exec(["go", "mod", "download"])
        .with_directory("/src", dag.directory())
    )


def for_amd64(container: dagger.Container) -> dagger.Container:
    return container.with_env_variable("GOOS", "linux").with_env_variable("GOARCH", "amd64")


@pytest.mark.parametrize("host", ["linux/amd64", "linux/arm64"])
@pytest.mark.parametrize("target", ["linux/amd64", "linux/arm64"])
def test_every_platform_is_compiled_on_the_host(host, target):
    architecture = target.removeprefix("linux/")
    expected = (
        with_source(stage(host))
        .with_env_variable("GOOS", "linux")
        .with_env_variable("GOARCH", architecture)
        .with_exec(
            ["go", "build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w -X main.version=1.2",
             "-o", "/out/programs/", "./cmd/a", "./cmd/b"]
        )
        .directory("/out/programs")
    )  # fmt: skip
    compiled = build(host).compile(platforms.parse(target), Stamp(version="1.2"))
    assert compiled == expected


def test_modules_are_downloaded_before_the_source_is_there():
    assert build().build_stage(AMD64) == for_amd64(with_source(stage("linux/amd64")))


def test_a_vendored_source_is_only_copied():
    expected = stage("linux/amd64").with_directory("/src", dag.directory())
    assert build(vendored=True).build_stage(AMD64) == for_amd64(expected)


def test_tags_environment_and_variants_reach_the_command():
    spec = platforms.parse("linux/arm/v6")
    of_tags = build(tags=("a", "b"), ldflags=(), env=(("GOPROXY", "off"),), vendored=True)
    assert of_tags.command(spec, Stamp()) == (
        "go build -trimpath -buildvcs=false -tags=a,b -o /out/programs/ ./cmd/a ./cmd/b"
    )
    expected = stage("linux/amd64").with_env_variable("GOPROXY", "off")
    expected = expected.with_directory("/src", dag.directory()).with_env_variable("GOOS", "linux")
    expected = expected.with_env_variable("GOARCH", "arm").with_env_variable("GOARM", "6")
    assert of_tags.build_stage(spec) == expected


def test_tests_are_vet_and_test_on_the_host():
    expected = (
        with_source(stage("linux/arm64"))
        .with_exec(["go", "vet", "./..."])
        .with_exec(["go", "test", "./..."])
    )
    assert build("linux/arm64").test() == expected


def test_a_command_takes_the_place_of_the_tests():
    expected = with_source(stage("linux/amd64")).with_exec(["make", "check"])
    assert build().test(("make", "check")) == expected


BY_CGO = {"cgo": True, "target_packages": ("libsqlite3-dev",), "vendored": True, "ldflags": ()}
CGO_VOLUME = "pipeline-go-build-cgo-3156b64b1d7e"


def cgo_stage(platform: str, host: str) -> dagger.Container:
    """The build stage where C is compiled too, written out."""
    container = builders.stage(
        "golang:1.26",
        platforms.parse(platform),
        platforms.parse(host),
        libraries=("libsqlite3-dev",),
        setting="[go] libraries",
    )
    return (
        container.with_workdir("/src")
        .with_mounted_cache("/var/cache/pipeline/go-mod", dag.cache_volume("pipeline-go-mod"))
        .with_env_variable("GOMODCACHE", "/var/cache/pipeline/go-mod")
        .with_mounted_cache("/var/cache/pipeline/go-build", dag.cache_volume(CGO_VOLUME))
        .with_env_variable("GOCACHE", "/var/cache/pipeline/go-build")
        .with_env_variable("CGO_ENABLED", "1")
        .with_directory("/src", dag.directory())
    )


def test_c_is_compiled_for_the_target_and_its_libraries_are_brought_along():
    spec = platforms.parse("linux/arm64")
    compiled = (
        cgo_stage("linux/arm64", "linux/amd64")
        .with_env_variable("GOOS", "linux")
        .with_env_variable("GOARCH", "arm64")
        .with_exec(
            ["go", "build", "-trimpath", "-buildvcs=false", "-o", "/out/programs/", "./cmd/a", "./cmd/b"]
        )
    )  # fmt: skip
    found = build(**BY_CGO)
    assert found.compile(spec, Stamp()) == compiled.directory("/out/programs")
    assert found.runtime(spec).base == "gcr.io/distroless/base-debian12:nonroot"
    assert found.libraries(spec, Stamp(), ROOT) == libraries.needed(
        compiled, spec, ROOT, "/out/programs"
    )


def test_tests_of_c_are_compiled_for_the_host():
    expected = cgo_stage("linux/arm64", "linux/arm64")
    for verb in ("vet", "test"):
        expected = expected.with_exec(["go", verb, "./..."])
    assert build("linux/arm64", **BY_CGO).test() == expected


def test_without_c_there_are_no_libraries_and_no_libc():
    assert build().libraries(AMD64, Stamp(), ROOT) is None
    assert build().runtime(AMD64).base == "gcr.io/distroless/static-debian12:nonroot"


def test_the_plan_says_what_c_is_compiled_with():
    origins = {"file": "pipeline.toml", "toolchain": "go.mod"}
    assert build(**BY_CGO).settings(origins)[-1] == ("cgo", "gcc, libsqlite3-dev", "pipeline.toml")
