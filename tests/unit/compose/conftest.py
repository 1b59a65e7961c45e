"""The module in examples/compose, with the client that it gets for depending on this one."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import dagger
import pytest
from dagger.mod import default_module

from pipeline import Pipeline
from tests.unit.compose.bindings import Dependency, registered
from tests.unit.compose.recorder import Recorder

if TYPE_CHECKING:
    from buildkit_engine.schema.typedefs import Module

COMPOSE = Path(__file__).parents[3] / "examples" / "compose"


@pytest.fixture(scope="session")
async def our_types() -> Module:
    with pytest.MonkeyPatch.context() as patch:
        return await registered(Pipeline.__dagger_module__, "Pipeline", patch)


@pytest.fixture
def compose(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Its package. The SDK has one list of types for a process, which is left as it was."""
    monkeypatch.setattr(default_module(), "_objects", {})
    monkeypatch.setattr(default_module(), "_main", None)
    monkeypatch.syspath_prepend(COMPOSE / "src")
    for name in ("compose", "compose.main"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    return importlib.import_module("compose")


@pytest.fixture
def release(monkeypatch: pytest.MonkeyPatch, compose: ModuleType):
    """Makes a release on an engine where the dependency has the given types."""

    def release(types: Module, answers: dict[str, object]) -> tuple[object, Recorder]:
        dependency = Dependency("pipeline", types)
        engine = Recorder(dependency.schema(), {"Query.defaultPlatform": "linux/arm64"} | answers)
        monkeypatch.setattr(dagger.Client, "pipeline", dependency.constructor(), raising=False)
        monkeypatch.setattr(dagger.dag._ctx, "conn", engine)
        return compose.Compose(source=dagger.dag.directory(), version="1.2"), engine

    return release
