"""What Cargo.toml files say, in cargo's own way of reading them."""

from __future__ import annotations

import pytest

from pipeline import cargo_manifests
from pipeline.cargo_manifests import Program
from pipeline.errors import SourceError


def read(manifests: dict[str, str], *files: str) -> cargo_manifests.Workspace:
    tables = {folder: cargo_manifests.parse(text) for folder, text in manifests.items()}
    return cargo_manifests.read(tables, files)


def programs(text: str, *files: str) -> list[str]:
    [package] = read({".": text}, *files).packages
    return [program.name for program in package.programs]


PACKAGE = '[package]\nname = "app"\nedition = "2021"\n'


@pytest.mark.parametrize(
    ("text", "files", "names"),
    [
        (PACKAGE, ["src/main.rs"], ["app"]),
        (PACKAGE, ["src/lib.rs"], []),
        (PACKAGE, ["src/main.rs", "src/bin/b.rs", "src/bin/c/main.rs", "src/bin/c/d.rs"], ["app", "b", "c"]),
        (PACKAGE, ["other/src/main.rs"], []),
        (PACKAGE + '[[bin]]\nname = "x"\npath = "src/main.rs"\n', ["src/main.rs", "src/bin/b.rs"], ["b", "x"]),
        (PACKAGE + '[[bin]]\nname = "b"\n', ["src/main.rs", "src/bin/b.rs"], ["app", "b"]),
        (PACKAGE + 'autobins = false\n[[bin]]\nname = "x"\npath = "x.rs"\n', ["src/main.rs", "x.rs"], ["x"]),
        # the first edition does not look for programs where it is told of one
        ('[package]\nname = "app"\n[[bin]]\nname = "x"\npath = "x.rs"\n', ["src/main.rs", "x.rs"], ["x"]),
        ('[package]\nname = "app"\n', ["src/main.rs"], ["app"]),
    ],
)  # fmt: skip
def test_programs_are_found_as_cargo_finds_them(text, files, names):
    assert programs(text, *files) == names


def test_a_program_may_require_features():
    text = PACKAGE + '[[bin]]\nname = "gui"\npath = "gui.rs"\nrequired-features = ["x11", "png"]\n'
    [package] = read({".": text}, "gui.rs").packages
    assert package.programs == (Program("gui", "app", ("x11", "png")),)


FEATURES = """\
[features]
default = ["tls"]
tls = ["dep:rustls", "net"]
net = []
[dependencies]
rustls = { version = "1", optional = true }
serde = { version = "1", optional = true }
log = "0.4"
[target.'cfg(unix)'.dependencies]
nix = { version = "1", optional = true }
"""


def test_features_are_those_of_the_table_and_optional_dependencies():
    [package] = read({".": PACKAGE + FEATURES}).packages
    assert sorted(package.features) == ["default", "net", "nix", "serde", "tls"]
    assert package.dependencies == ("rustls", "serde", "log", "nix")


@pytest.mark.parametrize(
    ("asked", "default", "enabled"),
    [
        ([], True, {"default", "tls", "net", "dep:rustls"}),
        ([], False, set()),
        (["app/net"], False, {"net"}),
        (["serde", "tls"], False, {"serde", "tls", "net", "dep:rustls"}),
    ],
)
def test_a_feature_enables_others(asked, default, enabled):
    [package] = read({".": PACKAGE + FEATURES}).packages
    assert package.enabled(asked, default=default) == enabled


VIRTUAL = """\
[workspace]
members = ["crates/*", "tools/x"]
exclude = ["crates/old"]
[workspace.package]
rust-version = "1.70"
edition = "2021"
[profile.dist]
inherits = "release"
"""


def named(name: str) -> str:
    return f'[package]\nname = "{name}"\nedition.workspace = true\n'


def folders(text: str, *there: str) -> tuple[list[str], list[str]]:
    root = cargo_manifests.parse(text)
    found = cargo_manifests.members(root, there)
    return found, cargo_manifests.default_members(root, found)


def test_members_are_globs_without_what_is_excluded():
    there = [
        ".",
        "crates/a",
        "crates/b",
        "crates/b/fuzz",
        "crates/old",
        "crates/old/x",
        "tools/x",
        "y",
    ]
    members = ["crates/a", "crates/b", "tools/x"]
    assert folders(VIRTUAL, *there) == (members, members)


@pytest.mark.parametrize(
    ("text", "members", "default"),
    [
        (PACKAGE, ["."], ["."]),
        (PACKAGE + '[workspace]\nmembers = ["a"]\n', [".", "a"], ["."]),
        (PACKAGE + '[workspace]\nmembers = ["a", "b/c"]\ndefault-members = ["b/*", "."]\n', [".", "a", "b/c"], ["b/c", "."]),
        ('[workspace]\nmembers = ["**"]\ndefault-members = ["./a/"]\n', [".", "a", "b/c"], ["a"]),
    ],
)  # fmt: skip
def test_default_members_are_the_roots_own_package_or_those_named(text, members, default):
    assert folders(text, ".", "a", "b/c") == (members, default)


def test_a_workspace_has_packages_profiles_and_a_version():
    manifests = {".": VIRTUAL, "crates/a": named("a"), "crates/b": named("b")}
    found = read(manifests, "crates/a/src/main.rs", "crates/b/src/lib.rs")
    assert [package.name for package in found.packages] == ["a", "b"]
    assert found.defaults == found.packages
    assert [program for p in found.packages for program in p.programs] == [Program("a", "a")]
    assert found.profiles == ("dev", "release", "test", "bench", "dist")
    assert found.rust_version == "1.70"


def test_a_version_may_be_inherited():
    text = (
        named("app") + 'rust-version.workspace = true\n[workspace.package]\nrust-version = "1.80"\n'
    )
    assert read({".": text}).rust_version == "1.80"
    assert read({".": PACKAGE + 'rust-version = "1.81"\n'}).rust_version == "1.81"
    assert read({".": PACKAGE}).rust_version == ""


@pytest.mark.parametrize(
    ("manifests", "message"),
    [
        ({".": "[workspace]\nmembers = ['a']\n", "a": "[lib]\n"}, "a/Cargo.toml names no package: expected [package] with a name, or [workspace] with members"),
        ({".": "[package]\nname = 3\n"}, "Cargo.toml names no package: expected [package] with a name, or [workspace] with members"),
        ({".": "[package\n"}, "Cargo.toml: not valid TOML: Expected ']' at the end of a table declaration (at line 1, column 9)"),
    ],
)  # fmt: skip
def test_a_manifest_that_cannot_be_used_is_refused(manifests, message):
    with pytest.raises(SourceError) as raised:
        read(manifests)
    assert str(raised.value) == message
