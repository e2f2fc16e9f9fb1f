"""Velocity store in the memory of one process."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING

from features.velocity_counter import VelocityCounter
from features.velocity_keys import VelocityKeys
from serving.velocity.velocity_store import NONCE_MICROS, Observed
from store.velocity_events import last_moment

if TYPE_CHECKING:
    from store.velocity_events import EventRows, Integers

MAX_NONCES = 1_000_000


class MemoryVelocityStore:
    """Counts in this process: thread-safe, bounded in memory, lost at its end.

    Examples
    --------
    >>> import asyncio
    >>> store = MemoryVelocityStore()
    >>> none = (0,) * 7
    >>> [asyncio.run(store.observe(VelocityKeys(person, none), 0, 5)).replayed for person in (1, 1, 2)]
    [False, False, True]
    """

    away: str | None = None

    def __init__(self) -> None:
        self._counter = VelocityCounter()
        self._nonces: OrderedDict[int, tuple[int, int]] = OrderedDict()
        self._lock = threading.Lock()

    async def start(self) -> None:
        """Do nothing: it starts empty."""

    async def observe(self, keys: VelocityKeys, at: int, nonce: int | None) -> Observed:
        """Return the counts before a lead and add it; see `serving.velocity.velocity_store.VelocityStore`."""
        with self._lock:
            counts = self._counter.observe(keys, at, add=at <= last_moment())
            return Observed(counts, nonce is not None and self._owner(nonce, at, keys.person) != keys.person)

    def learn(self, rows: EventRows) -> None:
        """Add events of other processes; adding them twice is adding them once."""
        with self._lock:
            self._counter.add(rows.times, rows.persons, rows.keys)
            for number, nonce in enumerate(rows.nonces):
                if nonce is not None:
                    self._owner(nonce, int(rows.times[number]), int(rows.persons[number]))

    def learn_sightings(self, domains: Integers, times: Integers) -> None:
        """Add times at which mail domains were seen."""
        with self._lock:
            self._counter.add_sightings(domains, times)

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def _owner(self, nonce: int, at: int, person: int) -> int:
        """Return the person who used a token first, which is this one if the token is new."""
        while self._nonces and next(iter(self._nonces.values()))[1] <= at - NONCE_MICROS:
            self._nonces.popitem(last=False)
        owner, _ = self._nonces.setdefault(nonce, (person, at))
        if len(self._nonces) > MAX_NONCES:
            self._nonces.popitem(last=False)
        return owner
