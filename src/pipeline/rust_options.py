"""[rust] of pipeline.toml: which programs, with which features, by which profile."""

from __future__ import annotations

import re

from pydantic import Field, field_validator

from pipeline.options import DebianPackages, Strings, Table, variables

# with one of these set, what is compiled would be for another platform, or found elsewhere
_OWN_VARIABLES = re.compile(
    r"CARGO_(?:HOME|TARGET_DIR|BUILD_TARGET|ENCODED_RUSTFLAGS|TARGET_\w+_(?:LINKER|RUSTFLAGS))"
    r"|RUSTFLAGS|RUSTUP_TOOLCHAIN"
)
_FEATURE = re.compile(r"[\w+.-]+(?:\??/[\w+.-]+)?")


class RustOptions(Table):
    """[rust]"""

    binaries: Strings = Field(
        default=(),
        description="Programs to compile, by name; else those of the workspace's default members.",
    )
    features: Strings = Field(
        default=(), description="Features to enable; of a dependency as in serde/derive."
    )
    no_default_features: bool = Field(
        default=False, description="Whether default features are left out."
    )
    profile: str = Field(default="release", description="Cargo's profile.")
    rustflags: Strings = Field(
        default=(),
        description="Flags for rustc where it compiles for the platform, in place of those in .cargo/config.toml.",
    )
    packages: DebianPackages = Field(
        default=(),
        description="Debian packages of the platform to link against, such as libssl-dev.",
    )
    env: dict[str, str] = Field(
        default={},
        description="Environment of every cargo command. {version}, {revision} and {platform} are filled in.",
    )
    image: str = Field(
        default="", description="Image with Rust, of Debian's, instead of the official one."
    )

    @field_validator("features")
    @classmethod
    def _features(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if not _FEATURE.fullmatch(name):
                msg = f"feature '{name}' cannot be one: expected a name, or dependency/feature"
                raise ValueError(msg)
        return value

    @field_validator("binaries")
    @classmethod
    def _once(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        for name in value:
            if value.count(name) > 1:
                msg = f"binary '{name}' is given twice: expected each once"
                raise ValueError(msg)
        return value

    @field_validator("env")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        for name in value:
            if _OWN_VARIABLES.fullmatch(name):
                msg = f"env sets {name}, which [rust] decides: expected other variables"
                raise ValueError(msg)
        return variables(value)
