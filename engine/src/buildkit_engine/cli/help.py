"""What --help prints."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.cli.chain import kebab

if TYPE_CHECKING:
    from buildkit_engine.cli.chain import Grammar, Step
    from buildkit_engine.schema.typedefs import FunctionArg, TypeDef


def of_chain(grammar: Grammar, steps: list[Step]) -> str:
    """The help of the chain's last function: its flags, and what can follow it."""
    last = steps[-1].function
    text = last.description or (grammar.module.description if len(steps) == 1 else "")
    names = " ".join(kebab(s.function.name) for s in steps[1:])
    lines = [
        text.strip(),
        "",
        "USAGE",
        f"  call {names} [flags] [function ...]".replace("  [", " ["),
    ]
    if last.args:
        rows = [(f"--{kebab(a.name)} {_type(a.type)}", _about(a)) for a in last.args]
        lines += ["", "FLAGS", *_rows(rows)]
    following = grammar.functions(grammar.type_named(last.returns.name))
    if following and last.returns.kind == "OBJECT_KIND":
        lines += ["", "FUNCTIONS", *functions(grammar, grammar.type_named(last.returns.name))]
    return "\n".join(lines).strip()


def functions(grammar: Grammar, owner: TypeDef) -> list[str]:
    """A line a function that can be called on a value of the type."""
    known = grammar.functions(owner)
    return _rows([(kebab(f.name), f.description.strip().partition("\n")[0]) for f in known])


def _about(arg: FunctionArg) -> str:
    text = " ".join(arg.description.split())
    if arg.default not in (None, "", "null", '""', "false"):
        text += f" (default {arg.default})"
    if arg.default_path:
        text += f" (default {arg.default_path} of the repository)"
    required = arg.default is None and not arg.default_path and not arg.type.optional
    return text + (" [required]" if required else "")


def _type(type_: TypeDef) -> str:
    if type_.kind == "LIST_KIND" and type_.element:
        return f"{_type(type_.element)},..."
    names = {
        "STRING_KIND": "string",
        "INTEGER_KIND": "int",
        "BOOLEAN_KIND": "",
        "FLOAT_KIND": "float",
    }
    return names.get(type_.kind, type_.name)


def _rows(rows: list[tuple[str, str]]) -> list[str]:
    width = max((len(name) for name, _ in rows), default=0)
    return [f"  {name.ljust(width)}  {text}".rstrip() for name, text in rows]
