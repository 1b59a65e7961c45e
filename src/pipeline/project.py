"""pipeline.toml: what a project says of itself, validated; and what is inferred where it is silent."""

from __future__ import annotations

import fnmatch
import re
import tomllib
from collections.abc import Sequence
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError, field_validator

from pipeline import flavors, makefiles, mistakes, platforms
from pipeline.cmake_options import CmakeOptions
from pipeline.command_options import CommandOptions
from pipeline.cuda_options import CudaOptions
from pipeline.dockerfile_options import DockerfileOptions
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
from pipeline.rust_options import RustOptions

DEFAULT_PLATFORMS = ("linux/amd64", "linux/arm64")
DEFAULT_FILE = "pipeline.toml"
MARKERS = (
    ("go.mod", "go"),
    ("*.cu", "cuda"),
    ("Cargo.toml", "rust"),
    ("CMakeLists.txt", "cmake"),
    # beside any of these it is another way to build the same program
    ("Dockerfile", "dockerfile"),
    # many projects of other languages have one beside their own files
    *((name, "cmake") for name in makefiles.FILES),
)
"""Files at the root of a source and the toolchain that is inferred from them: the first that is there."""
TOOLCHAINS = (*dict.fromkeys(toolchain for _, toolchain in MARKERS), "command")
_TABLES = {"command": "build"}
"""The tables that are not called like their toolchains."""

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")


class Variable(Table):
    """The keys that a flavor may say otherwise."""

    platforms: Strings = Field(default=(), description="Platforms to build for.")
    go: GoOptions = GoOptions()
    cuda: CudaOptions = CudaOptions()
    rust: RustOptions = RustOptions()
    cmake: CmakeOptions = CmakeOptions()
    dockerfile: DockerfileOptions = DockerfileOptions()
    build: CommandOptions = CommandOptions()
    test: TestOptions = TestOptions()
    runtime: RuntimeOptions = RuntimeOptions()
    fetch: Annotated[tuple[FetchOptions, ...], BeforeValidator(as_tuple)] = ()
    verify: VerifyOptions = VerifyOptions()

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

    @field_validator("platforms")
    @classmethod
    def _known(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return tuple(spec.platform for spec in platforms.parse_all(value))


class Flavor(Variable):
    """[flavors.NAME]: what is otherwise in one flavor of the image."""

    suffix: str = Field(default="", description="What its tags end in; -NAME where absent.")


class Project(Variable):
    """The whole of pipeline.toml. Every key may be left out."""

    name: str = Field(default="", description="Name of the image and of its main program.")
    toolchain: Literal["go", "cuda", "rust", "cmake", "dockerfile", "command"] | None = Field(
        default=None,
        description="What compiles the source; inferred from its table here, else from the files at its root.",
    )
    publish: PublishOptions = PublishOptions()
    registry: RegistryOptions = RegistryOptions()
    flavors: dict[str, Flavor] = Field(
        default={}, description="Flavors of the image, each with tags of its own."
    )

    @field_validator("name")
    @classmethod
    def _image_name(cls, value: str) -> str:
        if not _NAME.fullmatch(value):
            msg = f"name '{value}' cannot be an image's: expected lower case letters, digits, . _ -"
            raise ValueError(msg)
        return value

    @field_validator("flavors")
    @classmethod
    def _flavors(cls, value: dict[str, Flavor]) -> dict[str, Flavor]:
        for name in value:
            flavors.check_name(name)
        flavors.check_suffixes({name: each.suffix or f"-{name}" for name, each in value.items()})
        return value

    def suffix(self, flavor: str) -> str:
        """What the tags of a flavor end in; "" for the project itself."""
        found = self.flavors.get(flavor)
        return "" if found is None else found.suffix or f"-{flavor}"


def load(text: str, file: str = DEFAULT_FILE, flavor: str = "") -> Project:
    """The project that a pipeline.toml describes, with what the flavor says otherwise.

    Raises ConfigError, in one line, for the first thing that is wrong with it.
    """
    try:
        raw = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        msg = f"{file}: not valid TOML: {error}"
        raise ConfigError(msg) from None
    _refuse_other_tables(raw, file)
    try:
        project = Project.model_validate(raw)
        selected = flavors.select(raw, flavor)
        return project if selected == raw else Project.model_validate(selected)
    except ValidationError as error:
        raise ConfigError(f"{file}: {mistakes.explain(error, Project)}") from None
    except PipelineError as error:
        raise ConfigError(f"{file}: {error}") from None


def _refuse_other_tables(raw: dict[str, Any], file: str) -> None:
    """Raises ConfigError for the table of another toolchain than the project's."""
    own = [toolchain for toolchain in TOOLCHAINS if table_of(toolchain) in raw]
    toolchain = raw.get("toolchain", own[0] if own else "go")
    for other in own:
        if other != toolchain:
            msg = (
                f"{file}: [{table_of(other)}] is the table of another toolchain: this project's is "
                f"'{toolchain}': expected [{table_of(toolchain)}], or no table"
            )
            raise ConfigError(msg)


def table_of(toolchain: str) -> str:
    """The table of pipeline.toml that is a toolchain's own."""
    return _TABLES.get(toolchain, toolchain)


def infer_toolchain(root_entries: Sequence[str], project: Project | None = None) -> str:
    """The toolchain of a source, by its table, else by the files at its root; "" for none."""
    tables = project.model_fields_set if project else set()
    return next((t for t in TOOLCHAINS if table_of(t) in tables), marker(root_entries)[1])


def marker(root_entries: Sequence[str]) -> tuple[str, str]:
    """The first of MARKERS that is at the root of a source, and its toolchain; "" for none."""
    names = [entry.rstrip("/") for entry in root_entries]
    return next((each for each in MARKERS if fnmatch.filter(names, each[0])), ("", ""))


def json_schema() -> dict[str, Any]:
    """The JSON Schema of pipeline.toml, for editors."""
    schema = Project.model_json_schema()
    schema["title"] = "pipeline.toml"
    return schema
