"""Directory.dockerBuild."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.container import Container
from buildkit_engine.model.mounts import GivenSecret
from buildkit_engine.model.platforms import canonical
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.files import Directory
    from buildkit_engine.model.secrets import Secret
    from buildkit_engine.schema.context import Context


@serves("Directory", "dockerBuild")
def docker_build(
    context: Context,
    directory: Directory,
    *,
    dockerfile: str | None = None,
    platform: str | None = None,
    build_args: list[dict[str, str]] | None = None,
    target: str | None = None,
    secrets: list[str] | None = None,
    no_init: bool | None = None,  # noqa: ARG001 - BuildKit gives a RUN none to leave out
) -> Container:
    # whoever builds no Dockerfile does not wait for this to be imported
    from buildkit_engine.buildkit.frontend import DockerBuild, building_on

    given = _by_name([context.usable_secret(id_) for id_ in secrets or ()])
    for_platform = canonical(platform) if platform else context.host_platform
    arguments = tuple((each["name"], each["value"]) for each in build_args or ())
    asked = DockerBuild(
        dockerfile=dockerfile or "Dockerfile",
        platform=for_platform,
        target=target or "",
        # as Dagger has it: what builds is the platform itself, unless an argument says another
        arguments=(*building_on(for_platform), *arguments),
    )
    values = {name: context.evaluator.secrets[s.handle] for name, s in given.items()}
    base = context.images.built(directory, asked, values)
    container = Container(asked.platform).from_(base).changed()
    for name, secret in given.items():
        container = container.with_secret(GivenSecret(secret, path=f"/run/secrets/{name}"))
    return container


def _by_name(secrets: list[Secret]) -> dict[str, Secret]:
    """Each by the id that a Dockerfile mounts it with; raises RequestError where that is none."""
    by_name: dict[str, Secret] = {}
    for secret in secrets:
        if not secret.name:
            msg = "secret has no name and cannot be referenced from Dockerfile secret id"
            raise RequestError(msg)
        if by_name.setdefault(secret.name, secret) != secret:
            raise RequestError(
                f'multiple secrets provided for dockerBuild secret id "{secret.name}"'
            )
    return by_name
