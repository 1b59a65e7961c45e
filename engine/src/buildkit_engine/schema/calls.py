"""The API's side of a function call: what the SDK asks for when it runs a module's function."""

from __future__ import annotations

from typing import TYPE_CHECKING

from buildkit_engine.errors import RequestError
from buildkit_engine.model.calls import Error, FunctionCall, FunctionCallArgValue
from buildkit_engine.schema.registry import serves

if TYPE_CHECKING:
    from buildkit_engine.schema.context import Context


@serves("Query", "currentFunctionCall")
def current_function_call(context: Context, _parent: None) -> FunctionCall:
    if context.call is None:
        msg = "this client does not run a function"
        raise RequestError(msg)
    return context.call


@serves("FunctionCall", "parentName")
def parent_name(_context: Context, call: FunctionCall) -> str:
    return call.parent_name


@serves("FunctionCall", "name")
def name(_context: Context, call: FunctionCall) -> str:
    return call.name


@serves("FunctionCall", "parent")
def parent(_context: Context, call: FunctionCall) -> str:
    return call.parent


@serves("FunctionCall", "inputArgs")
def input_args(_context: Context, call: FunctionCall) -> list[FunctionCallArgValue]:
    return list(call.arguments)


@serves("FunctionCallArgValue", "name")
def argument_name(_context: Context, argument: FunctionCallArgValue) -> str:
    return argument.name


@serves("FunctionCallArgValue", "value")
def argument_value(_context: Context, argument: FunctionCallArgValue) -> str:
    return argument.value


@serves("FunctionCall", "returnValue")
def return_value(_context: Context, call: FunctionCall, value: str) -> None:
    call.returned = value


@serves("FunctionCall", "returnError")
def return_error(context: Context, call: FunctionCall, error: str) -> None:
    call.error = context.load(error, Error)


@serves("Query", "error")
def error(_context: Context, _parent: None, message: str) -> Error:
    return Error(message)


@serves("Error", "withValue")
def with_value(_context: Context, error: Error, *, name: str, value: str) -> Error:
    return Error(error.message, (*error.values, (name, value)))
