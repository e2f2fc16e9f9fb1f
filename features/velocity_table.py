"""Velocity counts of many leads, each as of its own submit, in bounded memory.

The keys of a lead take 8 bytes for each attribute that a batch has, and its counts 2 bytes for each window. The
kinds of keys are counted one after the other, so that the log of events holds one kind at a time.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import pandas as pd
import pyarrow as pa

from features.event_log import EventLog
from features.velocity_counter import DAY_MICROS, SIGHTINGS_KEPT, no_people, window_micros
from features.velocity_kernel import MISSING, Counts, Integers, Order, age_rows, count_rows
from features.velocity_keys import DOMAIN, DOMAIN_AGE, FIELDS, INPUTS, KINDS, WINDOWS, keys_of_columns
from leadworth.arrays import Indices, Vector

_CHUNK = 20_000
NEVER = np.iinfo(np.int64).min
"""Time of a lead without one."""
_FIRST_CAPACITY = 200_000
"""Events for which a log is allocated at first; it grows with the events of its longest window."""


class LeadKeys(NamedTuple):
    """Times in microseconds since 1970, people and keys of n leads, shapes (n,), (n,) and (n, kinds)."""

    times: Integers
    persons: Integers
    keys: Integers


def lead_keys(leads: pd.DataFrame, secret: bytes) -> LeadKeys:
    """Return the times and keys of the leads of a lead table; `secret` is the key of the digests."""
    return LeadKeys(_micros(leads), *keys_of_columns(_fields(leads), len(leads), secret))


def joined_keys(parts: Sequence[LeadKeys]) -> LeadKeys:
    """Return the keys of several parts of the leads as one."""
    nothing = LeadKeys(*(np.empty(shape, np.int64) for shape in (0, 0, (0, len(KINDS)))))
    return LeadKeys(*map(np.concatenate, zip(nothing, *parts, strict=True)))


class VelocityTable:
    """Times, people and keys of many leads, with the events that are known besides them.

    Parameters
    ----------
    secret
        Key of the digests, for events that are read from the store or written to it.

    Examples
    --------
    >>> leads = pd.DataFrame({"lead_id": ["2", "1"], "ip": ["10.0.0.1", "10.0.0.1"]})
    >>> leads["submitted_at"] = pd.to_datetime(["2026-01-01 00:01", "2026-01-01 00:00"], utc=True)
    >>> table = VelocityTable()
    >>> table.add(leads)
    >>> table.counts().columns(0, 2)["recent_ip_10m"].tolist()
    [1.0, 0.0]
    """

    def __init__(self, secret: bytes = b"") -> None:
        self._secret = secret
        self._times: list[Integers] = []
        self._persons: list[Integers] = []
        self._keys: tuple[list[Integers | None], ...] = tuple([] for _ in KINDS)
        self._sightings: list[tuple[Integers, Integers]] = []
        self._leads = 0
        self._parts = 0

    def __len__(self) -> int:
        return self._leads

    def add(self, leads: pd.DataFrame) -> None:
        """Add the leads of a lead table, after those added before.

        Raises
        ------
        RuntimeError
            After `add_known`.
        """
        for begin in range(0, len(leads), _CHUNK):
            self.add_keys(lead_keys(leads.iloc[begin : begin + _CHUNK], self._secret))

    def add_keys(self, keys: LeadKeys) -> None:
        """Add leads by their keys, after those added before.

        Raises
        ------
        RuntimeError
            After `add_known`.
        """
        if self._parts < len(self._times):
            raise RuntimeError("leads are added before the events that are known besides them")
        self._append(*keys)
        self._leads += len(keys.times)
        self._parts = len(self._times)

    def add_known(self, times: Integers, persons: Integers, keys: Integers) -> None:
        """Add events that are known besides the leads, shapes (n,), (n,) and (n, kinds)."""
        self._append(times, persons, keys)

    def add_sightings(self, domains: Integers, times: Integers) -> None:
        """Add times at which mail domains were seen, shapes (n,) and (n,)."""
        self._sightings.append((domains, times))

    def span(self, until: int | None = None) -> tuple[int, int] | None:
        """Return the times of the first and the last lead, those after `until` left out; None where there is none."""
        return span_of(self._times, until)

    def events(self, since: int) -> Iterator[LeadKeys]:
        """Yield times, people and keys of the leads after a time that have a key, part by part."""
        for number in range(self._parts):
            zeros = np.zeros(len(self._times[number]), dtype=np.int64)
            columns = [column[number] for column in self._keys]
            keys = np.column_stack([zeros if column is None else column for column in columns])
            yield last_of(LeadKeys(self._times[number], self._persons[number], keys), since)

    def counts(self) -> VelocityCounts:
        """Count all leads; the table is empty afterwards."""
        lengths = [len(times) for times in self._times]
        times = _joined(self._times)
        persons = _joined(self._persons)
        counts = VelocityCounts.empty(self._leads)
        leads, self._leads = self._leads, 0
        for kind, parts in zip(KINDS, self._keys, strict=True):
            if any(part is not None for part in parts):
                filled = (
                    part if part is not None else np.zeros(n, np.int64) for part, n in zip(parts, lengths, strict=True)
                )
                keys = _joined(list(filled))
                parts.clear()
                ages = domain_ages(keys, times, self._sightings, leads) if kind == KINDS[DOMAIN] else None
                counts.put(kind, slice(None), count_events(kind, keys, times, persons, leads), ages)
        return counts

    def _append(self, times: Integers, persons: Integers, keys: Integers) -> None:
        self._times.append(times)
        self._persons.append(persons)
        for kind, column in enumerate(self._keys):
            column.append(np.ascontiguousarray(keys[:, kind]) if keys[:, kind].any() else None)


class VelocityCounts:
    """Velocity counts of leads, by position."""

    def __init__(self, leads: int, counts: dict[str, Counts], ages: Integers) -> None:
        self._leads = leads
        self._counts = counts
        self._ages = ages

    def __len__(self) -> int:
        return self._leads

    @classmethod
    def empty(cls, leads: int) -> Self:
        """Return the counts of leads without keys."""
        return cls(leads, {}, np.full(leads, -1, dtype=np.int64))

    def put(self, kind: str, rows: Indices | slice, counts: Counts, ages: Integers | None = None) -> None:
        """Write the counts of a kind of key, shape (rows, windows), and the ages of mail domains, for some leads."""
        for name, column in zip(WINDOWS[kind], counts.T, strict=True):
            self._counts.setdefault(name, np.full(self._leads, MISSING, dtype=np.uint16))[rows] = column
        if ages is not None and len(ages):
            self._ages[rows] = ages

    def columns(self, begin: int, end: int) -> dict[str, Vector]:
        """Return the counts of leads [begin, end) by field; nan where a lead lacks the key or a time."""
        rows = np.arange(begin, end)
        return {name: self.column(name, rows) for name in FIELDS}

    def column(self, name: str, rows: Indices) -> Vector:
        """Return the counts of a field of some leads, by their positions."""
        if name == DOMAIN_AGE:
            ages = self._ages[rows]
            return np.where(ages < 0, np.nan, ages / DAY_MICROS)
        if name not in self._counts:
            return np.full(len(rows), np.nan)
        counts = self._counts[name][rows]
        return np.where(counts == MISSING, np.nan, counts.astype(np.float64))


def with_columns(leads: pd.DataFrame, counts: Mapping[str, Vector]) -> pd.DataFrame:
    """Return a lead table with the velocity columns that it lacks; those that it has stay."""
    return leads.assign(**{name: column for name, column in counts.items() if name not in leads})


def count_events(kind: str, keys: Integers, times: Integers, persons: Integers, leads: int) -> Counts:
    """Return the counts of a kind of key, shape (leads, windows); `MISSING` for leads without the key or a time.

    Parameters
    ----------
    kind
        Kind of the keys.
    keys, times, persons
        Of the leads, then of the events that are known besides them, shape (events,); key 0 is none.
    leads
        Number of leads.
    """
    windows = window_micros(kind)
    result = np.full((leads, len(windows)), MISSING, dtype=np.uint16)
    order = _by_time(times)
    log = EventLog(int(windows.max()), min(int(np.count_nonzero(keys)), _FIRST_CAPACITY))
    people = no_people()
    position = 0
    while position < len(order):
        log.reserve(1, int(times[order[position]]))
        position, log.size = count_rows(
            log.arrays, log.size, people, order, position, (keys, times, persons), windows, result
        )
    return result


def domain_ages(
    domains: Integers, times: Integers, sightings: Sequence[tuple[Integers, Integers]], leads: int
) -> Integers:
    """Return the time since each lead's mail domain was first seen in microseconds, shape (leads,); -1 without one.

    Parameters
    ----------
    domains, times
        As `keys` and `times` of `count_events`.
    sightings
        Domains and the times at which they were seen.
    leads
        Number of leads.
    """
    ages = np.full(leads, -1, dtype=np.int64)
    domains = np.concatenate([domains, *(seen for seen, _ in sightings)])
    times = np.concatenate([times, *(at for _, at in sightings)])
    order = _by_time(times)
    log = EventLog(SIGHTINGS_KEPT, min(int(np.count_nonzero(domains)), _FIRST_CAPACITY))
    position = 0
    while position < len(order):
        log.reserve(1, int(times[order[position]]))
        position, log.size = age_rows(log.arrays, log.size, order, position, (domains, times), ages)
    return ages


def _by_time(times: Integers) -> Order:
    """Return the positions of the events that have a time, in order of it."""
    order = np.argsort(times, kind="stable").astype(np.uint32)
    return order[np.searchsorted(times, NEVER, side="right", sorter=order) :]


def span_of(parts: Iterable[Integers], until: int | None) -> tuple[int, int] | None:
    """Return the first and the last of the times of leads, those after `until` left out; None where there is none."""
    last = np.iinfo(np.int64).max if until is None else until
    spans = []
    for times in parts:
        dated = times[(times != NEVER) & (times <= last)]
        if len(dated):
            spans.append((int(dated.min()), int(dated.max())))
    return (min(first for first, _ in spans), max(end for _, end in spans)) if spans else None


def last_of(leads: LeadKeys, since: int) -> LeadKeys:
    """Return the leads after a time that have a key."""
    chosen = (leads.times > max(since, NEVER)) & leads.keys.any(axis=1)
    return LeadKeys(leads.times[chosen], leads.persons[chosen], leads.keys[chosen])


def _joined(parts: list[Integers]) -> Integers:
    """Return the parts as one array, and empty the list."""
    joined = np.concatenate(parts) if parts else np.empty(0, dtype=np.int64)
    parts.clear()
    return joined


def _micros(leads: pd.DataFrame) -> Integers:
    """Return the submit times in microseconds since 1970."""
    if "submitted_at" not in leads:
        return np.full(len(leads), NEVER, dtype=np.int64)
    return leads["submitted_at"].to_numpy("datetime64[us]").astype(np.int64)  # NaT is the smallest integer


def _fields(leads: pd.DataFrame) -> dict[str, list[str | None]]:
    """Return the fields from which velocity keys are made; what is no text is missing."""
    return {name: _texts(leads[name]) for name in INPUTS if name in leads}


def _texts(column: pd.Series) -> list[str | None]:
    if isinstance(column.dtype, pd.StringDtype) and column.dtype.storage == "pyarrow":
        texts: list[str | None] = pa.array(column).to_pylist()
        return texts
    return [value if isinstance(value, str) else None for value in column.to_numpy(dtype=object)]
