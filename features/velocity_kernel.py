"""Compiled definition of the velocity counts, on a log of events with a chain of events for each key.

An event is a key, a person and a time. The events of a key form a linked list, the latest first; `slots` is a
hash table with linear probing whose entries are the position of the latest event of a key, or -1.

The count of a lead at time t in a window of w is the number of distinct people other than the lead's with an event
at a time s with t - w < s < t, among the latest `MAX_SCANNED` events of the key before t, and at most `MAX_COUNT`.
Events at t or later never count, so the count does not depend on the order in which events become known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from features.velocity_keys import DAY, MAX_COUNT, MICROSECONDS
from leadworth.compiled import compiled
from leadworth.velocity_retention import REMEMBERED_DAYS

EVENT = np.dtype([("key", np.int64), ("at", np.int64), ("person", np.int64), ("older", np.int32)], align=True)
MAX_SCANNED = 2_000
"""Events of a key that a count looks at: one person who sends without end must not make counting slow."""
MISSING = np.uint16(65_535)
"""Count of a lead without the key."""
PEOPLE_SIZE = 4_096

Events = NDArray[np.void]
Slots = NDArray[np.int32]
Integers = NDArray[np.int64]
Counts = NDArray[np.uint16]
Order = NDArray[np.uint32]
Log = tuple[Slots, Events]

_DAY = int(DAY * MICROSECONDS)
_REMEMBERED = REMEMBERED_DAYS


@compiled
def slot_of(slots: Slots, events: Events, key: int) -> int:
    """Return the slot of a key, or the free slot where it belongs."""
    mask = len(slots) - 1
    slot = (key ^ (key >> 32)) & mask
    while slots[slot] >= 0 and events[slots[slot]]["key"] != key:
        slot = (slot + 1) & mask
    return slot


@compiled
def insert(slots: Slots, events: Events, size: int, key: int, at: int, person: int) -> int:
    """Add an event, unless the log has it; return the new size. It must have free capacity."""
    slot = slot_of(slots, events, key)
    newer = -1
    node = slots[slot]
    while node >= 0 and events[node]["at"] > at:
        newer = node
        node = events[node]["older"]
    older = node
    while node >= 0 and events[node]["at"] == at:
        if events[node]["person"] == person:
            return size
        node = events[node]["older"]
    event = events[size]
    event["key"] = key
    event["at"] = at
    event["person"] = person
    event["older"] = older
    if newer < 0:
        slots[slot] = size
    else:
        events[newer]["older"] = size
    return size + 1


@compiled
def insert_sighting(slots: Slots, events: Events, size: int, domain: int, at: int) -> int:
    """Add the time of a mail domain, of which each day keeps the earliest; return the new size."""
    slot = slot_of(slots, events, domain)
    day = at // _DAY
    newer = -1
    node = slots[slot]
    while node >= 0 and events[node]["at"] // _DAY > day:
        newer = node
        node = events[node]["older"]
    if node >= 0 and events[node]["at"] // _DAY == day:
        events[node]["at"] = min(events[node]["at"], at)
        return size
    event = events[size]
    event["key"] = domain
    event["at"] = at
    event["person"] = 0
    event["older"] = node
    if newer < 0:
        slots[slot] = size
    else:
        events[newer]["older"] = size
    return size + 1


@compiled
def age(slots: Slots, events: Events, domain: int, at: int) -> int:
    """Return the time since the earliest sighting of a domain in `REMEMBERED_DAYS` days and the day of `at`."""
    first_day = at // _DAY - _REMEMBERED
    earliest = at
    node = slots[slot_of(slots, events, domain)]
    while node >= 0 and events[node]["at"] // _DAY >= first_day:
        earliest = min(earliest, events[node]["at"])
        node = events[node]["older"]
    return at - earliest


@compiled
def count(
    slots: Slots, events: Events, people: Integers, key: int, at: int, person: int, windows: Integers, result: Counts
) -> None:
    """Write the counts of a lead in ascending windows.

    Parameters
    ----------
    slots, events
        The log.
    people
        Hash set with the generation of each entry, shape (2, PEOPLE_SIZE + 1); the last column counts generations.
    key, at, person
        Of the lead.
    windows
        Lengths in microseconds, shape (w,).
    result
        Receives the counts, shape (w,).
    """
    people[1, PEOPLE_SIZE] += 1
    generation = people[1, PEOPLE_SIZE]
    node = slots[slot_of(slots, events, key)]
    while node >= 0 and events[node]["at"] >= at:
        node = events[node]["older"]
    others = 0
    scanned = 0
    for window in range(len(windows)):
        since = at - windows[window]
        while node >= 0 and events[node]["at"] > since and others < MAX_COUNT and scanned < MAX_SCANNED:
            other = events[node]["person"]
            scanned += 1
            node = events[node]["older"]
            if other == person:
                continue
            place = (other ^ (other >> 32)) & (PEOPLE_SIZE - 1)
            while people[1, place] == generation and people[0, place] != other:
                place = (place + 1) & (PEOPLE_SIZE - 1)
            if people[1, place] != generation:
                people[0, place] = other
                people[1, place] = generation
                others += 1
        result[window] = others


@compiled
def observe(
    log: Log,
    size: int,
    people: Integers,
    lead: tuple[Integers, int, int],
    windows: tuple[Integers, Integers],
    add: bool,
    result: Counts,
) -> int:
    """Write the counts of one lead, by kind of key, and add it; return the new size.

    Parameters
    ----------
    log, size
        Slots and events, with capacity for an event of each kind.
    people
        As for `count`.
    lead
        Key of each kind, 0 where it is missing, shape (kinds,); time; person.
    windows
        Windows of all kinds, and the end of each kind's windows, shapes (w,) and (kinds,).
    add
        False only counts.
    result
        Receives the counts, shape (w,).
    """
    slots, events = log
    keys, at, person = lead
    lengths, ends = windows
    begin = 0
    for kind in range(len(keys)):
        end = ends[kind]
        if keys[kind] == 0:
            result[begin:end] = MISSING
        else:
            count(slots, events, people, keys[kind], at, person, lengths[begin:end], result[begin:end])
            if add:
                size = insert(slots, events, size, keys[kind], at, person)
        begin = end
    return size


@compiled
def insert_rows(slots: Slots, events: Events, size: int, keys: Integers, times: Integers, persons: Integers) -> int:
    """Add events with keys of shape (n, kinds), 0 where one is missing; return the new size."""
    for row in range(len(keys)):
        for key in keys[row]:
            if key != 0:
                size = insert(slots, events, size, key, times[row], persons[row])
    return size


@compiled
def insert_sightings(slots: Slots, events: Events, size: int, domains: Integers, times: Integers) -> int:
    """Add times of mail domains, 0 where a row has none; return the new size."""
    for row in range(len(domains)):
        if domains[row] != 0:
            size = insert_sighting(slots, events, size, domains[row], times[row])
    return size


@compiled
def count_rows(
    log: Log,
    size: int,
    people: Integers,
    order: Order,
    begin: int,
    columns: tuple[Integers, Integers, Integers],
    windows: Integers,
    result: Counts,
) -> tuple[int, int]:
    """Count rows and add them, in the order given, until the log is full.

    Parameters
    ----------
    log, size
        Slots and events.
    people, windows
        As for `count`.
    order
        Positions of the rows, by time.
    begin
        Where to begin in `order`.
    columns
        Key, time and person of each row; rows without the key have key 0.
    result
        Receives the counts, shape (asked, w); rows from `asked` on are added only.

    Returns
    -------
    tuple
        Where to go on in `order`, and the new size of the log.
    """
    slots, events = log
    keys, times, persons = columns
    for position in range(begin, len(order)):
        row = order[position]
        if keys[row] == 0:
            continue
        if size == len(events):
            return position, size
        if row < len(result):
            count(slots, events, people, keys[row], times[row], persons[row], windows, result[row])
        size = insert(slots, events, size, keys[row], times[row], persons[row])
    return len(order), size


@compiled
def age_rows(
    log: Log, size: int, order: Order, begin: int, columns: tuple[Integers, Integers], result: Integers
) -> tuple[int, int]:
    """Write the ages of the rows' domains and add the rows, as `count_rows` does."""
    slots, events = log
    domains, times = columns
    for position in range(begin, len(order)):
        row = order[position]
        if domains[row] == 0:
            continue
        if size == len(events):
            return position, size
        if row < len(result):
            result[row] = age(slots, events, domains[row], times[row])
        size = insert_sighting(slots, events, size, domains[row], times[row])
    return len(order), size


@compiled
def copy_after(slots: Slots, events: Events, source: Events, order: Integers) -> int:
    """Fill an empty log with events in ascending order of time; return its size."""
    size = 0
    for position in range(len(order)):
        event = source[order[position]]
        size = insert(slots, events, size, event["key"], event["at"], event["person"])
    return size
