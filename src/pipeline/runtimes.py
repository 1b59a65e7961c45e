"""Final stages: a slim base and the application's files, put there without executing anything."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from typing import TYPE_CHECKING

from dagger import dag

from pipeline import bases
from pipeline.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import dagger

    from pipeline.fetches import Fetched
    from pipeline.options import RuntimeOptions
    from pipeline.platforms import PlatformSpec
    from pipeline.stamp import Stamp
    from pipeline.toolchain import Runtime

BIN = "/usr/local/bin"
_OCI = "org.opencontainers.image."
_EPOCH = 0
_FILE_MODE, _PROGRAM_MODE = 0o644, 0o755


@dataclass(frozen=True)
class Extra:
    """A file of the source that goes into the image; `is_program` where it may be executed."""

    target: str
    path: str
    is_program: bool = False


def base_of(options: RuntimeOptions, spec: PlatformSpec, runtime: Runtime) -> str:
    """The base image for a platform: the one configured, else the toolchain's.

    Raises ConfigError where there is one base a platform, and none for this one.
    """
    if isinstance(options.base, str):
        return options.base or runtime.base
    if spec.platform not in options.base:
        known = ", ".join(options.base)
        msg = f"[runtime] base has no image for {spec.platform}, only for {known}: add one"
        raise ConfigError(msg)
    return options.base[spec.platform]


def entrypoint(options: RuntimeOptions, name: str, binaries: Sequence[str]) -> list[str]:
    """The command of the image: the one configured, the only program, or the project's namesake.

    Raises ConfigError where none of them is.
    """
    if options.entrypoint:
        return list(options.entrypoint)
    program = binaries[0] if len(binaries) == 1 else name
    if program not in binaries:
        known = f"none of the programs {', '.join(binaries)}" if binaries else "no program"
        msg = f"[runtime] entrypoint is needed: {known} is called '{name}' like the project"
        raise ConfigError(msg)
    return [posixpath.join(BIN, program)]


def labels(
    options: RuntimeOptions, name: str, source_url: str, stamp: Stamp, runtime: Runtime
) -> dict[str, str]:
    """OCI's labels, those only that there is something to say for, the toolchain's, the project's."""
    standard = {
        "title": name,
        "version": stamp.version,
        "revision": stamp.revision,
        "source": source_url,
        "created": stamp.created,
    }
    said = {f"{_OCI}{key}": value for key, value in standard.items() if value}
    return said | dict(runtime.labels) | options.labels


def stage(
    options: RuntimeOptions,
    spec: PlatformSpec,
    runtime: Runtime,
    *,
    command: Sequence[str],
    image_labels: dict[str, str],
) -> dagger.Container:
    """The final stage before the application's files."""
    container = bases.from_(base_of(options, spec, runtime), spec).with_user(options.user)
    container = _configured(options, container, {**runtime.env, **options.env}, image_labels)
    container = container.with_entrypoint(list(command))
    return container.with_default_args(list(options.args)) if options.args else container


def final(
    runtime_stage: dagger.Container,
    programs: dagger.Directory,
    source: dagger.Directory,
    extras: Sequence[Extra] = (),
    fetched: Sequence[Fetched] = (),
    libraries: dagger.Directory | None = None,
) -> dagger.Container:
    """The image of one platform: its programs as one layer, and the further files.

    Libraries are a layer below them: an edit of the program leaves it as it was.

    Times and modes are fixed. With those of a checkout, the same source would give another image on
    the next machine. Each further file is added by itself: a folder that the base has keeps its
    owner and mode.
    """
    if libraries is not None:
        runtime_stage = runtime_stage.with_directory("/", libraries.with_timestamps(_EPOCH))
    added = dag.directory().with_directory(BIN, programs).with_timestamps(_EPOCH)
    return with_files(runtime_stage.with_directory("/", added), source, extras, fetched)


def with_files(
    image: dagger.Container,
    source: dagger.Directory,
    extras: Sequence[Extra],
    fetched: Sequence[Fetched],
) -> dagger.Container:
    """The image with further files of the source, and those that were fetched."""
    for extra in extras:
        file = source.file(extra.path).with_timestamps(_EPOCH)
        mode = _PROGRAM_MODE if extra.is_program else _FILE_MODE
        image = image.with_file(extra.target, file, permissions=mode)
    for each in fetched:
        file = each.file.with_timestamps(_EPOCH)
        image = image.with_file(each.destination, file, permissions=each.mode)
    return image


def over(
    options: RuntimeOptions, image: dagger.Container, image_labels: Mapping[str, str]
) -> dagger.Container:
    """An image with what the project says of it; where it is silent, what the image has stands."""
    if "user" in options.model_fields_set:
        image = image.with_user(options.user)
    image = _configured(options, image, options.env, image_labels)
    if options.entrypoint:
        # as Docker does it, the image's own arguments were for its own command
        image = image.with_entrypoint(list(options.entrypoint))
    return image.with_default_args(list(options.args)) if options.args else image


def _configured(
    options: RuntimeOptions,
    image: dagger.Container,
    env: Mapping[str, str],
    image_labels: Mapping[str, str],
) -> dagger.Container:
    for name, value in env.items():
        image = image.with_env_variable(name, value)
    for name, value in image_labels.items():
        image = image.with_label(name, value)
    for port in options.expose:
        image = image.with_exposed_port(port)
    return image
