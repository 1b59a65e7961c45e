"""pipeline.toml: what a project says of itself, validated; and what is inferred where it is silent."""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Any, Literal

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
from pipeline.errors import ConfigError, PipelineError
from pipeline.rules import IMAGE

DEFAULT_PLATFORMS = ("linux/amd64", "linux/arm64")
DEFAULT_FILE = "pipeline.toml"
NON_ROOT = "65532:65532"
"""The user and group that distroless images call nonroot."""

TOOLCHAINS: dict[str, str] = {"go": "go.mod"}
"""Each toolchain, and the file at the root of a source that it is inferred from."""

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
_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


class _Table(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


def _tuple(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value


Strings = Annotated[tuple[str, ...], BeforeValidator(_tuple)]


class GoOptions(_Table):
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


class TestOptions(_Table):
    """[test]"""

    command: Strings = Field(
        default=(), description="Command that tests the source, instead of the toolchain's own."
    )


class RuntimeOptions(_Table):
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


class PublishOptions(_Table):
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


class VerifyOptions(_Table):
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


class Project(_Table):
    """The whole of pipeline.toml. Every key may be left out."""

    name: str = Field(default="", description="Name of the image and of its main program.")
    platforms: Strings = Field(default=(), description="Platforms to build for.")
    toolchain: Literal["go"] | None = Field(
        default=None, description="What compiles the source; inferred from go.mod."
    )
    go: GoOptions = GoOptions()
    test: TestOptions = TestOptions()
    runtime: RuntimeOptions = RuntimeOptions()
    verify: VerifyOptions = VerifyOptions()
    publish: PublishOptions = PublishOptions()

    @field_validator("name")
    @classmethod
    def _image_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            msg = f"name '{value}' cannot be an image's: expected lower case letters, digits, . _ -"
            raise ValueError(msg)
        return value

    @field_validator("platforms")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(spec.platform for spec in platforms.parse_all(value))


def _variables(value: dict[str, str]) -> dict[str, str]:
    for name in value:
        if not _VARIABLE.fullmatch(name):
            msg = f"variable '{name}' cannot be set: expected letters, digits and _"
            raise ValueError(msg)
    return value


OTHER_TOOLCHAINS = ("rust", "cmake", "cuda", "dockerfile", "command")
"""Tables of toolchains that a Go project has no use for."""


def load(text: str, file: str = DEFAULT_FILE) -> Project:
    """The project that a pipeline.toml describes.

    Raises ConfigError, in one line, for the first thing that is wrong with it.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{file}: not valid TOML: {error}"
        raise ConfigError(msg) from None
    for table in OTHER_TOOLCHAINS:
        if table in raw:
            toolchain = raw.get("toolchain", "go")
            msg = (
                f"{file}: [{table}] is the table of another toolchain: "
                f"this project's is '{toolchain}': expected [go], or no table"
            )
            raise ConfigError(msg)
    try:
        return Project.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{file}: {_explain(error)}") from None
    except PipelineError as error:
        raise ConfigError(f"{file}: {error}") from None


def infer_toolchain(root_entries: list[str]) -> str:
    """The toolchain of a source, by the names at its root; "" where none is recognised."""
    names = {entry.rstrip("/") for entry in root_entries}
    return next((t for t, marker in TOOLCHAINS.items() if marker in names), "")


def json_schema() -> dict[str, Any]:
    """The JSON Schema of pipeline.toml, for editors."""
    schema = Project.model_json_schema()
    schema["title"] = "pipeline.toml"
    return schema


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    where = [str(part) for part in first["loc"] if part not in ("str", "dict[str,str]")]
    table = f"[{where[0]}] " if len(where) > 1 else ""
    key = ".".join(where[1:] or where)
    value = first["input"]
    context = first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            accepted = ", ".join(_fields(where[:-1]))
            return f"{table}unknown key '{key}': expected one of {accepted}"
        case "literal_error":
            return f"{table}{key} '{value}' is not known: expected {context['expected']}"
        case "value_error":
            return f"{table}{context['error']}"
        case _:
            expected = _EXPECTED.get(first["type"], first["msg"])
            return f"{table}{key} has the wrong type ({_toml_type(value)}): expected {expected}"


_EXPECTED = {
    "string_type": "a string",
    "tuple_type": "a list",
    "bool_type": "true or false",
    "int_type": "a whole number",
    "dict_type": "a table",
    "model_type": "a table",
    "model_attributes_type": "a table",
}


def _toml_type(value: object) -> str:
    names = {str: "string", int: "number", float: "number", bool: "boolean", dict: "table"}
    return names.get(type(value), "list" if isinstance(value, list | tuple) else "value")


def _fields(path: list[str]) -> list[str]:
    model: type[BaseModel] = Project
    for part in path:
        found = model.model_fields[part].annotation
        assert isinstance(found, type)
        assert issubclass(found, BaseModel)
        model = found
    return list(model.model_fields)
