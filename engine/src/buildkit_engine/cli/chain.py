"""A command line as a chain of functions: pipeline, then publish with its flags, and so on."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLObjectType,
    GraphQLScalarType,
)

from buildkit_engine.cli import names
from buildkit_engine.cli.flags import can_be_given
from buildkit_engine.cli.names import kebab
from buildkit_engine.errors import UnservedError, UsageError
from buildkit_engine.schema.registry import SERVED
from buildkit_engine.schema.typedefs import EnumMember, Function, FunctionArg, TypeDef

if TYPE_CHECKING:
    from graphql import GraphQLArgument, GraphQLSchema

    from buildkit_engine.cli.dotenv import Default, Defaults
    from buildkit_engine.schema.typedefs import Module

_PROGRAM = "buildkit-engine call"
_HELP = ("--help", "-h")
_SCALARS = {
    "String": "STRING_KIND",
    "Int": "INTEGER_KIND",
    "Float": "FLOAT_KIND",
    "Boolean": "BOOLEAN_KIND",
    "Void": "VOID_KIND",
}


@dataclass(frozen=True)
class Step:
    """One function of a chain and the flags that were given to it."""

    owner: TypeDef
    function: Function
    flags: dict[str, list[str]] = field(default_factory=dict)


@dataclass
class Chain:
    """What a command line asks for. The first step is the module's constructor."""

    steps: list[Step]
    help: bool = False
    json: bool = False
    output: str = ""

    def path(self, end: int | None = None) -> str:
        """The command up to a step, as it is typed without its flags."""
        words = (kebab(step.function.name) for step in self.steps[1:end])
        return " ".join((_PROGRAM, *words))

    def misused(self, error: UsageError, end: int | None = None) -> UsageError:
        """As with Dagger: one line more, of what to do next."""
        return UsageError(f"{error}\nRun '{self.path(end)} --help' for usage.")


@dataclass(frozen=True)
class Grammar:
    """What can follow what: the module's own types, and those of the API."""

    module: Module
    schema: GraphQLSchema
    main: str
    defaults: Defaults | None = None

    def parse(self, words: list[str]) -> Chain:
        """The chain that `words` name.

        Raises UsageError for a function or flag that is unknown or missing. With --help anywhere,
        what is missing is not asked for.
        """
        main = self.type_named(self.main)
        constructor = main.constructor or Function("", TypeDef("OBJECT_KIND", self.main))
        chain = Chain([Step(main, constructor)], help=any(word in _HELP for word in words))
        rest = [word for word in words if word not in _HELP]
        try:
            while rest:
                word = rest.pop(0)
                if word == "--":
                    continue
                if word.startswith("-") and word != "-":
                    self._flag(chain, word, rest)
                else:
                    self._require(chain)
                    chain.steps.append(self._next(chain, word))
            if len(chain.steps) > 1:
                self._require(chain)
        except UsageError as error:
            raise chain.misused(error) from None
        return chain

    def default(self, step: Step, arg: FunctionArg) -> Default | None:
        """What a .env file says of an argument of the module's main object."""
        if self.defaults is None or step.owner.name != self.main:
            return None
        return self.defaults.get(step.function.name, arg.name)

    def is_required(self, step: Step, arg: FunctionArg) -> bool:
        has_default = arg.default is not None or arg.default_path or arg.default_address
        return not (arg.type.optional or has_default or self.default(step, arg))

    def functions(self, owner: TypeDef) -> list[Function]:
        """What can be called on a value of the type: the values it shows, and its functions.

        Not those that need a value that no command line can give.
        """
        shown = (Function(f.name, f.type, f.description) for f in owner.fields)
        return [
            function
            for function in (*shown, *owner.functions)
            if all(can_be_given(a.type) or not _is_needed(a) for a in function.args)
        ]

    def following(self, returns: TypeDef) -> list[Function]:
        """What can be called on what a function returns; on each value of a list."""
        type_ = returns.element if returns.kind == "LIST_KIND" and returns.element else returns
        is_object = type_.kind in ("OBJECT_KIND", "INTERFACE_KIND")
        return self.functions(self.type_named(type_.name)) if is_object else []

    def type_named(self, name: str) -> TypeDef:
        """A type of the module, else of the API as far as it is served."""
        for object_ in self.module.objects:
            if object_.name == name:
                return object_
        return self._core(name)

    def members(self, type_: TypeDef) -> tuple[EnumMember, ...]:
        """Of an enum of the module or of the API: the name that callers write, and its value.

        The value is what the function gets.
        """
        for enum in self.module.enums:
            if enum.name == type_.name:
                return tuple(EnumMember(names.member(m.name), m.name) for m in enum.members)
        found = self.schema.get_type(type_.name)
        values = found.values if isinstance(found, GraphQLEnumType) else ()
        return tuple(EnumMember(name, name) for name in values)

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
                            _core_type(arg.type, _expected(arg)),
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

    def _next(self, chain: Chain, word: str) -> Step:
        returns = chain.steps[-1].function.returns
        type_ = returns.element if returns.kind == "LIST_KIND" and returns.element else returns
        known = self.following(returns)
        for function in known:
            if kebab(function.name) == kebab(word):
                return Step(self.type_named(type_.name), function)
        found = self.schema.get_type(type_.name)
        for name in found.fields if isinstance(found, GraphQLObjectType) else ():
            if kebab(name) == kebab(word) and (type_.name, name) not in SERVED:
                raise UnservedError(f"{type_.name}.{name}")
        message = f'unknown command "{word}" for "{chain.path()}"'
        if known:
            message += f": expected one of {', '.join(sorted(kebab(f.name) for f in known))}"
        raise UsageError(message)

    def _flag(self, chain: Chain, word: str, rest: list[str]) -> None:
        step = chain.steps[-1]
        name, equals, value = word.partition("=")
        for arg in step.function.args:
            if name.startswith("--") and kebab(arg.name) == kebab(name[2:]):
                if not can_be_given(arg.type):
                    break
                if not equals:
                    if arg.type.kind == "BOOLEAN_KIND":
                        value = "true"
                    elif rest:
                        value = rest.pop(0)
                    else:
                        raise UsageError(f"flag needs an argument: {name}")
                step.flags.setdefault(arg.name, []).append(value)
                return
        if not self._option(chain, word, rest):
            known = [f"--{kebab(a.name)}" for a in step.function.args if can_be_given(a.type)]
            kind = "flag" if name.startswith("--") else "shorthand flag"
            shown = name if name.startswith("--") else f"'{name[1]}' in {name}"
            accepted = f": expected one of {', '.join(known)}" if known else ""
            raise UsageError(f"unknown {kind}: {shown}{accepted}")

    def _option(self, chain: Chain, word: str, rest: list[str]) -> bool:
        """Takes an option of `call` itself, which may stand anywhere; False for another flag."""
        name, equals, value = word.partition("=")
        if name in ("--json", "-j"):
            chain.json = not equals or value == "true"
        elif name in ("--output", "-o"):
            if not equals and not rest:
                shown = name if name == "--output" else "'o' in -o"
                raise UsageError(f"flag needs an argument: {shown}")
            chain.output = value if equals else rest.pop(0)
        else:
            return False
        return True

    def _require(self, chain: Chain) -> None:
        """Raises UsageError where the last step lacks a flag; unless it is for help only."""
        step = chain.steps[-1]
        missing = [
            kebab(arg.name)
            for arg in step.function.args
            if self.is_required(step, arg) and arg.name not in step.flags
        ]
        if missing and not chain.help:
            quoted = '", "'.join(sorted(missing))
            raise UsageError(f'required flag(s) "{quoted}" not set')


def _is_needed(arg: FunctionArg) -> bool:
    return not arg.type.optional and arg.default is None


def _expected(arg: GraphQLArgument) -> str:
    """The object that an argument takes by its id, as the schema says it."""
    for directive in (arg.ast_node and arg.ast_node.directives) or ():
        if directive.name.value == "expectedType":
            return str(directive.arguments[0].value.value)  # type: ignore[attr-defined]
    return ""


def _core_type(type_: object, expected: str = "") -> TypeDef:
    """A type of the API; ids of what is `expected` are objects to a caller."""
    if isinstance(type_, GraphQLNonNull):
        return _core_type(type_.of_type, expected)
    if isinstance(type_, GraphQLList):
        return TypeDef("LIST_KIND", element=_core_type(type_.of_type, expected))
    name = str(type_)
    if name == "ID" and expected:
        return TypeDef("OBJECT_KIND", expected)
    if isinstance(type_, GraphQLEnumType):
        members = tuple(EnumMember(member, member) for member in type_.values)
        return TypeDef("ENUM_KIND", name, members=members)
    if isinstance(type_, GraphQLScalarType):
        return TypeDef(_SCALARS.get(name, "SCALAR_KIND"), name)
    kind = "INPUT_KIND" if isinstance(type_, GraphQLInputObjectType) else "OBJECT_KIND"
    return TypeDef(kind, name)
