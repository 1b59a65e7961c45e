"""What --help and `functions` print, in the layout of Dagger's command line."""

from __future__ import annotations

import shutil
import sys
import textwrap
from dataclasses import replace
from typing import TYPE_CHECKING

from buildkit_engine.cli import flags
from buildkit_engine.cli.names import kebab
from buildkit_engine.schema.documentation import FieldDocumentation, documentation

if TYPE_CHECKING:
    from buildkit_engine.cli.chain import Chain, Grammar, Step
    from buildkit_engine.schema.typedefs import Function, FunctionArg, TypeDef

_ABOUT = "Call one or more functions, interconnected into a pipeline"
_OPTIONS = (
    ("    --allow-stand-ins", "Push stand-ins for base images beyond loopback"),
    ("-j, --json", "Present result as JSON"),
    ("-m, --mod string", 'Folder of the module (default ".")'),
    ("-o, --output string", "Save the result to a local file or directory"),
    ("    --progress string", "Progress output format"),
    ("-v, --verbose", "Show what functions print"),
)
_NAMES_WIDTH = 11
# a last line may be this much longer than the others, as with Dagger, if nothing is left then
_SLOP = 5
_NARROW = 24


def of_chain(grammar: Grammar, chain: Chain) -> str:
    """The help of the chain's last function: its flags, and what can follow it."""
    step = chain.steps[-1]
    is_call = len(chain.steps) == 1
    if step.owner.kind == "CORE":
        step = replace(step, function=_documented(step.owner.name, step.function))
    function = step.function
    args = [arg for arg in function.args if flags.can_be_given(arg.type)]
    following = _known_functions(grammar, function.returns)
    kinds = " [options]" if is_call else " [arguments]" if args else ""
    usage = chain.path() + kinds + (" <function>" if following else "")
    blocks = [_ABOUT if is_call else function.description.strip() or "-", f"USAGE\n  {usage}"]
    if following:
        blocks.append("FUNCTIONS\n" + "\n".join(_functions(following)))
    if args:
        blocks.append("ARGUMENTS\n" + "\n".join(_arguments(grammar, step, args)))
    if is_call:
        blocks.append("OPTIONS\n" + "\n".join(_flags([(f"  {n}", text) for n, text in _OPTIONS])))
    if following:
        command = f"{chain.path()} [command] --help"
        blocks.append(f'Use "{command}" for more information about a command.')
    return "\n\n".join(blocks) + "\n"


def functions(grammar: Grammar, returns: TypeDef) -> str:
    """A table of what can be called on a value of the type."""
    known = sorted(_known_functions(grammar, returns), key=lambda f: f.name)
    rows = [("Name", "Description"), *((kebab(f.name), _short(f)) for f in known)]
    width = max(len(name) for name, _ in rows)
    return "".join(f"{name.ljust(width)}   {text}\n" for name, text in rows)


def _known_functions(grammar: Grammar, returns: TypeDef) -> list[Function]:
    known = grammar.following(returns)
    type_ = returns.element if returns.kind == "LIST_KIND" and returns.element else returns
    if grammar.type_named(type_.name).kind != "CORE":
        return known
    return [_documented(type_.name, function) for function in known]


def _documented(type_name: str, function: Function) -> Function:
    """A function of the API with what its client says of it."""
    found = documentation().get((type_name, function.name)) or FieldDocumentation("")
    args = tuple(
        replace(
            arg,
            description=found.arguments.get(arg.name, ""),
            default=_json(found.defaults.get(arg.name)),
        )
        for arg in function.args
    )
    return replace(function, description=found.description, args=args)


def _json(value: object) -> str | None:
    import json

    return None if value is None else json.dumps(value)


def _short(function: Function) -> str:
    return function.description.strip().partition("\n")[0] or "-"


def _functions(known: list[Function]) -> list[str]:
    rows = sorted((kebab(f.name), _short(f)) for f in known)
    padding = max(_NAMES_WIDTH, *(len(name) for name, _ in rows))
    lines = []
    for name, text in rows:
        start = f"  {name.ljust(padding)}   "
        if len(start) + len(text) >= _width():
            indent = " " * len(start)
            text = textwrap.fill(  # noqa: PLW2901 - the same text, broken
                text, _width(), initial_indent=indent, subsequent_indent=indent
            ).lstrip()
        lines.append(start + text)
    return lines


def _arguments(grammar: Grammar, step: Step, args: list[FunctionArg]) -> list[str]:
    """Those that are required first."""

    def row(arg: FunctionArg) -> tuple[str, str]:
        type_ = replace(arg.type, members=grammar.members(arg.type))
        if type_.kind == "LIST_KIND" and type_.element:
            element = replace(type_.element, members=grammar.members(type_.element))
            type_ = replace(type_, element=element)
        text = arg.description.strip()
        if grammar.is_required(step, arg):
            text = f"{text} [required]".strip()
        if default := flags.default(replace(arg, type=type_)):
            text += f" (default {default})"
        return f"      --{kebab(arg.name)} {flags.type_name(type_)}".rstrip(), text

    ordered = sorted(args, key=lambda a: (not grammar.is_required(step, a), kebab(a.name)))
    return _flags([row(arg) for arg in ordered])


def _flags(rows: list[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows) + 3
    return [f"{name.ljust(width)}{_wrapped(text, width)}".rstrip() for name, text in rows]


def _wrapped(text: str, indent: int) -> str:
    """Broken at spaces, so that the lines behind an indent fit the terminal."""
    room = _width() - indent
    first = ""
    if room < _NARROW:
        # no room beside the flag: below it
        indent = 16
        room = _width() - indent
        first = "\n" + " " * indent
    break_ = "\n" + " " * indent
    lines = []
    while True:
        line, text = _split(text, room - _SLOP)
        lines.append(line.replace("\n", break_))
        if not text:
            return first + break_.join(lines)


def _split(text: str, room: int) -> tuple[str, str]:
    """A line, and the rest; a line break of the text's own ends a line as well."""
    if room + _SLOP > len(text):
        return text, ""
    end = max(text.rfind(letter, 0, room) for letter in " \t\n")
    if end <= 0:
        return text, ""
    own = text.rfind("\n", 0, room)
    end = own if 0 < own < end else end
    return text[:end], text[end + 1 :]


def _width() -> int:
    """That of the terminal less one column, or 79."""
    return (shutil.get_terminal_size((80, 24)).columns if sys.stdout.isatty() else 80) - 1
