"""The tables of pipeline.toml, one model each, validated."""

from __future__ import annotations

import re
from typing import Annotated, Any

from pydantic import (
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    field_validator,
)

from pipeline import platforms
from pipeline.rules import IMAGE

NON_ROOT = "65532:65532"
"""The user and group that distroless images call nonroot."""

# with one of these set, what is compiled would be for another platform, or need a libc
_OWN_GO_VARIABLES = (
    "CGO_ENABLED",
    "GOOS",
    "GOARCH",
    "GOARM",
    "GOAMD64",
    "GOCACHE",
    "GOMODCACHE",
)
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


class GoOptions(Table):
    """[go]"""

    packages: Strings = Field(
        default=(), description="Main packages to compile, as Go names them: ./cmd/server."
    )
    image: str = Field(
        default="", description="Image with Go, instead of the official one of go.mod's version."
    )
    ldflags: Strings = Field(
        default=("-s", "-w"),
        description="Flags for the linker. {version}, {revision} and {platform} are filled in.",
    )
    tags: Strings = Field(default=(), description="Build tags.")
    env: dict[str, str] = Field(default={}, description="Environment of every go command.")
    cgo: bool = Field(default=False, description="Whether C code is compiled.")

    @field_validator("cgo")
    @classmethod
    def _no_cgo(cls, value: bool) -> bool:  # noqa: FBT001 - pydantic's signature
        if value:
            msg = "cgo = true is not supported yet: expected false (pure Go programs)"
            raise ValueError(msg)
        return value

    @field_validator("env")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in _OWN_GO_VARIABLES:
            if name in value:
                msg = f"env sets {name}, which the platform decides: expected other variables"
                raise ValueError(msg)
        return _variables(value)


class TestOptions(Table):
    """[test]"""

    command: Strings = Field(
        default=(), description="Command that tests the source, instead of the toolchain's own."
    )


class RuntimeOptions(Table):
    """[runtime]"""

    base: str | dict[str, str] = Field(
        default="", description="Base image of the final stage; or a table, one a platform."
    )
    user: str = Field(default=NON_ROOT, description="User (and group) that the program runs as.")
    entrypoint: Strings = Field(
        default=(), description="Command, instead of the program that is named like the project."
    )
    args: Strings = Field(default=(), description="Default arguments of the entrypoint.")
    env: dict[str, str] = Field(default={}, description="Environment of the program.")
    labels: dict[str, str] = Field(default={}, description="Image labels.")
    expose: Annotated[tuple[int, ...], BeforeValidator(_tuple)] = Field(
        default=(), description="TCP ports that the program listens on."
    )
    files: dict[str, str] = Field(
        default={}, description="Files and folders to add: path in the image = path in the source."
    )

    @field_validator("base")
    @classmethod
    def _base_platforms(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        if isinstance(value, dict):
            return {platforms.parse(key).platform: image for key, image in value.items()}
        return value

    @field_validator("expose")
    @classmethod
    def _ports(cls, value: tuple[int, ...]) -> tuple[int, ...]:
        for port in value:
            if not 1 <= port <= 65535:  # noqa: PLR2004 - the range of TCP ports
                msg = f"port '{port}' is not a TCP port: expected 1 to 65535"
                raise ValueError(msg)
        return value

    @field_validator("files")
    @classmethod
    def _absolute(cls, value: dict[str, str]) -> dict[str, str]:
        for path in value:
            if not path.startswith("/"):
                msg = f"path in the image '{path}' is not absolute: expected one that starts with /"
                raise ValueError(msg)
        return value

    @field_validator("env")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        return _variables(value)


class PublishOptions(Table):
    """[publish]"""

    address: str = Field(default="", description="Registry and repository, without a tag.")
    tags: Strings = Field(default=(), description="Tags to publish under.")
    version: str = Field(default="", description="Version, for the label and the linker.")
    revision: str = Field(default="", description="Source revision, for the label and the linker.")
    source: str = Field(default="", description="Address of the source code, for the label.")


def _bytes(value: Any) -> Any:
    """A size as people write it, in bytes."""
    try:
        size = int(TypeAdapter(ByteSize).validate_python(value)) if type(value) in (str, int) else 0
    except ValidationError:
        size = 0
    if size <= 0:
        msg = f"size '{value}' is not one: expected a number with a unit, such as 200MB or 1.5GiB"
        raise ValueError(msg)
    return size


def _sizes(value: Any) -> Any:
    if isinstance(value, dict):
        return {platforms.parse(key).platform: _bytes(size) for key, size in value.items()}
    return _bytes(value)


Sizes = Annotated[
    int | dict[str, int],
    BeforeValidator(_sizes),
    WithJsonSchema(
        {
            "anyOf": [
                {"type": ["string", "integer"]},
                {"type": "object", "additionalProperties": {"type": ["string", "integer"]}},
            ]
        }
    ),
]


class VerifyOptions(Table):
    """[verify]"""

    ignore: Strings = Field(default=(), description="Rules whose findings do not matter.")
    max_size: Sizes = Field(
        default={},
        description="What the files of a platform may weigh, such as 200MB; or a table, one a platform.",
    )
    image: str = Field(
        default="", description="Image with Python 3.11 or later in which images are looked at."
    )

    @field_validator("ignore")
    @classmethod
    def _rules(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = [rule.id for rule in IMAGE]
        for rule in value:
            if rule not in known:
                msg = f"rule '{rule}' is not known: expected one of {', '.join(known)}"
                raise ValueError(msg)
        return value

    def budget(self, platform: str) -> int:
        """What the files of a platform may weigh, in bytes; 0 for no limit."""
        if isinstance(self.max_size, dict):
            return self.max_size.get(platform, 0)
        return self.max_size


def _variables(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not _VARIABLE.fullmatch(name):
            msg = f"variable '{name}' cannot be set: expected letters, digits and _"
            raise ValueError(msg)
    return value
