"""A module's process: what the module registers, and running its functions."""

from __future__ import annotations

import contextlib
import json
import os
import threading
import uuid
from dataclasses import asdict, fields
from typing import TYPE_CHECKING, Any

from buildkit_engine.buildkit.children import Children
from buildkit_engine.buildkit.forkserver import Forked
from buildkit_engine.cli import names
from buildkit_engine.cli.interpreter import Interpreter
from buildkit_engine.errors import ModuleError
from buildkit_engine.model.calls import FunctionCall, FunctionCallArgValue
from buildkit_engine.schema.typedefs import (
    EnumMember,
    FieldTypeDef,
    Function,
    FunctionArg,
    Module,
    TypeDef,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType
    from typing import Self

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.cli.environment import Environment
    from buildkit_engine.cli.source import ModuleSource
    from buildkit_engine.server import Server
    from buildkit_engine.session import Session

_LAST_WORDS = 2000
_LATE = 1.0
"""Seconds that are waited for what a function has printed last: a module may have closed its output."""


class Runtime:
    """A process of the module's interpreter that runs functions by the SDK's own dispatch.

    It imports the module as soon as it is started, while this process still reads its command
    line. One process runs all functions of a chain.
    """

    def __init__(self, source: ModuleSource, environment: Environment, state: State) -> None:
        self.source = source
        self.environment = environment
        self._mark = uuid.uuid4().hex
        self._children = Children()
        variables = {
            **os.environ,
            # the module that was named, and not another that is installed beside the engine
            "PYTHONPATH": os.pathsep.join(
                filter(None, (*map(str, environment.path), os.environ.get("PYTHONPATH")))
            ),
            "DAGGER_MODULE": source.name,
            "DAGGER_MAIN_OBJECT": source.main_object,
            "DAGGER_DEFAULT_PYTHON_PACKAGE": names.package(source.project_name),
        }
        self._interpreter = Interpreter(environment.interpreter, variables, state)
        self._process, self._done = self._interpreter.started(self._mark, self._children)
        self._traces: list[str] = []
        self._printed: list[tuple[str, str]] = []
        self._say: Callable[[str, str], None] | None = None
        self._saying = threading.Lock()
        self._speaker = source.name
        self._all_said = threading.Event()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def run(self, call: FunctionCall, session: Session, server: Server) -> Any:
        """What the function returned, decoded.

        Raises ModuleError with what the SDK reported, or with what the process printed.
        """
        environment = server.environment(session.client(call))
        self._speaker = names.kebab(call.name) or self.source.name
        self._all_said.clear()
        assert self._process.stdin
        try:
            self._process.stdin.write(json.dumps(environment).encode() + b"\n")
            self._process.stdin.flush()
        except BrokenPipeError:
            pass  # it ended: what it printed says why
        for line in self._done:
            if not line.startswith('"'):
                break  # the exit code: `call` has what it stands for
            with contextlib.suppress(ValueError):  # cut off, where the process was killed
                self._traces.append(json.loads(line))
        self._all_said.wait(_LATE)
        if call.error is not None:
            details = {name: json.loads(value) for name, value in call.error.values}
            raise ModuleError(_own_words(call.error.message), details)
        if call.returned is None:
            self._reader.join(timeout=2)
            printed = f"{self.printed}{self.traces}".strip()[-_LAST_WORDS:]
            raise ModuleError(f"the module '{self.source.name}' ended without a result: {printed}")
        return json.loads(call.returned)

    def listen(self, say: Callable[[str, str], None]) -> None:
        """Has `say` called with the function's name and each line that it prints, as it comes."""
        with self._saying:
            self._say = say
            for by, line in self._printed:
                say(by, line)

    @property
    def printed(self) -> str:
        """What the module has printed, when it was imported and in its functions."""
        return "".join(f"{line}\n" for _, line in self._printed)

    @property
    def traces(self) -> str:
        """Where the exceptions came from that functions have raised, as the SDK logs it."""
        return "".join(f"{trace}\n" for trace in self._traces)

    def _read(self) -> None:
        assert self._process.stdout
        for raw in self._process.stdout:
            line, is_end, _ = raw.decode(errors="replace").partition(self._mark)
            if line:
                with self._saying:
                    self._printed.append((self._speaker, line.rstrip("\r\n")))
                    if self._say:
                        self._say(*self._printed[-1])
            if is_end:
                self._all_said.set()
        self._all_said.set()

    def stay(self) -> None:
        """Makes the next calls begin sooner, unless this one has begun so already."""
        if not isinstance(self._process, Forked):
            self._interpreter.stay()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _value: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        assert self._process.stdin
        try:
            self._process.stdin.close()
        except BrokenPipeError:
            pass  # it ended before
        if _type is not None:
            self._children.stop()
        self._process.wait()
        self._done.close()


def _own_words(message: str) -> str:
    """The SDK puts the class of an error before what a function raised: that is no user's concern."""
    return message.removeprefix("FunctionError: ")


def registration(runtime: Runtime, session: Session, server: Server, state: State) -> Module:
    """What the module registers; kept in the state folder for as long as its source is the same."""
    fingerprint = runtime.source.fingerprint(runtime.environment.interpreter)
    file = state.folder("registrations") / f"{fingerprint}.json"
    try:
        return _module(json.loads(file.read_text()))
    except (FileNotFoundError, ValueError, TypeError, KeyError):
        pass  # not registered yet, or by another version of the engine
    id_ = runtime.run(FunctionCall(parent_name=""), session, server)
    module: Module = session.objects.get(id_)
    new = file.with_suffix(f".{os.getpid()}")
    new.write_text(json.dumps(asdict(module)))
    new.replace(file)
    return module


def arguments(values: dict[str, Any]) -> tuple[FunctionCallArgValue, ...]:
    """Argument values as a function call holds them."""
    return tuple(FunctionCallArgValue(name, json.dumps(value)) for name, value in values.items())


def _module(raw: dict[str, Any]) -> Module:
    return Module(
        description=raw["description"],
        objects=tuple(_type(t) for t in raw["objects"]),
        enums=tuple(_type(t) for t in raw["enums"]),
    )


def _type(raw: dict[str, Any]) -> TypeDef:
    nested = {
        "element": _type(raw["element"]) if raw["element"] else None,
        "fields": tuple(
            FieldTypeDef(f["name"], _type(f["type"]), f["description"]) for f in raw["fields"]
        ),
        "functions": tuple(_function(f) for f in raw["functions"]),
        "constructor": _function(raw["constructor"]) if raw["constructor"] else None,
        "members": tuple(EnumMember(**m) for m in raw["members"]),
    }
    plain = {f.name: raw[f.name] for f in fields(TypeDef) if f.name not in nested}
    return TypeDef(**plain, **nested)


def _function(raw: dict[str, Any]) -> Function:
    args = tuple(
        FunctionArg(**{**arg, "type": _type(arg["type"]), "ignore": tuple(arg["ignore"])})
        for arg in raw["args"]
    )
    return Function(**{**raw, "returns": _type(raw["returns"]), "args": args})
