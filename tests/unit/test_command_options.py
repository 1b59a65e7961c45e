"""[build]: what is accepted, and the one line that each mistake gets."""

from __future__ import annotations

import pytest

from pipeline import project
from pipeline.command_options import CommandOptions
from pipeline.errors import ConfigError

WHOLE = """
[build]
command = "zig build"
image = "zig:1"
outputs = ["zig-out/bin/app", "share/"]
env = { VERSION = "{version}" }
packages = ["git"]
compilers = true
caches = ["/root/.cache/zig"]
"""


def test_everything_is_read():
    assert project.load(WHOLE).build == CommandOptions(
        command=("sh", "-euc", "zig build"),
        image="zig:1",
        outputs=("zig-out/bin/app", "share/"),
        env={"VERSION": "{version}"},
        packages=("git",),
        compilers=True,
        caches=("/root/.cache/zig",),
    )


def test_words_are_no_line_for_a_shell_and_outputs_may_be_a_table():
    found = project.load('[build]\ncommand = ["a", "b c"]\noutputs = { "/x" = "y" }').build
    assert (found.command, found.outputs) == (("a", "b c"), {"/x": "y"})


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('outputs = ["/out/app"]', "output '/out/app' is not in the source: expected a path such as build/app"),
        ('outputs = ["../app"]', "output '../app' is not in the source: expected a path such as build/app"),
        ('outputs = { "app" = "app" }', "path in the image 'app' is not absolute: expected one that starts with /"),
        ('outputs = ["a/x", "b/x"]', "two outputs are called 'x': expected one of each name"),
        ('env = { TARGETARCH = "arm" }', "env sets TARGETARCH, which the platform decides: expected other variables"),
        ('env = { RUST_TRIPLE = "x" }', "env sets RUST_TRIPLE, which the platform decides: expected other variables"),
        ('caches = ["cache"]', "cache 'cache' is not absolute: expected a folder such as /root/.npm"),
        ("command = 1", "command has the wrong type (number): expected a list"),
        ('shell = "a"', "unknown key 'shell': expected one of command, image, outputs, env, packages, compilers, caches"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_one_line(text, message):
    with pytest.raises(ConfigError) as raised:
        project.load(f"[build]\n{text}")
    assert str(raised.value) == f"pipeline.toml: [build] {message}"


@pytest.mark.parametrize(
    ("text", "toolchain"),
    [("[build]\n", "command"), ('toolchain = "command"\n', ""), ("", "go")],
)
def test_a_command_is_known_by_its_table_alone(text, toolchain):
    found = project.load(text)
    assert project.infer_toolchain(["go.mod"], found) == (toolchain or "go")


def test_the_table_of_another_toolchain_is_refused_by_its_own_name():
    with pytest.raises(ConfigError) as raised:
        project.load('toolchain = "command"\n[go]\n')
    assert str(raised.value) == (
        "pipeline.toml: [go] is the table of another toolchain: this project's is 'command': "
        "expected [build], or no table"
    )
    with pytest.raises(ConfigError) as raised:
        project.load('toolchain = "go"\n[build]\n')
    assert str(raised.value) == (
        "pipeline.toml: [build] is the table of another toolchain: this project's is 'go': "
        "expected [go], or no table"
    )
