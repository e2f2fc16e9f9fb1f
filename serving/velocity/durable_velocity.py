"""Velocity store that all processes share: the log of events in the application's store, counted in memory."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING

import structlog

from features.velocity_keys import VelocityKeys
from leadworth.errors import StoreError
from serving.velocity.memory_velocity import MemoryVelocityStore
from serving.velocity.velocity_store import Observed
from store import velocity_events

if TYPE_CHECKING:
    from store.decision_store import DecisionStore
    from store.velocity_events import EventRows, Integers

log = structlog.get_logger()


class DurableVelocityStore:
    """Counts the events of all processes: those after the last one read are read before each lead is counted.

    Calls that wait at the same time share one query. The events of a lead are not written here but with its
    decision, in one transaction. While the store is away, the leads of this process are counted on.

    Parameters
    ----------
    store
        Decision store, which has the log.
    counts_all
        Whether all leads of this process are counted here; their events need not be read then.
    """

    away: str | None = None

    def __init__(self, store: DecisionStore, *, counts_all: bool = True) -> None:
        self._store = store
        self._skipped = store.writer if counts_all else -1
        self._memory = MemoryVelocityStore()
        self._reading = asyncio.Lock()
        self._reads = 0
        self._last = 0
        self._loaded = False

    async def start(self) -> None:
        """Load the log; if the store is away, it is loaded once it is back."""
        await self._catch_up()

    async def observe(self, keys: VelocityKeys, at: int, nonce: int | None) -> Observed:
        """Return the counts before a lead and add it; see `serving.velocity.velocity_store.VelocityStore`."""
        await self._catch_up()
        return await self._memory.observe(keys, at, nonce)

    async def events_after(self, last: int, writer: int = -1) -> AsyncIterator[EventRows]:
        """Yield the events of the log after a sequence number, in parts; see `store.velocity_events.after`.

        Raises
        ------
        StoreError
            If the store does not answer.
        """
        more = True
        while more and self._store.away is None:
            rows = await self._store.read_briefly(partial(velocity_events.after, seq=last, writer=writer))
            yield rows
            last, more = rows.last, rows.more

    async def sightings(self) -> tuple[Integers, Integers]:
        """Return digests of mail domains and times at which they were seen.

        Raises
        ------
        StoreError
            If the store does not answer.
        """
        return await self._store.read(velocity_events.sightings)

    async def close(self) -> None:
        """Do nothing: the connections are those of the decision store."""

    async def _catch_up(self) -> None:
        """Read the events that other processes wrote before this call."""
        begun = self._reads
        async with self._reading:
            if self._reads > begun:
                return  # a read that began after this call has ended
            await asyncio.sleep(0)  # the other requests that have arrived wait for this read, too
            self._reads += 1
            try:
                async for rows in self.events_after(self._last, self._skipped):
                    if len(rows):
                        self._memory.learn(rows)
                    self._last = rows.last
                if not self._loaded and self._store.away is None:
                    self._memory.learn_sightings(*await self.sightings())
                    self._loaded = True
            except StoreError as error:
                log.warning("velocity events not read", error=str(error))
