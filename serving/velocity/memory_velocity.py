"""Velocity store in the memory of one process."""

from __future__ import annotations

import threading
from collections import OrderedDict

from features.velocity_counter import VelocityCounter
from features.velocity_keys import VelocityKeys
from serving.velocity.velocity_store import NONCE_SECONDS, Observed

MAX_NONCES = 1_000_000


class MemoryVelocityStore:
    """Counts in this process: thread-safe, bounded in memory, lost at its end.

    Examples
    --------
    >>> import asyncio
    >>> store = MemoryVelocityStore()
    >>> [asyncio.run(store.observe(VelocityKeys("a", {}), 0.0, b"n", owner)).replayed for owner in ("1", "1", "2")]
    [False, False, True]
    """

    away: str | None = None

    def __init__(self) -> None:
        self._counter = VelocityCounter()
        self._nonces: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    async def observe(self, keys: VelocityKeys, at: float, nonce: bytes | None, owner: str) -> Observed:
        """Return the counts before a lead and add it; see `serving.velocity.velocity_store.VelocityStore`."""
        with self._lock:
            return Observed(self._counter.observe(keys, at), nonce is not None and self._replayed(nonce, at, owner))

    async def close(self) -> None:
        """Do nothing: there is no connection."""

    def _replayed(self, nonce: bytes, at: float, owner: str) -> bool:
        while self._nonces and next(iter(self._nonces.values()))[1] <= at - NONCE_SECONDS:
            self._nonces.popitem(last=False)
        first_owner, _ = self._nonces.setdefault(nonce, (owner, at))
        if len(self._nonces) > MAX_NONCES:
            self._nonces.popitem(last=False)
        return first_owner != owner
