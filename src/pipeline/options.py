"""The tables of pipeline.toml, one model each, validated."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ByteSize,
    ConfigDict,
    Field,
    TypeAdapter,
    ValidationError,
    WithJsonSchema,
    field_validator,
    model_validator,
)

from pipeline import platforms
from pipeline.rules import IMAGE, NEVER_IGNORED

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
# Debian's policy, 5.6.1 and 5.6.12; a hyphen at the end is apt's way to ask for a removal
_PACKAGE = re.compile(r"(?P<name>[a-z0-9][a-z0-9.+-]*[a-z0-9.+])(?:=[0-9][A-Za-z0-9.+:~-]*)?")


class Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def as_tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(as_tuple)]

_DEBIAN_PACKAGE = re.compile(r"[a-z0-9][a-z0-9+.-]+(?:=[\w.+:~-]+)?")


def _debian_packages(value: tuple[str, ...]) -> tuple[str, ...]:
    for name in value:
        if not _DEBIAN_PACKAGE.fullmatch(name):
            msg = f"package '{name}' cannot be one: expected a name, such as libssl-dev, or name=version"
            raise ValueError(msg)
    return value


DebianPackages = Annotated[Strings, AfterValidator(_debian_packages)]
"""Names of packages, without an architecture: that is the platform's."""


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
    libraries: DebianPackages = Field(
        default=(),
        description="Debian packages of the platform that C code is linked against: libsqlite3-dev.",
    )

    @model_validator(mode="after")
    def _linked_by_cgo(self) -> Self:
        if self.libraries and not self.cgo:
            msg = "libraries are linked to by C code: expected cgo = true beside them"
            raise ValueError(msg)
        return self

    @field_validator("env")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in _OWN_GO_VARIABLES:
            if name in value:
                msg = f"env sets {name}, which the platform decides: expected other variables"
                raise ValueError(msg)
        return variables(value)


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
    expose: Annotated[tuple[int, ...], BeforeValidator(as_tuple)] = Field(
        default=(), description="TCP ports that the program listens on."
    )
    files: dict[str, str] = Field(
        default={}, description="Files and folders to add: path in the image = path in the source."
    )
    packages: Strings = Field(
        default=(),
        description="Packages of the base's distribution (Debian, Ubuntu), as NAME or NAME=VERSION.",
    )
    packages_image: str = Field(
        default="", description="Image with apt of the base's release, instead of the official one."
    )

    @field_validator("packages")
    @classmethod
    def _packages(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        seen: set[str] = set()
        for text in value:
            match = _PACKAGE.fullmatch(text)
            if match is None:
                msg = f"package '{text}' is not one: expected a name, or NAME=VERSION"
                raise ValueError(msg)
            if match["name"] in seen:
                msg = f"package '{match['name']}' is given twice: expected each once"
                raise ValueError(msg)
            seen.add(match["name"])
        return value

    @field_validator("base")
    @classmethod
    def _base_platforms(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        return by_platform(value)

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
        return variables(value)


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

    ignore: Strings = Field(
        default=(),
        description="Findings that do not matter: a rule, or rule:path with * in the path.",
    )
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
        for text in value:
            rule, _, path = text.partition(":")
            if rule not in known:
                msg = f"rule '{rule}' is not known: expected one of {', '.join(known)}"
                raise ValueError(msg)
            if rule in NEVER_IGNORED and not path.startswith("/"):
                msg = f"rule '{rule}' cannot be ignored as a whole: expected paths, as in '{rule}:/opt/*'"
                raise ValueError(msg)
        return value

    def budget(self, platform: str) -> int:
        """What the files of a platform may weigh, in bytes; 0 for no limit."""
        if isinstance(self.max_size, dict):
            return self.max_size.get(platform, 0)
        return self.max_size


class RegistryOptions(Table):
    """[registry]"""

    image: str = Field(
        default="", description="Image with crane on its PATH, with which registries are read."
    )


_SHA256 = re.compile(r"[0-9a-f]{64}")
_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
PLACEHOLDERS = ("os", "arch", "variant", "gnu_triple", "debian_arch", "rust_triple")
"""What a URL or an archive's member may leave open for the platform."""


def _mode(value: Any) -> Any:
    """Permission bits, as octal digits in quotes: of a number, nobody knows which kind was meant."""
    if isinstance(value, str) and re.fullmatch(r"[0-7]{3,4}", value):
        return int(value, 8)
    msg = f"mode '{value}' is not one: expected octal digits, such as \"0755\""
    raise ValueError(msg)


def by_platform(value: str | dict[str, str]) -> str | dict[str, str]:
    """A value for all platforms as it is; of a table, its platforms by their usual names."""
    if isinstance(value, dict):
        return {platforms.parse(key).platform: each for key, each in value.items()}
    return value


def for_platform(value: str | Mapping[str, str], platform: str) -> str:
    """What is said for all platforms, or for this one; "" where nothing is."""
    return value if isinstance(value, str) else value.get(platform, "")


def _texts(value: str | dict[str, str]) -> list[str]:
    """What is said for all platforms, or for each."""
    return list(value.values()) if isinstance(value, dict) else [value]


class FetchOptions(Table):
    """[[fetch]]"""

    url: str | dict[str, str] = Field(
        description="Where the file is: with {os}, {arch}, {variant}, {gnu_triple}, {debian_arch} or "
        "{rust_triple} in it, or a table, one a platform."
    )
    sha256: str | dict[str, str] = Field(
        description="Checksums, one a platform; one alone for a file that is everywhere the same."
    )
    destination: str = Field(description="Path in the image.")
    mode: Annotated[
        int,
        BeforeValidator(_mode),
        WithJsonSchema({"type": "string", "default": "0644"}),
    ] = Field(default=0o644, description="Mode of the file.")
    member: str = Field(
        default="", description="Path in the archive that the URL names: a zip or tar file."
    )

    @field_validator("url", "sha256")
    @classmethod
    def _platforms(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        return by_platform(value)

    @field_validator("destination")
    @classmethod
    def _absolute(cls, value: str) -> str:
        if not value.startswith("/") or value.endswith("/"):
            msg = f"destination '{value}' is not a file's path: expected one that starts with /"
            raise ValueError(msg)
        return value

    @field_validator("url", "member")
    @classmethod
    def _placeholders(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for text in _texts(value):
            for name in _PLACEHOLDER.findall(text):
                if name not in PLACEHOLDERS:
                    accepted = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
                    msg = f"'{{{name}}}' in '{text}' is not known: expected one of {accepted}"
                    raise ValueError(msg)
            if re.search("[{}]", _PLACEHOLDER.sub("", text)):
                msg = f"'{text}' has a brace without its other: expected them around a name, as in {{arch}}"
                raise ValueError(msg)
        return value

    @field_validator("url")
    @classmethod
    def _is_http(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for text in _texts(value):
            if not text.startswith(("https://", "http://")):
                msg = f"url '{text}' cannot be fetched: expected one that starts with https://"
                raise ValueError(msg)
        return value

    @field_validator("sha256")
    @classmethod
    def _is_sha256(cls, value: str | dict[str, str]) -> str | dict[str, str]:
        for text in _texts(value):
            if not _SHA256.fullmatch(text):
                msg = f"sha256 '{text}' is not one: expected 64 hexadecimal digits in lower case"
                raise ValueError(msg)
        return value

    @model_validator(mode="after")
    def _a_checksum_for_each_file(self) -> Self:
        differs = isinstance(self.url, dict) or _PLACEHOLDER.search(self.url)
        if differs and isinstance(self.sha256, str):
            msg = f"{self.destination} differs by platform: expected sha256 as a table, one a platform"
            raise ValueError(msg)
        return self


def variables(value: dict[str, str]) -> dict[str, str]:
    """The values as they are; raises ValueError for what cannot be a variable's name."""
    for name in value:
        if not _VARIABLE.fullmatch(name):
            msg = f"variable '{name}' cannot be set: expected letters, digits and _"
            raise ValueError(msg)
    return value
