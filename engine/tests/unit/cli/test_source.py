"""Where a module is, what it says of itself, and what its registration depends on."""

from __future__ import annotations

import json
import re

import pytest

from buildkit_engine.cli.source import ModuleSource
from buildkit_engine.errors import UsageError


@pytest.fixture
def root(tmp_path):
    """A module in a subfolder of a repository."""
    root = tmp_path / "repository" / "ci"
    (root / "src" / "pipeline").mkdir(parents=True)
    (tmp_path / "repository" / ".git").mkdir()
    (root / "dagger.json").write_text('{"name": "my-pipeline"}')
    (root / "src" / "pipeline" / "main.py").write_text("# code\n")
    (root / "pyproject.toml").write_text('[project]\nname = "pipeline"\n')
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


def refused(message: str):
    return pytest.raises(UsageError, match=f"^{re.escape(message)}$")


@pytest.fixture
def module(tmp_path):
    """Makes a module of a configuration and files by their paths."""

    def make(config: dict, files: dict[str, str]) -> ModuleSource:
        (tmp_path / "dagger.json").write_text(json.dumps({"name": "my-app", **config}))
        for path, text in files.items():
            (tmp_path / path).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / path).write_text(text)
        return ModuleSource.find(tmp_path)

    return make


# -- what -m names


def test_a_module_is_named_by_its_folder(root, monkeypatch):
    monkeypatch.chdir(root.parent)
    for text in ("ci", "./ci", "ci/src", "ci/../ci", str(root), f"file://{root}"):
        assert ModuleSource.named(text).root == root


@pytest.mark.parametrize(
    "text",
    ["github.com/dagger/dagger", "https://host/x", "git@host:x", "gitlab.example.org/a/b@v1"],
)
def test_a_module_of_another_machine_is_refused(text):
    with refused(
        f"'{text}' is not on this machine: this engine runs modules of local folders, "
        "clone it and use -m PATH"
    ):
        ModuleSource.named(text)


def test_a_folder_that_is_missing_is_named():
    with refused('local path "bad/subdir" does not exist'):
        ModuleSource.named("bad/subdir")


# -- what cannot be run


@pytest.mark.parametrize("sdk", ["python", {"source": "python"}])
def test_a_module_in_python_can_be_run(module, sdk):
    module({"sdk": sdk, "engineVersion": "v0.21.8"}, {}).check("v0.21.8")


@pytest.mark.parametrize(
    ("config", "message"),
    [
        (
            {"sdk": "go"},
            "module 'my-app' is written for the SDK 'go': this engine runs modules of the SDK "
            "'python'",
        ),
        (
            {"sdk": {"source": "github.com/x/sdk"}},
            "module 'my-app' is written for the SDK 'github.com/x/sdk': this engine runs modules "
            "of the SDK 'python'",
        ),
        ({}, "module 'my-app' has no SDK: this engine runs modules of the SDK 'python'"),
        (
            {"sdk": "python", "dependencies": [{"name": "a", "source": "../a"}, {"source": "b"}]},
            "module 'my-app' uses other modules (dependencies: a, b): this engine runs modules "
            "that use none, run it with a Dagger engine",
        ),
        (
            {"sdk": "python", "blueprint": {"name": "b"}},
            "module 'my-app' uses other modules (blueprint: b): this engine runs modules that use "
            "none, run it with a Dagger engine",
        ),
        (
            {"sdk": "python", "engineVersion": "v0.22.0"},
            "module requires dagger v0.22.0, but you have v0.21.8",
        ),
    ],
)
def test_what_this_engine_cannot_run_is_refused(module, config, message):
    with refused(message):
        module(config, {}).check("v0.21.8")


@pytest.mark.parametrize("version", ["v0.9.0", "v0.21.8-dev", "latest", ""])
def test_a_module_of_an_older_engine_can_be_run(module, version):
    module({"sdk": "python", "engineVersion": version}, {}).check("v0.21.8")


def test_a_source_folder_that_is_missing_is_named(module, tmp_path):
    with refused(f"{tmp_path}/dagger.json: source 'ci' is no folder"):
        module({"sdk": "python", "source": "ci"}, {}).check("v0.21.8")


# -- where its code is


ENTRY = '[project.entry-points."dagger.mod"]\nmain_object = "app.core:App"\n'
ROOTED = '[tool.uv.build-backend]\nmodule-root = "lib"\n'


@pytest.mark.parametrize(
    ("files", "entry_point", "folder"),
    [
        ({"src/my_app/__init__.py": ""}, "my_app:MyApp", "src"),
        ({"my_app/__init__.py": ""}, "my_app:MyApp", "."),
        ({"my_app.py": ""}, "my_app:MyApp", "."),
        ({"main.py": ""}, "main:MyApp", "."),
        ({"src/main/__init__.py": ""}, "main:MyApp", "src"),
        (
            {"pyproject.toml": '[project]\nname = "other-name"\n', "src/other_name/x.py": ""},
            "other_name:MyApp",
            "src",
        ),
        ({"pyproject.toml": ENTRY, "src/app/core.py": ""}, "app.core:App", "src"),
        ({"pyproject.toml": ENTRY, "app/core.py": ""}, "app.core:App", "."),
        ({"pyproject.toml": ROOTED, "lib/my_app/__init__.py": ""}, "my_app:MyApp", "lib"),
    ],
)
def test_the_main_object_is_found_as_dagger_finds_it(module, tmp_path, files, entry_point, folder):
    source = module({}, files)
    assert (source.entry_point, source.import_folder) == (entry_point, tmp_path / folder)


def test_the_code_may_be_in_a_folder_of_its_own(module, tmp_path):
    source = module({"source": "ci"}, {"ci/main.py": ""})
    assert source.import_folder == tmp_path / "ci"


def test_a_module_without_code_is_refused(module, tmp_path):
    source = module({}, {})
    with refused(
        f"module 'my-app' has no code: expected a Python package 'my_app' or 'main' in "
        f"{tmp_path}/src or {tmp_path}"
    ):
        _ = source.entry_point


def test_a_project_that_cannot_be_read_is_named(module, tmp_path):
    source = module({}, {"pyproject.toml": "[project"})
    with pytest.raises(UsageError, match=f"^{re.escape(str(tmp_path))}/pyproject.toml: "):
        _ = source.project


# -- what its registration depends on


@pytest.mark.parametrize(
    "changed", ["src/pipeline/main.py", "src/pipeline/new.py", "pyproject.toml", "dagger.json"]
)
def test_another_source_is_another_registration(root, changed):
    before = ModuleSource.find(root).fingerprint("python")
    assert ModuleSource.find(root).fingerprint("python") == before
    with (root / changed).open("a") as file:
        file.write("\n")
    assert ModuleSource.find(root).fingerprint("python") != before


def test_another_interpreter_is_another_registration(root):
    source = ModuleSource.find(root)
    assert source.fingerprint("python3.11") != source.fingerprint("python3.12")


def test_what_is_not_the_modules_source_does_not_register_it_anew(root):
    before = ModuleSource.find(root).fingerprint("python")
    for path in ("README.md", "src/pipeline/data.txt", "src/.venv/x.py", "src/sdk/gen.py"):
        (root / path).parent.mkdir(exist_ok=True)
        (root / path).write_text("text")
    assert ModuleSource.find(root).fingerprint("python") == before
