"""The API's side of registration: the types and functions that the SDK says a module has."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.schema.context import Context


class _Value:
    def key(self) -> object:
        return asdict(self)  # type: ignore[call-overload]


@dataclass(frozen=True)
class TypeDef(_Value):
    """A type: a scalar, a list, or something that has a name."""

    kind: str = ""
    name: str = ""
    optional: bool = False
    element: TypeDef | None = None
    """What a list is of."""
    description: str = ""
    fields: tuple[FieldTypeDef, ...] = ()
    functions: tuple[Function, ...] = ()
    constructor: Function | None = None
    members: tuple[EnumMember, ...] = ()


@dataclass(frozen=True)
class FieldTypeDef(_Value):
    """A value that an object of the module shows."""

    name: str
    type: TypeDef
    description: str = ""


@dataclass(frozen=True)
class EnumMember(_Value):
    name: str
    value: str
    description: str = ""


@dataclass(frozen=True)
class FunctionArg(_Value):
    """An argument. `default` is JSON, or None where there is no default."""

    name: str
    type: TypeDef
    description: str = ""
    default: str | None = None
    default_path: str = ""
    default_address: str = ""
    ignore: tuple[str, ...] = ()


@dataclass(frozen=True)
class Function(_Value):
    name: str
    returns: TypeDef
    description: str = ""
    args: tuple[FunctionArg, ...] = ()
    cache: str = ""
    is_check: bool = False


@dataclass(frozen=True)
class Module(_Value):
    """All that a module registers."""

    description: str = ""
    objects: tuple[TypeDef, ...] = ()
    enums: tuple[TypeDef, ...] = field(default=())


@serves("Query", "typeDef")
def type_def(_context: Context, _parent: None) -> TypeDef:
    return TypeDef()


@serves("Query", "module")
def module(_context: Context, _parent: None) -> Module:
    return Module()


@serves("Query", "function")
def function(context: Context, _parent: None, **arguments: Any) -> Function:
    return Function(arguments["name"], context.load(arguments["return_type"], TypeDef))


@serves("TypeDef", "withKind")
def with_kind(_context: Context, type_: TypeDef, kind: str) -> TypeDef:
    return replace(type_, kind=kind)


@serves("TypeDef", "withOptional")
def with_optional(_context: Context, type_: TypeDef, optional: bool) -> TypeDef:  # noqa: FBT001
    return replace(type_, optional=optional)


@serves("TypeDef", "withListOf")
def with_list_of(context: Context, type_: TypeDef, **arguments: Any) -> TypeDef:
    element = context.load(arguments["element_type"], TypeDef)
    return replace(type_, kind="LIST_KIND", element=element)


def _named(kind: str) -> Any:
    def resolver(_context: Context, type_: TypeDef, name: str, **arguments: Any) -> TypeDef:
        description = arguments.get("description") or ""
        return replace(type_, kind=kind, name=name, description=description)

    return resolver


serves("TypeDef", "withObject")(_named("OBJECT_KIND"))
serves("TypeDef", "withInterface")(_named("INTERFACE_KIND"))
serves("TypeDef", "withScalar")(_named("SCALAR_KIND"))
serves("TypeDef", "withEnum")(_named("ENUM_KIND"))


@serves("TypeDef", "withEnumMember")
def with_enum_member(_context: Context, type_: TypeDef, name: str, **arguments: Any) -> TypeDef:
    member = EnumMember(name, arguments.get("value") or "", arguments.get("description") or "")
    return replace(type_, members=(*type_.members, member))


@serves("TypeDef", "withField")
def with_field(context: Context, type_: TypeDef, name: str, **arguments: Any) -> TypeDef:
    added = FieldTypeDef(
        name, context.load(arguments["type_def"], TypeDef), arguments.get("description") or ""
    )
    return replace(type_, fields=(*type_.fields, added))


@serves("TypeDef", "withFunction")
def with_function(context: Context, type_: TypeDef, function: str) -> TypeDef:
    return replace(type_, functions=(*type_.functions, context.load(function, Function)))


@serves("TypeDef", "withConstructor")
def with_constructor(context: Context, type_: TypeDef, function: str) -> TypeDef:
    return replace(type_, constructor=context.load(function, Function))


@serves("Function", "withDescription")
def function_description(_context: Context, function: Function, description: str) -> Function:
    return replace(function, description=description)


@serves("Function", "withArg")
def with_arg(context: Context, function: Function, name: str, **arguments: Any) -> Function:
    added = FunctionArg(
        name=name,
        type=context.load(arguments["type_def"], TypeDef),
        description=arguments.get("description") or "",
        default=arguments.get("default_value") or None,
        default_path=arguments.get("default_path") or "",
        default_address=arguments.get("default_address") or "",
        ignore=tuple(arguments.get("ignore") or ()),
    )
    return replace(function, args=(*function.args, added))


@serves("Function", "withCachePolicy")
def with_cache_policy(_context: Context, function: Function, **arguments: Any) -> Function:
    return replace(function, cache=arguments.get("time_to_live") or arguments["policy"])


@serves("Function", "withCheck")
def with_check(_context: Context, function: Function) -> Function:
    return replace(function, is_check=True)


@serves("Function", "withDeprecated", "withGenerator", "withUp")
def unchanged(_context: Context, function: Function, **_arguments: Any) -> Function:
    """What other commands of Dagger make use of; `call` runs the function all the same."""
    return function


@serves("Module", "withDescription")
def module_description(_context: Context, module: Module, description: str) -> Module:
    return replace(module, description=description)


@serves("Module", "withObject", "withInterface")
def with_object(context: Context, module: Module, **arguments: Any) -> Module:
    added = context.load(arguments.get("object") or arguments["iface"], TypeDef)
    return replace(module, objects=(*module.objects, added))


@serves("Module", "withEnum")
def with_enum(context: Context, module: Module, **arguments: Any) -> Module:
    added = context.load(arguments["enum"], TypeDef)
    return replace(module, enums=(*module.enums, added))
