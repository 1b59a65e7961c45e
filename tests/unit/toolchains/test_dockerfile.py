"""A Dockerfile: what is read of it, and what the engine is asked, with no engine."""

from __future__ import annotations

from dataclasses import dataclass

import dagger
import pytest
from dagger import dag

from pipeline import platforms
from pipeline.dockerfile_options import DockerfileOptions
from pipeline.errors import ConfigError, PipelineError, PlatformError, SourceError
from pipeline.lint.dockerfile import parse
from pipeline.lint.targeted import Root, Step
from pipeline.stamp import Stamp
from pipeline.toolchains import dockerfile
from tests.unit.fakes import FakeDirectory

AMD64, ARM64 = platforms.parse("linux/amd64"), platforms.parse("linux/arm64")
TEXT = (
    "ARG VERSION\nFROM --platform=$BUILDPLATFORM golang AS build\nARG TARGETARCH\nRUN go build\n"
    "FROM build AS test\nRUN go test\n"
    "FROM debian AS image\nRUN --mount=type=secret,id=npm npm ci\nCOPY --from=build /f /\n"
)


@dataclass(frozen=True)
class FakeSecret:
    named: str
    address: str = ""

    async def name(self) -> str:
        return self.named

    async def uri(self) -> str:
        return self.address

    async def plaintext(self) -> str:
        return "s3cret"


async def inspect(text: str = TEXT, **options: object) -> dockerfile.Dockerfile:
    source = FakeDirectory({"Dockerfile": text, "README": ""})
    return await dockerfile.inspect(source, DockerfileOptions(**options), AMD64)  # type: ignore[arg-type]


async def with_secrets(*given: FakeSecret) -> dockerfile.Dockerfile:
    source, options = (
        FakeDirectory({"Dockerfile": TEXT}),
        DockerfileOptions(secrets={"npm": "env://NPM"}),
    )
    return await dockerfile.inspect(source, options, AMD64, given)  # type: ignore[arg-type]


async def test_what_is_built_is_known_for_each_platform():
    looked_at = await inspect(target="image")
    assert looked_at.steps(ARM64, Stamp()) == [
        Step(4, "RUN go build", AMD64),
        Step(8, "RUN npm ci", ARM64),
    ]
    assert looked_at.base(ARM64, Stamp()) == Root("debian", ARM64, 7)
    assert looked_at.roots(ARM64, Stamp()) == [Root("golang", AMD64, 2), Root("debian", ARM64, 7)]


async def test_a_target_leaves_out_the_stages_below_it():
    assert (await inspect(target="test")).steps(ARM64, Stamp()) == [
        Step(4, "RUN go build", AMD64),
        Step(6, "RUN go test", AMD64),
    ]


HOST = [
    dagger.BuildArg("BUILDPLATFORM", "linux/amd64"),
    dagger.BuildArg("BUILDOS", "linux"),
    dagger.BuildArg("BUILDARCH", "amd64"),
    dagger.BuildArg("BUILDVARIANT", ""),
]


def build(**options: object) -> dockerfile.Dockerfile:
    token = dag.set_secret("npm", "s3cret")
    return dockerfile.Dockerfile(
        dag.directory(), AMD64, DockerfileOptions(**options), TEXT, parse(TEXT), {"npm": token}  # type: ignore[arg-type]
    )  # fmt: skip


def test_the_engine_is_asked_for_the_image_of_a_platform():
    made = build(
        file="web/Dockerfile",
        target="image",
        args={"VERSION": "v{version}", "OF": "{platform}", "REV": "{revision}"},
        secrets={"npm": "env://NPM"},
    )
    assert made.build(ARM64, Stamp("1.2")) == dag.directory().docker_build(
        dockerfile="web/Dockerfile",
        platform=dagger.Platform("linux/arm64"),
        build_args=[
            *HOST,
            dagger.BuildArg("VERSION", "v1.2"),
            dagger.BuildArg("OF", "linux/arm64"),
        ],
        target="image",
        secrets=[dag.set_secret("npm", "s3cret")],
    )
    assert made.command(ARM64, Stamp("1.2")) == (
        "docker build --target image --build-arg VERSION=v1.2 --build-arg OF=linux/arm64"
    )


def test_another_stage_can_be_asked_for():
    assert build(target="image").build(AMD64, Stamp(), "test") == dag.directory().docker_build(
        dockerfile="Dockerfile",
        platform=dagger.Platform("linux/amd64"),
        build_args=HOST,
        target="test",
        secrets=[],
    )


async def test_a_secret_is_known_by_its_address_or_by_its_name():
    for given in (FakeSecret("", "env://NPM"), FakeSecret("npm")):
        looked_at = await with_secrets(given)
        expected = given if given.named else dag.set_secret("npm", "s3cret")
        assert looked_at.secrets == {"npm": expected}


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (FakeSecret("", "env://OTHER"), "secret 'env://OTHER' is none of [dockerfile] secrets: expected one of env://NPM"),
        (FakeSecret("other"), "secret 'other' is none of [dockerfile] secrets: expected one of env://NPM"),
    ],
)  # fmt: skip
async def test_a_secret_that_the_project_does_not_name_is_refused(given, message):
    with pytest.raises(ConfigError) as raised:
        await with_secrets(given)
    assert str(raised.value) == message


async def test_a_secret_that_was_not_given_is_refused_before_the_build():
    looked_at = await with_secrets()
    with pytest.raises(ConfigError) as raised:
        looked_at._secret("npm")
    assert str(raised.value) == (
        "[dockerfile] secrets: 'npm' was not given: expected --secrets env://NPM before the "
        "function's name"
    )


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        (TEXT, {"file": "web/Dockerfile"}, "Dockerfile 'web/Dockerfile' is not in the source, which has Dockerfile: name one in [dockerfile] file"),
        ("FROM a\nCPY b /", {}, "Dockerfile:2: unknown instruction: CPY"),
        ("RUN x\n", {}, "Dockerfile:1: RUN stands before the first FROM"),
        ("# syntax=example.com/own:1\nFROM a", {}, "Dockerfile:1: syntax 'example.com/own:1' is a frontend image, which engines do not fetch: expected docker/dockerfile, which is built in, or no such line"),
        (TEXT, {"target": "img"}, "[dockerfile] target 'img' is no stage of Dockerfile: expected one of build, test, image"),
        ("FROM a", {"test_target": "test"}, "[dockerfile] test_target 'test' is no stage of Dockerfile: it has none"),
        (TEXT, {"artifacts_target": "out"}, "[dockerfile] artifacts_target 'out' is no stage of Dockerfile: expected one of build, test, image"),
        (TEXT, {"args": {"VERSOIN": "1"}}, "[dockerfile] args: no ARG of Dockerfile declares 'VERSOIN': expected one of VERSION, TARGETARCH"),
        (TEXT, {"secrets": {"npn": "env://A"}}, "[dockerfile] secrets: no RUN of Dockerfile mounts 'npn': expected one of npm"),
        ("FROM a\nRUN --mount=type=secret,id=key,required x", {}, "Dockerfile:2: the secret 'key' is required: expected its address in [dockerfile] secrets"),
    ],
)  # fmt: skip
async def test_a_dockerfile_that_cannot_be_built_is_refused(text, options, message):
    with pytest.raises(PipelineError) as raised:
        await inspect(text, **options)
    assert str(raised.value) == message
    assert isinstance(raised.value, SourceError)


async def test_a_proxy_needs_no_arg():
    looked_at = await inspect(args={"HTTPS_PROXY": "http://proxy"})
    assert looked_at.arguments(AMD64, Stamp()) == {"HTTPS_PROXY": "http://proxy"}


async def test_a_stage_of_an_unknown_platform_is_refused():
    looked_at = await inspect("FROM --platform=linux/vax a\nRUN x")
    with pytest.raises(
        PlatformError, match=r"^Dockerfile, line 1: Unsupported platform 'linux/vax'"
    ):
        looked_at.steps(AMD64, Stamp())
