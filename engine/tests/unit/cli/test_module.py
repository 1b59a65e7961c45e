"""Where a module is, and what its registration depends on."""

from __future__ import annotations

import re

import pytest

from buildkit_engine.cli.module import ModuleSource, arguments
from buildkit_engine.errors import UsageError
from buildkit_engine.model.calls import FunctionCallArgValue


@pytest.fixture
def root(tmp_path):
    """A module in a subfolder of a repository."""
    root = tmp_path / "repository" / "ci"
    (root / "src" / "pipeline").mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (root / "dagger.json").write_text('{"name": "my-pipeline"}')
    (root / "src" / "pipeline" / "main.py").write_text("# code\n")
    return root


@pytest.mark.parametrize("start", [".", "src", "src/pipeline"])
def test_a_module_is_found_from_any_folder_below_it(root, start):
    found = ModuleSource.find((root / start).resolve())
    assert found == ModuleSource(root, root.parent, "my-pipeline")


def test_outside_of_a_repository_the_module_is_its_own_context(root):
    (root.parent / ".git").rmdir()
    assert ModuleSource.find(root).context == root


def test_where_there_is_no_module_the_flag_is_told(tmp_path):
    message = f"no dagger.json in {tmp_path} or above it: expected a Dagger module; use -m PATH"
    with pytest.raises(UsageError, match=f"^{re.escape(message)}$"):
        ModuleSource.find(tmp_path)


@pytest.mark.parametrize("text", ["{", "{}"])
def test_a_configuration_that_cannot_be_read_is_named(root, text):
    (root / "dagger.json").write_text(text)
    message = f"^{re.escape(str(root / 'dagger.json'))} is not a module's configuration: "
    with pytest.raises(UsageError, match=message):
        ModuleSource.find(root)


@pytest.mark.parametrize(
    ("name", "expected"),
    [("pipeline", "Pipeline"), ("my-pipeline", "MyPipeline"), ("my_ciThing", "MyCiThing")],
)
def test_the_main_object_is_the_modules_name_as_a_class(tmp_path, name, expected):
    assert ModuleSource(tmp_path, tmp_path, name).main_object == expected


@pytest.mark.parametrize(
    "changed", ["src/pipeline/main.py", "src/pipeline/new.py", "pyproject.toml", "dagger.json"]
)
def test_another_source_is_another_registration(root, changed):
    source = ModuleSource.find(root)
    before = source.fingerprint()
    assert source.fingerprint() == before
    (root / changed).write_text('{"name": "my-pipeline"} ')
    assert source.fingerprint() != before


def test_what_is_not_the_modules_source_does_not_register_it_anew(root):
    source = ModuleSource.find(root)
    before = source.fingerprint()
    (root / "README.md").write_text("text")
    (root / "src" / "pipeline" / "data.txt").write_text("text")
    assert source.fingerprint() == before


def test_arguments_are_given_as_json():
    assert arguments({"a": ["x"], "b": None, "c": "é"}) == (
        FunctionCallArgValue("a", '["x"]'),
        FunctionCallArgValue("b", "null"),
        FunctionCallArgValue("c", '"\\u00e9"'),
    )
