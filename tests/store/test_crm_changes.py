from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, event

from leadworth.crm_records import CrmRecord, FieldChange
from leadworth.encryption import IdentifierCipher
from store import crm_changes
from store.crm_mirror import CrmMirror

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEAD = CrmRecord("leads", "7", {"Email": "ada@example.org", "Status": "New", "Empty": None}, NOW, NOW, "rep")


@pytest.fixture
def mirror(connection: Connection) -> CrmMirror:
    return CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))


def test_tracked_fields_leave_a_trace_of_each_value(mirror: CrmMirror) -> None:
    mirror.store("leads", [LEAD], NOW, tracked=["Status"])
    won = replace(LEAD, values={"Status": "Won"}, modified_at=NOW + timedelta(1), modified_by="eve")
    mirror.store("leads", [won], NOW + timedelta(2), tracked=["Status"])
    trace = crm_changes.of_records(mirror, "leads", ["7"])["7"]
    assert [(item.change.value, item.change.valid_at, item.change.changed_by) for item in trace] == [
        ("New", NOW, "rep"),
        ("Won", NOW + timedelta(1), "eve"),
    ]
    assert [item.known_at for item in trace] == [NOW, NOW + timedelta(2)]


def test_of_two_values_seen_in_one_second_the_last_holds(mirror: CrmMirror) -> None:
    for status in ("New", "Won"):
        mirror.store("leads", [replace(LEAD, values={"Status": status})], NOW, tracked=["Status"])
    trace = crm_changes.of_records(mirror, "leads", ["7"], ["Status"])["7"]
    assert [item.change.value for item in trace] == ["Won"]


def test_the_history_of_the_crm_is_stored_once_in_its_order(mirror: CrmMirror) -> None:
    mirror.store("leads", [LEAD], NOW)
    told = [FieldChange("leads", "7", "Status", status, NOW) for status in ("New", "Open", "Won")]
    assert crm_changes.add(mirror, told[:2], NOW) == 2
    assert crm_changes.add(mirror, told, NOW) == 1
    trace = crm_changes.of_records(mirror, "leads", ["7"])["7"]
    assert [item.change for item in trace] == told


def test_pages_of_many_sizes_are_few_statements(connection: Connection) -> None:
    mirror = CrmMirror(connection, "acme", IdentifierCipher(b"k" * 32))
    statements: set[str] = set()

    def note(_: object, __: object, statement: str, *___: object) -> None:
        statements.add(statement)

    event.listen(connection, "before_cursor_execute", note)
    for size in range(1, 400, 7):
        found = [FieldChange("deals", f"{size}-{key}", "stage", "won", NOW) for key in range(size)]
        assert crm_changes.add(mirror, found, NOW) == size
    inserts = {statement for statement in statements if statement.startswith("INSERT")}
    assert len(inserts) <= crm_changes.ROWS + 1  # PostgreSQL has one of its own for a single row
    assert max(map(len, inserts)) < 20_000
