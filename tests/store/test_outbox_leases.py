"""Leases: one worker per event, one event per transaction at a time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, Engine, select

from store import outbox, outbox_leases, outbox_queries
from store.schema import export_events, is_waiting
from store.timestamps import stamp
from tests.store.rows import NOW, event

MINUTE = timedelta(minutes=1)


def add(connection: Connection, *events: outbox.Row) -> None:
    outbox.add(connection, {"export_events": list(events)})


def lease(connection: Connection, worker: str = "a", limit: int = 10) -> list[outbox.Row]:
    return outbox_leases.lease(connection, "meta", worker, NOW, MINUTE, limit)


def result(row: outbox.Row, **columns: Any) -> outbox.Row:
    return {**row, "code": "", "sent_value": None, "receipt": None, "keep_payload": False, **columns}


def test_two_workers_never_lease_the_same_event(engine: Engine) -> None:
    with engine.begin() as connection:
        add(connection, *(event(str(number)) for number in range(50)))
    leased = []
    for worker in ("a", "b", "c"):
        with engine.begin() as connection:
            leased.append({row["event_id"] for row in lease(connection, worker, 30)})
    assert [len(events) for events in leased] == [30, 20, 0]
    assert not leased[0] & leased[1]


def test_events_that_are_not_due_or_of_another_platform_are_not_leased(connection: Connection) -> None:
    add(connection, event(not_before=stamp(NOW + MINUTE)), event("B", destination="google"), event("C"))
    assert [row["lead_id"] for row in lease(connection)] == ["C"]
    assert outbox_leases.next_due(connection, "meta") == stamp(NOW + MINUTE)
    assert outbox_leases.next_due(connection, "tiktok") is None


def test_newer_version_waits_for_the_leased_one(connection: Connection) -> None:
    add(connection, event())
    [leased] = lease(connection)
    add(connection, event(version=2, value="99.00"))
    assert lease(connection, "b") == []
    accepted = result(leased, state="accepted", sent_value="10.00", receipt="r")
    assert outbox_leases.settle(connection, "meta", "b", [accepted], NOW) == 0
    assert outbox_leases.settle(connection, "meta", "a", [accepted], NOW) == 1
    assert [row["value"] for row in lease(connection, "b")] == ["99.00"]
    [first, _] = outbox_queries.events_of_leads(connection, ["A"])
    assert (first["state"], first["sent_value"], first["receipt"], first["payload"]) == ("accepted", "10.00", "r", None)
    assert (first["leased_by"], first["lease_until"]) == (None, None)


@pytest.mark.parametrize(
    ("first", "leased"),
    [
        ({"state": "accepted", "in_doubt_until": stamp(NOW + MINUTE)}, []),
        ({"state": "accepted", "in_doubt_until": stamp(NOW - MINUTE)}, [2]),
        ({"state": "retry", "in_doubt_until": stamp(NOW - MINUTE)}, [1]),
    ],
)
def test_event_in_doubt_blocks_newer_versions(connection: Connection, first: dict[str, Any], leased: list[int]) -> None:
    add(connection, event(**first), event(version=2))
    assert [row["version"] for row in lease(connection)] == leased


@pytest.mark.parametrize(("deduplicates", "state"), [(True, "retry"), (False, "uncertain")])
def test_expired_lease_is_released(connection: Connection, deduplicates: bool, state: str) -> None:
    add(connection, event())
    lease(connection, "dead")
    assert outbox_leases.release_expired(connection, "meta", NOW, deduplicates=deduplicates) == 0
    later = NOW + 2 * MINUTE
    assert outbox_leases.release_expired(connection, "meta", later, deduplicates=deduplicates) == 1
    [row] = outbox_queries.events_of_leads(connection, ["A"])
    assert (row["state"], row["code"], row["in_doubt_until"]) == (state, "lease-ended", stamp(later))


@pytest.mark.parametrize(("in_doubt_until", "state"), [(None, "superseded"), (stamp(NOW), "retry")])
def test_retry_is_superseded_by_a_version_added_meanwhile(
    connection: Connection, in_doubt_until: str | None, state: str
) -> None:
    add(connection, event())
    [leased] = lease(connection)
    add(connection, event(version=2))
    retried = result(leased, state="retry", in_doubt_until=in_doubt_until, keep_payload=True)
    assert outbox_leases.settle(connection, "meta", "a", [retried], NOW) == 1
    assert [row["state"] for row in outbox_queries.events_of_leads(connection, ["A"])] == [state, "pending"]


def test_nothing_to_settle(connection: Connection) -> None:
    assert outbox_leases.settle(connection, "meta", "a", [], NOW) == 0


def test_an_event_outside_the_window_is_not_leased(connection: Connection) -> None:
    add(connection, event(expires_at=stamp(NOW - MINUTE)), event("B"))
    assert [row["lead_id"] for row in lease(connection)] == ["B"]


def test_a_leased_event_neither_expires_nor_is_due(connection: Connection) -> None:
    add(connection, event(expires_at=stamp(NOW + MINUTE)))
    lease(connection)
    assert outbox_leases.expire(connection, "meta", NOW + 2 * MINUTE) == 0
    assert outbox_leases.next_due(connection, "meta") is None


@pytest.mark.parametrize(
    ("columns", "index"),
    [({"destination": "meta"}, "export_events_due"), ({"receipt": "r"}, "export_events_of_receipt")],
)
def test_the_partial_indexes_are_used(connection: Connection, columns: dict[str, str], index: str) -> None:
    query = select(export_events.c.event_id).where(*(export_events.c[name] == text for name, text in columns.items()))
    if "destination" in columns:
        query = query.where(is_waiting()).order_by(export_events.c.not_before)
    compiled = query.compile(connection.engine, compile_kwargs={"literal_binds": True})
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET enable_seqscan = off")
        plan = connection.exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%")).all()
    else:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}").all()
    assert index in str(plan)


def test_events_outside_the_window_expire(connection: Connection) -> None:
    add(connection, event(expires_at=stamp(NOW - MINUTE)), event("B"))
    assert outbox_leases.expire(connection, "meta", NOW) == 1
    [row] = outbox_queries.events_of_leads(connection, ["A"])
    assert (row["state"], row["code"], row["payload"]) == ("expired", "window-closed", None)
