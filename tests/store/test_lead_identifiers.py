"""Encrypted identifiers of leads."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from store import lead_identifiers, outbox
from store.timestamps import stamp
from tests.store.rows import NOW, person

DAY = timedelta(days=1)


def add(connection: Connection, *people: outbox.Row) -> None:
    outbox.add(connection, {"export_people": list(people)})


def test_lookup(connection: Connection) -> None:
    add(connection, person("A"), person("B"))
    assert lead_identifiers.encrypted_of_leads(connection, ["A", "C"]) == {"A": "sealed A"}
    assert lead_identifiers.row_of_lead(connection, "B") == person("B")
    assert lead_identifiers.row_of_lead(connection, "C") is None


def test_newest_leads_of_a_period(connection: Connection) -> None:
    times = {"A": NOW - 3 * DAY, "B": NOW - 2 * DAY, "C": NOW - DAY}
    add(connection, *(person(lead, submitted_at=stamp(at)) for lead, at in times.items()))
    rows = lead_identifiers.submitted_since(connection, NOW - 2.5 * DAY, limit=5)
    assert [row["lead_id"] for row in rows] == ["C", "B"]
    assert len(lead_identifiers.submitted_since(connection, NOW - 9 * DAY, limit=1)) == 1


def test_deletion_by_retention_time(connection: Connection) -> None:
    long_ago = stamp(NOW - 50 * DAY)
    add(connection, person("B"), person("C", keep_until=stamp(NOW - DAY)), person("D", submitted_at=long_ago))
    assert lead_identifiers.delete_expired(connection, NOW, 40.0) == 2
    assert set(lead_identifiers.encrypted_of_leads(connection, ["B", "C", "D"])) == {"B"}
