"""Container's fields: where it comes from, and what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.files import Directory
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context


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


@serves("Container", "imageRef")
def image_ref(_context: Context, container: Container) -> str:
    if not container.image_ref:
        raise RequestError(
            "Image reference can only be retrieved immediately after the 'Container.From' call. "
            "Error in fetching imageRef as the container image is changed"
        )
    return container.image_ref


@serves("Container", "withError")
def with_error(_context: Context, container: Container, *, err: str) -> Container:
    if err:
        raise RequestError(err)
    return container


@serves("Container", "withDefaultTerminalCmd")
def with_default_terminal_cmd(
    _context: Context,
    container: Container,
    *,
    args: list[str],  # noqa: ARG001 - of terminals, which this engine opens none of
    experimental_privileged_nesting: bool | None = None,  # noqa: ARG001 - the same
    insecure_root_capabilities: bool | None = None,  # noqa: ARG001 - the same
) -> Container:
    return container
