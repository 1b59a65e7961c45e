"""What applies to one call, and why: argument, then pipeline.toml, then what is inferred.

An engine fills in the defaults of a .env file before the module sees them: they count as
arguments here.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pipeline import platforms, project
from pipeline.concurrency import concurrently
from pipeline.errors import ConfigError, SourceError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import dagger

    from pipeline.platforms import PlatformSpec
    from pipeline.project import Project

ARGUMENT = "argument or .env"


@dataclass(frozen=True)
class Settings:
    """One project's settings as they apply, `origins` saying where each came from."""

    project: Project
    toolchain: str
    root_entries: tuple[str, ...]
    origins: dict[str, str]
    flavor: str = ""

    @property
    def tag_suffix(self) -> str:
        """What every tag ends in; "" for the project without a flavor."""
        return self.project.suffix(self.flavor)

    def platforms(self, given: Sequence[str] | None) -> tuple[tuple[PlatformSpec, ...], str]:
        """The platforms to build for, and where they came from.

        Raises PlatformError for an empty list, an unknown platform, or one named twice.
        """
        if given is not None:
            return platforms.parse_all(given), ARGUMENT
        if self.project.platforms:
            return platforms.parse_all(self.project.platforms), self.origins["file"]
        return platforms.parse_all(project.DEFAULT_PLATFORMS), "default"


async def load(
    source: dagger.Directory, config: str, flavor: str = "", *, needs_toolchain: bool = True
) -> Settings:
    """Reads the project in `source`, as it is in the flavor.

    Raises ConfigError where its pipeline.toml is wrong, or one that was named is missing;
    SourceError where no toolchain is recognised, and one is needed.
    """
    entries = await source.entries()
    found = config in entries or ("/" in config and await source.exists(config))
    if not found and config != project.DEFAULT_FILE:
        msg = f"config '{config}' is not in the source: expected a file, such as pipeline.toml"
        raise ConfigError(msg)
    text = await source.file(config).contents() if found else ""
    parsed = project.load(text, config, flavor)
    origins = {"file": config, "toolchain": config}
    toolchain = parsed.toolchain
    if toolchain is None:
        toolchain = project.infer_toolchain(entries, parsed)
        if not toolchain and needs_toolchain:
            markers = ", ".join(file for file, _ in project.MARKERS)
            listed = ", ".join(entries[:8]) or "nothing"
            msg = (
                f"No toolchain recognised in the source, which holds {listed}: expected {markers} "
                "at its root; point --source at the application's folder"
            )
            raise SourceError(msg)
        if project.table_of(toolchain) not in parsed.model_fields_set:
            origins["toolchain"] = project.marker(entries)[0]
    return Settings(parsed, toolchain, tuple(entries), origins, flavor)


async def require_files(source: dagger.Directory, paths: Sequence[str], setting: str) -> None:
    """Raises SourceError for the first of the paths that is not in the source."""
    present = await concurrently(*(source.exists(path) for path in paths))
    for path, exists in zip(paths, present, strict=True):
        if not exists:
            msg = f"'{path}' is not in the source: {setting} names a file or folder of it"
            raise SourceError(msg)
