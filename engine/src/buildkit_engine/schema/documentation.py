"""What the API's fields are for, as the client's docstrings say it.

It is read when help is wanted, and is no part of the schema: every call would pay for it.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache

from buildkit_engine.schema.declared import client_source, selected

_WIDTH = 70
_SECTION = re.compile(r"\n\n(\w+)\n-+\n")
_PARAMETER = re.compile(r"^(\w+):$", re.MULTILINE)


@dataclass(frozen=True)
class FieldDocumentation:
    """A field's description; descriptions and defaults of its arguments by the API's names."""

    description: str
    arguments: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, object] = field(default_factory=dict)


@cache
def documentation() -> dict[tuple[str, str], FieldDocumentation]:
    """That of every field, by its type and name."""
    _, path = client_source()
    classes = (n for n in ast.parse(path.read_text()).body if isinstance(n, ast.ClassDef))
    return dict(found for class_ in classes for found in _fields(class_))


def _fields(class_: ast.ClassDef) -> Iterator[tuple[tuple[str, str], FieldDocumentation]]:
    for method in class_.body:
        if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef):
            text = ast.get_docstring(method)
            selection = selected(method)
            if text and selection:
                api = {python: name for name, python in selection.arguments}
                described, parameters = _parsed(text)
                yield (
                    (class_.name, selection.name),
                    FieldDocumentation(
                        described,
                        {api[name]: doc for name, doc in parameters.items() if name in api},
                        {api[name]: value for name, value in _defaults(method) if name in api},
                    ),
                )


def _parsed(text: str) -> tuple[str, dict[str, str]]:
    """The description, and the parameters', of a docstring in numpy's style."""
    described, *rest = _SECTION.split(text)
    sections = dict(zip(rest[::2], rest[1::2], strict=True))
    _, *parameters = _PARAMETER.split(sections.get("Parameters", ""))
    documented = zip(parameters[::2], parameters[1::2], strict=True)
    # between paragraphs of a parameter the client leaves no line empty, as the API does
    paragraphs = {
        name: _unwrapped(doc.strip("\n")).replace("\n", "\n\n") for name, doc in documented
    }
    return _unwrapped(described), paragraphs


def _unwrapped(text: str) -> str:
    """A line goes on where the next one's first word would not have fitted: it was broken there."""
    lines: list[str] = []
    previous = ""
    for line in text.splitlines():
        words = line.split()
        if previous and words and len(previous) + 1 + len(words[0]) > _WIDTH:
            lines[-1] += " " + line.strip()
        else:
            lines.append(line.strip())
        previous = line
    return "\n".join(lines).strip()


def _defaults(method: ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[tuple[str, object]]:
    for parameter, default in zip(method.args.kwonlyargs, method.args.kw_defaults, strict=True):
        match default:
            case ast.Constant(value=value) if value is not None:
                yield parameter.arg, value
            case ast.Attribute(attr=member):
                yield parameter.arg, member
