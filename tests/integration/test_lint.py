"""Checking a Dockerfile from the command line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

DOCKERFILES = Path(__file__).parents[1] / "dockerfiles"


@pytest.fixture
def web(tmp_path: Path) -> Path:
    """A source with a good Dockerfile and one with an error."""
    folder = tmp_path / "web"
    (folder / "deploy").mkdir(parents=True)
    shutil.copy(DOCKERFILES / "good/go-cross.Dockerfile", folder / "Dockerfile")
    shutil.copy(DOCKERFILES / "faulty/uname.Dockerfile", folder / "deploy/fetch.Dockerfile")
    return folder


def test_a_good_dockerfile_passes(call, web):
    ran = call("lint", source=web)
    assert (ran.code, ran.out) == (0, "Dockerfile: nothing found"), ran.error


def test_warnings_are_told_and_do_not_fail(call, web):
    (web / "Dockerfile").write_text("FROM scratch\nADD https://example.com/app /app\n")
    ran = call("lint", source=web)
    assert ran.code == 0, ran.error
    assert ran.out.splitlines()[2:] == [
        "    Write, with the SHA-256 of the file: "
        "ADD --checksum=sha256:… https://example.com/app /app",
        "Dockerfile: 0 errors, 1 warning",
    ]


def test_errors_fail_with_the_table(call, web):
    ran = call("lint", "--dockerfile=deploy/fetch.Dockerfile", source=web)
    assert ran.code == 1
    assert ran.refusal.endswith("deploy/fetch.Dockerfile: 1 error, 0 warnings")
    assert (
        "\nerror     host-architecture  -         deploy/fetch.Dockerfile:3  uname -m" in ran.error
    )


def test_a_missing_dockerfile_is_refused_with_those_of_the_source(call, web):
    ran = call("lint", "--dockerfile=Dockerfile.prod", source=web)
    assert ran.code == 1
    message = (
        "Dockerfile 'Dockerfile.prod' is not in the source, which has Dockerfile, "
        "deploy/fetch.Dockerfile: name one with --dockerfile"
    )
    assert message in ran.refusal


def test_a_report_is_for_programs_and_does_not_fail(call, web):
    report = ["lint-report", "--dockerfile=deploy/fetch.Dockerfile"]
    ran = call(*report, "sarif", source=web)
    assert ran.code == 0, ran.error
    [result] = json.loads(ran.out)["runs"][0]["results"]
    assert result["ruleId"] == "host-architecture"
    assert result["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "deploy/fetch.Dockerfile"},
                "region": {"startLine": 3},
            }
        }
    ]
