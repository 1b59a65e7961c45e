"""Container's fields: commands, and what they said."""

from __future__ import annotations

from typing import TYPE_CHECKING, get_args

from buildkit_engine.errors import RequestError
from buildkit_engine.model.container import Expect, Streams
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.model.container import Container
    from buildkit_engine.schema.context import Context

_EXPECT: dict[str, Expect] = {name.upper(): name for name in get_args(Expect)}


@serves("Container", "withExec")
def with_exec(
    context: Context,
    container: Container,
    *,
    args: list[str],
    use_entrypoint: bool | None = None,
    stdin: str | None = None,
    redirect_stdin: str | None = None,
    redirect_stdout: str | None = None,
    redirect_stderr: str | None = None,
    expect: str | None = None,
    insecure_root_capabilities: bool | None = None,
    expand: bool | None = None,
    no_init: bool | None = None,  # noqa: ARG001 - the shim is no init: there is none to leave out
) -> Container:
    if stdin and redirect_stdin:
        msg = "cannot set both stdin and redirectStdin"
        raise RequestError(msg)
    if expect and expect not in _EXPECT:
        accepted = ", ".join(sorted(_EXPECT))
        raise RequestError(f"expect '{expect}' is not known: expected one of {accepted}")

    def expanded(text: str | None) -> str:
        return container.expanded(text or "", expand=expand)

    return container.with_exec(
        tuple(expanded(arg) for arg in args),
        shim=context.evaluator.shim,
        use_entrypoint=bool(use_entrypoint),
        expect=_EXPECT[expect or "SUCCESS"],
        streams=Streams(
            stdin or "",
            expanded(redirect_stdin),
            expanded(redirect_stdout),
            expanded(redirect_stderr),
        ),
        insecure=bool(insecure_root_capabilities),
    )


@serves("Container", "stdout")
def stdout(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("stdout")).decode(errors="replace")


@serves("Container", "stderr")
def stderr(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("stderr")).decode(errors="replace")


@serves("Container", "combinedOutput")
def combined_output(context: Context, container: Container) -> str:
    return context.evaluator.read(container.told("combined")).decode(errors="replace")


@serves("Container", "exitCode")
def exit_code(context: Context, container: Container) -> int:
    return int(context.evaluator.read(container.told("exitCode")))
