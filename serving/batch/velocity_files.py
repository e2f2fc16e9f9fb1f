"""Velocity of many partitions of leads, counted bucket by bucket from files, in bounded memory.

A count needs the events of its own key only. A worker writes the events of its partition ordered by kind of key and by
bucket, which is a part of the digests of the keys; one bucket of all partitions is read, counted and written to the
counts of each partition before the next one. The counts are those of `features.velocity_table.VelocityTable`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from features.velocity_kernel import Integers
from features.velocity_keys import DOMAIN, KINDS
from features.velocity_table import NEVER, LeadKeys, VelocityCounts, count_events, domain_ages, last_of, span_of
from leadworth.atomic_files import replacing

BUCKET_ROWS = 1_000_000
"""Leads for each of which there is a bucket, which takes some 100 bytes for each of its events while it is counted."""
_EVENT = np.dtype([("key", np.int64), ("at", np.int64), ("person", np.int64), ("row", np.uint32)])

Entries = NDArray[np.void]


def bucket_count(rows: int) -> int:
    """Return the number of buckets for a number of leads."""
    return max(1, -(-rows // BUCKET_ROWS))


def write_events(path: Path, leads: LeadKeys, buckets: int) -> None:
    """Write the events of the leads of a partition, or of known ones, into a file that replaces the one of that name.

    The file has the times of all leads, the first event of each kind and bucket with the end, and the events.
    """
    times, persons, keys = leads
    starts = np.zeros((len(KINDS), buckets + 1), dtype=np.int64)
    parts: list[Entries] = []
    size = 0
    for kind in range(len(KINDS)):
        rows = np.flatnonzero((keys[:, kind] != 0) & (times != NEVER))
        of_rows = keys[rows, kind] % buckets
        rows = rows[np.argsort(of_rows, kind="stable")]
        starts[kind] = size + np.searchsorted(np.sort(of_rows), np.arange(buckets + 1))
        entries = np.empty(len(rows), dtype=_EVENT)
        entries["key"], entries["at"], entries["person"], entries["row"] = (
            keys[rows, kind],
            times[rows],
            persons[rows],
            rows,
        )
        parts.append(entries)
        size += len(rows)
    with replacing(path) as unfinished, unfinished.open("wb") as file:
        np.save(file, times)
        np.save(file, starts)
        file.write(np.concatenate(parts).tobytes())


class _EventFile:
    """File of `write_events`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        with path.open("rb") as file:
            self.leads = len(np.load(file))
            self._starts: Integers = np.load(file)
            self._begin = file.tell()

    def times(self) -> Integers:
        """Return the times of all leads."""
        times: Integers = np.load(self._path)
        return times

    def entries(self, kind: int, bucket: int) -> Entries:
        """Return the events of a kind in a bucket."""
        begin, end = self._starts[kind, bucket : bucket + 2].tolist()
        return self._read(begin, end)

    def keys(self) -> LeadKeys:
        """Return times, people and keys of the leads that have a time and a key; others have the key 0 of all kinds."""
        times = self.times()
        persons, keys = np.zeros(len(times), np.int64), np.zeros((len(times), len(KINDS)), np.int64)
        for kind in range(len(KINDS)):
            entries = self._read(*self._starts[kind, [0, -1]].tolist())
            persons[entries["row"]] = entries["person"]
            keys[entries["row"], kind] = entries["key"]
        return LeadKeys(times, persons, keys)

    def _read(self, begin: int, end: int) -> Entries:
        return np.fromfile(self._path, _EVENT, end - begin, offset=self._begin + begin * _EVENT.itemsize)


class VelocityFiles:
    """Events of the leads of all partitions, with those that are known besides them.

    Parameters
    ----------
    paths
        Files of `write_events`, one for each partition.
    buckets
        Number of buckets of these files.
    known
        Existing folder for the events that are known besides the leads.
    """

    def __init__(self, paths: Sequence[Path], buckets: int, known: Path) -> None:
        self._files = [_EventFile(path) for path in paths]
        self._buckets = buckets
        self._folder = known
        self._known: list[_EventFile] = []
        self._sightings: list[tuple[Integers, Integers]] = []

    def add_known(self, times: Integers, persons: Integers, keys: Integers) -> None:
        """Add events that are known besides the leads, shapes (n,), (n,) and (n, kinds)."""
        path = self._folder / f"known-{len(self._known):06}.events"
        write_events(path, LeadKeys(times, persons, keys), self._buckets)
        self._known.append(_EventFile(path))

    def add_sightings(self, domains: Integers, times: Integers) -> None:
        """Add times at which mail domains were seen, shapes (n,) and (n,)."""
        self._sightings.append((domains, times))

    def span(self, until: int | None = None) -> tuple[int, int] | None:
        """Return the times of the first and the last lead, those after `until` left out; None where there is none."""
        return span_of((file.times() for file in self._files), until)

    def events(self, since: int) -> Iterator[LeadKeys]:
        """Yield times, people and keys of the leads after a time that have a key, part by part."""
        for file in self._files:
            yield last_of(file.keys(), since)

    def write_counts(self, paths: Sequence[Path]) -> None:
        """Count all leads, and write the counts of each partition to its file; see `read_counts`."""
        for path, file in zip(paths, self._files, strict=True):
            with path.open("wb") as target:
                np.save(target, np.int64(file.leads))
        for kind in range(len(KINDS)):
            for bucket in range(self._buckets):
                self._count(paths, kind, bucket)

    def _count(self, paths: Sequence[Path], kind: int, bucket: int) -> None:
        """Count the events of a kind in a bucket, and append the counts to the files of the partitions."""
        parts = [file.entries(kind, bucket) for file in self._files]
        sizes = [*map(len, parts)]
        leads = sum(sizes)
        entries = np.concatenate([*parts, *(file.entries(kind, bucket) for file in self._known)])
        del parts
        rows = entries["row"][:leads].copy()
        keys, times, persons = (np.ascontiguousarray(entries[name]) for name in ("key", "at", "person"))
        del entries
        counts = count_events(KINDS[kind], keys, times, persons, leads)
        ages = np.zeros(0, dtype=np.int64)
        if kind == DOMAIN:
            ages = domain_ages(keys, times, [*self._seen(bucket)], leads)
        begin = 0
        for path, size in zip(paths, sizes, strict=True):
            part = slice(begin, begin + size)
            begin += size
            if size:
                with path.open("ab") as target:
                    for array in (np.int64(kind), rows[part], counts[part], ages[part]):
                        np.save(target, array)

    def _seen(self, bucket: int) -> Iterator[tuple[Integers, Integers]]:
        """Yield the sightings of the mail domains of a bucket."""
        for domains, times in self._sightings:
            inside = domains % self._buckets == bucket
            yield domains[inside], times[inside]


def read_counts(path: Path) -> VelocityCounts:
    """Read the counts of a partition that `VelocityFiles.write_counts` wrote."""
    end = path.stat().st_size
    with path.open("rb") as file:
        counts = VelocityCounts.empty(int(np.load(file)))
        while file.tell() < end:
            kind, rows, of_rows, ages = (np.load(file) for _ in range(4))
            counts.put(KINDS[int(kind)], rows, of_rows, ages)
    return counts
