"""[build]: a command of the project's own that builds for a platform, validated."""

from __future__ import annotations

import posixpath
import re
from typing import Annotated, Any

from pydantic import BeforeValidator, Field, WithJsonSchema, field_validator

from pipeline.options import Strings, Table, as_tuple, variables

# what the platform decides: the names of a target, and of the machine that builds
_OWN_VARIABLES = re.compile(
    r"(?:TARGET|BUILD)(?:PLATFORM|OS|ARCH|VARIANT)|(?:BUILD_)?(?:GNU_TRIPLE|RUST_TRIPLE|DEBIAN_ARCH)"
)


def _words(value: Any) -> Any:
    """A command as its words; a single string is a line for a shell."""
    return ("sh", "-euc", value) if isinstance(value, str) and value else as_tuple(value)


Command = Annotated[
    tuple[str, ...],
    BeforeValidator(_words),
    WithJsonSchema({"anyOf": [{"type": "string"}, {"type": "array", "items": {"type": "string"}}]}),
]


class CommandOptions(Table):
    """[build]"""

    command: Command = Field(
        default=(), description="What builds for a platform: its words, or a line for sh."
    )
    image: str = Field(default="", description="Image that the command runs in, with sh.")
    outputs: dict[str, str] | Strings = Field(
        default=(),
        description="What the command makes for the image: programs for /usr/local/bin, or folders "
        "of them, which end in /; or a table, path in the image = path in the source.",
    )
    env: dict[str, str] = Field(
        default={},
        description="Environment of the command. {version}, {revision} and {platform} are filled in.",
    )
    packages: Strings = Field(
        default=(), description="Debian packages for the image, of the build host's platform."
    )
    compilers: bool = Field(
        default=False,
        description="Whether C and C++ compilers for the platform are installed; the image is Debian's or Ubuntu's.",
    )
    caches: Strings = Field(
        default=(), description="Folders that are kept from one build to the next, a volume each."
    )

    @field_validator("outputs")
    @classmethod
    def _paths(cls, value: dict[str, str] | tuple[str, ...]) -> dict[str, str] | tuple[str, ...]:
        paths = tuple(value.values()) if isinstance(value, dict) else value
        for path in paths:
            if not path or path.startswith("/") or ".." in path.split("/"):
                msg = f"output '{path}' is not in the source: expected a path such as build/app"
                raise ValueError(msg)
        if isinstance(value, dict):
            for target in value:
                if not target.startswith("/"):
                    msg = f"path in the image '{target}' is not absolute: expected one that starts with /"
                    raise ValueError(msg)
        else:
            names = [posixpath.basename(path) for path in value if not path.endswith("/")]
            for name in names:
                if names.count(name) > 1:
                    msg = f"two outputs are called '{name}': expected one of each name"
                    raise ValueError(msg)
        return value

    @field_validator("env")
    @classmethod
    def _variables(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if _OWN_VARIABLES.fullmatch(name):
                msg = f"env sets {name}, which the platform decides: expected other variables"
                raise ValueError(msg)
        return variables(value)

    @field_validator("caches")
    @classmethod
    def _folders(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for path in value:
            if not path.startswith("/"):
                msg = f"cache '{path}' is not absolute: expected a folder such as /root/.npm"
                raise ValueError(msg)
        return value
