"""A command line as a chain of functions: pipeline, then publish with its flags, and so on."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from graphql import GraphQLList, GraphQLNonNull, GraphQLObjectType, GraphQLScalarType

from buildkit_engine.errors import UsageError
from buildkit_engine.schema.registry import SERVED
from buildkit_engine.schema.typedefs import Function, FunctionArg, TypeDef

if TYPE_CHECKING:
    from graphql import GraphQLSchema

    from buildkit_engine.schema.typedefs import Module

_UPPER = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_SCALARS = {
    "String": "STRING_KIND",
    "Int": "INTEGER_KIND",
    "Float": "FLOAT_KIND",
    "Boolean": "BOOLEAN_KIND",
    "Void": "VOID_KIND",
}
HELP = ("--help", "-h")


def kebab(name: str) -> str:
    """The name of a function or flag on a command line."""
    return _UPPER.sub("-", name).replace("_", "-").lower()


@dataclass(frozen=True)
class Step:
    """One function of a chain and the flags that were given to it."""

    owner: TypeDef
    function: Function
    flags: dict[str, list[str]] = field(default_factory=dict)

    @property
    def is_module(self) -> bool:
        """Whether the module runs it, and not the engine."""
        return bool(self.owner.functions or self.owner.constructor or self.owner.fields)


class HelpWanted(Exception):  # noqa: N818 - no error
    """--help was given: for this chain."""

    def __init__(self, steps: list[Step]) -> None:
        super().__init__()
        self.steps = steps


@dataclass(frozen=True)
class Grammar:
    """What can follow what: the module's own types, and those of the API."""

    module: Module
    schema: GraphQLSchema
    main: str

    def parse(self, words: list[str]) -> list[Step]:
        """The chain that `words` name, beginning with the module's constructor.

        Raises UsageError for an unknown function or flag, HelpWanted for --help.
        """
        main = self.type_named(self.main)
        constructor = main.constructor or Function("", TypeDef("OBJECT_KIND", self.main))
        steps = [Step(main, constructor)]
        rest = list(words)
        while rest:
            word = rest.pop(0)
            step = steps[-1]
            if word in HELP:
                raise HelpWanted(steps)
            if word.startswith("-"):
                self._flag(step, word, rest)
                continue
            owner = self.type_named(step.function.returns.name)
            steps.append(Step(owner, self._function(owner, word, step)))
        return steps

    def functions(self, owner: TypeDef) -> list[Function]:
        """What can be called on a value of the type: its functions, and the values it shows."""
        return [*owner.functions, *(Function(f.name, f.type, f.description) for f in owner.fields)]

    def type_named(self, name: str) -> TypeDef:
        """A type of the module, else of the API as far as it is served."""
        for object_ in self.module.objects:
            if object_.name == name:
                return object_
        return self._core(name)

    def _core(self, name: str) -> TypeDef:
        found = self.schema.get_type(name)
        if not isinstance(found, GraphQLObjectType):
            return TypeDef(name=name)
        functions = tuple(
            Function(
                field_name,
                _core_type(api_field.type),
                args=tuple(
                    FunctionArg(
                        a,
                        replace(
                            _core_type(arg.type),
                            optional=not isinstance(arg.type, GraphQLNonNull),
                        ),
                    )
                    for a, arg in api_field.args.items()
                ),
            )
            for field_name, api_field in found.fields.items()
            if (name, field_name) in SERVED
        )
        return TypeDef("CORE", name, functions=functions)

    def _function(self, owner: TypeDef, word: str, before: Step) -> Function:
        known = self.functions(owner)
        for function in known:
            if kebab(function.name) == kebab(word):
                return function
        if not known:
            raise UsageError(
                f"'{kebab(before.function.name)}' returns no object: nothing can follow it, but '{word}' does"
            )
        names = ", ".join(sorted(kebab(f.name) for f in known))
        raise UsageError(f"unknown function '{word}': expected one of {names}")

    def _flag(self, step: Step, word: str, rest: list[str]) -> None:
        name, equals, value = word.partition("=")
        for arg in step.function.args:
            if f"--{kebab(arg.name)}" == name:
                if not equals:
                    if arg.type.kind == "BOOLEAN_KIND":
                        value = "true"
                    elif rest:
                        value = rest.pop(0)
                    else:
                        raise UsageError(f"flag {name} needs a value")
                step.flags.setdefault(arg.name, []).append(value)
                return
        known = ", ".join(f"--{kebab(a.name)}" for a in step.function.args) or "no flags"
        where = kebab(step.function.name) or "the module"
        raise UsageError(f"unknown flag {name} of {where}: expected one of {known}, --help")


def _core_type(type_: object) -> TypeDef:
    if isinstance(type_, GraphQLNonNull):
        return _core_type(type_.of_type)
    if isinstance(type_, GraphQLList):
        return TypeDef("LIST_KIND", element=_core_type(type_.of_type))
    name = str(type_)
    if isinstance(type_, GraphQLScalarType):
        return TypeDef(_SCALARS.get(name, "SCALAR_KIND"), name)
    kind = "OBJECT_KIND" if isinstance(type_, GraphQLObjectType) else "SCALAR_KIND"
    return TypeDef(kind, name)
