"""What is given to a module's process."""

from __future__ import annotations

from buildkit_engine.cli.module import arguments
from buildkit_engine.model.calls import FunctionCallArgValue


def test_arguments_are_given_as_json():
    assert arguments({"a": ["x"], "b": None, "c": "é"}) == (
        FunctionCallArgValue("a", '["x"]'),
        FunctionCallArgValue("b", "null"),
        FunctionCallArgValue("c", '"\\u00e9"'),
    )
