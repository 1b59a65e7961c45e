"""What is saved while a publish runs is for the next one."""

from __future__ import annotations

import os
import subprocess
import uuid

import pytest

TESTED, SAVED_LATER = "as it was tested", "saved while the tests ran"


@pytest.mark.long
def test_what_is_published_is_what_was_tested(call, app, repository, registry):
    program = app / "cmd/server/main.go"
    before = program.read_text().replace("func main() {", f'func main() {{\n\tprintln("{TESTED}")')
    program.write_text(before)
    # tests that have not run yet, and run long enough to save a file meanwhile
    (app / "internal/api/slow_test.go").write_text(
        f'package api\nimport ("testing"; "time")\n// {uuid.uuid4()}\n'
        "func TestSlow(*testing.T) { time.Sleep(5 * time.Second) }\n"
    )
    command = call.command(
        "publish", "--platforms=linux/amd64,linux/arm64", f"--address={repository}", source=app
    )
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, "NO_COLOR": "1"},
    ) as process:  # fmt: skip
        said = []
        for line in process.stderr:
            said.append(line)
            if "go test" in line and program.read_text() == before:
                program.write_text(before.replace(TESTED, SAVED_LATER))
        assert process.wait() == 0, "".join(said)
    assert program.read_text() != before, "the tests were not seen to run"
    for platform in ("linux/amd64", "linux/arm64"):
        files = registry.files(f"{repository}:latest", platform)
        assert TESTED.encode() in files["usr/local/bin/server"][1]

    ran = call(
        "publish", "--platforms=linux/amd64", f"--address={repository}", "--skip-tests", source=app
    )
    assert ran.code == 0, ran.error
    files = registry.files(f"{repository}:latest", "linux/amd64")
    assert SAVED_LATER.encode() in files["usr/local/bin/server"][1]
