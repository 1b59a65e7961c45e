"""Go with C, by the command line: cross-compiled against a library of Debian's, published, read back, run."""

from __future__ import annotations

import json
import re
import shutil
import time
from pathlib import Path

import pytest

from tests.integration.conftest import ROOT
from tests.integration.debian import skip_where_the_mirror_is_out_of_step
from tests.integration.emulators import started
from tests.integration.registries import elf_machine, needed

CGO_APP = ROOT / "examples" / "cgo-app"
PROGRAM = "usr/local/bin/cgo-app"
PLATFORMS = {
    "linux/amd64": ("EM_X86_64", "x86_64-linux-gnu", "amd64"),
    "linux/arm64": ("EM_AARCH64", "aarch64-linux-gnu", "arm64"),
    "linux/arm/v7": ("EM_ARM", "arm-linux-gnueabihf", "arm"),
}
SECONDS = 900
MAIN = "package main\n\nfunc main() {}\n"
IN_C = 'package main\n\n// int one(void) { return 1; }\nimport "C"\n\nfunc main() { C.one() }\n'


@pytest.fixture
def app(tmp_path) -> Path:
    """A copy of the example that a test may change."""
    return Path(shutil.copytree(CGO_APP, tmp_path / "app"))


def edit(path: Path, old: str, new: str) -> None:
    text = path.read_text()
    assert old in text
    path.write_text(text.replace(old, new))


@pytest.fixture(scope="module")
def published(call, registry):
    """The example, tested, verified and published for both platforms."""
    address = f"{registry.address}/cgo-app:1.2"
    ran = call("publish", f"--address={address}", source=CGO_APP, timeout=SECONDS)
    assert ran.code == 0, ran.error
    assert registry.platforms(address) == ["linux/amd64", "linux/arm64"]
    return address


def proven(registry, address: str, platform: str, folder: Path) -> set[str]:
    """The libraries of the platform's folder, when all that the program needs is there, and it runs."""
    machine, triple, architecture = PLATFORMS[platform]
    files = registry.files(address, platform)
    info, program = files[PROGRAM]
    assert (elf_machine(program), info.mode, info.mtime) == (machine, 0o755, 0)
    assert {"libsqlite3.so.0", "libc.so.6"} <= needed(program)
    libraries = {
        path.rpartition("/")[2]: data for path, (_, data) in files.items() if "lib/" in path
    }
    wanted = queue = needed(program)
    while queue:
        assert {elf_machine(libraries[name]) for name in queue} == {machine}
        queue = {further for name in queue for further in needed(libraries[name])} - wanted
        wanted = wanted | queue
    assert not [path for path in files if re.search(r"\.(h|a|o|go)$|/cc1|pkgconfig", path)]
    root = registry.root(address, platform, folder)
    told = started(root, platform, PROGRAM, "--version")
    version = rf"cgo-app, SQLite 3\.\S+, linux/{architecture}\n"
    assert re.fullmatch(version, told.stdout.decode()), told.stderr
    counted = started(root, platform, PROGRAM, given=b"the cat and The dog")
    assert counted.stdout == b"2 the\n1 and\n1 cat\n1 dog\n", counted.stderr
    return {path.rpartition("/")[2] for path in files if path.startswith(f"usr/lib/{triple}/lib")}


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_the_image_runs_with_the_one_library_that_its_base_has_not(
    call, published, registry, tmp_path, platform
):
    there = proven(registry, published, platform, tmp_path)
    base = call(
        "runtime-stage", f"--platform={platform}", "rootfs", "directory",
        f"--path=usr/lib/{PLATFORMS[platform][1]}", "entries", source=CGO_APP, timeout=SECONDS,
    )  # fmt: skip
    assert there - set(base.out.splitlines()) == {"libsqlite3.so.0"}, base.error


@pytest.mark.long
def test_three_platforms_are_published_by_one_call_and_run(call, registry, repository, tmp_path):
    flags = (f"--platforms={','.join(PLATFORMS)}", f"--address={repository}:1")
    ran = call("publish", *flags, source=CGO_APP, timeout=SECONDS)
    skip_where_the_mirror_is_out_of_step(ran)
    assert ran.code == 0, ran.error
    assert sorted(registry.platforms(f"{repository}:1")) == sorted(PLATFORMS)
    for platform, (machine, *_) in PLATFORMS.items():
        proven(registry, f"{repository}:1", platform, tmp_path / machine)


@pytest.mark.long
def test_an_unchanged_source_compiles_nothing_and_an_edit_installs_nothing(
    call, app, record_property
):
    if not call.embedded:
        pytest.skip("what was cached is read from the embedded engine's progress")
    seconds = {}

    def build(kind: str) -> bool:
        """Whether one of Go's commands was executed."""
        began = time.monotonic()
        ran = call("artifacts", "--platforms=linux/arm64", "sync", source=app, timeout=SECONDS)
        seconds[kind] = round(time.monotonic() - began, 1)
        assert ran.code == 0, ran.error
        # by apt
        assert kind == "first" or " Get:1 " not in ran.error
        # names of steps are cut off: what is left of these is the variables that only they have
        steps = set(re.findall(r"^(#\d+) \[linux/.* AR=\S+-ar ", ran.error, re.MULTILINE))
        assert steps
        return any(re.search(rf"^{step} DONE", ran.error, re.MULTILINE) for step in steps)

    build("first")
    assert not build("unchanged")
    edits = {
        "Go edited": ("main.go", "cgo-app, SQLite", f"at {time.time()}, SQLite"),
        "C edited": ("sqlite/sqlite.go", "#include <stdlib.h>", f"#include <stdlib.h>\n// // {time.time()}"),
    }  # fmt: skip
    for kind, (path, *change) in edits.items():
        edit(app / path, *change)
        assert build(kind)
    record_property("seconds", json.dumps(seconds))
    print("seconds of a call:", seconds)


@pytest.mark.parametrize(
    ("config", "files", "message"),
    [
        ("", {"main.go": IN_C}, "'main.go' compiles C (import \"C\"): set cgo = true in [go]"),
        ('[go]\nlibraries = ["libsqlite3-dev"]', {}, "pipeline.toml: [go] libraries are linked to by C code: expected cgo = true beside them"),
        ('[go]\ncgo = true\n[go.env]\nCGO_ENABLED = "1"', {}, "pipeline.toml: [go] env sets CGO_ENABLED, which the platform decides: expected other variables"),
        ('[go]\ncgo = true\nlibraries = ["SQLite"]', {}, "pipeline.toml: [go] package 'SQLite' cannot be one: expected a name, such as libssl-dev, or name=version"),
        ('[go]\ncgo = true\npackages = ["./..."]', {}, "[go] packages: './...' is not one package: expected a folder such as ./cmd/server"),
        ('[go]\ncgo = true\npackages = ["./c"]', {"c/one.c": ""}, "[go] packages: './c' holds no Go files: expected package main"),
        ('[go]\ncgo = true\npackages = ["a/x", "b/x"]', {"a/x/x.go": IN_C, "b/x/x.go": MAIN}, "[go] packages: two programs would be called 'x': name one package of each name"),
        ("[go]\ncgo = true", {"main.go": "package app\n"}, "No program found: expected package main at the root of the source or below cmd/, or [go] packages in pipeline.toml"),
        ("[go]\ncgo = true", {"go.mod": "go 1.26\n"}, "go.mod names no module: expected a line such as 'module example.com/app'"),
        ("[go]\ncgo = true", {"go.mod": "module example.com/app\ngo latest\n"}, "go.mod asks for Go 'latest': expected a version such as 1.26 or 1.26.3 after 'go', or set [go] image"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_refused_before_any_work(call, app, config, files, message):
    (app / "pipeline.toml").write_text(f"{config}\n")
    for path, text in files.items():
        (app / path).parent.mkdir(parents=True, exist_ok=True)
        (app / path).write_text(text)
    ran = call("plan", source=app)
    assert (ran.code, ran.refusal) == (1, message), ran.error


LINKED = 'cgo = true\nlibraries = ["libsqlite3-dev"]'


@pytest.mark.parametrize(
    ("config", "change", "words"),
    [
        ('cgo = true\nlibraries = ["libnosuch-dev"]', None,
         ["[go] libraries: no package 'libnosuch-dev' for linux/arm64 ('arm64' to apt) in the sources of Debian GNU/Linux 12 (bookworm): "
          "expected one that they have for it, or an image of another release"]),
        ("cgo = true", None,
         ["Package sqlite3 was not found in the pkg-config search path",
          "pkg-config finds no sqlite3 for the platform: name the -dev package that has sqlite3.pc in [go] libraries"]),
        ("", None,
         ["build constraints exclude all Go files in /src/sqlite",
          '/src/sqlite has no file of Go for this platform: where it compiles C (import "C"), set cgo = true in [go]']),
        (f'{LINKED}\nenv = {{ CC = "nosuch-gcc" }}', None,
         ['cgo: C compiler "nosuch-gcc" not found',
          "Go is told to compile C by nosuch-gcc, which the build container has not: leave CC out of [go] env"]),
        (LINKED, ("SQLITE_TRANSIENT", "SQLITE_FOREVER"), ["sqlite.go:", "SQLITE_FOREVER", "undeclared"]),
        (LINKED, ("#cgo pkg-config: sqlite3", "#cgo LDFLAGS: -lnosuch"), ["cannot find -lnosuch"]),
    ],
    ids=["package", "pkg-config", "cgo", "compiler", "C", "library"],
)  # fmt: skip
def test_what_fails_later_is_told_in_its_own_words_and_explained(call, app, config, change, words):
    (app / "pipeline.toml").write_text(f"[go]\n{config}\n")
    if change:
        edit(app / "sqlite" / "sqlite.go", *change)
    ran = call("verify", "--platforms=linux/arm64", source=app, timeout=SECONDS)
    assert ran.code != 0
    assert [each for each in words if each not in ran.error] == [], ran.error
