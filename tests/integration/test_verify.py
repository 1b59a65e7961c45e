"""Images are proven before they are pushed, and after."""

from __future__ import annotations

import json

import pytest
from elves import program

from tests.integration.conftest import errors

BOTH = "--platforms=linux/amd64,linux/arm64"
TOOL = "/opt/tool"


@pytest.fixture
def swapped(app):
    """The example with a file that is an amd64 program on every platform."""
    (app / "tool").write_bytes(program("amd64"))
    (app / "tool").chmod(0o755)
    (app / "pipeline.toml").write_text(f'name = "server"\n[runtime.files]\n"{TOOL}" = "tool"\n')
    return app


def test_the_example_is_proven(call, app):
    ran = call("verify", BOTH, source=app)
    assert ran.code == 0, ran.error
    assert ran.out.splitlines()[-1].startswith("linux/amd64, linux/arm64: ")
    assert errors(ran.out) == []


def test_publish_refuses_bytes_of_another_architecture_and_writes_no_tag(
    call, swapped, registry, repository
):
    ran = call("publish", BOTH, f"--address={repository}", "--skip-tests", source=swapped)
    assert ran.code == 1
    assert ("wrong-architecture", "linux/arm64", TOOL) in errors(ran.error)
    assert "X86_64 (64-bit, little-endian)" in ran.error
    assert "AARCH64 (64-bit, little-endian)" in ran.error
    assert "Compile it for linux/arm64, or copy it from an image of linux/arm64." in ran.error
    assert registry.tags(repository) == []


def test_what_is_pushed_unverified_is_found_in_the_registry(call, swapped, registry, repository):
    ran = call(
        "publish", BOTH, f"--address={repository}", "--skip-tests", "--skip-verify", source=swapped
    )
    assert ran.code == 0, ran.error
    assert registry.tags(repository) == ["latest"]

    found = call("verify-published", f"--address={repository}", BOTH, source=swapped)
    assert found.code == 1
    assert errors(found.error) == [("wrong-architecture", "linux/arm64", TOOL)]

    alone = call(
        "verify-published", f"--address={repository}", "--platforms=linux/amd64", source=swapped
    )
    assert alone.code == 0, alone.error


def test_a_report_is_for_programs(call, swapped):
    ran = call("report", BOTH, "sarif", source=swapped)
    assert ran.code == 0, ran.error
    results = json.loads(ran.out)["runs"][0]["results"]
    assert [
        (r["ruleId"], r["locations"][0]["physicalLocation"]["artifactLocation"]["uri"])
        for r in results
        if r["level"] == "error"
    ] == [("wrong-architecture", "opt/tool")]


def test_a_file_that_is_added_to_an_image_is_looked_at(call, app, tmp_path):
    tool = tmp_path / "tool"
    tool.write_bytes(program("arm64"))
    ran = call(
        "image", BOTH, "with-file", f"--path={TOOL}", f"--file={tool}", "--permissions=493",
        "verify", source=app,
    )  # fmt: skip
    assert ran.code == 1
    assert errors(ran.error) == [("wrong-architecture", "linux/amd64", TOOL)]


def test_budgets_and_ignored_rules_are_the_projects(call, swapped):
    settings = swapped / "pipeline.toml"
    settings.write_text(
        settings.read_text()
        + '[verify]\nignore = ["wrong-architecture:/opt/*"]\nmax_size = { "linux/arm64" = "1MB" }\n'
    )
    ran = call("verify", BOTH, source=swapped)
    assert ran.code == 1
    assert errors(ran.error) == [("over-budget", "linux/arm64", "/")]
    assert "1.0 MB at most" in ran.error
