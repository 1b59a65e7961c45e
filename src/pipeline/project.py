"""pipeline.toml: what a project says of itself, validated; and what is inferred where it is silent."""

from __future__ import annotations

import re
import tomllib
from typing import Annotated, Any, Literal, get_args

from pydantic import BaseModel, BeforeValidator, Field, ValidationError, field_validator

from pipeline import platforms
from pipeline.errors import ConfigError, PipelineError
from pipeline.options import (
    FetchOptions,
    GoOptions,
    PublishOptions,
    RegistryOptions,
    RuntimeOptions,
    Strings,
    Table,
    TestOptions,
    VerifyOptions,
    as_tuple,
)

DEFAULT_PLATFORMS = ("linux/amd64", "linux/arm64")
DEFAULT_FILE = "pipeline.toml"
TOOLCHAINS: dict[str, str] = {"go": "go.mod"}
"""Each toolchain, and the file at the root of a source that it is inferred from."""

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


class Project(Table):
    """The whole of pipeline.toml. Every key may be left out."""

    name: str = Field(default="", description="Name of the image and of its main program.")
    platforms: Strings = Field(default=(), description="Platforms to build for.")
    toolchain: Literal["go"] | None = Field(
        default=None, description="What compiles the source; inferred from go.mod."
    )
    go: GoOptions = GoOptions()
    test: TestOptions = TestOptions()
    runtime: RuntimeOptions = RuntimeOptions()
    fetch: Annotated[tuple[FetchOptions, ...], BeforeValidator(as_tuple)] = ()
    verify: VerifyOptions = VerifyOptions()
    publish: PublishOptions = PublishOptions()
    registry: RegistryOptions = RegistryOptions()

    @field_validator("fetch")
    @classmethod
    def _destinations(cls, value: tuple[FetchOptions, ...]) -> tuple[FetchOptions, ...]:
        seen = set()
        for each in value:
            if each.destination in seen:
                msg = f"destination '{each.destination}' is given twice: expected one file for each"
                raise ValueError(msg)
            seen.add(each.destination)
        return value

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


_LISTS_OF_TABLES = ("fetch",)


def _explain(error: ValidationError) -> str:
    first = error.errors()[0]
    parts = [part for part in first["loc"] if part not in ("str", "dict[str,str]")]
    where = [str(part) for part in parts]
    form = "[[{}]] " if where[0] in _LISTS_OF_TABLES else "[{}] "
    table = form.format(where[0]) if len(where) > 1 else ""
    if where[0] in _LISTS_OF_TABLES and len(where) > 1:
        # which of them it is, by its number, says nothing: the message has its value
        where = [where[0], *where[2:]]
    key = ".".join(where[1:] or where)
    value = first["input"]
    context = first.get("ctx", {})
    match first["type"]:
        case "extra_forbidden":
            accepted = ", ".join(_fields(where[:-1]))
            return f"{table}unknown key '{key}': expected one of {accepted}"
        case "literal_error":
            return f"{table}{key} '{value}' is not known: expected {context['expected']}"
        case "missing":
            return f"{table}{key} is missing: expected it in every such table"
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
        # a list of tables: the model is that of each
        found = next(iter(get_args(found)), found)
        assert isinstance(found, type)
        assert issubclass(found, BaseModel)
        model = found
    return list(model.model_fields)
