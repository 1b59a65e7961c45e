"""buildkit-engine: Dagger modules on a plain BuildKit daemon."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING, Any

from buildkit_engine.buildkit import interrupts
from buildkit_engine.errors import EngineError, ExecError, ModuleError, UsageError

# little is imported before signals are caught: what a signal meets earlier is Python's to tell
if TYPE_CHECKING:
    import argparse
    from collections.abc import Callable

    from buildkit_engine.buildkit.caches import Caches
    from buildkit_engine.buildkit.state import Running, State
    from buildkit_engine.buildkit.tools import Tools
    from buildkit_engine.cli.call import Caller
    from buildkit_engine.cli.environment import Environment
    from buildkit_engine.cli.source import ModuleSource


def main(argv: list[str] | None = None) -> None:
    """Runs a command; exits with 0, with 1 for an error, or as the user's own command did."""
    code = 0
    try:
        interrupts.catch()
        code = _run(argv)
        interrupts.let_go()
    except BaseException:
        # whatever comes of an interruption on its way here is no news
        if not interrupts.received():
            raise
    if interrupts.received():
        _say("interrupted")
        interrupts.end()
    sys.exit(code)


def _run(argv: list[str] | None) -> int:
    parser = _parser()
    options, words = parser.parse_known_args(argv)
    if words and options.run not in (_call, _functions):
        parser.error(f"unrecognized arguments: {' '.join(words)}")
    options.words = words
    try:
        code: int = options.run(options)
    except EngineError as error:
        if interrupts.received():
            raise
        _report(error, getattr(options, "shown", "quiet"))
        return error.exit_code if isinstance(error, ExecError) else _exit_code(error)
    return code


def _parser() -> argparse.ArgumentParser:
    import argparse

    from buildkit_engine.cli.display.choice import PROGRESS

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
    add(
        "apt-repository",
        _apt_repository,
        "make and serve stand-ins for NVIDIA's packages of CUDA, and print what apt needs to know",
    )
    inspect = add("inspect", _inspect, "show what a registry holds under a reference")
    inspect.add_argument("reference")
    functions = add(
        "functions", _functions, "list functions of the module, or of what a chain gives"
    )
    functions.add_argument("-m", "--mod", default=".", help="the module's folder")
    # what is left after these flags, --help among it, is the chain of functions with their own
    call = add(
        "call",
        _call,
        "call a module's function, as `dagger call` does",
        add_help=False,
        allow_abbrev=False,
    )
    # what each does is told by the help of the chain: help.py
    call.add_argument("-m", "--mod", default=".")
    call.add_argument("--progress", choices=PROGRESS, default="auto")
    call.add_argument("-v", "--verbose", action="count", default=0)
    call.add_argument("-q", "--quiet", action="count", default=0)
    call.add_argument("-s", "--silent", action="store_true")
    call.add_argument("--allow-stand-ins", action="store_true")
    for flag in ("--cache-from", "--cache-to"):
        call.add_argument(flag, action="append", default=[], metavar="CACHE")
    return parser


def _engine() -> tuple[State, Running, Tools]:
    from buildkit_engine.buildkit import lifecycle
    from buildkit_engine.buildkit.state import State

    state = State.of_user()
    running, tools = lifecycle.up(state)
    if state.served.exists():
        _served(state)
    return state, running, tools


def _served(state: State) -> str:
    """host:port of the web server that serves what was made to be served."""
    from buildkit_engine.buildkit import webserver

    with state.locked("webserver"):
        return webserver.serve(state.served, state.folder("logs") / "webserver.log")


def _up(_options: argparse.Namespace) -> int:
    from buildkit_engine.buildkit.scratch import SESSION, remove_abandoned

    state, running, _ = _engine()
    remove_abandoned(state.folder("sessions"), SESSION)
    registry = running.registry or "none that the daemon reaches"
    addresses = [node.daemon.address for node in running.nodes] or [running.daemon_address(state)]
    print(f"buildkitd at {', '.join(addresses)}, registry at {registry}")
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


def _apt_repository(_options: argparse.Namespace) -> int:
    import json

    from buildkit_engine.mirror.cuda import repository

    state, running, _ = _engine()
    if not running.stand_ins:
        why = "the daemon is your own" if running.address else "the usual registries answer"
        _say(f"{why}: no stand-ins are made, NVIDIA's own repositories are to be used")
        return 0
    made = repository.provide(state, _say)
    print(json.dumps(repository.settings(_served(state), made), indent=2))
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
    options.verbose = options.quiet = 0
    options.silent = options.allow_stand_ins = False
    options.cache_from = options.cache_to = []
    return _on_module(options, lambda caller: caller.functions(options.words))


def _call(options: argparse.Namespace) -> int:
    return _on_module(options, lambda caller: caller.call(options.words))


def _environment(source: ModuleSource) -> Environment:
    from buildkit_engine.buildkit.state import State, telling_of_the_disk
    from buildkit_engine.cli.environment import Environment

    state = State.of_user()
    with telling_of_the_disk(state):
        return Environment.of(source, state, lambda line: print(line, file=sys.stderr))


def _caches(options: argparse.Namespace) -> Caches:
    """Where the cache is read from and written to; raises UsageError for what cannot be."""
    from buildkit_engine.buildkit.caches import Caches
    from buildkit_engine.buildkit.daemons import HOST_VARIABLE
    from buildkit_engine.buildkit.nodes import NODES_VARIABLE, Nodes

    caches = Caches.parse(options.cache_from, options.cache_to)
    if caches.written and Nodes.chosen():
        msg = (
            f"--cache-to is for one daemon, and {NODES_VARIABLE} names several, each of which "
            f"would overwrite what the others have written: use it with {HOST_VARIABLE}"
        )
        raise UsageError(msg)
    return caches


def _on_module(options: argparse.Namespace, run: Callable[[Caller], str]) -> int:
    """Prints what `run` gives of a module that is ready to be called."""
    from pathlib import Path

    from buildkit_engine.buildkit.state import State
    from buildkit_engine.cli.display import choice
    from buildkit_engine.cli.environment import sdk_version
    from buildkit_engine.cli.module import Runtime
    from buildkit_engine.cli.source import ModuleSource

    quiet = options.quiet > 0
    progress = choice.resolved(options.progress, quiet=quiet, silent=options.silent)
    # what is cleaned up in the end was not shown
    options.shown = "quiet" if quiet else progress
    caches = _caches(options)
    unwritten: EngineError | None = None
    source = ModuleSource.named(options.mod)
    source.check(f"v{sdk_version()}")
    environment = _environment(source)
    # what is imported stays: nothing is gained by looking meanwhile for what could go
    gc.disable()
    # started before the rest of this process is imported: both take most of a second
    with Runtime(source, environment, State.of_user()) as runtime:
        from buildkit_engine.cli.call import Caller
        from buildkit_engine.cli.dotenv import Defaults
        from buildkit_engine.server import Server
        from buildkit_engine.session import Session

        folder = Path.cwd()
        defaults = Defaults.of(source, folder)
        state, running, tools = _engine()
        display = choice.display(progress, quiet=quiet, verbose=options.verbose > 0)
        runtime.listen(display.said)
        session = Session(
            state,
            running,
            tools,
            display=display,
            host_folder=folder,
            allow_stand_ins=options.allow_stand_ins,
            caches=caches,
        )
        gc.freeze()
        gc.enable()
        try:
            with Server(session) as server:
                caller = Caller(source, session, server, runtime, state, defaults, folder)
                printed = run(caller)
                try:
                    session.write_caches()
                except EngineError as error:
                    # what was made is made, and told first
                    unwritten = error
        finally:
            session.close()
            display.close()
            if options.verbose:
                print(runtime.traces, file=sys.stderr, end="")
            if not interrupts.received():
                runtime.stay()
    if printed:
        _print(printed)
    if unwritten:
        raise unwritten
    return 0


def _print(result: str) -> None:
    """What ends without a line break is for other programs, and for people has one."""
    is_read = sys.stdout.isatty() and not result.endswith("\n")
    try:
        print(result, end="\n" if is_read else "", flush=True)
    except BrokenPipeError:
        # whoever reads has seen enough; Python would complain once more when it ends
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


_REPEATED_LINES = {"tty": 0, "plain": 20}
"""How much of what a failed command said is told again with the error, where it was shown."""


def _report(error: EngineError, progress: str) -> None:
    """The error as one line; of a failed command also what it said last."""
    details = error.extensions
    if details.get("_type") == "EXEC_ERROR":
        command = " ".join(str(word) for word in details["cmd"])  # type: ignore[attr-defined]
        for stream in ("stdout", "stderr"):
            for line in _last(str(details[stream]), progress):
                print(line, file=sys.stderr)
        # what a module has added to the engine's own words
        for line in str(error).splitlines()[1:]:
            print(line, file=sys.stderr)
        print(f"Error: {command}: exit code {details['exitCode']}", file=sys.stderr)
    else:
        print(f"Error: {error}", file=sys.stderr)


def _last(text: str, progress: str) -> list[str]:
    lines = text.rstrip().splitlines()
    wanted = _REPEATED_LINES.get(progress, len(lines))
    above = len(lines) - wanted
    if above <= 0:
        return lines
    return [f"... {above} lines above", *lines[above:]] if wanted else []


def _say(line: str) -> None:
    try:
        print(line, file=sys.stderr, flush=True)
    except OSError:
        pass  # the terminal has been closed


def _exit_code(error: EngineError) -> int:
    """A failed command's own exit code, also where a module let it through."""
    code = error.extensions.get("exitCode") if isinstance(error, ModuleError) else None
    return code if isinstance(code, int) and 0 < code < 256 else 1  # noqa: PLR2004 - a byte


if __name__ == "__main__":
    main()
