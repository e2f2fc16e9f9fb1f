"""Log of velocity events: when a person sent a lead, with digests of its keys; and the days of each mail domain.

The log holds no personal data: people and keys are digests of 64 bits, whose meaning the caller knows. A time is in
microseconds since 1970. Writing an event twice is writing it once. Readers ask for the events after the last
sequence number that they saw; writers take turns until they commit, so that no smaller number appears later.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import bindparam, delete, func, or_, select, union_all
from sqlalchemy.dialects import postgresql, sqlite

from leadworth.velocity_retention import KEPT_DAYS, REMEMBERED_DAYS
from store.insert_ignore import insert_ignore
from store.schema import velocity_domains, velocity_events

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine, Select

Integers = NDArray[np.int64]

DAY = 86_400_000_000
"""Microseconds of a day."""
NO_WRITER = 0
"""Writer of events that no process holds in memory."""
READ_ROWS = 20_000
WRITE_ROWS = 2_000
LOCK = 7_306_014_230
"""Advisory lock of PostgreSQL, an arbitrary constant: its holder appends events, others wait for its commit."""


class VelocityEvent(NamedTuple):
    """A lead's event.

    Attributes
    ----------
    at
        Time of the lead.
    person
        Digest of the person.
    keys
        Digests of the keys as little-endian integers of 64 bits, 0 where the lead lacks one.
    domain
        Digest of its mail domain, one of the keys; 0 where it has none.
    nonce
        Of the form token that it used; None without one.
    """

    at: int
    person: int
    keys: bytes
    domain: int = 0
    nonce: int | None = None


@dataclass(frozen=True)
class EventRows:
    """Events read from the log, as arrays of length n; `keys` has shape (n, kinds of keys)."""

    times: Integers
    persons: Integers
    keys: Integers
    nonces: Sequence[int | None]
    last: int
    """Sequence number up to which the log was read"""
    more: bool = False
    """Whether there are events after it"""

    def __len__(self) -> int:
        return len(self.times)


def last_moment() -> int:
    """Return the end of the log: a day after now. Leads with a later time are mistaken, and not recorded."""
    return time.time_ns() // 1_000 + DAY


def new_writer() -> int:
    """Return a number for a process that holds the events that it writes in memory."""
    return secrets.randbelow(2**63 - 1) + 1


def insert(connection: Connection, events: Sequence[VelocityEvent], writer: int = NO_WRITER) -> None:
    """Append events, except those that the log has and those after `last_moment`."""
    last = last_moment()
    events = [event for event in events if event.at <= last]
    if not events:
        return
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({LOCK})")
    rows = [{**event._asdict(), "writer": writer} for event in events]
    connection.execute(insert_ignore(connection, velocity_events), rows)


def add_sightings(connection: Connection, sightings: Iterable[tuple[int, int]]) -> None:
    """Record times at which mail domains were seen before the events; each day of a domain keeps the earliest."""
    first: dict[tuple[int, int], int] = {}
    for domain, at in sightings:
        day = (domain, at // DAY)
        first[day] = min(at, first.get(day, at))
    if not first:
        return
    dialect = sqlite if connection.dialect.name == "sqlite" else postgresql
    statement = dialect.insert(velocity_domains)
    statement = statement.on_conflict_do_update(
        index_elements=["domain", "day"],
        set_={"first_at": statement.excluded.first_at},
        where=velocity_domains.c.first_at > statement.excluded.first_at,
    )
    # In one order, so that two writers cannot wait for each other.
    rows = [{"domain": domain, "day": day, "first_at": at} for (domain, day), at in sorted(first.items())]
    connection.execute(statement, rows)


def write_all(
    engine: Engine, parts: Callable[[int], Iterable[tuple[Integers, Integers, Integers]]], newest: int, domain: int
) -> None:
    """Append the events of many leads in short transactions, then delete what the log does not hold.

    Parameters
    ----------
    engine
        Of a migrated store.
    parts
        Returns times, people and keys, shapes (n,), (n,) and (n, kinds), of the leads after a time.
    newest
        Time of the last lead that is not after `last_moment`.
    domain
        Position of the mail domain among the kinds of keys.
    """
    with engine.connect() as connection:
        known = latest(connection)
    oldest = (newest if known is None else max(newest, known)) - KEPT_DAYS * DAY
    for times, persons, keys in parts(oldest - REMEMBERED_DAYS * DAY):
        for begin in range(0, len(times), WRITE_ROWS):
            part = slice(begin, begin + WRITE_ROWS)
            recent, earlier = _split(times[part], persons[part], keys[part], oldest, domain)
            with engine.begin() as connection:
                insert(connection, recent)
                add_sightings(connection, earlier)
    with engine.begin() as connection:
        forget(connection)


def _split(
    times: Integers, persons: Integers, keys: Integers, oldest: int, domain: int
) -> tuple[list[VelocityEvent], list[tuple[int, int]]]:
    """Return the events after the time `oldest`, and of the earlier ones the sightings of mail domains."""
    packed = keys.astype("<i8").tobytes()
    width = 8 * keys.shape[1]
    recent: list[VelocityEvent] = []
    earlier: list[tuple[int, int]] = []
    rows = zip(times.tolist(), persons.tolist(), keys[:, domain].tolist(), strict=True)
    for row, (at, person, seen) in enumerate(rows):
        if at > oldest:
            recent.append(VelocityEvent(at, person, packed[row * width : (row + 1) * width], seen))
        elif seen:
            earlier.append((seen, at))
    return recent, earlier


_COLUMNS = [velocity_events.c[name] for name in ("seq", "at", "person", "keys", "nonce", "writer")]
_LAST = select(func.max(velocity_events.c.seq)).scalar_subquery()
# The last event is read whoever wrote it, so that the reader knows how far it has read.
_AFTER = (
    select(*_COLUMNS)
    .where(velocity_events.c.seq > bindparam("seq"))
    .where(or_(velocity_events.c.writer != bindparam("writer"), velocity_events.c.seq == _LAST))
    .order_by(velocity_events.c.seq)
    .limit(READ_ROWS)
)


def after(connection: Connection, seq: int, writer: int = -1) -> EventRows:
    """Return the events after a sequence number, at most `READ_ROWS`, in the order in which they were written.

    Those of `writer` are left out.
    """
    rows = connection.execute(_AFTER, {"seq": seq, "writer": writer}).all()
    last = rows[-1].seq if rows else seq
    return _event_rows([row for row in rows if row.writer != writer], last, more=len(rows) == READ_ROWS)


def between(connection: Connection, since: int, until: int) -> Iterator[EventRows]:
    """Yield the events with since < time <= until, in parts."""
    query = select(*_COLUMNS).where(velocity_events.c.at > since, velocity_events.c.at <= until)
    for part in connection.execution_options(yield_per=READ_ROWS).execute(query).partitions():
        yield _event_rows(part, 0)


def sightings(connection: Connection) -> tuple[Integers, Integers]:
    """Return digests of mail domains and the times at which they were seen, the earliest of each day."""
    known = select(velocity_domains.c.domain, velocity_domains.c.first_at)
    query = union_all(known, _daily().with_only_columns(velocity_events.c.domain, func.min(velocity_events.c.at)))
    rows = np.array([tuple(row) for row in connection.execute(query)], dtype=np.int64).reshape(-1, 2)
    return rows[:, 0].copy(), rows[:, 1].copy()


def _daily() -> Select[Any]:
    """Return the query of the earliest event of each mail domain and day."""
    events = velocity_events.c
    day = (events.at // DAY).label("day")
    return select(events.domain, day, func.min(events.at)).where(events.domain != 0).group_by(events.domain, day)


def latest(connection: Connection) -> int | None:
    """Return the time of the latest event; None where there is none."""
    at: int | None = connection.execute(select(func.max(velocity_events.c.at))).scalar_one()
    return at


def forget(connection: Connection) -> dict[str, int]:
    """Delete events older than `KEPT_DAYS` before the latest, and days of domains that no stored event can need.

    Returns
    -------
    dict[str, int]
        Table -> rows deleted.
    """
    newest = latest(connection)
    if newest is None:
        return {}
    oldest = newest - KEPT_DAYS * DAY
    rows = connection.execute(_daily().where(velocity_events.c.at <= oldest)).all()
    add_sightings(connection, [(domain, at) for domain, _, at in rows])
    events = delete(velocity_events).where(velocity_events.c.at <= oldest)
    days = delete(velocity_domains).where(velocity_domains.c.day < oldest // DAY - REMEMBERED_DAYS)
    return {
        velocity_events.name: connection.execute(events).rowcount,
        velocity_domains.name: connection.execute(days).rowcount,
    }


def _event_rows(rows: Sequence[Any], last: int, *, more: bool = False) -> EventRows:
    if not rows:
        none = np.empty(0, dtype=np.int64)
        return EventRows(none, none, none.reshape(0, 0), [], last, more)
    _, times, persons, keys, nonces, _ = zip(*rows, strict=True)
    return EventRows(
        np.array(times, dtype=np.int64),
        np.array(persons, dtype=np.int64),
        np.frombuffer(b"".join(keys), dtype="<i8").astype(np.int64).reshape(len(rows), -1),
        nonces,
        last,
        more,
    )
