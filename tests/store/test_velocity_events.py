"""The log of velocity events on SQLite and PostgreSQL."""

from __future__ import annotations

import struct
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Connection, Engine, func, select

from leadworth.retention_settings import RetentionSettings
from leadworth.velocity_retention import KEPT_DAYS, REMEMBERED_DAYS
from store import velocity_events
from store.group_commit import GroupCommitWriter
from store.schema import velocity_events as table
from store.spool import Spool, StoreEntry, joined
from store.velocity_events import DAY, VelocityEvent

NOW = 1_770_000_000_000_000


def event(at: int = NOW, person: int = 1, key: int = 7, domain: int = 0, nonce: int | None = None) -> VelocityEvent:
    return VelocityEvent(at, person, struct.pack("<2q", key, domain), domain, nonce)


def test_the_same_event_is_written_once(connection: Connection) -> None:
    velocity_events.insert(connection, [event(), event(), event(person=-2), event(key=8), event(NOW + 1)])
    velocity_events.insert(connection, [event(), event(NOW + 1), event(NOW + 2, nonce=-5)])
    rows = velocity_events.after(connection, 0)
    assert rows.times.tolist() == [NOW, NOW, NOW, NOW + 1, NOW + 2]
    assert rows.persons.tolist() == [1, -2, 1, 1, 1]
    assert rows.keys.tolist() == [[7, 0], [7, 0], [8, 0], [7, 0], [7, 0]]
    assert list(rows.nonces) == [None, None, None, None, -5]
    assert velocity_events.latest(connection) == NOW + 2


def test_readers_go_on_after_the_last_event_that_they_saw(connection: Connection) -> None:
    none = velocity_events.after(connection, 41)
    assert (len(none), none.last) == (0, 41)
    velocity_events.insert(connection, [event(NOW + number) for number in range(3)])
    first = velocity_events.after(connection, 0)
    assert len(velocity_events.after(connection, first.last)) == 0
    velocity_events.insert(connection, [event(NOW - 1)])  # late, but written later
    assert velocity_events.after(connection, first.last).times.tolist() == [NOW - 1]


def test_a_process_reads_the_events_of_others(connection: Connection) -> None:
    velocity_events.insert(connection, [event(NOW + 1)], writer=5)
    velocity_events.insert(connection, [event(NOW + 2)], writer=6)
    velocity_events.insert(connection, [event(NOW + 3), event(NOW + 4)], writer=5)
    first = velocity_events.after(connection, 0, writer=5)
    assert (first.times - NOW).tolist() == [2]
    none = velocity_events.after(connection, first.last, writer=5)
    assert (len(none), none.last) == (0, first.last)
    velocity_events.insert(connection, [event(NOW + 5)], writer=6)
    assert (velocity_events.after(connection, first.last, writer=5).times - NOW).tolist() == [5]


def test_a_number_is_never_used_again(engine: Engine) -> None:
    with engine.begin() as connection:
        velocity_events.insert(connection, [event(NOW), event(NOW - 80 * DAY)])
        last = velocity_events.after(connection, 0).last
    with engine.begin() as connection:
        velocity_events.insert(connection, [event(NOW + 20 * DAY)])
        velocity_events.forget(connection)
        connection.execute(table.delete().where(table.c.at == NOW + 20 * DAY))
    with engine.begin() as connection:
        velocity_events.insert(connection, [event(NOW + 1)])
        assert velocity_events.after(connection, last).times.tolist() == [NOW + 1]


def test_an_event_of_the_far_future_is_not_recorded(connection: Connection) -> None:
    now = time.time_ns() // 1_000
    velocity_events.insert(connection, [event(now + DAY // 2), event(now + 2 * DAY, domain=3)])
    assert velocity_events.latest(connection) == now + DAY // 2
    assert len(velocity_events.sightings(connection)[0]) == 0


def test_each_day_of_a_domain_has_its_earliest_time(connection: Connection) -> None:
    day = NOW // DAY * DAY
    velocity_events.insert(connection, [event(day + 9, domain=-3), event(day + 5, domain=-3), event(day + 7, domain=4)])
    velocity_events.insert(
        connection, [event(day + 6, domain=-3), event(day + 2, domain=4), event(day + DAY, domain=4)]
    )
    domains, times = velocity_events.sightings(connection)
    assert sorted(zip(domains.tolist(), (times - day).tolist(), strict=True)) == [(-3, 5), (4, 2), (4, DAY)]


def test_old_events_and_domains_are_deleted(connection: Connection) -> None:
    old = [event(NOW - KEPT_DAYS * DAY, domain=1), event(NOW - (KEPT_DAYS + REMEMBERED_DAYS + 2) * DAY, domain=2)]
    velocity_events.insert(connection, [event(NOW), event(NOW - KEPT_DAYS * DAY + 1), *old])
    velocity_events.forget(connection)
    assert sorted(velocity_events.after(connection, 0).times.tolist()) == [NOW - KEPT_DAYS * DAY + 1, NOW]
    assert velocity_events.sightings(connection)[0].tolist() == [1]


def test_an_empty_log_has_nothing_to_delete(connection: Connection) -> None:
    velocity_events.forget(connection)
    assert velocity_events.latest(connection) is None


def test_events_of_a_time_are_read_in_parts(connection: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(velocity_events, "READ_ROWS", 2)
    velocity_events.insert(connection, [event(NOW + number) for number in range(6)])
    parts = list(velocity_events.between(connection, NOW, NOW + 5))
    assert [len(rows) for rows in parts] == [2, 2, 1]
    assert sorted(np.concatenate([rows.times for rows in parts]) - NOW) == [1, 2, 3, 4, 5]


def test_many_events_are_written_as_far_as_they_are_kept(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(velocity_events, "WRITE_ROWS", 40)
    times = NOW - np.arange(400, dtype=np.int64) * DAY
    keys = np.stack([np.full(400, 7), np.arange(1, 401)], axis=1).astype(np.int64)
    asked = []

    def parts(since: int) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        asked.append(since)
        chosen = times > since
        return [(times[chosen], np.ones(chosen.sum(), np.int64), keys[chosen])]

    velocity_events.write_all(engine, parts, NOW, domain=1)
    velocity_events.write_all(engine, parts, NOW, domain=1)
    with engine.connect() as connection:
        rows = velocity_events.after(connection, 0)
        domains, _ = velocity_events.sightings(connection)
    assert (len(rows), len(domains)) == (KEPT_DAYS, KEPT_DAYS + REMEMBERED_DAYS)
    assert asked == [NOW - (KEPT_DAYS + REMEMBERED_DAYS) * DAY] * 2


def test_a_reader_misses_no_event_of_concurrent_writers(engine: Engine) -> None:
    """Sequence numbers are taken before the commit; a reader must not see a larger one first."""
    seen: list[int] = []
    stop = threading.Event()

    def read() -> None:
        last = 0
        while True:
            ended = stop.is_set()
            with engine.connect() as connection:
                rows = velocity_events.after(connection, last)
            seen.extend(rows.times.tolist())
            last = rows.last
            if ended and not len(rows):
                return

    def write(writer: int) -> None:
        for number in range(40):
            with engine.begin() as connection:
                velocity_events.insert(connection, [event(NOW + 1_000 * writer + number, domain=number % 3)])
                time.sleep(0.001 * (number % 3))

    reader = threading.Thread(target=read)
    writers = [threading.Thread(target=write, args=(number,)) for number in range(4)]
    for thread in (reader, *writers):
        thread.start()
    for thread in writers:
        thread.join()
    stop.set()
    reader.join()
    with engine.connect() as connection:
        assert connection.execute(select(func.count()).select_from(table)).scalar_one() == len(seen) == 160


def test_the_writer_of_decisions_writes_events_and_deletes_old_ones(engine: Engine, tmp_path: Path) -> None:
    writer = GroupCommitWriter(engine, Spool(tmp_path), RetentionSettings())
    with engine.begin() as connection:
        velocity_events.insert(connection, [event(NOW - 200 * DAY)])
    entries = [StoreEntry([], velocity=[event()]), StoreEntry([], velocity=[event(), event(NOW + 1)])]
    writer._commit(entries, writer.writer)
    writer._clean_up()
    with engine.connect() as connection:
        assert velocity_events.after(connection, 0).times.tolist() == [NOW, NOW + 1]


def test_events_come_back_from_the_spool_as_they_were(tmp_path: Path) -> None:
    entry = StoreEntry([], velocity=(event(nonce=-3), event(key=-9, domain=5)))
    drained: list[StoreEntry] = []
    spool = Spool(tmp_path)
    spool.append([entry])
    assert spool.drain(drained.extend) == 1
    assert drained == [entry]
    assert list(joined([entry, entry]).velocity) == [*entry.velocity, *entry.velocity]
