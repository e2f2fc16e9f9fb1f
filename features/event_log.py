"""Growing log of velocity events in memory, 40 to 48 bytes an event."""

from __future__ import annotations

import numpy as np

from features.velocity_kernel import EVENT, Log, copy_after

SMALLEST = 1_024
MAX_EVENTS = 4_000_000
"""Events of a log, 190 MB; beyond, the earlier half is forgotten."""


class EventLog:
    """Arrays of `features.velocity_kernel` that grow, and forget events older than a given time.

    Parameters
    ----------
    kept
        Microseconds before the latest event for which events are stored.
    capacity
        Initial capacity, in events.

    Examples
    --------
    >>> log = EventLog(kept=60)
    >>> log.reserve(5_000, latest=0)
    >>> log.size, len(log.events)
    (0, 7500)
    """

    def __init__(self, kept: int, capacity: int = SMALLEST) -> None:
        self._kept = kept
        self.size = 0
        self._allocate(min(max(capacity, SMALLEST), MAX_EVENTS))

    @property
    def arrays(self) -> Log:
        """Slots and events."""
        return self.slots, self.events

    def reserve(self, count: int, latest: int) -> None:
        """Reserve capacity for `count` events; forget events that are too old at `latest`."""
        if self.size + count <= len(self.events):
            return
        times = self.events["at"][: self.size]
        kept = np.flatnonzero(times > latest - self._kept)
        if len(kept) + count > MAX_EVENTS:
            kept = kept[np.argsort(times[kept], kind="stable")[len(kept) // 2 :]]
        order = kept[np.argsort(times[kept], kind="stable")].astype(np.int64)
        source = self.events
        self._allocate(max((len(order) + count) * 3 // 2, SMALLEST))
        self.size = int(copy_after(self.slots, self.events, source, order))

    def _allocate(self, capacity: int) -> None:
        self.events = np.zeros(capacity, dtype=EVENT)
        self.slots = np.full(1 << (capacity * 3 // 2).bit_length(), -1, dtype=np.int32)
