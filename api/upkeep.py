"""Keep the served knowledge warm and current while the API runs."""

import asyncio
import logging
import time
from typing import Protocol

from ingest.errors import KnowledgeError

_RETRY_SECONDS = 60.0
_log = logging.getLogger(__name__)


class Refreshable(Protocol):
    """Knowledge that can be warmed up, and swapped for a newer generation."""

    def warm_up(self) -> None:
        """Load the model and open the index."""

    def refresh(self) -> bool:
        """Serve the current generation; return whether that changed anything."""


class Upkeep:
    """Warm up once in a thread, then look for a newer generation every `every` seconds.

    `warming` tells whether the first warm-up still runs, `failure` why the last one failed.
    """

    def __init__(self, knowledge: Refreshable, *, every: float) -> None:
        self._knowledge, self._every = knowledge, every
        self.warming = True
        self.failure: KnowledgeError | None = None

    async def run(self) -> None:
        """Keep on until cancelled."""
        next_try = time.monotonic()
        while True:
            if (self.warming or self.failure) and time.monotonic() >= next_try:
                await self._warm_up()
                next_try = time.monotonic() + _RETRY_SECONDS
            else:
                await asyncio.to_thread(self._knowledge.refresh)
            await asyncio.sleep(self._every)

    async def _warm_up(self) -> None:
        started = time.monotonic()
        try:
            await asyncio.to_thread(self._knowledge.warm_up)
        except KnowledgeError as error:
            self.failure = error
            _log.warning("not warm: %s", error)
        else:
            self.failure = None
            _log.info("seconds=%.1f warm", time.monotonic() - started)
        finally:
            self.warming = False
