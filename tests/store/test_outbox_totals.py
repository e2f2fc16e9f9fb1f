"""Counts and sums over the outbox."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from store import outbox, outbox_totals
from store.outbox_totals import StageCount, StateCount, ValueMean
from store.timestamps import stamp
from tests.store.rows import NOW, event

DAY = timedelta(days=1)


def add(connection: Connection, *events: outbox.Row) -> None:
    outbox.add(connection, {"export_events": list(events)})


def test_events_by_state(connection: Connection) -> None:
    add(connection, event("A"), event("B", not_before=stamp(NOW + DAY)), event("C", state="rejected", code="400"))
    counts = outbox_totals.state_counts(connection)
    assert sorted(counts, key=lambda count: count.state) == [
        StateCount("meta", "pending", "", 2, event()["not_before"]),
        StateCount("meta", "rejected", "400", 1, event()["not_before"]),
    ]


def test_stages_of_a_period(connection: Connection) -> None:
    old = event("C", happened_at=stamp(NOW - 40 * DAY))
    add(connection, event("A"), event("A", version=2), event("B", value="20.00"), old)
    assert outbox_totals.stage_counts(connection, NOW - 30 * DAY) == [StageCount("meta", None, "lead", 2, 2)]


def test_sent_values_of_newest_versions(connection: Connection) -> None:
    for name in ("meta", "google"):
        add(
            connection,
            event("A", destination=name, sent_value="10.00"),
            event("A", version=2, destination=name, sent_value="30.00"),
            event("A", version=3, destination=name),
            event("A", destination=name, stage="won", transaction_id="lw-A-won", sent_value="5.00"),
        )
    assert outbox_totals.sent_sums(connection, restating=["google"]) == {"meta": 35.0, "google": 30.0}
    assert outbox_totals.sent_sums(connection, restating=[]) == {"meta": 35.0, "google": 35.0}


def test_surplus_is_the_sum_of_negative_increments(connection: Connection) -> None:
    add(connection, event("A", value="-30.00"), event("B", value="-12.50"), event("C"), event("D", destination="ga4"))
    assert outbox_totals.surplus_sums(connection) == {"meta": 42.5}


def test_means_of_first_values(connection: Connection) -> None:
    add(
        connection,
        event("A", value="10.00", sent_value="1.00"),
        event("B", value="20.00"),
        event("B", version=2, value="900.00"),
        event("C", value="7.00", model_version=None, channel=None),
        event("D", value="900.00", stage="won"),
        event("E", value="900.00", expected=False),
        event("F", value="900.00", currency="JPY"),
    )
    created = event()["created_at"]
    means = outbox_totals.first_value_means(connection, "meta", "value", "EUR", NOW - DAY)
    assert sorted(means, key=lambda mean: mean.channel) == [
        ValueMean("", "", 1, 7.0, created),
        ValueMean("1", "search", 2, 15.0, created),
    ]
    assert outbox_totals.first_value_means(connection, "meta", "sent_value", "EUR", NOW - DAY) == [
        ValueMean("1", "search", 1, 1.0, created)
    ]
    assert outbox_totals.first_value_means(connection, "meta", "value", "EUR", NOW - 2 * DAY, NOW - DAY) == []


def test_sums_of_first_values_capped(connection: Connection) -> None:
    assert outbox_totals.first_value_sums(connection, "meta", 15.0, "EUR", NOW - DAY) == (0.0, 0.0)
    add(connection, event("A", value="10.00"), event("B", value="20.00"))
    assert outbox_totals.first_value_sums(connection, "meta", 15.0, "EUR", NOW - DAY) == (30.0, 25.0)
