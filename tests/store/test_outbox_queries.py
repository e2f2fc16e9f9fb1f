"""Reading events."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from store import outbox, outbox_queries
from store.timestamps import stamp
from tests.store.rows import NOW, event, person


def add(connection: Connection, *events: outbox.Row) -> None:
    outbox.add(connection, {"export_events": list(events)})


def test_events_of_leads_in_order_of_version(connection: Connection) -> None:
    add(connection, event(version=2), event(), event("B"))
    assert [row["version"] for row in outbox_queries.events_of_leads(connection, ["A"])] == [1, 2]


def test_events_of_one_lead_have_no_payload(connection: Connection) -> None:
    add(connection, event(), event("B"))
    assert [row["payload"] for row in outbox_queries.events_of_lead(connection, "A")] == [None]


def test_model_versions_and_leads_that_the_outbox_knows(connection: Connection) -> None:
    outbox.add(connection, {"export_people": [person("P")]})
    add(connection, event("A", model_version="3"))
    assert [outbox_queries.has_values_of(connection, version) for version in ("3", "4")] == [True, False]
    assert [outbox_queries.knows_lead(connection, lead) for lead in ("A", "P", "B")] == [True, True, False]


def test_waiting_events_earliest_first(connection: Connection) -> None:
    later = stamp(NOW + timedelta(days=1))
    add(connection, event("A", not_before=later), event("B", state="retry"), event("C", state="accepted"))
    assert [row["lead_id"] for row in outbox_queries.waiting_events(connection, "meta", 10)] == ["B", "A"]
    assert len(outbox_queries.waiting_events(connection, "meta", 1)) == 1


def test_transactions_that_the_platform_has_or_may_have(connection: Connection) -> None:
    states = ("accepted", "duplicate", "uncertain", "pending", "rejected")
    add(connection, *(event(state, state=state) for state in states))
    transactions = [f"lw-{state}-lead" for state in states]
    sent = outbox_queries.transactions_sent(connection, "meta", transactions)
    assert sent == set(transactions[:3])
    assert outbox_queries.transactions_sent(connection, "google", transactions) == set()


def test_latest_events_of_a_receipt(connection: Connection) -> None:
    outbox.add(connection, {"export_people": [person("A"), person("B"), person("D")]})
    delivered = {"state": "accepted", "receipt": "r1"}
    add(
        connection,
        event("A", **delivered),
        event("B", **delivered),
        event("B", version=2),
        event("C", **delivered),
        event("D", version=5, **delivered),
    )
    rows = outbox_queries.latest_of_receipt(connection, "meta", "r1", version_below=5)
    assert [(row["lead_id"], row["sealed"]) for row in rows] == [("A", "sealed A")]


def test_delivered_transactions_by_day(connection: Connection) -> None:
    add(
        connection,
        event("A", state="accepted"),
        event("A", version=2, state="accepted"),
        event("B", state="duplicate"),
        event("C", state="accepted", kind="retraction"),
        event("D"),
    )
    assert outbox_queries.delivered_by_day(connection, "meta") == {"2026-03-01": 2}
