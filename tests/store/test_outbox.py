"""Adding, superseding, withdrawing and requeueing events."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Connection

from store import lead_identifiers, outbox, outbox_queries
from store.event_state import EventState
from store.timestamps import stamp
from tests.store.rows import NOW, event, person


def add(connection: Connection, *events: outbox.Row) -> int:
    return outbox.add(connection, {"export_events": list(events)})


def states(connection: Connection, *leads: str) -> list[str]:
    return [row["state"] for row in outbox_queries.events_of_leads(connection, leads or ("A",))]


def test_existing_rows_stay_and_only_new_events_are_counted(connection: Connection) -> None:
    assert outbox.add(connection, {"export_events": [event(), event("B")], "export_people": [person()]}) == 2
    assert outbox.add(connection, {"export_events": [event(value="99.00")], "export_people": [person()]}) == 0
    assert [row["value"] for row in outbox_queries.events_of_leads(connection, ["A"])] == ["10.00"]
    assert outbox.add(connection, {"export_events": []}) == 0


@pytest.mark.parametrize(
    ("columns", "expected"),
    [
        ({}, "superseded"),
        ({"state": "retry"}, "superseded"),
        ({"state": "retry", "in_doubt_until": stamp(NOW)}, "retry"),
        ({"leased_by": "a"}, "pending"),
        ({"state": "accepted"}, "accepted"),
        ({"destination": "google"}, "pending"),
    ],
)
def test_new_version_supersedes_what_waits_and_is_not_in_doubt(
    connection: Connection, columns: dict[str, Any], expected: str
) -> None:
    add(connection, event(**columns))
    add(connection, event(version=2))
    assert states(connection) == [expected, "pending"]


@pytest.mark.parametrize(
    ("columns", "withdrawn"),
    [
        ({}, True),
        ({"state": "retry"}, True),
        ({"state": "retry", "in_doubt_until": stamp(NOW)}, False),
        ({"state": "accepted"}, False),
        ({"kind": "retraction"}, False),
    ],
)
def test_withdrawing(connection: Connection, columns: dict[str, Any], withdrawn: bool) -> None:
    add(connection, event(**columns), event("B"))
    assert outbox.withdraw(connection, ["A"], "junk", NOW) == withdrawn
    [row] = outbox_queries.events_of_leads(connection, ["A"])
    assert (row["state"] == "suppressed", row["code"] == "junk", row["payload"] is None) == (withdrawn,) * 3
    assert states(connection, "B") == ["pending"]


def test_requeueing_by_state_platform_and_code(connection: Connection) -> None:
    rejected = {"state": "rejected", "code": "HTTP 400", "attempts": 5}
    add(
        connection,
        event("A", **rejected),
        event("B", **{**rejected, "code": "other"}),
        event("C", **{**rejected, "destination": "google"}),
        event("D", **{**rejected, "payload": None}),
        event("E", **{**rejected, "expires_at": stamp(NOW)}),
        event("F", state="uncertain"),
    )
    assert outbox.requeue(connection, [EventState.REJECTED], "meta", "HTTP 400", NOW) == 1
    [row] = outbox_queries.events_of_leads(connection, ["A"])
    assert (row["state"], row["attempts"]) == ("pending", 0)
    assert outbox.requeue(connection, [EventState.REJECTED, EventState.UNCERTAIN], None, None, NOW) == 3


def test_expired_payloads(connection: Connection) -> None:
    add(connection, event(state="rejected"), event("B", state="uncertain"), event("C"))
    assert outbox.delete_expired_payloads(connection, NOW) == 0
    assert outbox.delete_expired_payloads(connection, NOW + timedelta(days=8)) == 2


def test_rows_are_joined_by_table() -> None:
    first = event()
    second = event("B")
    rows = outbox.join_rows([{"export_events": [first]}, {"export_events": [second], "consents": []}])
    assert rows == {"export_events": [first, second], "consents": []}


@pytest.mark.parametrize(
    ("columns", "value"),
    [
        ({}, "25.00"),
        ({"state": "retry"}, "25.00"),
        ({"state": "retry", "in_doubt_until": stamp(NOW)}, "10.00"),
        ({"leased_by": "a"}, "10.00"),
        ({"state": "accepted"}, "10.00"),
    ],
)
def test_a_correction_replaces_what_waits_and_not_what_was_sent(
    connection: Connection, columns: dict[str, Any], value: str
) -> None:
    outbox.add(connection, {"export_events": [event(**columns)], "export_people": [person()]})
    corrected = {"export_events": [event(value="25.00", payload="later")], "export_people": [person(sealed="later")]}
    assert outbox.add(connection, corrected) == 0
    outbox.correct(connection, corrected)
    [row] = outbox_queries.events_of_leads(connection, ["A"])
    assert (row["value"], row["payload"] == "later") == (value, value == "25.00")
    assert lead_identifiers.encrypted_of_leads(connection, ["A"]) == {"A": "later"}


def test_a_correction_that_is_rejected_withdraws_what_waits(connection: Connection) -> None:
    outbox.add(connection, {"export_events": [event(), event("B")], "export_people": [person(), person("B")]})
    outbox.correct(connection, {"export_people": [person()]})
    assert states(connection) == ["suppressed"]
    assert states(connection, "B") == ["pending"]


def test_only_suppressed_events_of_leads_with_identifiers_are_resumed(connection: Connection) -> None:
    events = [event(state="suppressed", code="no-consent", payload=None), event("B", state="suppressed"), event("C")]
    outbox.add(connection, {"export_events": events, "export_people": [person(), person("C")]})
    assert outbox.resume(connection, [row["event_id"] for row in events], NOW) == 1
    [row] = outbox_queries.events_of_leads(connection, ["A"])
    assert (row["state"], row["code"], row["payload"]) == ("pending", "", person()["sealed"])
    assert states(connection, "B") == ["suppressed"]
