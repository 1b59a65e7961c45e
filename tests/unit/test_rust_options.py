"""[rust] of pipeline.toml: what is accepted, and the one line that each mistake gets."""

from __future__ import annotations

import pytest

from pipeline import project
from pipeline.errors import ConfigError

WHOLE = """
[rust]
binaries = ["server"]
features = ["tls", "serde/derive", "log?/std"]
no_default_features = true
profile = "dist"
rustflags = ["-Ctarget-cpu=native"]
packages = ["libssl-dev"]
env = { APP_VERSION = "{version}" }
image = "rust:1.96"
"""


def test_every_key_is_read():
    found = project.load(WHOLE).rust
    assert found.features == ("tls", "serde/derive", "log?/std")
    assert (found.binaries, found.no_default_features, found.profile) == (("server",), True, "dist")
    assert (found.rustflags, found.packages) == (("-Ctarget-cpu=native",), ("libssl-dev",))
    assert (found.env, found.image) == ({"APP_VERSION": "{version}"}, "rust:1.96")


def test_a_table_selects_the_toolchain():
    assert project.infer_toolchain(["Makefile"], project.load("[rust]")) == "rust"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("foo = 1", "unknown key 'foo': expected one of binaries, features, no_default_features, profile, rustflags, packages, env, image"),
        ('features = "tls"', "features has the wrong type (string): expected a list"),
        ('features = ["a b"]', "feature 'a b' cannot be one: expected a name, or dependency/feature"),
        ('binaries = ["a", "a"]', "binary 'a' is given twice: expected each once"),
        ('no_default_features = "yes"', "no_default_features has the wrong type (string): expected true or false"),
        ('env = { RUSTFLAGS = "-g" }', "env sets RUSTFLAGS, which [rust] decides: expected other variables"),
        ('env = { CARGO_HOME = "/x" }', "env sets CARGO_HOME, which [rust] decides: expected other variables"),
        ('env = { CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER = "x" }', "env sets CARGO_TARGET_AARCH64_UNKNOWN_LINUX_GNU_LINKER, which [rust] decides: expected other variables"),
        ('env = { "A B" = "1" }', "variable 'A B' cannot be set: expected letters, digits and _"),
    ],
)  # fmt: skip
def test_a_mistake_is_one_line_that_names_it(text, message):
    with pytest.raises(ConfigError) as raised:
        project.load(f"[rust]\n{text}")
    assert str(raised.value) == f"pipeline.toml: [rust] {message}"
