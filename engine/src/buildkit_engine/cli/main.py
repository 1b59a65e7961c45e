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
    add("prune", _prune, "remove the build cache and what was kept on the way to something")
    mirror = add(
        "mirror", _mirror, "make stand-ins for base images, where registries do not answer"
    )
    mirror.add_argument("reference", nargs="*", help="image; without any, the most usual ones")
    mirror.add_argument(
        "--platforms", metavar="LIST", help="for these, such as linux/amd64,linux/arm64"
    )
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
    for flag, what in (("--cache-from", "read"), ("--cache-to", "write")):
        text = f"{what} the build cache: type=registry,ref=… or type=local,…; may be repeated"
        call.add_argument(flag, action="append", default=[], metavar="CACHE", help=text)
    return parser


def _engine() -> tuple[State, Running, Tools]:
    from buildkit_engine.buildkit import lifecycle
    from buildkit_engine.buildkit.state import State

    state = State.of_user()
    return state, *lifecycle.up(state)


def _up(_options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.scratch import remove_abandoned

    state, running, _ = _engine()
    remove_abandoned(state)
    registry = running.registry or "none that the daemon reaches"
    print(f"buildkitd at {running.daemon_address(state)}, registry at {registry}")
    return 0


def _registry(_options: argparse.Namespace) -> int:
    _, running, _ = _engine()
    if not running.registry:
        msg = f"the daemon at '{running.address}' reaches no registry on this machine's loopback"
        raise EngineError(msg)
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


def _prune(_options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit import usage

    state, running, tools = _engine()
    before = usage.cache_size(state, running, tools)
    usage.prune(state, running, tools)
    freed = before - usage.cache_size(state, running, tools)
    print(f"removed {freed / 1_000_000:.1f} MB of build cache")
    return 0


def _mirror(options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.crane import Crane
    from buildkit_engine.buildkit.daemons import host_platform
    from buildkit_engine.buildkit.references import Reference
    from buildkit_engine.mirror.build import Mirror
    from buildkit_engine.mirror.recipes import USUAL
    from buildkit_engine.model.platforms import as_published, canonical

    named = (options.platforms or host_platform()).split(",")
    platforms = [as_published(canonical(name.strip())) for name in named]
    references = [Reference.parse(r) for r in options.reference or USUAL]
    state, running, tools = _engine()
    if not running.stand_ins:
        print("the usual registries answer: no stand-ins are needed")
        return 0
    mirror = Mirror(state, Crane(tools.crane), running.registry, say=print)
    mirror.provide_all((r, p) for r in references for p in platforms)
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
    options.cache_from = options.cache_to = []
    return _call(options)


def _call(options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.caches import Caches
    from buildkit_engine.cli.module import ModuleSource, Runtime

    caches = Caches.parse(options.cache_from, options.cache_to)
    unwritten: EngineError | None = None
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
            caches=caches,
        )
        signal.signal(signal.SIGTERM, _interrupt)
        try:
            with Server(session) as server:
                caller = Caller(source, session, server, runtime, state, defaults, folder)
                printed = caller.call(options.words)
                try:
                    session.write_caches()
                except EngineError as error:
                    # what was made is made, and told first
                    unwritten = error
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
    if unwritten:
        raise unwritten
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
        print(f"Error: {command}: exit code {details['exitCode']}", file=sys.stderr)
    else:
        print(f"Error: {error}", file=sys.stderr)


def _exit_code(error: EngineError) -> int:
    """A failed command's own exit code, also where a module let it through."""
    code = error.extensions.get("exitCode") if isinstance(error, ModuleError) else None
    return code if isinstance(code, int) and 0 < code < 256 else 1  # noqa: PLR2004 - a byte


if __name__ == "__main__":
    main()
