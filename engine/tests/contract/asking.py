"""Which fields of the API a test asks for, read from what the client sends: alike on any engine."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dagger.client._session import ClientSession
from graphql import FieldNode, TypeInfo, TypeInfoVisitor, Visitor, visit

if TYPE_CHECKING:
    from pathlib import Path

    import gql
    from graphql import DocumentNode, GraphQLSchema

FieldName = tuple[str, str]
"""A type of the API, and a field of it."""


@dataclass
class Asked:
    """What the test that is running has asked for, and what those asked for that passed."""

    now: set[FieldName] = field(default_factory=set)
    passed: set[FieldName] = field(default_factory=set)

    def start(self) -> None:
        """Begins another test."""
        self.now.clear()

    def keep(self) -> None:
        """The running test has passed."""
        self.passed |= self.now

    def note(self, query: gql.GraphQLRequest, schema: GraphQLSchema) -> None:
        self.now |= fields_of(query.document, schema)

    def save(self, file: Path, version: str) -> None:
        """Writes the fields of all tests that passed on an engine of this version."""
        names = sorted(f"{type_}.{name}" for type_, name in self.passed)
        file.write_text(json.dumps({"version": version, "fields": names}, indent=1) + "\n")


def fields_of(document: DocumentNode, schema: GraphQLSchema) -> set[FieldName]:
    """Type and name of each field that a document selects."""
    found: set[FieldName] = set()
    types = TypeInfo(schema)

    class Fields(Visitor):
        def enter_field(self, node: FieldNode, *_: Any) -> None:
            parent = types.get_parent_type()
            if parent:
                found.add((parent.name, node.name.value))

    visit(document, TypeInfoVisitor(types, Fields()))
    return found


def listen(asked: Asked) -> None:
    """Notes every request of the SDK's client from now on."""
    execute = ClientSession.execute

    async def noting(self: ClientSession, query: gql.GraphQLRequest) -> Any:
        asked.note(query, await self.get_schema())
        return await execute(self, query)

    ClientSession.execute = noting  # type: ignore[method-assign]
