"""The API as the installed dagger-io client knows it, written as GraphQL SDL.

Every field is declared, whether it is served or not: a field that is missing from the schema
fails inside the client with a useless message, one that is present can refuse by name.
The client's generated source is read, never imported: importing it takes most of a second.
"""

from __future__ import annotations

import ast
import importlib.metadata
from dataclasses import dataclass
from pathlib import Path

from buildkit_engine.errors import SetupError

_SCALARS = {"str": "String", "int": "Int", "float": "Float", "bool": "Boolean"}
_INTERFACES = ("Node", "Syncer", "Exportable")
_MAY_BE_NONE = {("Container", "dockerHealthcheck")}
"""Objects that there may be none of, which the client's types do not tell."""


def client_source() -> tuple[str, Path]:
    """The version of dagger-io that is installed, and the file of its generated client."""
    try:
        distribution = importlib.metadata.distribution("dagger-io")
    except importlib.metadata.PackageNotFoundError:
        msg = "dagger-io is not installed beside the engine: pip install dagger-io"
        raise SetupError(msg) from None
    return distribution.version, Path(str(distribution.locate_file("dagger/client/gen.py")))


def sdl(source: str) -> str:
    """The schema of the client whose generated module is `source`."""
    classes = [n for n in ast.parse(source).body if isinstance(n, ast.ClassDef)]
    kinds = {c.name: _kind(c) for c in classes}
    writer = _Writer(kinds)
    blocks = [writer.block(c) for c in classes]
    interfaces = [
        "directive @expectedType(name: String!) on ARGUMENT_DEFINITION",
        "interface Node { id: ID! }",
        "interface Syncer implements Node { id: ID! sync: ID! }",
        "interface Exportable implements Node { id: ID! export(path: String!): String! }",
    ]
    return "\n".join([*interfaces, *(b for b in blocks if b)]) + "\n"


def _kind(node: ast.ClassDef) -> str:
    bases = [b.id for b in node.bases if isinstance(b, ast.Name)]
    for base in ("Scalar", "Enum", "Input", "Type", "Root"):
        if base in bases:
            return base
    return ""


@dataclass(frozen=True)
class _Writer:
    kinds: dict[str, str]

    def block(self, node: ast.ClassDef) -> str:
        """One type of the schema; nothing for what is Python's alone."""
        match self.kinds[node.name]:
            case "Scalar":
                return "" if node.name.endswith("ID") else f"scalar {node.name}"
            case "Enum":
                return f"enum {node.name} {{ {' '.join(_assigned(node))} }}"
            case "Input":
                fields = [
                    f"{_camel(f.target.id)}: {self._type(f.annotation, argument=True)}"
                    for f in node.body
                    if isinstance(f, ast.AnnAssign) and isinstance(f.target, ast.Name)
                ]
                return f"input {node.name} {{ {' '.join(fields)} }}"
            case "Type" if not node.name.startswith("_"):
                return self._object(node)
            case "Root":
                return self._object(node)
        return ""

    def _object(self, node: ast.ClassDef) -> str:
        fields = {}
        for method in node.body:
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
                selection = selected(method)
                if selection:
                    fields[selection.name] = self._field(node.name, method, selection)
        implemented = ["Node"] if "id" in fields else []
        implemented += ["Syncer"] if "sync" in fields else []
        exportable = fields.get("export", "").endswith(": String!")
        implemented += ["Exportable"] if exportable else []
        heading = f"type {node.name}"
        if implemented:
            heading += f" implements {' & '.join(implemented)}"
        return f"{heading} {{\n  " + "\n  ".join(fields.values()) + "\n}"

    def _field(
        self,
        owner: str,
        method: ast.FunctionDef | ast.AsyncFunctionDef,
        selection: Selection,
    ) -> str:
        name = selection.name
        parameters = {p.arg: p.annotation for p in [*method.args.args, *method.args.kwonlyargs]}
        optional = {
            p.arg
            for p, default in zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True)
            if default is not None
        }
        written = []
        for api_name, python_name in selection.arguments:
            type_ = self._type(parameters[python_name], argument=True)
            if python_name in optional:
                type_ = type_.removesuffix("!")
            expected = self._expected(parameters[python_name], owner)
            directive = f' @expectedType(name: "{expected}")' if expected else ""
            written.append(f"{api_name}: {type_}{directive}")
        inner = f"({', '.join(written)})" if written else ""
        if name == "id" or selection.is_sync:
            return f"{name}{inner}: ID!"
        if (owner, name) == ("Query", "node"):
            # the client takes the type to load as an argument of its own
            return "node(id: ID!): Node"
        type_ = self._type(method.returns, owner=owner)
        if (owner, name) in _MAY_BE_NONE:
            type_ = type_.removesuffix("!")
        return f"{name}{inner}: {type_}"

    def _type(self, node: ast.expr | None, *, argument: bool = False, owner: str = "") -> str:
        match node:
            case ast.Constant(value=None) | None:
                return "Void"
            case ast.Constant(value=str() as quoted):
                return self._type(
                    ast.parse(quoted, mode="eval").body, argument=argument, owner=owner
                )
            case ast.BinOp(left=left):
                return self._type(left, argument=argument, owner=owner).removesuffix("!")
            case ast.Subscript(value=ast.Name(id="list"), slice=element):
                return f"[{self._type(element, argument=argument, owner=owner)}]!"
            case ast.Name(id="Self"):
                return "ID!" if argument else f"{owner}!"
            case ast.Name(id=name):
                return self._named(name, argument=argument) + "!"
        raise SetupError(
            f"the dagger-io client has a type that is not understood: {ast.dump(node)}"
        )

    def _expected(self, node: ast.expr | None, owner: str) -> str:
        """The object that an argument takes by its id, or a list of by theirs."""
        match node:
            case ast.Constant(value=str() as quoted):
                return self._expected(ast.parse(quoted, mode="eval").body, owner)
            case ast.BinOp(left=inner) | ast.Subscript(value=ast.Name(id="list"), slice=inner):
                return self._expected(inner, owner)
            case ast.Name(id="Self"):
                return owner
            case ast.Name(id=name) if self._is_object(name):
                return name
        return ""

    def _is_object(self, name: str) -> bool:
        return self.kinds.get(name) == "Type" or name in _INTERFACES

    def _named(self, name: str, *, argument: bool) -> str:
        if name in _SCALARS:
            return _SCALARS[name]
        if name.endswith("ID") and self.kinds.get(name) == "Scalar":
            return "ID"
        return "ID" if argument and self._is_object(name) else name


@dataclass(frozen=True)
class Selection:
    """The API field that a method of the client selects.

    `arguments` are pairs of API and Python names; `is_sync` fields answer with an id, which the
    client loads as an object.
    """

    name: str
    arguments: tuple[tuple[str, str], ...]
    is_sync: bool


def selected(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Selection | None:
    """What a method of the client asks the API for; nothing for what is Python's alone."""
    name, arguments, is_sync = None, [], False
    for node in ast.walk(method):
        if not isinstance(node, ast.Call):
            continue
        match node:
            case ast.Call(
                func=ast.Attribute(value=ast.Name(id="self"), attr="_select"),
                args=[ast.Constant(value=str() as field), *_],
            ):
                name = field
            case ast.Call(
                func=ast.Attribute(attr="execute_sync"),
                args=[_, ast.Constant(value=str() as field), *_],
            ):
                name, is_sync = field, True
            case ast.Call(
                func=ast.Name(id="Arg"),
                args=[ast.Constant(value=str() as api), value, *_],
            ):
                # either the parameter itself or `() if parameter is None else parameter`
                [python, *_] = [n.id for n in ast.walk(value) if isinstance(n, ast.Name)]
                arguments.append((api, python))
    return Selection(name, tuple(arguments), is_sync) if name else None


def _assigned(node: ast.ClassDef) -> list[str]:
    return [
        target.id
        for statement in node.body
        if isinstance(statement, ast.Assign)
        for target in statement.targets
        if isinstance(target, ast.Name) and not target.id.startswith("_")
    ]


def _camel(name: str) -> str:
    head, *rest = name.split("_")
    return head + "".join(part.title() for part in rest)
