"""Index of persons."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import Connection

from store import consents, decision_log, outbox, person_index
from store.person_index import IndexEntry
from tests.store.rows import NOW, decision_row, entry, event, person

LEADS = ["A", "B", "C", "D", "E"]


def add_people(connection: Connection) -> None:
    """A and B share an address, B and C a number; D and E have the same number and no address."""
    rows = [
        entry("A", email="e1", phone="p1"),
        entry("B", email="e1", phone="p2"),
        entry("C", email="e2", phone="p2"),
        entry("D", phone="p3"),
        entry("E", phone="p3"),
    ]
    outbox.add(connection, {"person_index": rows})


def test_leads_of_a_person(connection: Connection) -> None:
    add_people(connection)
    assert person_index.leads_of_person(connection, emails=["e1"]) == ["A", "B"]
    assert person_index.leads_of_person(connection, phones=["p2"]) == ["A", "B", "C"]
    assert person_index.leads_of_person(connection, lead="A") == ["A", "B"]
    assert person_index.leads_of_person(connection, lead="C") == ["C"]  # a colleague with the same number stays
    assert person_index.leads_of_person(connection, lead="D") == ["D", "E"]
    assert person_index.leads_of_person(connection, lead="X", emails=["e9"], phones=["p9"]) == []


def test_leads_that_only_other_tables_have(connection: Connection) -> None:
    outbox.add(connection, {"export_people": [person("P"), person("Q", pseudonym="p2")], "export_events": [event("E")]})
    decision_log.insert(connection, [decision_row("F")])
    consents.record(connection, "G", {"ad_user_data": True}, "form", NOW)
    assert person_index.leads_of_person(connection, emails=["p1"]) == ["P"]
    for alone in ("P", "E", "F", "G"):
        assert person_index.leads_of_person(connection, lead=alone) == [alone]


def test_entries_are_written_once(connection: Connection) -> None:
    row = entry("A", email="e1", velocity_person=7, velocity_at=9)
    outbox.add(connection, {"person_index": [row]})
    outbox.add(connection, {"person_index": [row]})
    assert person_index.entries_of(connection, ["A", "B"]) == [IndexEntry("A", "e1", None, 7, 9)]


def test_entries_of_leads_without_rows_are_deleted(connection: Connection) -> None:
    add_people(connection)
    decision_log.insert(connection, [decision_row("A")])
    outbox.add(connection, {"export_people": [person("B")], "export_events": [event("C")]})
    at = int((NOW - timedelta(hours=8)).timestamp()) * 1_000_000
    assert person_index.delete_unused(connection, at) == 0
    assert person_index.delete_unused(connection, at + 1) == 2
    assert {row.lead_id for row in person_index.entries_of(connection, LEADS)} == {"A", "B", "C"}
