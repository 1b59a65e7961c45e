"""pipeline.toml: what is accepted, and the one line that each mistake gets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pipeline import project
from pipeline.errors import ConfigError
from pipeline.rules import IMAGE

WHOLE = """
name = "app"
platforms = ["linux/arm64", "linux/x86_64"]
toolchain = "go"
[go]
packages = ["./cmd/app"]
image = "golang:1.26"
ldflags = ["-X main.version={version}"]
tags = ["netgo"]
env = { GOPRIVATE = "example.com" }
cgo = true
libraries = ["libsqlite3-dev"]
[test]
command = ["go", "test", "./..."]
[runtime]
base = { "linux/amd64" = "debian:12", "linux/aarch64" = "ubuntu:22.04" }
user = "1000"
entrypoint = ["/usr/local/bin/app"]
args = ["serve"]
env = { PORT = "8080" }
labels = { team = "core" }
expose = [8080]
packages = ["g++", "libssl3=3.0.22-1~deb12u2"]
files = { "/etc/app.toml" = "config/app.toml" }
[[fetch]]
url = "https://example.com/tini-{debian_arch}"
sha256 = { "linux/aarch64" = "0000000000000000000000000000000000000000000000000000000000000000" }
destination = "/sbin/tini"
mode = "0755"
[verify]
ignore = ["package-cache"]
max_size = { "linux/arm64" = "1.5 GB" }
image = "python:3.12"
[registry]
image = "registry.example.com/crane"
[publish]
address = "registry.example.com/app"
tags = ["1.0"]
version = "1.0"
revision = "abc"
source = "https://example.com/app"
[flavors.slim]
suffix = "-thin"
"""


def test_an_empty_file_is_a_project_of_defaults():
    assert project.load("") == project.Project()
    assert project.Project().runtime.user == "65532:65532"
    assert project.Project().go.ldflags == ("-s", "-w")


def test_every_key_is_read():
    found = project.load(WHOLE)
    assert found.platforms == ("linux/arm64", "linux/amd64")
    assert found.go.packages == ("./cmd/app",)
    assert found.go.env == {"GOPRIVATE": "example.com"}
    assert found.test.command == ("go", "test", "./...")
    assert found.runtime.base == {"linux/amd64": "debian:12", "linux/arm64": "ubuntu:22.04"}
    assert found.runtime.expose == (8080,)
    assert found.runtime.packages == ("g++", "libssl3=3.0.22-1~deb12u2")
    assert found.runtime.files == {"/etc/app.toml": "config/app.toml"}
    assert [(f.destination, f.mode, list(f.sha256)) for f in found.fetch] == [
        ("/sbin/tini", 0o755, ["linux/arm64"])
    ]
    assert found.verify.ignore == ("package-cache",)
    assert found.verify.budget("linux/arm64") == 1_500_000_000
    assert found.verify.budget("linux/amd64") == 0
    assert found.publish.tags == ("1.0",)
    assert found.registry.image == "registry.example.com/crane"
    # a project has one toolchain: the tables of the others are not in it
    tables = {project.table_of(toolchain) for toolchain in project.TOOLCHAINS}
    assert found.model_fields_set | tables == set(project.Project.model_fields)


ALL_PLATFORMS = (
    "linux/amd64, linux/amd64/v2, linux/amd64/v3, linux/arm64, linux/arm/v7, linux/arm/v6, "
    "linux/386, linux/riscv64, linux/ppc64le, linux/s390x"
)


FETCH = """\
[[fetch]]
url = "https://e.com/x-{arch}"
sha256 = { "linux/amd64" = "%s" }
destination = "/bin/x"
""" % ("a" * 64)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('nme = "x"', "unknown key 'nme': expected one of platforms, go, cuda, rust, cmake, dockerfile, build, test, runtime, fetch, verify, name, toolchain, publish, registry, flavors"),
        ("[go]\nfoo = 1", "[go] unknown key 'foo': expected one of packages, image, ldflags, tags, env, cgo, libraries"),
        ("name = 3", "name has the wrong type (number): expected a string"),
        ('[go]\npackages = "./x"', "[go] packages has the wrong type (string): expected a list"),
        ('[go]\ncgo = "no"', "[go] cgo has the wrong type (string): expected true or false"),
        ("go = 1", "go has the wrong type (number): expected a table"),
        ('[runtime]\nexpose = ["80"]', "[runtime] expose.0 has the wrong type (string): expected a whole number"),
        ("fetch = 1", "fetch has the wrong type (number): expected a list"),
        ("[[fetch]]", "[[fetch]] url is missing: expected it in every such table"),
        (FETCH + 'umask = "022"', "[[fetch]] unknown key 'umask': expected one of url, sha256, destination, mode, member"),
        (FETCH + 'mode = "999"', "[[fetch]] mode '999' is not one: expected octal digits, such as \"0755\""),
        (FETCH.replace("{arch}", "{cpu}"), "[[fetch]] '{cpu}' in 'https://e.com/x-{cpu}' is not known: expected one of {os}, {arch}, {variant}, {gnu_triple}, {debian_arch}, {rust_triple}"),
        (FETCH.replace("https", "ftp"), "[[fetch]] url 'ftp://e.com/x-{arch}' cannot be fetched: expected one that starts with https://"),
        (FETCH.replace("a" * 64, "abc"), "[[fetch]] sha256 'abc' is not one: expected 64 hexadecimal digits in lower case"),
        (FETCH.replace('{ "linux/amd64" = "%s" }' % ("a" * 64), '"%s"' % ("a" * 64)), "[[fetch]] /bin/x differs by platform: expected sha256 as a table, one a platform"),
        (FETCH.replace("/bin/x", "bin/x"), "[[fetch]] destination 'bin/x' is not a file's path: expected one that starts with /"),
        ('[verify]\nmax_size = "huge"', "[verify] size 'huge' is not one: expected a number with a unit, such as 200MB or 1.5GiB"),
        ('[verify]\nmax_size = { "linux/arm64" = true }', "[verify] size 'True' is not one: expected a number with a unit, such as 200MB or 1.5GiB"),
        ('[verify]\nmax_size = { "linux/arm65" = "1MB" }', f"Unsupported platform 'linux/arm65': expected one of {ALL_PLATFORMS}"),
        ('[verify]\nignore = ["wrong-architecture"]', "[verify] rule 'wrong-architecture' cannot be ignored as a whole: expected paths, as in 'wrong-architecture:/opt/*'"),
        (FETCH + FETCH, "destination '/bin/x' is given twice: expected one file for each"),
        (FETCH.replace("{arch}", "{arch"), "[[fetch]] 'https://e.com/x-{arch' has a brace without its other: expected them around a name, as in {arch}"),
        (FETCH + "mode = 755", "[[fetch]] mode '755' is not one: expected octal digits, such as \"0755\""),
        ('[verify]\nignore = ["size"]', f"[verify] rule 'size' is not known: expected one of {', '.join(r.id for r in IMAGE)}"),
        ("[runtime]\nexpose = [0]", "[runtime] port '0' is not a TCP port: expected 1 to 65535"),
        ('[runtime]\npackages = ["Tini"]', "[runtime] package 'Tini' is not one: expected a name, or NAME=VERSION"),
        ('[runtime]\npackages = ["tini-"]', "[runtime] package 'tini-' is not one: expected a name, or NAME=VERSION"),
        ('[runtime]\npackages = ["tini:arm64"]', "[runtime] package 'tini:arm64' is not one: expected a name, or NAME=VERSION"),
        ('[runtime]\npackages = ["tini="]', "[runtime] package 'tini=' is not one: expected a name, or NAME=VERSION"),
        ('[runtime]\npackages = ["tini", "tini=1"]', "[runtime] package 'tini' is given twice: expected each once"),
        ('[runtime.files]\netc = "x"', "[runtime] path in the image 'etc' is not absolute: expected one that starts with /"),
        ('[runtime.env]\n"A B" = "1"', "[runtime] variable 'A B' cannot be set: expected letters, digits and _"),
        ('[go.env]\nCGO_ENABLED = "1"', "[go] env sets CGO_ENABLED, which the platform decides: expected other variables"),
        ('[go]\nlibraries = ["libsqlite3-dev"]', "[go] libraries are linked to by C code: expected cgo = true beside them"),
        ('[go]\ncgo = true\nlibraries = ["SQLite"]',
         "[go] package 'SQLite' cannot be one: expected a name, such as libssl-dev, or name=version"),
        ('toolchain = "zig"', "toolchain 'zig' is not known: expected 'go', 'cuda', 'rust', 'cmake', 'dockerfile' or 'command'"),
        ("[go]\n[rust]\nx = 1", "[rust] is the table of another toolchain: this project's is 'go': expected [go], or no table"),
        ('platforms = ["linux/ppc64"]', f"Unsupported platform 'linux/ppc64': expected one of {ALL_PLATFORMS}"),
        ("platforms = []", "No platform given: expected at least one, such as linux/amd64,linux/arm64"),
        ('platforms = ["linux/arm64", "linux/aarch64"]', "Platform 'linux/aarch64' is given twice (as 'linux/arm64' before): name each platform once"),
        ('name = "App"', "name 'App' cannot be an image's: expected lower case letters, digits, . _ -"),
        ("name =", "not valid TOML: Invalid value (at end of document)"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(text, message):
    with pytest.raises(ConfigError) as raised:
        project.load(text)
    assert str(raised.value) == f"pipeline.toml: {message}"


def test_the_file_that_was_read_is_named():
    with pytest.raises(ConfigError, match=r"^deploy/other\.toml: unknown key 'x'"):
        project.load("x = 1", "deploy/other.toml")


@pytest.mark.parametrize(
    ("entries", "toolchain"),
    [
        (["go.mod", "main.go", "Makefile"], "go"),
        (["Cargo.toml", "src/", "Makefile"], "rust"),
        (["CMakeLists.txt", "Makefile", "src/"], "cmake"),
        (["main.c", "Makefile"], "cmake"),
        (["Dockerfile", "Makefile"], "dockerfile"),
        (["CMakeLists.txt", "Dockerfile"], "cmake"),
        (["GNUmakefile"], "cmake"),
        (["meson.build"], ""),
        ([], ""),
    ],
)
def test_a_toolchain_is_inferred_from_the_root(entries, toolchain):
    assert project.infer_toolchain(entries) == toolchain


def test_the_schema_for_editors_is_up_to_date():
    stored = json.loads((Path(__file__).parents[2] / "docs/pipeline.schema.json").read_text())
    assert stored == project.json_schema(), "run `make schema`"
