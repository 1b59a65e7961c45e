"""The workflows of examples/ci: linted, and their steps run in order, as they are written.

What installs Dagger is no step of a shell: an action at GitHub, `before_script` at GitLab. Here it
is a `dagger` on PATH that is the engine under test.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from ruamel.yaml import YAML

from tests.integration.conftest import ROOT
from tests.integration.registries import HTPASSWD, PASSWORD, PUBLISHER, Registry

WORKFLOWS = ROOT / "examples" / "ci"
GITHUB = sorted((WORKFLOWS / "github").glob("*.yml"))
GITLAB = sorted((WORKFLOWS / "gitlab").glob("*.yml"))
NAMES = ["native-nodes.yml", "one-job.yml"]
COMMIT = "0123456789abcdef0123456789abcdef01234567"
BOTH = ["linux/amd64", "linux/arm64"]


@dataclass(frozen=True)
class Step:
    """One script, and the variables that its job has."""

    script: str
    variables: dict[str, str]


def read(path: Path) -> dict[str, Any]:
    return YAML(typ="safe").load(path.read_text())


def test_there_are_two_workflows_a_host():
    assert [path.name for path in GITHUB] == [path.name for path in GITLAB] == NAMES


@pytest.fixture(scope="session")
def actionlint(tmp_path_factory) -> Path:
    """Built from the version in tests/tools/go.mod."""
    built = tmp_path_factory.mktemp("actionlint") / "actionlint"
    package = "github.com/rhysd/actionlint/cmd/actionlint"
    subprocess.run(["go", "build", "-o", built, package], cwd=ROOT / "tests/tools", check=True)
    return built


@pytest.mark.parametrize("path", GITHUB, ids=lambda path: path.name)
def test_actionlint_finds_nothing(actionlint, path):
    done = subprocess.run([actionlint, path], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def test_actionlint_finds_a_context_that_is_not_there(actionlint, tmp_path):
    wrong = tmp_path / "wrong.yml"
    wrong.write_text(GITHUB[0].read_text().replace("matrix.platform", "matrix.plattform"))
    done = subprocess.run([actionlint, wrong], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'property "plattform" is not defined' in done.stdout


def checked(schema: str, path: Path) -> subprocess.CompletedProcess[str]:
    """What the schema that the tool brings says of the file."""
    command = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(path)]
    return subprocess.run(command, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("schema", "path"),
    [("vendor.github-workflows", path) for path in GITHUB]
    + [("vendor.gitlab-ci", path) for path in GITLAB],
    ids=lambda value: getattr(value, "name", value),
)
def test_workflows_are_of_their_hosts_schema(schema, path):
    done = checked(schema, path)
    assert done.returncode == 0, done.stdout


def test_the_schema_of_gitlab_refuses_a_job_without_a_script(tmp_path):
    wrong = tmp_path / ".gitlab-ci.yml"
    wrong.write_text(GITLAB[1].read_text().replace("  script:", "  skript:"))
    done = checked("vendor.gitlab-ci", wrong)
    assert done.returncode == 1
    assert "skript" in done.stdout


def github_steps(workflow: Mapping[str, Any], secrets: Mapping[str, str]) -> Iterator[Step]:
    """Every `run:` in the order in which runners come to it; each matrix entry is a job."""
    done: list[str] = []
    for name, job in workflow["jobs"].items():
        needs = job.get("needs", [])
        assert {needs} if isinstance(needs, str) else set(needs) <= set(done)
        done.append(name)
        for entry in job.get("strategy", {}).get("matrix", {}).get("include", [{}]):
            known = {f"matrix.{k}": v for k, v in entry.items()}
            known |= {f"secrets.{k}": v for k, v in secrets.items()}
            for step in job["steps"]:
                if "run" not in step:
                    assert step["uses"].partition("@")[0] in (
                        "actions/checkout", "dagger/dagger-for-github",
                    )  # fmt: skip
                    continue
                given = workflow["env"] | step.get("env", {})
                yield Step(step["run"], {k: _evaluated(v, known) for k, v in given.items()})


def _evaluated(value: str, known: Mapping[str, str]) -> str:
    return re.sub(r"\$\{\{ (\S+) \}\}", lambda found: known[found[1]], value)


def gitlab_steps(workflow: Mapping[str, Any]) -> Iterator[Step]:
    """Every job's script, by stage, once for each entry of a matrix."""
    jobs = [
        workflow.get(job.get("extends"), {}) | job
        for name, job in workflow.items()
        if isinstance(job, dict) and "script" in job and not name.startswith(".")
    ]
    stages = workflow.get("stages", ["test"])
    for job in sorted(jobs, key=lambda job: stages.index(job.get("stage", "test"))):
        for entry in job.get("parallel", {}).get("matrix", [{}]):
            variables = workflow["variables"] | job.get("variables", {}) | entry
            yield Step("\n".join(job["script"]), variables)


@dataclass(frozen=True)
class Runner:
    """Runs scripts in a checkout of the example, with a `dagger` on PATH."""

    checkout: Path
    programs: Path

    def __call__(self, shell: list[str], step: Step, given: Mapping[str, str]) -> str:
        """What the script prints, with the variables of its step and what is given over them."""
        path = {"PATH": f"{self.programs}:{os.environ['PATH']}"}
        done = subprocess.run(
            [*shell, step.script],
            cwd=self.checkout,
            env={**os.environ, **step.variables, **given, **path},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        assert PASSWORD not in done.stdout + done.stderr
        return done.stdout


@pytest.fixture
def runner(call, app, tmp_path) -> Runner:
    if not call.embedded:
        pytest.skip("the loopback of a Dagger engine is its own")
    programs = tmp_path / "programs"
    programs.mkdir()
    dagger = programs / "dagger"
    engine = Path(sys.executable).with_name("buildkit-engine")
    dagger.write_text(f'#!/bin/sh\nexec {engine} "$@"\n')
    dagger.chmod(0o755)
    return Runner(app, programs)


@pytest.fixture(scope="module")
def locked(start_registry) -> Registry:
    """A registry that only the password opens, and that deletes tags."""
    return start_registry(htpasswd=HTPASSWD, deletes=True)


def expected_tags(name: str, *, deleted: bool) -> list[str]:
    apart = name == "native-nodes.yml" and not deleted
    parts = [f"{COMMIT}-linux-amd64", f"{COMMIT}-linux-arm64"] if apart else []
    return sorted([COMMIT, *parts, "latest"])


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_steps_of_github_publish_both_platforms(runner, locked, name):
    workflow = read(WORKFLOWS / "github" / name)
    # what whoever takes the file over writes into it
    assert workflow["env"].keys() >= {"MODULE", "IMAGE"}
    image = f"{locked.address}/github/{name.partition('.')[0]}"
    given = {
        "MODULE": str(ROOT), "IMAGE": image, "GITHUB_SHA": COMMIT, "GITHUB_ACTOR": PUBLISHER,
    }  # fmt: skip
    secrets = {"GITHUB_TOKEN": PASSWORD}
    printed = [runner(["bash", "-e", "-c"], s, given) for s in github_steps(workflow, secrets)]
    assert printed[-1].splitlines()[0].startswith(f"{image}:{COMMIT}@sha256:")
    assert locked.platforms(f"{image}:latest") == BOTH
    assert sorted(locked.tags(image)) == expected_tags(name, deleted=False)


@pytest.mark.long
@pytest.mark.parametrize("name", NAMES)
def test_the_steps_of_gitlab_publish_both_platforms(runner, locked, name):
    workflow = read(WORKFLOWS / "gitlab" / name)
    image = f"{locked.address}/gitlab/{name.partition('.')[0]}"
    given = {
        "MODULE": str(ROOT), "CI_REGISTRY_IMAGE": image, "CI_COMMIT_SHA": COMMIT,
        "CI_REGISTRY_USER": PUBLISHER, "CI_REGISTRY_PASSWORD": PASSWORD,
    }  # fmt: skip
    printed = [runner(["sh", "-e", "-c"], step, given) for step in gitlab_steps(workflow)]
    assert printed[-1].splitlines()[0].startswith(f"{image}:{COMMIT}@sha256:")
    assert locked.platforms(f"{image}:latest") == BOTH
    assert sorted(locked.tags(image)) == expected_tags(name, deleted=True)


def test_every_workflow_installs_the_version_that_the_module_is_for():
    version = read(ROOT / "dagger.json")["engineVersion"]
    for path in GITHUB:
        steps = [s for job in read(path)["jobs"].values() for s in job["steps"] if "with" in s]
        assert {step["with"]["version"] for step in steps} == {version}
    for path in GITLAB:
        assert f"DAGGER_VERSION={version.removeprefix('v')} " in path.read_text()
