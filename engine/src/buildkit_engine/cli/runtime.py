"""Runs a module's functions, in the module's own interpreter: a script, or what forks.py goes on as.

It reads a line for each function to run, with the environment of the client that runs it, and
hands over to the SDK's own entrypoint. When the SDK is done it writes a mark to standard output,
behind all that the function has printed, and the exit code as a line to the file descriptor that it
was given, behind the SDK's traces of what was raised: a line each, as JSON.
"""

import contextlib
import functools
import gc
import json
import logging
import os
import sys
import types
from collections.abc import Callable, Iterator
from typing import Any, NoReturn


def main() -> None:
    import_sdk()
    run_functions(int(sys.argv[1]), sys.argv[2])


def import_sdk() -> None:
    """Imports the SDK, and nothing of the module's."""
    # what is imported stays: looking for what could go takes a seventh of the time of it all
    gc.disable()
    leave_out_the_clients_command_line()
    with checked_when_called():
        import dagger  # noqa: F401 - now, and not later
    from dagger.mod import cli  # noqa: F401 - the same

    share_converters()
    share_what_connecting_takes()


def run_functions(done_file: int, end_mark: str) -> NoReturn:
    """Runs what it is told to until there is no more, and ends the process."""
    from dagger.client._session import SharedConnection
    from dagger.mod import cli

    done = os.fdopen(done_file, "w", buffering=1)
    mark = end_mark.encode() + b"\n"
    keep_traces_apart(lambda trace: done.write(f"{json.dumps(trace)}\n"))
    # now, while nobody waits; an error comes again below, where it can be reported
    with contextlib.suppress(Exception):
        cli.load_module()
    gc.freeze()
    gc.enable()
    for line in sys.stdin:
        os.environ.update(json.loads(line))
        # a client of its own for each function: that is what tells them apart; closing the last
        # one left only its parameters behind
        SharedConnection()._params = None  # noqa: SLF001 - it has no public reset
        code = cli.app() or 0
        sys.stdout.flush()
        sys.stderr.flush()
        os.write(1, mark)
        done.write(f"{code}\n")
    # all is said: taking down the interpreter would only keep others waiting
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)


def leave_out_the_clients_command_line() -> None:
    """Has httpx come without its command line, as it does where what that needs is not installed."""
    sys.modules["httpx._main"] = None  # type: ignore[assignment] - what stands for no such module


def keep_traces_apart(write: Callable[[str], object]) -> None:
    """Takes the SDK's traces of exceptions out of what functions print.

    Whoever calls gets the exception's message as an error: a trace says it again, for those who ask.
    """
    whole = logging.Formatter()

    def is_no_trace(record: logging.LogRecord) -> bool:
        if record.exc_info:
            write(whole.format(record))
        return not record.exc_info

    logging.getLogger("dagger.mod").addFilter(is_no_trace)


def share_converters() -> None:
    """Has the SDK make what turns values into JSON and back once, and not for each step of a chain.

    A converter knows the chain that it belongs to only to make objects out of an answer's lists:
    for an answer with objects in it, and only then, one is made as the SDK makes it.
    """
    from dagger.client import _core

    make = _core.make_converter
    shared = make(None)

    class Converter:
        def __init__(self, context: Any) -> None:
            self._context = context

        unstructure = staticmethod(shared.unstructure)

        def structure(self, value: Any, kind: Any) -> Any:
            own = make(self._context) if has_objects(value) else shared
            return own.structure(value, kind)

    def has_objects(value: Any) -> bool:
        parts = value if isinstance(value, list) else [value]
        return any(isinstance(part, (dict, list)) for part in parts)

    _core.make_converter = Converter


def share_what_connecting_takes() -> None:
    """Has the SDK read the schema once, and not for each function; and no authorities' certificates.

    It connects for each function anew, always to the same engine, by plain HTTP on loopback.
    """
    from dagger.client import _session

    make = _session.GraphQLClient
    before: Any = None

    def client(*, fetch_schema_from_transport: bool, **options: Any) -> Any:
        nonlocal before
        schema = before.schema if before else None
        fetch = fetch_schema_from_transport and schema is None
        before = make(schema=schema, fetch_schema_from_transport=fetch, **options)
        return before

    class Transport(_session.TelemetryTransport):
        def __init__(self) -> None:
            super().__init__(verify=False)

    _session.GraphQLClient = client
    _session.TelemetryTransport = Transport


@contextlib.contextmanager
def checked_when_called() -> Iterator[None]:
    """Puts off what the SDK does when it is imported: half of the time that it takes.

    It has beartype write a type check for each of the 800 methods of its client. Here each method
    gets its check when it is called for the first time: the same check, for the few that are.
    """
    import beartype
    import typing_extensions

    eager = beartype.beartype

    def lazy(*, conf: beartype.BeartypeConf) -> Callable[[type], type]:
        check = eager(conf=conf)

        def decorate(cls: type) -> type:
            for name, method in list(vars(cls).items()):
                if isinstance(method, types.FunctionType):
                    setattr(cls, name, put_off(cls, name, method))
            return cls

        def put_off(cls: type, name: str, method: types.FunctionType) -> Callable[..., Any]:
            @functools.wraps(method)
            def first(*args: Any, **kwargs: Any) -> Any:
                # outside of a class that it checks, beartype does not know what Self is
                method.__annotations__ = {
                    argument: cls if hint is typing_extensions.Self else hint
                    for argument, hint in method.__annotations__.items()
                }
                checked = check(method)
                setattr(cls, name, checked)
                return checked(*args, **kwargs)

            return first

        return decorate

    beartype.beartype = lazy
    try:
        yield
    finally:
        beartype.beartype = eager


if __name__ == "__main__":
    main()
