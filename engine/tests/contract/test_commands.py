"""Container.withExec and what it leaves: expectations as Dagger documents them."""

from __future__ import annotations

import dagger
import pytest


async def test_stdout_and_stderr_are_apart(debian):
    ran = debian.with_exec(["sh", "-c", "echo out; echo err >&2"])
    assert await ran.stdout() == "out\n"
    assert await ran.stderr() == "err\n"


async def test_an_unexpected_exit_code_is_an_exec_error_with_all_that_was_said(debian):
    with pytest.raises(dagger.ExecError) as raised:
        await debian.with_exec(["sh", "-c", "echo out; echo err >&2; exit 3"]).sync()
    error = raised.value
    assert (error.command, error.exit_code) == (["sh", "-c", "echo out; echo err >&2; exit 3"], 3)
    assert (error.stdout.strip(), error.stderr.strip()) == ("out", "err")
