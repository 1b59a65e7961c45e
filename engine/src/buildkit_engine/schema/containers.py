"""Container's fields."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from buildkit_engine.model.container import (
    CacheVolume,
    Container,
    Credentials,
    Mounted,
    with_source,
)
from buildkit_engine.model.files import Directory, File
from buildkit_engine.model.hosts import Secret
from buildkit_engine.model.image import variants
from buildkit_engine.schema.context import PushOptions
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Expect
    from buildkit_engine.schema.context import Context

_VARIABLE = re.compile(r"\$(?:\{([^}]*)\}|([*#$@!?0-9-]|[a-zA-Z_][a-zA-Z0-9_]*)|\{)")
"""What Go's os.Expand takes for one: also $$ and ${, which no variable has for its name."""
_EXPECT: dict[str, Expect] = {"SUCCESS": "success", "FAILURE": "failure", "ANY": "any"}


def _expanded(container: Container, text: str, *, expand: bool | None) -> str:
    """`text` with the container's variables in place of $NAME and ${NAME}."""
    if not expand:
        return text
    return _VARIABLE.sub(lambda m: container.config.variable(m[1] or m[2]) or "", text)


# -- where it comes from


@serves("Container", "from")
def from_(context: Context, container: Container, *, address: str) -> Container:
    return container.from_(context.images.resolve(address, container.platform))


@serves("Container", "platform")
def platform(_context: Context, container: Container) -> str:
    return container.platform


@serves("Container", "rootfs")
def rootfs(_context: Context, container: Container) -> Directory:
    return container.rootfs


@serves("Container", "withRootfs")
def with_rootfs(context: Context, container: Container, *, directory: str) -> Container:
    return container.with_rootfs(context.load(directory, Directory))


@serves("Container", "sync")
def sync(context: Context, container: Container) -> str:
    context.evaluator.sync(container.fs)
    return context.objects.id_of(container)


# -- files


@serves("Container", "directory")
def directory(
    _context: Context, container: Container, *, path: str, expand: bool | None = None
) -> Directory:
    return container.directory(_expanded(container, path, expand=expand))


@serves("Container", "file")
def file(_context: Context, container: Container, *, path: str, expand: bool | None = None) -> File:
    return container.file(_expanded(container, path, expand=expand))


@serves("Container", "withDirectory")
def with_directory(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    exclude: list[str] | None = None,
    include: list[str] | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    return with_source(
        container,
        _expanded(container, path, expand=expand),
        context.load(source, Directory),
        include=tuple(include or ()),
        exclude=tuple(exclude or ()),
        owner=context.owner(owner, container.fs),
    )


@serves("Container", "withFile")
def with_file(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    permissions: int | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    return with_source(
        container,
        _expanded(container, path, expand=expand),
        context.load(source, File),
        mode=-1 if permissions is None else permissions,
        owner=context.owner(owner, container.fs),
    )


@serves("Container", "withNewFile")
def with_new_file(
    context: Context,
    container: Container,
    *,
    path: str,
    contents: str,
    permissions: int | None = None,
    owner: str | None = None,
    expand: bool | None = None,
) -> Container:
    mode = 0o644 if permissions is None else permissions

    def change(directory: Directory, inner: str) -> Directory:
        return directory.with_new_file(
            inner, contents.encode(), mode=mode, owner=context.owner(owner, container.fs)
        )

    return container.edit(_expanded(container, path, expand=expand), change)


@serves("Container", "withoutDirectory", "withoutFile")
def without_path(_context: Context, container: Container, *, path: str) -> Container:
    return container.edit(path, lambda directory, inner: directory.without(inner))


# -- mounts


@serves("Container", "withMountedDirectory")
def with_mounted_directory(
    context: Context, container: Container, *, path: str, source: str
) -> Container:
    return container.with_mounted(Mounted(path, context.load(source, Directory)))


@serves("Container", "withMountedFile")
def with_mounted_file(
    context: Context, container: Container, *, path: str, source: str
) -> Container:
    mounted = context.load(source, File)
    directory = Directory(mounted.output, mounted.path)
    return container.with_mounted(Mounted(path, directory, is_file=True))


@serves("Container", "withMountedCache")
def with_mounted_cache(
    context: Context,
    container: Container,
    *,
    path: str,
    cache: str,
    source: str | None = None,
    sharing: str | None = None,
) -> Container:
    mounted = Mounted(
        path,
        context.load(source, Directory) if source else None,
        cache=context.load(cache, CacheVolume),
        sharing=sharing or "SHARED",  # type: ignore[arg-type]
    )
    return container.with_mounted(mounted)


@serves("Container", "withMountedTemp")
def with_mounted_temp(_context: Context, container: Container, *, path: str) -> Container:
    return container.with_mounted(Mounted(path))


@serves("Container", "withoutMount")
def without_mount(_context: Context, container: Container, *, path: str) -> Container:
    return container.without_mount(path)


# -- commands


@serves("Container", "withExec")
def with_exec(
    context: Context,
    container: Container,
    *,
    args: list[str],
    use_entrypoint: bool | None = None,
    expect: str | None = None,
    expand: bool | None = None,
    no_init: bool | None = None,  # noqa: ARG001 - the shim is no init: there is none to leave out
) -> Container:
    return container.with_exec(
        tuple(_expanded(container, arg, expand=expand) for arg in args),
        shim=context.evaluator.shim,
        use_entrypoint=bool(use_entrypoint),
        expect=_EXPECT[expect or "SUCCESS"],
    )


@serves("Container", "stdout")
def stdout(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("stdout")).decode(errors="replace")


@serves("Container", "stderr")
def stderr(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("stderr")).decode(errors="replace")


@serves("Container", "combinedOutput")
def combined_output(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("combined")).decode(errors="replace")


@serves("Container", "exitCode")
def exit_code(context: Context, container: Container) -> int:
    return int(context.evaluator.read(container.told("exitCode")))


# -- configuration


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
    expanded = _expanded(container, value, expand=expand)
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
    wanted = _expanded(container, path, expand=expand)
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


@serves("Container", "withExposedPort")
def with_exposed_port(
    _context: Context,
    container: Container,
    *,
    port: int,
    protocol: str | None = None,
    description: str | None = None,  # noqa: ARG001 - said to people, not to images
    experimental_skip_healthcheck: bool | None = None,  # noqa: ARG001 - of services only
) -> Container:
    return container.with_config(lambda c: c.with_port(f"{port}/{(protocol or 'TCP').lower()}"))


# -- registries


@serves("Container", "withRegistryAuth")
def with_registry_auth(
    context: Context, container: Container, *, address: str, username: str, secret: str
) -> Container:
    added = Credentials(address, username, context.load(secret, Secret).name)
    return replace(container, credentials=(*container.credentials, added))


@serves("Container", "publish")
def publish(
    context: Context,
    container: Container,
    *,
    address: str,
    platform_variants: list[str] | None = None,
    forced_compression: str | None = None,
    media_types: str | None = None,
) -> str:
    images = variants(container, context.load_all(platform_variants, Container))
    options = _push_options(forced_compression, media_types)
    return context.images.publish(address, _with_credentials(container, images), options)


@serves("Container", "asTarball")
def as_tarball(
    context: Context,
    container: Container,
    *,
    platform_variants: list[str] | None = None,
    forced_compression: str | None = None,
    media_types: str | None = None,
) -> File:
    images = variants(container, context.load_all(platform_variants, Container))
    return context.images.tarball(images, _push_options(forced_compression, media_types))


def _with_credentials(container: Container, images: list[Container]) -> list[Container]:
    """The credentials of the container that publishes are everyone's."""
    return [
        replace(i, credentials=tuple(dict.fromkeys((*container.credentials, *i.credentials))))
        for i in images
    ]


def _push_options(forced_compression: str | None, media_types: str | None) -> PushOptions:
    compression = (forced_compression or "").lower()
    return PushOptions(compression, oci=not (media_types or "").upper().startswith("DOCKER"))
