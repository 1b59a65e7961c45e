"""A Dockerfile as it is: built by the engine, which makes the whole image of it."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

import dagger
from dagger import dag

from pipeline import lint
from pipeline.concurrency import concurrently
from pipeline.errors import ConfigError, PlatformError, SourceError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pipeline.dockerfile_options import DockerfileOptions
    from pipeline.lint.dockerfile import Dockerfile as Parsed
    from pipeline.lint.targeted import Root, Step, Targeted
    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp
    from pipeline.toolchain import Row


@dataclass(frozen=True)
class Dockerfile:
    """A Dockerfile that was looked at, and the recipe for it."""

    source: dagger.Directory
    host: PlatformSpec
    options: DockerfileOptions
    text: str
    parsed: Parsed
    """As it is where the target is the image."""
    secrets: Mapping[str, dagger.Secret]
    """Those that were given, by the id that a RUN mounts them with."""

    # a Dockerfile has no name of its own
    name = ""

    @property
    def named_by(self) -> str:
        return self.options.file

    def settings(self, origins: Mapping[str, str]) -> list[Row]:
        file, options = origins["file"], self.options
        rows = [
            ("toolchain", "dockerfile", origins["toolchain"]),
            ("file", options.file, file if "file" in options.model_fields_set else "default"),
            ("target", options.target, file),
            ("args", ", ".join(f"{k}={v}" for k, v in options.args.items()), file),
            ("secrets", ", ".join(f"{k} ({v})" for k, v in options.secrets.items()), file),
        ]
        return [row for row in rows if row[1]]

    def build(self, spec: PlatformSpec, stamp: Stamp, target: str = "") -> dagger.Container:
        """What a stage makes for the platform; without a name the image.

        Raises ConfigError where a secret that the project names was not given.
        """
        # unless told, Dagger takes the platform that is built for as the one that builds, and
        # emulates what is FROM --platform=$BUILDPLATFORM
        given = self.host.named("BUILD") | self.arguments(spec, stamp)
        return self.source.docker_build(
            dockerfile=self.options.file,
            platform=dagger.Platform(spec.platform),
            build_args=[dagger.BuildArg(name, value) for name, value in given.items()],
            target=target or self.options.target,
            secrets=[self._secret(name) for name in self.options.secrets],
        )

    def arguments(self, spec: PlatformSpec, stamp: Stamp) -> dict[str, str]:
        """The build arguments for the platform; one whose placeholder has no value is left out."""
        filled = {
            name: stamp.fill(value, platform=spec.platform)
            for name, value in self.options.args.items()
        }
        return {name: value for name, value in filled.items() if value is not None}

    def command(self, spec: PlatformSpec, stamp: Stamp) -> str:
        """What is asked of the engine, in the words of `docker build`, for `plan`."""
        target = [f"--target {self.options.target}"] if self.options.target else []
        given = self.arguments(spec, stamp).items()
        return " ".join(
            ["docker build", *target, *(f"--build-arg {name}={value}" for name, value in given)]
        )

    def steps(self, spec: PlatformSpec, stamp: Stamp) -> list[Step]:
        """Each RUN for the platform's image, with the platform that it runs on."""
        try:
            return self._targeted(spec, stamp).steps
        except PlatformError as error:
            msg = f"{self.options.file}, {error}"
            raise PlatformError(msg) from None

    def base(self, spec: PlatformSpec, stamp: Stamp) -> Root | None:
        """The image that the final stage stands on; None for scratch."""
        return self._targeted(spec, stamp).base

    def roots(self, spec: PlatformSpec, stamp: Stamp) -> list[Root]:
        """The images that the stages of the platform's image stand on."""
        return self._targeted(spec, stamp).roots

    def _targeted(self, spec: PlatformSpec, stamp: Stamp) -> Targeted:
        from pipeline.lint.targeted import Targeted

        return Targeted(self.parsed, self.host, spec, self.arguments(spec, stamp))

    def _secret(self, name: str) -> dagger.Secret:
        if name not in self.secrets:
            msg = (
                f"[dockerfile] secrets: '{name}' was not given: "
                f"expected --secrets {self.options.secrets[name]} before the function's name"
            )
            raise ConfigError(msg)
        return self.secrets[name]


async def inspect(
    source: dagger.Directory,
    options: DockerfileOptions,
    host: PlatformSpec,
    secrets: Sequence[dagger.Secret] = (),
) -> Dockerfile:
    """Looks at the Dockerfile before anything is built.

    Raises SourceError where there is none, it cannot be read, or it has no such stage, argument or
    secret; ConfigError for a secret that the project does not name.
    """
    # the parser takes longer to import than whoever builds no Dockerfile should wait
    from pipeline.lint import inputs
    from pipeline.lint.dockerfile import InvalidDockerfileError, parse

    file = posixpath.normpath(options.file)
    text = await lint.read(source, file, "name one in [dockerfile] file")
    if other := inputs.other_frontend(text):
        line, image = other
        msg = (
            f"{file}:{line}: syntax '{image}' is a frontend image, which engines do not fetch: "
            "expected docker/dockerfile, which is built in, or no such line"
        )
        raise SourceError(msg)
    try:
        whole = parse(text)
    except InvalidDockerfileError as error:
        msg = f"{file}:{error.line}: {error}"
        raise SourceError(msg) from None
    for key in ("target", "test_target", "artifacts_target"):
        _require_stage(whole, file, key, getattr(options, key))
    for name in options.args:
        declared = inputs.arguments(whole)
        if name not in declared and not inputs.is_predefined(name):
            msg = f"[dockerfile] args: no ARG of {file} declares '{name}': {_expected(declared)}"
            raise SourceError(msg)
    mounted = inputs.secrets(whole)
    for name in options.secrets:
        if name not in mounted:
            msg = f"[dockerfile] secrets: no RUN of {file} mounts '{name}': {_expected(mounted)}"
            raise SourceError(msg)
    for name, line in mounted.items():
        if line and name not in options.secrets:
            msg = (
                f"{file}:{line}: the secret '{name}' is required: "
                "expected its address in [dockerfile] secrets"
            )
            raise SourceError(msg)
    parsed = (whole.up_to(options.target) if options.target else None) or whole
    given = await _given(options, secrets)
    return Dockerfile(
        source, host, options.model_copy(update={"file": file}), text, parsed, dict(given)
    )


async def _given(
    options: DockerfileOptions, secrets: Sequence[dagger.Secret]
) -> list[tuple[str, dagger.Secret]]:
    """Each secret by the id that it is for: that of its name, else of its address."""
    ids = {address: name for name, address in options.secrets.items()}

    async def look(secret: dagger.Secret) -> tuple[str, dagger.Secret]:
        if name := await secret.name():
            return name, secret
        address = await secret.uri()
        if address not in ids:
            return address, secret
        # a RUN mounts a secret by its name, and what a command line gives has none
        return ids[address], dag.set_secret(ids[address], await secret.plaintext())

    found = await concurrently(*(look(secret) for secret in secrets))
    for name, _ in found:
        if name not in options.secrets:
            msg = f"secret '{name}' is none of [dockerfile] secrets: {_expected(ids)}"
            raise ConfigError(msg)
    return found


def _require_stage(whole: Parsed, file: str, key: str, name: str) -> None:
    if name and whole.stage_named(name) is None:
        names = [stage.name for stage in whole.stages if stage.name]
        msg = f"[dockerfile] {key} '{name}' is no stage of {file}: {_expected(names)}"
        raise SourceError(msg)


def _expected(names: Sequence[str] | Mapping[str, object]) -> str:
    return f"expected one of {', '.join(names)}" if names else "it has none"
