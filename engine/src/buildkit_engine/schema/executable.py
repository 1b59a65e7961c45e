"""The declared schema with resolvers behind it: what answers a document."""

from __future__ import annotations

import inspect
import re
from functools import cache
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    execute_sync,
    introspection_from_schema,
    parse,
)

from buildkit_engine.errors import UnservedError

# imported for the resolvers that they register
from buildkit_engine.schema import (  # noqa: F401
    calls,
    commands,
    configuration,
    container_files,
    container_mounts,
    containers,
    directories,
    docker_build,
    files,
    healthchecks,
    hosts,
    http,
    images,
    ports,
    queries,
    searches,
    secrets,
    typedefs,
)
from buildkit_engine.schema.registry import SERVED

if TYPE_CHECKING:
    from graphql import ExecutionResult

    from buildkit_engine.schema.context import Context
    from buildkit_engine.schema.registry import Resolver

INTROSPECTION = "IntrospectionQuery"
_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")


def executable(sdl: str) -> GraphQLSchema:
    """The schema: a field without a resolver refuses by its name."""
    schema = build_schema(sdl, assume_valid=True, assume_valid_sdl=True)
    for type_ in schema.type_map.values():
        if isinstance(type_, GraphQLObjectType) and not type_.name.startswith("__"):
            for name, field in type_.fields.items():
                field.resolve = _resolver(type_.name, name)
    for name in ("Node", "Syncer", "Exportable"):
        schema.type_map[name].resolve_type = _type_name  # type: ignore[attr-defined]
    return schema


def answer(schema: GraphQLSchema, request: dict[str, Any], context: Context) -> dict[str, Any]:
    """The answer to one GraphQL request."""
    try:
        document = parse(request["query"], no_location=True)
    except GraphQLError as error:
        return {"errors": [error.formatted]}
    # The client has built the document from this very schema: it is not validated again.
    result: ExecutionResult = execute_sync(
        schema,
        document,
        context_value=context,
        variable_values=request.get("variables"),
        operation_name=request.get("operationName"),
    )
    return result.formatted  # type: ignore[return-value]


def introspection(schema: GraphQLSchema) -> dict[str, Any]:
    """The answer to the one introspection query that every client begins with."""
    return {"data": introspection_from_schema(schema)}


def _type_name(value: object, *_: object) -> str:
    return type(value).__name__


def _resolver(type_name: str, field_name: str) -> Any:
    if field_name == "id":
        return _id
    served = SERVED.get((type_name, field_name))
    if served is None:
        return _refuse

    def resolve(parent: Any, info: GraphQLResolveInfo, **given: Any) -> Any:
        return _call(served, f"{type_name}.{field_name}", info.context, parent, given)

    return resolve


def call_field(
    type_name: str, field_name: str, context: Context, parent: Any, given: dict[str, Any]
) -> Any:
    """What a served field answers; `given` has the API's names."""
    served = SERVED[type_name, field_name]
    return _call(served, f"{type_name}.{field_name}", context, parent, given)


def refused_arguments(type_: GraphQLObjectType, field_name: str) -> list[str]:
    """The arguments of a served field that are refused by name."""
    known = _parameters(SERVED[type_.name, field_name])
    arguments = type_.fields[field_name].args
    return [] if known is None else sorted(a for a in arguments if _snake(a) not in known)


def _call(
    served: Resolver, field: str, context: Context, parent: Any, given: dict[str, Any]
) -> Any:
    known = _parameters(served)
    arguments = {}
    for api_name, value in given.items():
        name = _snake(api_name)
        if known is None or name in known:
            arguments[name] = value
        elif value:
            # an option that is not served is no less refused than a field
            raise UnservedError(f"{field}({api_name}:)")
    return served(context, parent, **arguments)


def _id(parent: Any, info: GraphQLResolveInfo) -> str:
    return info.context.objects.id_of(parent)


def _refuse(_parent: Any, info: GraphQLResolveInfo, **_given: Any) -> Any:
    raise UnservedError(f"{info.parent_type.name}.{info.field_name}")


@cache
def _parameters(resolver: Resolver) -> frozenset[str] | None:
    """The arguments that a resolver knows; None for one that takes whatever comes."""
    parameters = inspect.signature(resolver).parameters.values()
    if any(p.kind is p.VAR_KEYWORD for p in parameters):
        return None
    return frozenset(p.name for p in list(parameters)[2:])


@cache
def _snake(name: str) -> str:
    return _UPPER.sub("_", name).lower()
