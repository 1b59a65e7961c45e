"""Whether the contract is whole."""

from __future__ import annotations

from pathlib import Path

import pytest

# what the SDK asks for when it registers a module and runs its functions: tests of `call` do that
THE_SDKS_OWN = {
    "EnumTypeDef", "Error", "Function", "FunctionArg", "FunctionCall", "FunctionCallArgValue",
    "Module", "ObjectTypeDef", "SourceMap", "TypeDef",
}  # fmt: skip
TO_REGISTER = {"currentFunctionCall", "error", "function", "module", "typeDef"}


def test_every_field_that_is_served_is_asked_for(request, asked, this_engine_only):
    collected = {item.path for item in request.session.items}
    if collected < set(Path(__file__).parent.glob("test_*.py")):
        pytest.skip("only a part of the contract was executed")

    from buildkit_engine.schema.registry import SERVED

    for_people = {
        (type_, field)
        for type_, field in SERVED
        if type_ not in THE_SDKS_OWN and not (type_ == "Query" and field in TO_REGISTER)
    }
    assert for_people - asked == set()
