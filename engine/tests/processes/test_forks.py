"""Calls after the first one begin in a process that has the SDK imported, and are like the first."""

from __future__ import annotations

import shutil

from engine.tests.processes.conftest import SAMPLE, forks, until


def is_forked(start, module) -> bool:
    """Whether a call's process was forked; where none is yet, the call leaves what forks the next."""
    call = start("call", "-m", str(module), "think", "--seconds=1")
    seen: list[int] = []
    until(lambda: seen.extend(forks(call.state)) or call.process.poll() is not None, 30, "it hangs")
    code, out, error = call.ended()
    assert (code, out) == (0, "thought"), error
    call.left_nothing()
    return bool(seen)


def test_what_imported_the_sdk_for_one_call_forks_the_next(start):
    until(lambda: is_forked(start, SAMPLE), 60, "no call was forked")


def test_a_module_that_has_changed_is_imported_anew(start, tmp_path):
    module = tmp_path / "sample"
    shutil.copytree(SAMPLE, module)
    until(lambda: is_forked(start, module), 60, "no call was forked")
    code = module / "src" / "sample" / "__init__.py"
    code.write_text(code.read_text().replace('return "thought"', 'return "thought again"'))
    call = start("call", "-m", str(module), "think", "--seconds=0")
    assert call.ended()[:2] == (0, "thought again")


def test_a_fork_ends_with_a_call_that_fails(call):
    failing = call("fail", "--message=this and that")
    code, _, error = failing.ended()
    assert (code, error.splitlines()[-1]) == (1, "Error: this and that")
    failing.left_nothing()
