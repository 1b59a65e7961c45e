"""The command line itself: which words go where, and how a command ends."""

from __future__ import annotations

import pytest

from buildkit_engine.buildkit.state import Running, State
from buildkit_engine.cli import main as command_line
from buildkit_engine.errors import EngineError, ExecError, ModuleError, SetupError, UsageError


@pytest.fixture(autouse=True)
def signals_are_pytests(monkeypatch):
    monkeypatch.setattr(command_line.interrupts, "catch", lambda: None)


@pytest.fixture
def called(monkeypatch):
    """The options that `call` was given."""
    seen = []
    monkeypatch.setattr(command_line, "_call", lambda options: seen.append(options) or 0)
    return seen


def run(*words: str) -> int:
    with pytest.raises(SystemExit) as ended:
        command_line.main(list(words))
    return ended.value.code


@pytest.mark.parametrize(
    "words",
    [
        ["publish"],
        ["publish", "--platforms", "linux/amd64,linux/arm64", "--address", "host/x"],
        ["publish", "--platforms=linux/amd64", "--skip-tests"],
        ["--source", ".", "build", "--platform", "linux/arm64", "export", "--path", "out"],
        ["publish", "--version", "1.2.3"],
        ["publish", "--pro", "x", "--mo=y"],
        ["with-exec", "--args", "echo a b"],
        ["--help"],
        ["publish", "-h"],
        [],
    ],
    ids=" ".join,
)
def test_a_chain_of_functions_keeps_its_words_in_order(called, words):
    assert run("call", *words) == 0
    [options] = called
    assert options.words == words


def test_the_commands_own_flags_are_taken_out_of_the_chain(called):
    assert run("call", "-m", "ci", "--progress=quiet", "-v", "publish", "--allow-stand-ins") == 0
    [options] = called
    assert (options.mod, options.progress, options.verbose, options.allow_stand_ins) == (
        "ci",
        "quiet",
        True,
        True,
    )
    assert options.words == ["publish"]


def test_other_commands_take_no_further_words(capsys):
    assert run("status", "junk") == 2
    assert "unrecognized arguments: junk" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "why"),
    [("", "the usual registries answer"), ("tcp://builder:1234", "the daemon is your own")],
)
def test_where_no_stand_ins_are_made_apt_is_told_nothing(
    monkeypatch, capsys, tmp_path, address, why
):
    running = Running(1, 2, "127.0.0.1:5050", stand_ins=False, address=address)
    monkeypatch.setattr(command_line, "_engine", lambda: (State(tmp_path), running, None))
    assert run("apt-repository") == 0
    printed = capsys.readouterr()
    assert printed.out == ""
    assert printed.err == (
        f"{why}: no stand-ins are made, NVIDIA's own repositories are to be used\n"
    )


@pytest.mark.parametrize(
    ("error", "code", "printed"),
    [
        (UsageError("wrong flag"), 1, "Error: wrong flag\n"),
        (SetupError("no Go"), 1, "Error: no Go\n"),
        (
            ExecError(cmd=("sh", "-c", "x"), exit_code=3, stdout="out\n", stderr="err\n"),
            3,
            "out\nerr\nError: sh -c x: exit code 3\n",
        ),
        (
            ModuleError(
                "exit code: 4",
                {"_type": "EXEC_ERROR", "cmd": ["a"], "exitCode": 4, "stdout": "", "stderr": "e"},
            ),
            4,
            "e\nError: a: exit code 4\n",
        ),
        (ModuleError("raised"), 1, "Error: raised\n"),
        (ModuleError("odd", {"exitCode": 0}), 1, "Error: odd\n"),
        (ModuleError("odd", {"exitCode": 300}), 1, "Error: odd\n"),
    ],
    ids=["usage", "setup", "exec", "exec in a module", "module", "zero", "no byte"],
)
def test_a_command_ends_with_one_line_and_a_code(monkeypatch, capsys, error, code, printed):
    def fail(_options):
        raise error

    monkeypatch.setattr(command_line, "_status", fail)
    assert run("status") == code
    assert capsys.readouterr().err == printed


def test_several_nodes_write_no_cache(monkeypatch, capsys):
    monkeypatch.delenv("BUILDKIT_HOST", raising=False)
    monkeypatch.setenv("BUILDKIT_HOSTS", "linux/arm64=ssh://jetson,linux/amd64=unix:///x")
    assert run("call", "--cache-to", "type=local,dest=cache", "publish") == 1
    assert capsys.readouterr().err == (
        "Error: --cache-to is for one daemon, and BUILDKIT_HOSTS names several, each of which "
        "would overwrite what the others have written: use it with BUILDKIT_HOST\n"
    )


def test_errors_that_are_no_accident_are_all_one_kind():
    assert issubclass(UsageError, EngineError)
    assert EngineError("x").extensions == {}
