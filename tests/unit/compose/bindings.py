"""What a module that depends on this one gets: our types in the API's schema and in its client.

Both are made from what the SDK registers for our module, as Dagger makes them for a dependency:
type names begin with the module's, names are in camel case in the schema and in snake case in
Python, objects are passed by their ids, and arguments that need not be given are keywords.
"""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from types import SimpleNamespace
from typing import Any

import dagger
from beartype.door import die_if_unbearable
from dagger.client._core import Arg
from dagger.client.base import Type
from dagger.mod import _converter
from graphql import GraphQLSchema, build_schema, extend_schema, parse, print_ast

from buildkit_engine.schema.context import Context, Objects
from buildkit_engine.schema.declared import client_source, sdl
from buildkit_engine.schema.executable import answer, executable
from buildkit_engine.schema.typedefs import Function, FunctionArg, Module, TypeDef

_SCALARS: dict[str, tuple[str, type]] = {
    "STRING_KIND": ("String", str),
    "INTEGER_KIND": ("Int", int),
    "FLOAT_KIND": ("Float", float),
    "BOOLEAN_KIND": ("Boolean", bool),
}


@cache
def core_sdl() -> str:
    """The API without any module."""
    _, path = client_source()
    return sdl(path.read_text())


@cache
def core_api() -> GraphQLSchema:
    return build_schema(core_sdl())


async def registered(sdk_module: Any, main_object: str, monkeypatch: Any) -> Module:
    """What the SDK says of a module's types when an engine asks for them."""
    context = Context(
        objects=Objects(),
        evaluator=None,
        images=None,
        host_platform="",
        snapshots=None,
        version="",
        host_folder="",
    )
    schema = executable(core_sdl())

    async def execute(request: Any) -> Any:
        found = answer(schema, {"query": print_ast(request.document)}, context)
        assert "errors" not in found, found
        return found["data"]

    async def get_schema() -> GraphQLSchema:
        return schema

    session = SimpleNamespace(execute=execute, get_schema=get_schema)
    # types that were told before are kept there, with what they were told to
    _converter.to_typedef.cache_clear()
    with monkeypatch.context() as patch:
        patch.setattr(dagger.dag._ctx, "conn", SimpleNamespace(session=session))
        patch.setattr(sdk_module, "_main_name", main_object)
        patch.setattr(sdk_module, "_main", sdk_module._objects[main_object])
        id_ = await sdk_module._typedefs()
    _converter.to_typedef.cache_clear()
    module = context.objects.get(id_)
    assert isinstance(module, Module)
    return module


@dataclass(frozen=True)
class Dependency:
    """A module under the name that another one's dagger.json gives it."""

    name: str
    module: Module

    @property
    def main(self) -> TypeDef:
        return next(o for o in self.module.objects if o.name == _pascal(self.name))

    def schema(self) -> GraphQLSchema:
        """The API with this module in it."""
        assert self.main.constructor
        blocks = [self._object_sdl(o) for o in self.module.objects]
        constructor = self._field(self.name, self.main.constructor.args, self.main)
        blocks.append(f"extend type Query {{ {constructor} }}")
        return extend_schema(core_api(), parse("\n".join(blocks)))

    def constructor(self) -> Callable[..., Type]:
        """The method of the client that starts a chain with this module."""
        assert self.main.constructor
        classes: dict[str, type[Type]] = {}
        for object_ in self.module.objects:
            name = self._type_name(object_)
            fields = (Function(f.name, f.type) for f in object_.fields)
            methods = {f.name: self._method(f, classes) for f in (*fields, *object_.functions)}
            classes[name] = type(name, (Type,), methods)
        start = Function(self.name, self.main, args=self.main.constructor.args)
        return self._method(start, classes)

    def _object_sdl(self, object_: TypeDef) -> str:
        fields = [self._field(f.name, (), f.type) for f in object_.fields]
        fields += [self._field(f.name, f.args, f.returns) for f in object_.functions]
        return f"type {self._type_name(object_)} implements Node {{ id: ID! {' '.join(fields)} }}"

    def _field(self, name: str, args: tuple[FunctionArg, ...], returns: TypeDef) -> str:
        written = ", ".join(f"{_camel(a.name)}: {self._argument(a)}" for a in args)
        return f"{_camel(name)}{f'({written})' if written else ''}: {self._output(returns)}"

    def _argument(self, arg: FunctionArg) -> str:
        type_ = self._input(arg.type).removesuffix("" if _required(arg) else "!")
        default = f" = {arg.default}" if arg.default is not None else ""
        named = arg.type.element or arg.type
        is_object = named.kind == "OBJECT_KIND"
        loaded = f' @expectedType(name: "{self._type_name(named)}")' if is_object else ""
        return f"{type_}{default}{loaded}"

    def _input(self, type_: TypeDef) -> str:
        if type_.element:
            return f"[{self._input(type_.element)}]!"
        return "ID!" if type_.kind == "OBJECT_KIND" else self._output(type_)

    def _output(self, type_: TypeDef) -> str:
        if type_.element:
            return f"[{self._output(type_.element)}]!"
        scalar, _ = _SCALARS.get(type_.kind, (self._type_name(type_), None))
        return f"{scalar}!"

    def _type_name(self, type_: TypeDef) -> str:
        own = {o.name for o in self.module.objects} - {self.main.name}
        return f"{self.main.name}{type_.name}" if type_.name in own else type_.name

    def _method(self, function: Function, classes: dict[str, type[Type]]) -> Callable[..., Any]:
        parameters = [
            inspect.Parameter(
                a.name,
                inspect.Parameter.POSITIONAL_OR_KEYWORD
                if _required(a)
                else inspect.Parameter.KEYWORD_ONLY,
                annotation=_hint(a.type) if _required(a) else _hint(a.type) | None,
                default=inspect.Parameter.empty
                if _required(a)
                else json.loads(a.default or "null"),
            )
            for a in sorted(function.args, key=_required, reverse=True)
        ]
        signature = inspect.Signature(parameters)
        returns = function.returns

        def method(parent: Type, *args: Any, **kwargs: Any) -> Any:
            bound = signature.bind(*args, **kwargs)
            given = []
            for name, value in bound.arguments.items():
                parameter = signature.parameters[name]
                die_if_unbearable(value, parameter.annotation)
                given.append(Arg(_camel(name), value, parameter.default))
            selection = parent._select(_camel(function.name), given)
            if returns.kind == "OBJECT_KIND":
                name = self._type_name(returns)
                return classes.get(name, getattr(dagger, name, None))(selection)
            return selection.execute(_hint(returns))

        return method


def _required(arg: FunctionArg) -> bool:
    return arg.default is None and not arg.type.optional and not arg.default_path


def _hint(type_: TypeDef) -> Any:
    if type_.element:
        return list[_hint(type_.element)]
    if type_.kind in _SCALARS:
        return _SCALARS[type_.kind][1]
    # an object that is no part of the API is one of the module's own
    return getattr(dagger, type_.name, Type)


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)


def _pascal(name: str) -> str:
    return "".join(part.title() for part in name.replace("-", "_").split("_"))
