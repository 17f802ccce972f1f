"""Threads for work that would hold up the event loop, a set number of them."""

from collections.abc import AsyncIterator, Callable, Iterator
from functools import partial
from typing import ParamSpec, TypeVar

from anyio import CapacityLimiter, to_thread

P = ParamSpec("P")
T = TypeVar("T")


class Workers:
    """Run at most `threads` pieces of work at the same time; more of them wait for their turn."""

    def __init__(self, threads: int) -> None:
        self._limiter = CapacityLimiter(threads)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work in a thread and return its result."""
        return await to_thread.run_sync(partial(work, *args, **kwargs), limiter=self._limiter)

    async def each(self, items: Iterator[T]) -> AsyncIterator[T]:
        """Yield the items, each computed in a thread."""
        while True:
            found = await self.run(_following, items)
            if found is None:
                return
            yield found[0]


def _following(items: Iterator[T]) -> tuple[T] | None:
    """Return the next item wrapped, since None could be one, or None at the end."""
    for item in items:
        return (item,)
    return None
