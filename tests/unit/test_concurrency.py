from __future__ import annotations

import anyio
import pytest

from pipeline.concurrency import concurrently


async def after(seconds: float, value: object) -> object:
    await anyio.sleep(seconds)
    if isinstance(value, Exception):
        raise value
    return value


async def test_results_are_in_the_order_given_and_not_of_completion():
    assert await concurrently(after(0.02, "a"), after(0, "b")) == ["a", "b"]


async def test_nothing_to_await_is_no_result():
    assert await concurrently() == []


async def test_a_failure_is_raised_as_it_was_and_cancels_the_others():
    done = []

    async def never_ending() -> None:
        try:
            await anyio.sleep(60)
        finally:
            done.append("cancelled")

    failure = KeyError("x")
    with pytest.raises(KeyError) as raised:
        await concurrently(never_ending(), after(0, failure))
    assert raised.value is failure
    assert done == ["cancelled"]


async def test_a_failure_within_nested_groups_is_raised_as_it_was():
    failure = ValueError("x")
    with pytest.raises(ValueError, match=r"^x$") as raised:
        await concurrently(concurrently(after(0, failure)), after(1, "b"))
    assert raised.value is failure
