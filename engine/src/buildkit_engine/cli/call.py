"""`call`: the command line of `dagger call`."""

from __future__ import annotations

import hashlib
import json
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildkit_engine.cli import help as help_
from buildkit_engine.cli import names, printing
from buildkit_engine.cli.chain import Chain, Grammar, Step
from buildkit_engine.cli.module import Runtime, arguments, registration
from buildkit_engine.cli.names import kebab
from buildkit_engine.cli.values import Reader
from buildkit_engine.errors import UsageError
from buildkit_engine.model.calls import FunctionCall
from buildkit_engine.model.hosts import Host
from buildkit_engine.schema.executable import call_field
from buildkit_engine.schema.registry import SERVED

if TYPE_CHECKING:
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.cli.dotenv import Defaults
    from buildkit_engine.cli.source import ModuleSource
    from buildkit_engine.schema.typedefs import FunctionArg, TypeDef
    from buildkit_engine.server import Server
    from buildkit_engine.session import Session

_OBJECTS = ("OBJECT_KIND", "INTERFACE_KIND")


@dataclass
class Caller:
    """Calls one module's functions in one session."""

    source: ModuleSource
    session: Session
    server: Server
    runtime: Runtime
    state: State
    defaults: Defaults
    folder: Path

    @cached_property
    def grammar(self) -> Grammar:
        module = registration(self.runtime, self.session, self.server, self.state)
        return Grammar(module, self.session.schema, self.source.main_object, self.defaults)

    def functions(self, words: list[str]) -> str:
        """What can be called on what the chain of functions that the words name returns."""
        chain = self.grammar.parse([*words, "--help"])
        returns = chain.steps[-1].function.returns
        if not self.grammar.following(returns):
            raise UsageError(
                f'function "{words[-1]}" returns type "{returns.kind}" with no further functions '
                "available"
            )
        return help_.functions(self.grammar, returns)

    def call(self, words: list[str]) -> str:
        """Runs the chain that the words name; what is to be printed."""
        chain = self.grammar.parse(words)
        if chain.help:
            return help_.of_chain(self.grammar, chain)
        if len(chain.steps) == 1:
            # as with Dagger, whose module's functions are fields of its schema's root
            return "Query\n"
        steps = []
        for number, step in enumerate(chain.steps, start=1):
            if step.function.returns.kind == "INTERFACE_KIND":
                raise UsageError(
                    f"'{kebab(step.function.name)}' returns the interface "
                    f"'{step.function.returns.name}': interfaces are not served by this engine, "
                    "run with a Dagger engine"
                )
            try:
                steps.append((step, self._arguments(step)))
            except UsageError as error:
                raise chain.misused(error, number) from None
        first = chain.steps[0].function.returns
        return self._printed(chain, self._follow(first, {}, steps, chain, in_list=False))

    def _arguments(self, step: Step) -> dict[str, Any]:
        """What the function gets: flags, then .env, then what its module says of defaults.

        Raises UsageError, before anything runs, for a value that cannot be read.
        """
        values = {}
        reader = Reader(self.session.context(), self.folder, self.grammar.members)
        for arg in step.function.args:
            if texts := step.flags.get(arg.name):
                flag = f"--{kebab(arg.name)}"
                values[arg.name] = reader.read(arg.type, texts, flag, arg.ignore)
            elif default := self.grammar.default(step, arg):
                texts = [default.value]
                values[arg.name] = reader.read(arg.type, texts, default.variable, arg.ignore)
            elif arg.default_path:
                values[arg.name] = self._default_path(arg)
            elif arg.default_address:
                values[arg.name] = reader.read(arg.type, [arg.default_address], arg.name)
        return values

    def _default_path(self, arg: FunctionArg) -> str:
        """A path of the repository that the module is in; from its root where it begins with /."""
        start = self.source.context if arg.default_path.startswith("/") else self.source.root
        host = Host(str(start), self.session.snapshots)
        path = arg.default_path.lstrip("/") or "."
        if arg.type.name == "File":
            return self.session.objects.id_of(host.file(path))
        return self.session.objects.id_of(host.directory(path, exclude=arg.ignore))

    def _follow(
        self,
        type_: TypeDef,
        value: Any,
        steps: list[tuple[Step, dict[str, Any]]],
        chain: Chain,
        *,
        in_list: bool,
    ) -> Any:
        """What the steps that are left give, beginning with `value`; for each one of a list.

        Below a list, what a function gives is shown under its name.
        """
        if type_.kind == "LIST_KIND" and value is not None:
            assert type_.element
            return [self._follow(type_.element, v, steps, chain, in_list=True) for v in value]
        if value is None:
            return None
        if not steps:
            return self._end(type_, value, chain)
        (step, given), *rest = steps
        returns = step.function.returns
        result = self._follow(returns, self._run(step, value, given), rest, chain, in_list=in_list)
        return {step.function.name: result} if in_list else result

    def _run(self, step: Step, value: Any, given: dict[str, Any]) -> Any:
        returns = step.function.returns
        if step.owner.kind == "CORE":
            parent = self.session.objects.get(value)
            context = self.session.context()
            result = call_field(step.owner.name, step.function.name, context, parent, given)
            return self._identified(returns, result)
        if step.function.name in {f.name for f in step.owner.fields}:
            return value[step.function.name]
        call = FunctionCall(
            parent_name=step.owner.name,
            name=step.function.name,
            parent=json.dumps(value),
            arguments=arguments(given),
        )
        return self.runtime.run(call, self.session, self.server)

    def _identified(self, type_: TypeDef, result: Any) -> Any:
        """Objects of the API go on by their ids."""
        if type_.kind == "LIST_KIND" and result is not None:
            assert type_.element
            return [self._identified(type_.element, element) for element in result]
        is_object = type_.kind == "OBJECT_KIND" and result is not None
        return self.session.objects.id_of(result) if is_object else result

    def _end(self, type_: TypeDef, value: Any, chain: Chain) -> Any:
        """What the chain ends in: an object is made, or exported, and then named."""
        if type_.kind == "ENUM_KIND":
            return names.member(str(value)) if type_.name in self._enums else value
        if type_.kind not in _OBJECTS:
            return value
        if not isinstance(value, str):
            return f"{names.namespaced(type_.name, self.source.name)}@{_digest(value)}"
        context = self.session.context()
        parent = self.session.objects.get(value)
        if chain.output and (type_.name, "export") in SERVED:
            given: dict[str, Any] = {"path": str(Path(self.folder, chain.output))}
            if type_.name == "File":
                given["allowParentDirPath"] = True
            return call_field(type_.name, "export", context, parent, given)
        if (type_.name, "sync") in SERVED:
            call_field(type_.name, "sync", context, parent, {})
        return f"{type_.name}@{_digest(value)}"

    @cached_property
    def _enums(self) -> frozenset[str]:
        return frozenset(enum.name for enum in self.grammar.module.enums)

    def _printed(self, chain: Chain, value: Any) -> str:
        returns = chain.steps[-1].function.returns
        type_ = returns.element if returns.kind == "LIST_KIND" and returns.element else returns
        if returns.kind == "VOID_KIND":
            return ""
        if type_.kind in _OBJECTS:
            if chain.output and (type_.name, "export") in SERVED:
                print(f'Saved to "{value}".', file=sys.stderr)
                return ""
            return printing.as_objects(value)
        text = printing.as_json(value) if chain.json else printing.as_text(value)
        if chain.output:
            self._save(text, Path(self.folder, chain.output))
        return text

    def _save(self, text: str, path: Path) -> None:
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        except OSError as error:
            reason = (error.strerror or str(error)).lower()
            raise UsageError(f"couldn't write output to file: open {path}: {reason}") from None
        print(f'Saved output to "{path}".', file=sys.stderr)


def _digest(value: object) -> str:
    """Equal objects have equal ones."""
    text = json.dumps(value, sort_keys=True)
    return f"sha256:{hashlib.sha256(text.encode()).hexdigest()[:16]}"
