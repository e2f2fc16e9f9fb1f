"""Velocity counter: counts distinct other people with the same velocity keys in time windows, in memory.

`features.velocity_kernel` is the only definition of these counts. The service counts lead by lead with
`VelocityCounter`; training and scored files count a table with `features.velocity_table`; the Redis script
(`serving/velocity/velocity.lua`) is tested to give the same counts.
"""

from __future__ import annotations

import numpy as np

from features.event_log import EventLog
from features.feature_group import NAN
from features.velocity_kernel import (
    MISSING,
    PEOPLE_SIZE,
    Integers,
    age,
    insert_rows,
    insert_sightings,
    observe,
)
from features.velocity_keys import (
    DAY,
    DOMAIN,
    DOMAIN_AGE,
    KINDS,
    MICROSECONDS,
    WINDOWS,
    VelocityKeys,
)
from leadworth.velocity_retention import KEPT_DAYS, REMEMBERED_DAYS

DAY_MICROS = int(DAY * MICROSECONDS)
KEPT = KEPT_DAYS * DAY_MICROS
SIGHTINGS_KEPT = (REMEMBERED_DAYS + KEPT_DAYS) * DAY_MICROS
LONGEST_WINDOW = int(max(max(windows.values()) for windows in WINDOWS.values()) * MICROSECONDS)
COUNTED = tuple(field for windows in WINDOWS.values() for field in windows)
"""Fields of the counts, in the order of the kinds."""


def window_micros(kind: str) -> Integers:
    """Return the windows of a kind of key in microseconds, ascending."""
    return np.array([int(seconds * MICROSECONDS) for seconds in WINDOWS[kind].values()], dtype=np.int64)


def no_people() -> Integers:
    """Return an empty hash set of people for `features.velocity_kernel.count`."""
    return np.zeros((2, PEOPLE_SIZE + 1), dtype=np.int64)


class VelocityCounter:
    """Events of 90 days by velocity key, and the sightings of mail domains.

    Not thread-safe. A lead is counted as of its own time: among the known events before it. The
    order in which they became known does not matter.

    Examples
    --------
    >>> from features.velocity_keys import keys_of
    >>> counter = VelocityCounter()
    >>> leads = [{"email": f"{name}@acme.example", "ip": "203.0.113.7"} for name in ("ada", "bob", "ada")]
    >>> [counter.observe(keys_of(lead), 60_000_000 * at)["recent_ip_10m"] for at, lead in enumerate(leads)]
    [0.0, 1.0, 1.0]
    >>> counter.observe(keys_of(leads[1]), 60_000_000)["recent_ip_10m"]  # again
    1.0
    """

    def __init__(self) -> None:
        self._events = EventLog(KEPT)
        self._sightings = EventLog(SIGHTINGS_KEPT)
        self._people = no_people()
        lengths = np.concatenate([window_micros(kind) for kind in KINDS])
        self._windows = (lengths, np.cumsum([len(WINDOWS[kind]) for kind in KINDS]))
        self._counts = np.zeros(len(lengths), dtype=np.uint16)
        self._latest = 0

    def __len__(self) -> int:
        return self._events.size

    def observe(self, keys: VelocityKeys, at: int, *, add: bool = True) -> dict[str, float]:
        """Return the velocity counts of a lead by field, then add the lead.

        Parameters
        ----------
        keys
            Velocity keys of the lead.
        at
            Time of the lead in microseconds since 1970.
        add
            False only counts.

        Returns
        -------
        Field of the lead -> number of other people in its window, or days; nan where the lead lacks the key.
        """
        log = self._events
        if add:
            self._latest = max(self._latest, at)
            log.reserve(len(KINDS), self._latest)
        of = np.array(keys.of, dtype=np.int64)
        lead = (of, at, keys.person)
        log.size = observe(log.arrays, log.size, self._people, lead, self._windows, add, self._counts)
        counts = {
            name: NAN if number == MISSING else float(number)
            for name, number in zip(COUNTED, self._counts.tolist(), strict=True)
        }
        counts[DOMAIN_AGE] = NAN
        if keys.domain:
            sightings = self._sightings
            counts[DOMAIN_AGE] = age(sightings.slots, sightings.events, keys.domain, at) / DAY_MICROS
            if add:
                self.add_sightings(of[DOMAIN : DOMAIN + 1], np.array([at]))
        return counts

    def add(self, times: Integers, persons: Integers, keys: Integers) -> None:
        """Add events of other processes, shapes (n,), (n,) and (n, kinds); adding one twice is adding it once."""
        if not len(times):
            return
        self._latest = max(self._latest, int(times.max()))
        log = self._events
        log.reserve(keys.size, self._latest)
        log.size = insert_rows(log.slots, log.events, log.size, keys, times, persons)
        self.add_sightings(np.ascontiguousarray(keys[:, DOMAIN]), times)

    def add_sightings(self, domains: Integers, times: Integers) -> None:
        """Add times at which leads had mail domains, shapes (n,) and (n,); 0 is no domain."""
        log = self._sightings
        log.reserve(len(domains), self._latest)
        log.size = insert_sightings(log.slots, log.events, log.size, domains, times)
