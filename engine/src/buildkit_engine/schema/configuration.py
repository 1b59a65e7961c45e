"""Container's configuration: what a command, or whoever runs the image, finds set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context


@dataclass(frozen=True)
class Label:
    """A label or a variable: a name and a value."""

    name: str
    value: str

    def key(self) -> object:
        return [self.name, self.value]


@dataclass(frozen=True)
class EnvVariable(Label):
    """An environment variable."""


@serves("Label", "name")
@serves("EnvVariable", "name")
def pair_name(_context: Context, pair: Label) -> str:
    return pair.name


@serves("Label", "value")
@serves("EnvVariable", "value")
def pair_value(_context: Context, pair: Label) -> str:
    return pair.value


@serves("Container", "withEnvVariable")
def with_env_variable(
    _context: Context, container: Container, *, name: str, value: str, expand: bool | None = None
) -> Container:
    expanded = container.expanded(value, expand=expand)
    return container.with_config(lambda c: c.with_variable(name, expanded))


@serves("Container", "withoutEnvVariable")
def without_env_variable(_context: Context, container: Container, *, name: str) -> Container:
    return container.with_config(lambda c: c.without_variable(name))


@serves("Container", "envVariable")
def env_variable(_context: Context, container: Container, *, name: str) -> str | None:
    return container.config.variable(name)


@serves("Container", "envVariables")
def env_variables(_context: Context, container: Container) -> list[EnvVariable]:
    return [EnvVariable(name, value) for name, value in container.config.env]


@serves("Container", "withUser")
def with_user(_context: Context, container: Container, *, name: str) -> Container:
    return container.with_config(lambda c: replace(c, user=name))


@serves("Container", "withoutUser")
def without_user(_context: Context, container: Container) -> Container:
    return container.with_config(lambda c: replace(c, user=""))


@serves("Container", "user")
def user(_context: Context, container: Container) -> str:
    return container.config.user


@serves("Container", "withWorkdir")
def with_workdir(
    _context: Context, container: Container, *, path: str, expand: bool | None = None
) -> Container:
    wanted = container.expanded(path, expand=expand)
    target = wanted if wanted.startswith("/") else container.at(wanted)
    return container.with_config(lambda c: replace(c, workdir=target))


@serves("Container", "withoutWorkdir")
def without_workdir(_context: Context, container: Container) -> Container:
    return container.with_config(lambda c: replace(c, workdir=""))


@serves("Container", "workdir")
def workdir(_context: Context, container: Container) -> str:
    return container.config.workdir


@serves("Container", "withEntrypoint")
def with_entrypoint(
    _context: Context,
    container: Container,
    *,
    args: list[str],
    keep_default_args: bool | None = None,
) -> Container:
    cmd = container.config.cmd if keep_default_args else ()
    return container.with_config(lambda c: replace(c, entrypoint=tuple(args), cmd=cmd))


@serves("Container", "withoutEntrypoint")
def without_entrypoint(
    _context: Context, container: Container, *, keep_default_args: bool | None = None
) -> Container:
    cmd = container.config.cmd if keep_default_args else ()
    return container.with_config(lambda c: replace(c, entrypoint=(), cmd=cmd))


@serves("Container", "entrypoint")
def entrypoint(_context: Context, container: Container) -> list[str]:
    return list(container.config.entrypoint)


@serves("Container", "withDefaultArgs")
def with_default_args(_context: Context, container: Container, *, args: list[str]) -> Container:
    return container.with_config(lambda c: replace(c, cmd=tuple(args)))


@serves("Container", "withoutDefaultArgs")
def without_default_args(_context: Context, container: Container) -> Container:
    return container.with_config(lambda c: replace(c, cmd=()))


@serves("Container", "defaultArgs")
def default_args(_context: Context, container: Container) -> list[str]:
    return list(container.config.cmd)


@serves("Container", "withLabel")
def with_label(_context: Context, container: Container, *, name: str, value: str) -> Container:
    return container.with_config(lambda c: c.with_label(name, value))


@serves("Container", "withoutLabel")
def without_label(_context: Context, container: Container, *, name: str) -> Container:
    return container.with_config(lambda c: c.without_label(name))


@serves("Container", "label")
def label(_context: Context, container: Container, *, name: str) -> str | None:
    return dict(container.config.labels).get(name)


@serves("Container", "labels")
def labels(_context: Context, container: Container) -> list[Label]:
    return [Label(name, value) for name, value in container.config.labels]
