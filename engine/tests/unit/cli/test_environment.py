"""The interpreter that a module runs in."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import threading

import pytest

from buildkit_engine.buildkit.state import State
from buildkit_engine.cli import environment
from buildkit_engine.cli.environment import Environment, sdk_version
from buildkit_engine.cli.source import ModuleSource
from buildkit_engine.errors import SetupError


@pytest.fixture
def state(tmp_path):
    return State(tmp_path / "state")


@pytest.fixture
def source(tmp_path):
    root = tmp_path / "module"
    root.mkdir()
    (root / "main.py").touch()
    return ModuleSource(root, root, "my-app")


@pytest.fixture
def said():
    return []


@pytest.fixture
def commands(monkeypatch):
    """What is run to make a virtual environment, in place of running it."""
    monkeypatch.setattr(shutil, "which", lambda _name: None)
    run: list[list[str]] = []

    def fake(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        run.append(command)
        return subprocess.CompletedProcess(command, 0, "", "")

    monkeypatch.setattr(environment.subprocess, "run", fake)
    return run


def needs(source: ModuleSource, *dependencies: str, python: str = "") -> ModuleSource:
    text = f'[project]\nname = "my-app"\nversion = "1.2"\ndependencies = {list(dependencies)}\n'
    (source.root / "pyproject.toml").write_text(f'{text}requires-python = "{python}"\n')
    return ModuleSource(source.root, source.root, "my-app")


def test_where_nothing_is_missing_it_is_the_engines_own(source, state, said, commands):
    found = Environment.of(needs(source, "pytest"), state, said.append)
    assert found.interpreter == sys.executable
    assert (said, commands) == ([], [])


def test_the_main_object_is_found_before_that_of_another_module(source, state, said):
    found = Environment.of(needs(source), state, said.append)
    code = (
        "import importlib.metadata as m; print(m.version('my-app'));"
        "print([e.value for e in m.entry_points(group='dagger.mod', name='main_object')][0])"
    )
    path = ":".join(map(str, found.path))
    done = subprocess.run(
        [found.interpreter, "-c", code],
        env={"PYTHONPATH": path},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "1.2\nmain:MyApp\n"


def test_what_is_missing_is_installed_into_one_of_its_own(source, state, said, commands):
    needs(source)
    (source.root / "requirements.lock").write_text("no-such-package==1.5\n")
    found = Environment.of(needs(source, "no-such-package>=1"), state, said.append)
    [folder] = (state.root / "environments").iterdir()
    assert found.interpreter == str(folder / "venv" / "bin" / "python")
    assert said == ["making a Python environment for module 'my-app': no-such-package>=1"]
    assert commands == [
        [sys.executable, "-m", "venv", str(folder / "venv")],
        [
            found.interpreter,
            *("-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
            *("-r", str(folder / "requirements.txt"), "-c", str(folder / "constraints.txt")),
        ],
    ]
    wanted = f"dagger-io=={sdk_version()}\nno-such-package>=1\n"
    assert (folder / "requirements.txt").read_text() == wanted
    assert (folder / "constraints.txt").read_text() == "no-such-package==1.5\n"


def test_uv_is_used_where_there_is_one(source, state, said, commands, monkeypatch):
    monkeypatch.setattr(shutil, "which", lambda name: f"/bin/{name}")
    found = Environment.of(needs(source, "no-such-package", python=">=3.11"), state, said.append)
    assert [command[:3] for command in commands] == [
        ["/bin/uv", "venv", "--quiet"],
        ["/bin/uv", "pip", "install"],
    ]
    assert commands[0][3:5] == ["--python", ">=3.11"]
    assert commands[1][4:6] == ["--python", found.interpreter]


def test_it_is_made_once(source, state, said, commands):
    first = Environment.of(needs(source, "no-such-package"), state, said.append)
    assert Environment.of(needs(source, "no-such-package"), state, said.append) == first
    assert len(commands) == 2


def test_two_calls_at_once_make_it_once(source, state, said, commands):
    module = needs(source, "no-such-package")
    threads = [
        threading.Thread(target=Environment.of, args=(module, state, said.append)) for _ in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(commands) == 2


def test_another_project_is_another_environment(source, state, said, commands):
    first = Environment.of(needs(source, "no-such-package"), state, said.append)
    second = Environment.of(needs(source, "no-such-package>=2"), state, said.append)
    assert first.interpreter != second.interpreter


def test_one_that_failed_is_made_anew(source, state, said, commands, monkeypatch):
    succeed = environment.subprocess.run

    def fail(command: list[str], **_options: object) -> subprocess.CompletedProcess[str]:
        output = (
            "Looking in indexes: x\nERROR: No matching distribution found for a\n\n[notice] y\n"
        )
        return subprocess.CompletedProcess(command, 1, output, "")

    monkeypatch.setattr(environment.subprocess, "run", fail)
    message = (
        "module 'my-app': its dependencies cannot be installed: "
        "ERROR: No matching distribution found for a"
    )
    with pytest.raises(SetupError, match=f"^{message}$"):
        Environment.of(needs(source, "a"), state, said.append)
    monkeypatch.setattr(environment.subprocess, "run", succeed)
    Environment.of(needs(source, "a"), state, said.append)
    assert len(commands) == 2


def test_a_python_that_is_not_here_is_refused(source, state, said, commands):
    here = sys.version.split()[0]
    message = (
        f"module 'my-app' requires Python >=3.99: found {here} and no other that fits; "
        "install one, or uv"
    )
    with pytest.raises(SetupError, match=f"^{re.escape(message)}$"):
        Environment.of(needs(source, python=">=3.99"), state, said.append)


def test_another_python_of_the_machine_is_used_where_it_fits(
    source, state, said, commands, monkeypatch
):
    monkeypatch.setattr(shutil, "which", {"python3.20": "/old", "python3.19": "/new"}.get)
    versions = {"/old": "", "/new": "3.99.1"}
    monkeypatch.setattr(environment, "_version", lambda path: versions[path] or "0")
    Environment.of(needs(source, python=">=3.99"), state, said.append)
    assert commands[0][:3] == ["/new", "-m", "venv"]
    assert said == ["making a Python environment for module 'my-app': Python >=3.99"]
