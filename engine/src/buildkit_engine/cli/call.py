"""`call`: the command line of `dagger call`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from buildkit_engine.cli import help as help_
from buildkit_engine.cli.chain import Grammar, HelpWanted, Step, kebab
from buildkit_engine.cli.module import Runtime, arguments, registration
from buildkit_engine.cli.values import Reader
from buildkit_engine.errors import UsageError
from buildkit_engine.model.calls import FunctionCall
from buildkit_engine.model.hosts import Host
from buildkit_engine.schema.executable import call_field
from buildkit_engine.schema.registry import SERVED

if TYPE_CHECKING:
    from pathlib import Path

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.cli.dotenv import Defaults
    from buildkit_engine.cli.module import ModuleSource
    from buildkit_engine.schema.typedefs import FunctionArg, TypeDef
    from buildkit_engine.server import Server
    from buildkit_engine.session import Session


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

    def grammar(self) -> Grammar:
        module = registration(self.source, self.runtime, self.session, self.server, self.state)
        return Grammar(module, self.session.schema, self.source.main_object)

    def call(self, words: list[str]) -> str:
        """Runs the chain that the words name; what is to be printed."""
        grammar = self.grammar()
        try:
            steps = grammar.parse(words)
        except HelpWanted as wanted:
            return help_.of_chain(grammar, wanted.steps)
        if len(steps) == 1:
            return help_.of_chain(grammar, steps)
        enums = grammar.module.enums
        given = [self._arguments(step, number, enums) for number, step in enumerate(steps)]
        value: Any = {}
        for step, values in zip(steps, given, strict=True):
            value = self._run(step, value, values)
        returns = steps[-1].function.returns
        if returns.kind == "OBJECT_KIND" and (returns.name, "sync") in SERVED:
            # as with Dagger: a container or a directory that is asked for is built
            parent = self.session.objects.get(value)
            call_field(returns.name, "sync", self.session.context(), parent, {})
        return self._printed(returns, value)

    def _arguments(self, step: Step, number: int, enums: tuple[TypeDef, ...]) -> dict[str, Any]:
        """What the function gets: flags, then .env, then what its module says of defaults.

        Raises UsageError, before anything runs, for a value that is missing or cannot be read.
        """
        values = {}
        reader = Reader(self.session.context(), self.folder, enums)
        for arg in step.function.args:
            flag = f"--{kebab(arg.name)}"
            default = self.defaults.get(step.function.name, arg.name) if number < 2 else None  # noqa: PLR2004 - the constructor and the module's own function
            if texts := step.flags.get(arg.name):
                values[arg.name] = reader.read(arg.type, texts, flag)
            elif default is not None:
                values[arg.name] = reader.read(arg.type, [default.value], default.variable)
            elif arg.default_path:
                values[arg.name] = self._default_path(arg)
            elif arg.default is None and not arg.type.optional:
                raise UsageError(
                    f"flag {flag} is required by {kebab(step.function.name) or 'the module'}"
                )
        return values

    def _default_path(self, arg: FunctionArg) -> str:
        """A path of the repository that the module is in; from its root where it begins with /."""
        start = self.source.context if arg.default_path.startswith("/") else self.source.root
        host = Host(str(start), self.session.snapshots)
        path = arg.default_path.lstrip("/") or "."
        if arg.type.name == "File":
            return self.session.objects.id_of(host.file(path))
        return self.session.objects.id_of(host.directory(path, exclude=arg.ignore))

    def _run(self, step: Step, value: Any, given: dict[str, Any]) -> Any:
        if not step.is_module or step.owner.kind == "CORE":
            parent = self.session.objects.get(value)
            context = self.session.context()
            result = call_field(step.owner.name, step.function.name, context, parent, given)
            returns = step.function.returns
            return self.session.objects.id_of(result) if returns.kind == "OBJECT_KIND" else result
        if step.function.name in {f.name for f in step.owner.fields}:
            return value[step.function.name]
        call = FunctionCall(
            parent_name=step.owner.name,
            name=step.function.name,
            parent=json.dumps(value),
            arguments=arguments(given),
        )
        return self.runtime.run(call, self.session, self.server)

    def _printed(self, type_: TypeDef, value: Any) -> str:
        """As `dagger call` prints it: text as it is, a list a line each, an object by its name."""
        if type_.kind == "LIST_KIND":
            assert type_.element
            return "\n".join(self._printed(type_.element, element) for element in value or ())
        if type_.kind == "OBJECT_KIND":
            digest = value.partition(":")[2] if isinstance(value, str) else _digest(value)
            own = self.source.main_object if type_.name != self.source.main_object else ""
            is_own = not isinstance(value, str)
            return f"{own if is_own else ''}{type_.name}@{digest[:16]}"
        if isinstance(value, bool):
            return str(value).lower()
        return "" if value is None else str(value)


def _digest(value: object) -> str:
    import hashlib

    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()
