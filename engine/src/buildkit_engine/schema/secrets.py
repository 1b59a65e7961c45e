"""Secrets and what else commands get that is no part of an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.mounts import GivenSecret, volatile_id
from buildkit_engine.model.secrets import Secret, named
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context


@serves("Query", "setSecret")
def set_secret(context: Context, _parent: None, *, name: str, plaintext: str) -> Secret:
    secret = named(name)
    context.evaluator.secrets[secret.handle] = plaintext.encode()
    return secret


@serves("Query", "secret")
def secret(context: Context, _parent: None, *, uri: str, cache_key: str | None = None) -> Secret:
    return context.secret_at(uri, cache_key)


@serves("Secret", "name")
def name(_context: Context, secret: Secret) -> str:
    return secret.name


@serves("Secret", "uri")
def uri(_context: Context, secret: Secret) -> str:
    return secret.uri


@serves("Secret", "plaintext")
def plaintext(context: Context, secret: Secret) -> str:
    if secret.missing:
        raise RequestError(secret.missing)
    return context.evaluator.secrets[secret.handle].decode(errors="replace")


@serves("Container", "withSecretVariable")
def with_secret_variable(
    context: Context, container: Container, *, name: str, secret: str
) -> Container:
    return container.with_secret(GivenSecret(context.usable_secret(secret), variable=name))


@serves("Container", "withoutSecretVariable")
def without_secret_variable(_context: Context, container: Container, *, name: str) -> Container:
    return container.without_secret_variable(name)


@serves("Container", "withMountedSecret")
def with_mounted_secret(
    context: Context,
    container: Container,
    *,
    path: str,
    source: str,
    owner: str | None = None,
    mode: int | None = None,
    expand: bool | None = None,
) -> Container:
    given = GivenSecret(
        context.usable_secret(source),
        path=container.at(container.expanded(path, expand=expand)),
        owner=context.owner(owner, container.fs),
        mode=0o400 if mode is None else mode,
    )
    return container.with_secret(given)


@serves("Container", "withVolatileVariable")
def with_volatile_variable(
    context: Context, container: Container, *, name: str, value: str
) -> Container:
    # BuildKit leaves the values of what it takes for secrets out of what makes a command
    context.evaluator.secrets[volatile_id(name)] = value.encode()
    return container.with_volatile(name)


@serves("Container", "withoutVolatileVariable")
def without_volatile_variable(_context: Context, container: Container, *, name: str) -> Container:
    return container.without_volatile(name)
