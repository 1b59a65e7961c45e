"""[dockerfile]: what is accepted, and the one line that each mistake gets."""

from __future__ import annotations

import pytest

from pipeline import project
from pipeline.dockerfile_options import DockerfileOptions
from pipeline.errors import ConfigError

WHOLE = """
[dockerfile]
file = "build/Dockerfile"
target = "image"
args = { VERSION = "{version}" }
secrets = { npm = "env://NPM_TOKEN" }
emulation = "forbid"
test_target = "test"
artifacts_target = "artifacts"
"""


def test_everything_is_read():
    assert project.load(WHOLE).dockerfile == DockerfileOptions(
        file="build/Dockerfile",
        target="image",
        args={"VERSION": "{version}"},
        secrets={"npm": "env://NPM_TOKEN"},
        emulation="forbid",
        test_target="test",
        artifacts_target="artifacts",
    )


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('args = { TARGETARCH = "arm64" }', "args sets TARGETARCH, which the platform decides: expected other arguments"),
        ('args = { "A B" = "1" }', "variable 'A B' cannot be set: expected letters, digits and _"),
        ('secrets = { npm = "s3cret" }', "secret 'npm' has no address: expected env://NAME, file://PATH, cmd://COMMAND or another that Dagger knows"),
        ('emulation = "never"', "emulation 'never' is not known: expected 'warn' or 'forbid'"),
        ("target = 1", "target has the wrong type (number): expected a string"),
        ('stage = "a"', "unknown key 'stage': expected one of file, target, args, secrets, emulation, test_target, artifacts_target"),
    ],
)  # fmt: skip
def test_a_mistake_is_refused_in_one_line(text, message):
    with pytest.raises(ConfigError) as raised:
        project.load(f"[dockerfile]\n{text}")
    assert str(raised.value) == f"pipeline.toml: [dockerfile] {message}"


@pytest.mark.parametrize(
    ("entries", "text", "toolchain"),
    [
        (["Dockerfile", "README.md"], "", "dockerfile"),
        (["Dockerfile", "go.mod"], "", "go"),
        (["Dockerfile", "x.cu"], "", "cuda"),
        (["Dockerfile", "go.mod"], '[dockerfile]\ntarget = "a"', "dockerfile"),
        (["Dockerfile.web"], "", ""),
    ],
)
def test_a_dockerfile_is_what_is_built_where_nothing_else_is(entries, text, toolchain):
    assert project.infer_toolchain(entries, project.load(text)) == toolchain
