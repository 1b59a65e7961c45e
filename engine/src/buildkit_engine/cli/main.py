"""buildkit-engine: Dagger modules on a plain BuildKit daemon."""

from __future__ import annotations

import argparse
import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from buildkit_engine.errors import EngineError, ExecError, ModuleError

if TYPE_CHECKING:
    from buildkit_engine.buildkit.state import Running, State
    from buildkit_engine.buildkit.tools import Tools

_INTERRUPTED = 130


def main(argv: list[str] | None = None) -> None:
    """Runs a command; exits with 0, with 1 for an error, or as the user's own command did."""
    parser = _parser()
    options, words = parser.parse_known_args(argv)
    if words and options.run is not _call:
        parser.error(f"unrecognized arguments: {' '.join(words)}")
    options.words = words
    try:
        sys.exit(options.run(options))
    except KeyboardInterrupt:
        sys.exit(_INTERRUPTED)
    except EngineError as error:
        _report(error)
        exec_error = error if isinstance(error, ExecError) else None
        sys.exit(exec_error.exit_code if exec_error else _exit_code(error))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="buildkit-engine", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="COMMAND")

    def add(name: str, run: object, text: str, **more: Any) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, **more)
        command.set_defaults(run=run)
        return command

    add("up", _up, "start the daemon and the registry on loopback, if they do not run")
    add("registry", _registry, "print host:port of the registry on loopback; starts it if need be")
    add("down", _down, "end the daemon and the registry; caches and images stay")
    add("status", _status, "show what runs, and which images are stand-ins")
    add("clean", _clean, "end all and remove the state folder, caches and images with it")
    mirror = add(
        "mirror", _mirror, "make stand-ins for base images, where registries do not answer"
    )
    mirror.add_argument("reference", nargs="*", help="image; without any, those of fixed names")
    inspect = add("inspect", _inspect, "show what a registry holds under a reference")
    inspect.add_argument("reference")
    functions = add("functions", _functions, "list the module's functions")
    functions.add_argument("-m", "--mod", default=".", help="the module's folder")
    # what is left after these flags, --help among it, is the chain of functions with their own
    call = add(
        "call",
        _call,
        "call a module's function, as `dagger call` does",
        add_help=False,
        allow_abbrev=False,
    )
    call.add_argument("-m", "--mod", default=".", help="the module's folder")
    call.add_argument("--progress", choices=("plain", "quiet"), default="plain")
    call.add_argument("-v", "--verbose", action="store_true", help="show what functions print")
    call.add_argument(
        "--allow-stand-ins", action="store_true", help="push stand-ins beyond loopback"
    )
    return parser


def _engine() -> tuple[State, Running, Tools]:
    from buildkit_engine.buildkit import lifecycle
    from buildkit_engine.buildkit.state import State

    state = State.of_user()
    return state, *lifecycle.up(state)


def _up(_options: argparse.Namespace) -> int:
    state, running, _ = _engine()
    print(f"buildkitd at unix://{state.socket}, registry at {running.registry}")
    return 0


def _registry(_options: argparse.Namespace) -> int:
    _, running, _ = _engine()
    print(running.registry)
    return 0


def _down(_options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit import lifecycle
    from buildkit_engine.buildkit.state import State

    print("ended" if lifecycle.down(State.of_user()) else "nothing ran")
    return 0


def _clean(_options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit import lifecycle
    from buildkit_engine.buildkit.state import State

    state = State.of_user()
    lifecycle.clean(state)
    print(f"removed {state.root}")
    return 0


def _status(_options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.cli import status

    print(status.status(State.of_user()))
    return 0


def _mirror(options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.references import Reference
    from buildkit_engine.mirror.build import Mirror, fixed

    state, running, tools = _engine()
    if not running.stand_ins:
        print("the usual registries answer: no stand-ins are needed")
        return 0
    mirror = Mirror(state, Crane(tools.crane), running.registry, say=print)
    mirror.provide_all([Reference.parse(r) for r in options.reference] or fixed())
    return 0


def _inspect(options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.references import Reference
    from buildkit_engine.buildkit.state import State
    from buildkit_engine.buildkit.tools import locate
    from buildkit_engine.cli import status

    crane = Crane(locate(State.of_user()).crane)
    print(status.index_table(crane, Reference.parse(options.reference)))
    return 0


def _functions(options: argparse.Namespace) -> int:
    options.progress = "quiet"
    options.verbose = options.allow_stand_ins = False
    return _call(options)


def _call(options: argparse.Namespace) -> int:
    from buildkit_engine.cli.module import ModuleSource, Runtime

    source = ModuleSource.find(Path(options.mod).absolute())
    # started before the rest of this process is imported: both take most of a second
    with Runtime(source) as runtime:
        from buildkit_engine.buildkit.progress import Display, PlainDisplay
        from buildkit_engine.cli.call import Caller
        from buildkit_engine.cli.dotenv import Defaults
        from buildkit_engine.server import Server
        from buildkit_engine.session import Session

        folder = Path.cwd()
        defaults = Defaults.of(source, folder)
        state, running, tools = _engine()
        session = Session(
            state,
            running,
            tools,
            display=PlainDisplay() if options.progress == "plain" else Display(),
            host_folder=folder,
            allow_stand_ins=options.allow_stand_ins,
        )
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with Server(session) as server:
                caller = Caller(source, session, server, runtime, state, defaults, folder)
                printed = caller.call(options.words)
        finally:
            session.close()
            if options.verbose and runtime.printed:
                print(runtime.printed, file=sys.stderr, end="")
    if printed:
        try:
            print(printed, flush=True)
        except BrokenPipeError:
            # whoever reads has seen enough; Python would complain once more when it ends
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _interrupt(_signal: int, _frame: object) -> None:
    raise KeyboardInterrupt


def _report(error: EngineError) -> None:
    """The error as one line; of a failed command also what it said."""
    details = error.extensions
    if details.get("_type") == "EXEC_ERROR":
        command = " ".join(str(word) for word in details["cmd"])  # type: ignore[attr-defined]
        for stream in ("stdout", "stderr"):
            if text := str(details[stream]).rstrip():
                print(text, file=sys.stderr)
        # what a module has added to the engine's own words
        for line in str(error).splitlines()[1:]:
            print(line, file=sys.stderr)
        print(f"Error: {command}: exit code {details['exitCode']}", file=sys.stderr)
    else:
        print(f"Error: {error}", file=sys.stderr)


def _exit_code(error: EngineError) -> int:
    """A failed command's own exit code, also where a module let it through."""
    code = error.extensions.get("exitCode") if isinstance(error, ModuleError) else None
    return code if isinstance(code, int) and 0 < code < 256 else 1  # noqa: PLR2004 - a byte


if __name__ == "__main__":
    main()
