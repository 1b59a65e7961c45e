"""An engine that executes nothing: it writes down what it is asked, and gives set answers."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    execute_sync,
    get_named_type,
    validate,
)

if TYPE_CHECKING:
    from gql import GraphQLRequest


@dataclass
class Recorder:
    """A connection of the SDK's. Every document must be valid by the schema.

    An object is written as the chain of fields that leads to it; that is its id, too.
    """

    schema: GraphQLSchema
    answers: dict[str, Any]
    """By "Type.field", for fields that give a value; an exception is raised."""
    asked: list[str] = field(default_factory=list)
    """The chains that ended in a value, without those that only named an object."""

    @property
    def session(self) -> Recorder:
        return self

    async def get_schema(self) -> GraphQLSchema:
        return self.schema

    async def execute(self, request: GraphQLRequest) -> Any:
        assert validate(self.schema, request.document) == []
        result = execute_sync(self.schema, request.document, field_resolver=self._resolve)
        for error in result.errors or ():
            raise error.original_error or error
        return result.data

    def _resolve(self, parent: str | None, info: GraphQLResolveInfo, **given: Any) -> Any:
        if info.field_name == "id":
            return parent
        chain = ".".join(filter(None, (parent, _call(info, given))))
        if isinstance(get_named_type(info.return_type), GraphQLObjectType):
            return chain
        self.asked.append(chain)
        answer = self.answers[f"{info.parent_type.name}.{info.field_name}"]
        if isinstance(answer, Exception):
            raise answer
        return answer


def _call(info: GraphQLResolveInfo, given: dict[str, Any]) -> str:
    """The field with the arguments that the document has; those left at their default it has not."""
    declared = info.parent_type.fields[info.field_name].args
    words = []
    for argument in info.field_nodes[0].arguments:
        name = argument.name.value
        is_id = get_named_type(declared[name].type).name == "ID"
        words.append(f"{name}: {given[name] if is_id else json.dumps(given[name])}")
    return f"{info.field_name}({', '.join(words)})" if words else info.field_name
