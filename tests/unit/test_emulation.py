"""How it is measured: recipes compared by equality; and what is added to a failed command."""

from __future__ import annotations

import json

import dagger
import pytest
from dagger import dag
from dagger._exceptions import QueryErrorValue
from gql import gql

from pipeline import emulation
from pipeline.binfmt import READ, Binfmt
from pipeline.errors import PlatformError
from pipeline.platforms import PLATFORMS, parse
from pipeline.probes import EXIT_CODE
from pipeline.verdicts import Measured, Ran

ARM64 = parse("linux/arm64")


def tools() -> dagger.Container:
    return dag.container(platform=dagger.Platform("linux/amd64")).from_("python")


def test_a_trial_executes_one_program_in_a_container_of_its_platform():
    program = dag.directory().file("probe")
    assert emulation.trial(ARM64, program, "now") == (
        dag.container(platform=dagger.Platform("linux/arm64"))
        .with_file("/probe", program, permissions=0o755)
        .with_env_variable("PIPELINE_MEASURED", "now")
        .with_exec(["/probe"], expect=dagger.ReturnType.ANY)
    )


def test_another_time_is_another_trial():
    program = dag.directory().file("probe")
    assert emulation.trial(ARM64, program, "1") != emulation.trial(ARM64, program, "2")


def test_registrations_are_read_with_the_right_to_mount():
    assert emulation.registrations(tools(), "now") == (
        tools()
        .with_env_variable("PIPELINE_MEASURED", "now")
        .with_exec(["python3", "-c", READ], insecure_root_capabilities=True)
    )


def test_programs_get_into_a_container_as_text(tmp_path):
    made = {}

    class Tools:
        def with_new_file(self, path, text):
            made[path] = text
            return self

        def with_exec(self, command):
            made["command"] = command
            return self

        def directory(self, path):
            made["directory"] = path
            return path

    emulation.programs(Tools())  # type: ignore[arg-type]
    programs = json.loads(made["/probes.json"])
    assert list(programs) == [spec.slug for spec in PLATFORMS]
    # the script as it is executed there, with the root in a folder
    script = (
        made["command"][2]
        .replace("/out", str(tmp_path))
        .replace("/probes.json", f"{tmp_path}/probes.json")
    )
    (tmp_path / "probes.json").write_text(made["/probes.json"])
    exec(script, {})  # noqa: S102 - the module's own
    assert (tmp_path / "probes/linux_arm64").read_bytes()[:4] == b"\x7fELF"
    assert len(list((tmp_path / "probes").iterdir())) == len(PLATFORMS)


def failed(code: int, stderr: str, stdout: str = "") -> dagger.QueryError:
    extensions = {
        "_type": "EXEC_ERROR", "cmd": ["/app"], "exitCode": code, "stdout": stdout, "stderr": stderr,
    }  # fmt: skip
    value = QueryErrorValue(f"exit code: {code}", extensions=extensions)
    return dagger.QueryError([value], gql("{ version }"))


@pytest.mark.parametrize(
    ("stderr", "stdout"),
    [("exec /app: exec format error", ""), ("", "fork/exec /app: exec format error\nFAIL")],
)
def test_a_failed_command_is_told_its_cause_and_stays_the_same_error(stderr, stdout):
    error = failed(1, stderr, stdout)
    with pytest.raises(dagger.ExecError) as raised, emulation.explained():
        raise error
    assert raised.value is error
    assert (
        str(error)
        == str(error.error)
        == (
            "exit code: 1\n/app is for another architecture than the machine, damaged, or a script "
            "without a #! line: `doctor` says what this engine runs, `explain` what a file is for"
        )
    )
    assert (error.exit_code, error.stderr, error.stdout) == (1, stderr, stdout)


def test_a_failure_without_a_known_cause_is_left_as_it_is():
    error = failed(2, "main.go:3: undefined: x")
    with pytest.raises(dagger.ExecError) as raised, emulation.explained():
        raise error
    assert str(raised.value) == "exit code: 2"


@pytest.mark.parametrize("runs", [True, False])
async def test_what_an_engine_does_not_run_cannot_be_compiled_there(monkeypatch, runs):
    class Programs:
        async def sync(self):
            return dag.directory()

    async def measured(spec, host, folder, now):
        return Measured(spec, Ran(EXIT_CODE if runs else 255, "exec format error"), Ran(EXIT_CODE))

    async def registrations(tools, now):
        return Binfmt(is_readable=True)

    monkeypatch.setattr(emulation, "programs", lambda _: Programs())
    monkeypatch.setattr(emulation, "_measure", measured)
    monkeypatch.setattr(emulation, "_registrations", registrations)
    told = ""
    try:
        found = await emulation.require(ARM64, parse("linux/amd64"), "python")
        assert (found.spec, found.runs, found.how) == (ARM64, True, "native")
    except PlatformError as error:
        told = str(error)
    refusal = (
        "linux/arm64 would be compiled under emulation, and this engine does not run it "
        "(no emulator): compile it another way, or see `doctor` for what mends it"
    )
    assert told == ("" if runs else refusal)
