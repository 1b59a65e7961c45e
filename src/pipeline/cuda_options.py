"""[cuda] of pipeline.toml: which JetPack, for which GPUs, with what, and where packages come from."""

from __future__ import annotations

import re
from typing import Annotated, Literal, Self

from pydantic import BeforeValidator, Field, field_validator, model_validator

from pipeline import jetpack as jetpacks
from pipeline import platforms
from pipeline.errors import ConfigError
from pipeline.options import Strings, Table, by_platform

_FINGERPRINT = re.compile(r"[0-9A-F]{40}")
_OWN_ARGUMENTS = ("CMAKE_TOOLCHAIN_FILE", "CMAKE_CUDA_ARCHITECTURES", "CMAKE_CUDA_RUNTIME_LIBRARY")
"""What is said in [cuda] already, and would be lost or contradict it."""


def _without_spaces(value: object) -> object:
    """A fingerprint as people write it, in groups of four."""
    return value.replace(" ", "").upper() if isinstance(value, str) else value


class AptOptions(Table):
    """[cuda.apt."linux/arm64"]: an apt repository in place of NVIDIA's for a platform's packages."""

    url: str = Field(description="Address of the repository.")
    suite: str = Field(description="Its suite; a path that ends in / for a flat repository.")
    component: str = Field(default="", description="Its component; none for a flat repository.")
    key: str = Field(description="The key that signs it: an address, or a file of the source.")
    fingerprint: Annotated[str, BeforeValidator(_without_spaces)] = Field(
        description="Fingerprint of the key: 40 hexadecimal digits."
    )

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return _address(value)

    @field_validator("fingerprint")
    @classmethod
    def _is_fingerprint(cls, value: str) -> str:
        if not _FINGERPRINT.fullmatch(value):
            msg = f"fingerprint '{value}' is not one: expected 40 hexadecimal digits"
            raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _flat_or_not(self) -> Self:
        if self.suite.endswith("/") == bool(self.component):
            msg = (
                f"suite '{self.suite}' with component '{self.component}' is no repository: expected "
                "a suite and a component, or a path that ends in / and no component"
            )
            raise ValueError(msg)
        return self

    def source(self, spec: platforms.PlatformSpec) -> jetpacks.AptSource:
        """The repository as apt's of a platform's packages."""
        return jetpacks.AptSource(
            url=self.url,
            suite=self.suite,
            component=self.component,
            architecture=spec.debian_arch,
            key_url=self.key,
            fingerprint=self.fingerprint,
        )


class CudaOptions(Table):
    """[cuda]"""

    jetpack: str = Field(
        default="", description="JetPack (6.2), L4T (r36.4) or board (orin) that images are for."
    )
    board: str = Field(
        default="",
        description="Board alone, of those of the JetPack: nano, tx2, xavier, orin, thor.",
    )
    architectures: Strings = Field(
        default=(), description="Compute capabilities for linux/arm64; else those of the boards."
    )
    server_architectures: Strings = Field(
        default=(),
        description="Compute capabilities for linux/amd64; else those of usual servers, or the newest of an old CUDA.",
    )
    libraries: Strings = Field(
        default=(), description="Libraries to compile with and to bring along: cublas, cudnn, …"
    )
    strategy: Literal["cross", "native", "emulate"] | None = Field(
        default=None,
        description="How a platform is compiled for that is not the build host's; cross where absent.",
    )
    programs: Strings = Field(
        default=(),
        description="Programs for the image; else those of CMakeLists.txt, or the .cu files.",
    )
    flags: Strings = Field(default=(), description="Flags for nvcc.")
    cmake: Strings = Field(
        default=(),
        description="Arguments for CMake. {version}, {revision} and {platform} are filled in.",
    )
    cudart: Literal["static", "shared"] = Field(
        default="static", description="Whether programs hold CUDA's runtime or load it."
    )
    image: str | dict[str, str] = Field(
        default="", description="Image in which is compiled; or a table, one a platform."
    )
    mirror: str = Field(
        default="",
        description="Address that takes the place of the hosts of NVIDIA's repositories.",
    )
    apt: dict[str, AptOptions] = Field(
        default={}, description="Repositories in place of NVIDIA's, one a platform."
    )

    @field_validator("image")
    @classmethod
    def _image_platforms(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        return by_platform(value)

    @field_validator("apt")
    @classmethod
    def _apt_platforms(cls, value: dict[str, AptOptions]) -> dict[str, AptOptions]:
        return {platforms.parse(key).platform: each for key, each in value.items()}

    @field_validator("mirror")
    @classmethod
    def _is_http(cls, value: str) -> str:
        return _address(value) if value else value

    @field_validator("cmake")
    @classmethod
    def _not_ours(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for argument in value:
            for name in _OWN_ARGUMENTS:
                if argument.startswith(f"-D{name}"):
                    msg = f"cmake sets {name}, which [cuda] decides: expected other arguments"
                    raise ValueError(msg)
        return value

    @field_validator("programs")
    @classmethod
    def _names(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not name or "/" in name or value.count(name) > 1:
                msg = f"program '{name}' cannot be one: expected names of files, each once"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _of_the_table(self) -> Self:
        if self.jetpack:
            try:
                cuda = self.target().release.toolkit.version
                if self.server_architectures:
                    jetpacks.server_architectures(cuda, self.server_architectures)
            except ConfigError as error:
                raise ValueError(str(error)) from None
        return self

    def target(self) -> jetpacks.Target:
        """What is asked of the JetPack. Raises ConfigError where there is none."""
        if not self.jetpack:
            msg = (
                "[cuda] jetpack is needed: expected a JetPack (6.2), an L4T release (r36.4) or a "
                "board (orin); `jetpacks` lists them"
            )
            raise ConfigError(msg)
        return jetpacks.request(self.jetpack, self.architectures, self.libraries, self.board)


def _address(value: str) -> str:
    if not value.startswith(("https://", "http://")):
        msg = f"address '{value}' cannot be read: expected one that starts with https://"
        raise ValueError(msg)
    return value
