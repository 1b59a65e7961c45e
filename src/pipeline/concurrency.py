"""Several awaited things at the same time, with the first failure as it was raised."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import anyio

if TYPE_CHECKING:
    from collections.abc import Awaitable


async def concurrently(*awaitables: Awaitable[Any]) -> list[Any]:
    """The results, in the order given and not in that of completion.

    When one fails the others are cancelled, and its own exception is raised: a task group's
    ExceptionGroup would hide from the caller what a command said.
    """
    results: list[Any] = [None] * len(awaitables)

    async def run(index: int, awaitable: Awaitable[Any]) -> None:
        results[index] = await awaitable

    try:
        async with anyio.create_task_group() as group:
            for index, awaitable in enumerate(awaitables):
                group.start_soon(run, index, awaitable)
    except BaseExceptionGroup as failures:
        raise _first(failures) from None
    return results


def _first(failures: BaseExceptionGroup[BaseException]) -> BaseException:
    first = failures.exceptions[0]
    return _first(first) if isinstance(first, BaseExceptionGroup) else first
