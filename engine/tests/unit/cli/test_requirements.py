"""What a module's project needs, and whether this interpreter has it."""

from __future__ import annotations

import importlib.metadata
import re

import pytest

from buildkit_engine.cli.requirements import Requirements
from buildkit_engine.cli.source import ModuleSource
from buildkit_engine.errors import UsageError

PYTEST = importlib.metadata.version("pytest")


@pytest.fixture
def requirements(tmp_path):
    def of(project: str, **locks: str) -> Requirements:
        (tmp_path / "pyproject.toml").write_text(project)
        for name, text in locks.items():
            (tmp_path / name.replace("_", ".")).write_text(text)
        return Requirements.of(ModuleSource(tmp_path, tmp_path, "app"))

    return of


def project(*dependencies: str, more: str = "") -> str:
    return f"[project]\ndependencies = {list(dependencies)}\n{more}"


def test_a_module_without_a_project_needs_the_sdk_alone(tmp_path):
    found = Requirements.of(ModuleSource(tmp_path, tmp_path, "app"))
    assert (found.direct, found.pins, found.missing()) == ((), {}, [])


def test_the_sdk_is_left_out_whatever_its_version(requirements):
    found = requirements(project("dagger-io==0.1.0", "pytest>=8"))
    assert [str(r) for r in found.direct] == ["pytest>=8"]


@pytest.mark.parametrize(
    ("dependency", "missing"),
    [
        ("pytest", []),
        (f"pytest=={PYTEST}", []),
        ("pytest>=1000", ["pytest>=1000"]),
        ("no-such-package", ["no-such-package"]),
        ("no-such-package; python_version < '3'", []),
        ("httpx[http2]", ['h2<5,>=3; extra == "http2"']),
        ("httpx", []),
    ],
)
def test_what_is_missing_is_told(requirements, dependency, missing):
    assert requirements(project(dependency)).missing() == missing


def test_what_a_package_needs_itself_counts_as_well(requirements, monkeypatch):
    known = importlib.metadata.distribution

    def distribution(name: str) -> importlib.metadata.Distribution:
        if name == "iniconfig":
            raise importlib.metadata.PackageNotFoundError(name)
        return known(name)

    monkeypatch.setattr(importlib.metadata, "distribution", distribution)
    assert requirements(project("pytest")).missing() == ["iniconfig>=1.0.1"]


@pytest.mark.parametrize(("version", "missing"), [(PYTEST, []), ("1.0", ["pytest"])])
def test_a_lock_file_says_which_version_it_must_be(requirements, version, missing):
    lock = f"# chosen\n-e ./sdk\npytest=={version} \\\n    --hash=sha256:1\n"
    found = requirements(project("pytest"), **{"requirements.lock": lock})
    assert found.pins == {"pytest": version}
    assert found.missing() == missing


def test_a_lock_of_uv_wins(requirements):
    uv = """
[[package]]
name = "pytest"
version = "2.0"
source = { registry = "https://index" }

[[package]]
name = "twice"
version = "1.0"
source = { registry = "https://index" }

[[package]]
name = "twice"
version = "2.0"
source = { registry = "https://index" }

[[package]]
name = "app"
version = "0.1.0"
source = { editable = "." }
"""
    found = requirements(project("pytest"), **{"requirements.lock": "pytest==1.0", "uv.lock": uv})
    assert found.pins == {"pytest": "2.0"}


def test_a_package_may_be_a_folder(requirements, tmp_path):
    more = '[tool.uv.sources]\ndagger-io = { path = "sdk" }\npytest = { path = "../lib" }\n'
    found = requirements(project("dagger-io", "pytest", more=more))
    assert [str(r) for r in found.direct] == [f"pytest @ file://{tmp_path.parent}/lib"]
    assert found.missing() == [f"pytest @ file://{tmp_path.parent}/lib"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('[project]\ndynamic = ["dependencies"]\n', "expected dependencies as a list in [project]"),
        ("[tool.poetry.dependencies]\n", "expected dependencies as a list in [project]"),
        (
            project("a", more='[tool.uv.sources]\na = { git = "https://x" }\n'),
            "[tool.uv.sources] a: expected a path",
        ),
        ('[project]\nrequires-python = "three"\n', "Invalid specifier: 'three'"),
    ],
)
def test_what_is_not_understood_is_refused(requirements, tmp_path, text, message):
    with pytest.raises(UsageError, match=f"^{re.escape(f'{tmp_path}/pyproject.toml: {message}')}$"):
        requirements(text)
