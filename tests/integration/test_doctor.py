"""What this engine runs, and why a program does not start: measured, by the command line."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import pytest
from elves import program

from buildkit_engine.buildkit.state import State
from pipeline.platforms import PLATFORMS, parse
from pipeline.probes import probe
from tests.integration.conftest import GO_APP, ROOT
from tests.integration.machines import BINFMT, QEMU, Machine, why_none

ARM64 = parse("linux/arm64")
MOUNT = f"mount -t binfmt_misc binfmt_misc {BINFMT}"


def rows(told: str) -> dict[str, list[str]]:
    """The table's columns by platform, and the facts below it."""
    lines = [line for line in told.splitlines() if re.match(r"linux/|host|binfmt_misc ", line)]
    return {name: rest for name, *rest in (re.split(r" {2,}", line) for line in lines)}


def commands(told: str) -> list[str]:
    return [line.strip() for line in told.splitlines() if line.startswith("    ")]


def test_doctor_tells_of_every_platform_and_runs_the_hosts_own(call):
    ran = call("doctor", source=GO_APP)
    assert ran.code == 0, ran.error
    told = rows(ran.out)
    assert list(told) == [*(spec.platform for spec in PLATFORMS), "host", "binfmt_misc"]
    [host] = told["host"]
    assert told[host] == ["yes", "native", "nothing"]
    for spec in PLATFORMS:
        runs, how, needs = told[spec.platform]
        assert runs in ("yes", "no")
        assert how
        native = parse(host).executes(spec)
        assert needs == ("nothing" if native else "nothing: it is cross-compiled")


@pytest.mark.parametrize("platform", ["linux/amd64", "linux/arm64"])
def test_what_an_engine_is_said_to_run_runs(call, platform):
    runs, *_ = rows(call("doctor", source=GO_APP).out)[platform]
    ran = call(
        "build", f"--platform={platform}", "with-exec", "--args=/usr/local/bin/healthcheck",
        "stdout", source=GO_APP,
    )  # fmt: skip
    # nothing answers it: it ends with its own words, where it is started at all
    assert ran.code == 1
    assert ("exec format error" in ran.error) is (runs == "no")
    assert ("connection refused" in ran.error) is (runs == "yes")


@pytest.fixture
def programs(tmp_path):
    """Two programs for arm64, static and dynamic, and a script."""
    dynamic = program(
        "arm64",
        interpreter="/lib/ld-linux-aarch64.so.1",
        needed=("libc.so.6",),
        needs={"libc.so.6": ("GLIBC_2.34", "GLIBC_2.17")},
    )
    (tmp_path / "app").write_bytes(dynamic)
    (tmp_path / "server").write_bytes(probe(ARM64))
    (tmp_path / "run.sh").write_bytes(b"#!/bin/sh\necho\n")
    for path in tmp_path.iterdir():
        path.chmod(0o755)
    return tmp_path


@pytest.mark.parametrize(
    ("name", "platform", "told"),
    [
        ("server", "linux/arm64", "server starts on linux/arm64, and needs nothing else."),
        (
            "server", "linux/amd64",
            "server: AARCH64 (64-bit, little-endian), expected X86_64 (64-bit, little-endian). "
            "Compile it for linux/amd64, or copy it from an image of linux/amd64.",
        ),
        (
            "run.sh", "linux/s390x",
            "run.sh starts on linux/s390x where its image has\n"
            "    /bin/sh  interpreter of the script",
        ),
        (
            "app", "linux/arm64",
            "app starts on linux/arm64 where its image has\n"
            "    /lib/ld-linux-aarch64.so.1  dynamic loader\n"
            "    libc.so.6                   shared library with GLIBC_2.17, GLIBC_2.34\n"
            "What these libraries need in turn they say themselves: verify looks at a whole image.",
        ),
    ],
)  # fmt: skip
def test_explain_says_what_keeps_a_file_from_starting(call, programs, name, platform, told):
    ran = call("explain", f"--program={programs / name}", f"--platform={platform}", source=GO_APP)
    assert (ran.code, ran.out) == (0, told), ran.error


def test_explain_refuses_an_unknown_platform_before_any_work(call, programs):
    ran = call("explain", f"--program={programs / 'run.sh'}", "--platform=linux/vax", source=GO_APP)
    assert ran.code == 1
    assert "Unsupported platform 'linux/vax': expected one of linux/amd64, " in ran.error


def test_a_test_that_starts_a_foreign_program_is_told_the_cause(call, app):
    (app / "internal/api/foreign_test.go").write_text(
        """\
package api

import (
	"os"
	"os/exec"
	"testing"
)

func TestForeign(t *testing.T) {
	path := t.TempDir() + "/app"
	// the header of a program for a VAX
	header := "\\x7fELF\\x02\\x01\\x01" + string(make([]byte, 9)) + "\\x02\\x00\\x4b\\x00\\x01"
	os.WriteFile(path, append([]byte(header), make([]byte, 64)...), 0o755)
	if err := exec.Command(path).Run(); err != nil {
		t.Fatal(err)
	}
}
"""
    )
    ran = call("test", source=app)
    assert ran.code == 1
    assert re.search(
        r"/app is for another architecture than the machine, damaged, or a script without a #! "
        r"line: `doctor` says what this engine runs, `explain` what a file is for",
        ran.error,
    )


@pytest.mark.long
@pytest.mark.skipif(bool(why_none()), reason=why_none())
def test_doctor_is_right_in_every_state_of_a_machine_and_its_remedies_help(call, tmp_path):
    if not call.embedded:
        pytest.skip("needs an engine of its own for each state")
    # stand-ins that the scan needs are made here, once
    assert call("doctor", source=GO_APP).code == 0
    engine = str(Path(sys.executable).with_name("buildkit-engine"))
    with Machine(tmp_path / "state", State.of_user().root) as machine:

        def run(*command: str) -> None:
            done = machine.run(command, ROOT)
            assert done.returncode == 0, done.stderr

        def doctor() -> tuple[str, str]:
            """What a newly started engine tells, and what its progress says."""
            try:
                done = machine.run(call.command("doctor", source=GO_APP), ROOT)
            finally:
                run(engine, "down")
            assert done.returncode == 0, done.stderr
            return done.stdout, done.stderr

        told, said = doctor()
        assert rows(told)["binfmt_misc"] == ["is not mounted"]
        assert rows(told)["linux/arm64"][:2] == ["no", "no emulator"]
        assert commands(told)[0] == MOUNT
        assert "no emulator for arm64 is registered" in said

        run("sh", "-c", commands(told)[0])
        told, _ = doctor()
        assert rows(told)["binfmt_misc"] == ["0 registered"]
        assert rows(told)["linux/arm64"][:2] == ["no", "no emulator"]
        assert MOUNT not in commands(told)

        run("sh", "-c", f"printf '%s' '{QEMU}' > {BINFMT}/register")
        told, said = doctor()
        assert rows(told)["binfmt_misc"] == ["1 registered"]
        without_f = "binfmt_misc qemu-aarch64, flags OC: without F"
        assert rows(told)["linux/arm64"][:2] == ["no", without_f]
        assert "the emulator for arm64 is registered without the F flag" in said

        for command in commands(told)[:2]:
            run("sh", "-c", command)
        told, _ = doctor()
        with_f = "binfmt_misc qemu-aarch64, flags OCF"
        assert rows(told)["linux/arm64"][:2] == ["yes", with_f]
        assert rows(told)["linux/riscv64"][:2] == ["no", "no emulator"]

        # its first instruction is none, as after a fault of the emulator
        crash = tmp_path / "crash"
        crash.write_bytes(probe(ARM64)[:-12] + bytes(12))
        words = [
            "runtime-stage", "--platform=linux/arm64",
            "with-file", "--path=/crash", f"--source={crash}", "--permissions=493",
            "with-exec", "--args=/crash", "stdout",
        ]  # fmt: skip
        assert (
            "cause: /crash is a program for arm64, emulated on amd64: "
            "a crash there (illegal instruction) may be the emulator's own"
        ) in machine.run(call.command(*words, source=GO_APP), ROOT).stderr

        run("sh", "-c", f"echo 0 > {BINFMT}/qemu-aarch64")
        told, _ = doctor()
        assert rows(told)["linux/arm64"][:2] == ["no", "binfmt_misc qemu-aarch64 is switched off"]
        run("sh", "-c", commands(told)[0])
        assert rows(doctor()[0])["linux/arm64"][:2] == ["yes", with_f]
