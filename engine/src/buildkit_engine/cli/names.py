"""Names as Dagger writes them: on a command line, of classes, in its schema."""

from __future__ import annotations

import re

# between letters of different kinds, and between letters and digits: l4tVersion is l-4-t-version
_BORDER = re.compile(
    r"(?<=[a-z])(?=[A-Z0-9])|(?<=[0-9])(?=[A-Za-z])|(?<=[A-Z])(?=[0-9])|(?<=[A-Z])(?=[A-Z][a-z])"
)
_SEPARATOR = re.compile(r"[ _.-]")
_CONVENTIONAL_MEMBER = re.compile(r"[A-Z][A-Z0-9_]*")


def kebab(name: str) -> str:
    """The name of a function or flag on a command line."""
    return _SEPARATOR.sub("-", _BORDER.sub("-", name)).lower()


def camel(name: str) -> str:
    """The name of a module as that of its main class."""
    written = []
    begins, upper_before = True, False
    for letter in name.strip():
        if not letter.isascii() or not letter.isalnum():
            begins = letter in "_ -." or begins
            upper_before = False
            continue
        if begins:
            written.append(letter.upper())
        else:
            # of several upper case letters the first alone stays
            written.append(letter.lower() if upper_before and letter.isupper() else letter)
        upper_before = letter.isupper()
        begins = letter.isdigit()
    return "".join(written)


def package(project: str) -> str:
    """The package that a project's code is in."""
    return project.replace("-", "_")


def project(module: str) -> str:
    """The name of a module's Python project where its pyproject.toml says none."""
    name = re.sub(r"[._-]+", "-", kebab(camel(module)))
    return re.sub(r"[^a-z0-9-]+", "", name).strip("-")


def member(name: str) -> str:
    """A member of an enum of a module, as callers write it."""
    if _CONVENTIONAL_MEMBER.fullmatch(name):
        return name
    return kebab(name).replace("-", "_").upper()


def namespaced(type_: str, module: str) -> str:
    """A type of a module as the schema names it: beginning with the module's own name."""
    prefix, name = camel(module), camel(type_)
    rest = name.removeprefix(prefix)
    if rest != name and (not rest or rest[0].isupper()):
        return name
    return prefix + name
