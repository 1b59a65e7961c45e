"""[dockerfile]: how a Dockerfile of the source is built, validated."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator

from pipeline.options import Table, variables

# what BuildKit sets by the platform that an image is for (its docs, "Automatic platform ARGs")
_OWN_ARGUMENTS = frozenset(
    f"{of}{what}" for of in ("TARGET", "BUILD") for what in ("PLATFORM", "OS", "ARCH", "VARIANT")
)


class DockerfileOptions(Table):
    """[dockerfile]"""

    file: str = Field(default="Dockerfile", description="The Dockerfile, as a path in the source.")
    target: str = Field(default="", description="Stage that is the image; else the last one.")
    args: dict[str, str] = Field(
        default={},
        description="Build arguments. {version}, {revision} and {platform} are filled in; one that "
        "lacks its value is left out.",
    )
    secrets: dict[str, str] = Field(
        default={},
        description="Secrets: id of a RUN's mount = address by which --secrets gives it, such as env://TOKEN.",
    )
    emulation: Literal["warn", "forbid"] = Field(
        default="warn",
        description="Whether steps that run under emulation are told beforehand, or refused.",
    )
    test_target: str = Field(
        default="", description="Stage that tests: it is built on the build host's platform."
    )
    artifacts_target: str = Field(
        default="", description="Stage that holds the compiled files alone, for `artifacts`."
    )

    @field_validator("args")
    @classmethod
    def _arguments(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if name in _OWN_ARGUMENTS:
                msg = f"args sets {name}, which the platform decides: expected other arguments"
                raise ValueError(msg)
        return variables(value)

    @field_validator("secrets")
    @classmethod
    def _addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for name, address in value.items():
            if "://" not in address:
                # the text is not repeated: it may be the secret itself
                msg = (
                    f"secret '{name}' has no address: expected env://NAME, file://PATH, "
                    "cmd://COMMAND or another that Dagger knows"
                )
                raise ValueError(msg)
        return value
